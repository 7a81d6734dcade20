// SPDX-License-Identifier: Apache-2.0
#include "rastream/format/geotiff/gdal_remote.h"

#include <cpl_error.h>
#include <cpl_vsi.h>
#include <sys/stat.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "rastream/base/error.h"
#include "rastream/store/byte_source.h"
#include "rastream/store/http/url.h"

namespace rastream::geotiff {
namespace {

constexpr const char* kPrefix = "/vsirastream/";

/// The remote values that GDAL may open: nothing that stands in a file, such as a VRT, can add one,
/// and files beside a raster are not looked for.
class KnownValues {
 public:
  /// The name of `url` in GDAL's words: no query of it, where tokens hide, gets into a message.
  std::string name_of(const std::string& url) {
    const std::lock_guard lock(mutex_);
    const auto at = std::find(urls_.begin(), urls_.end(), url) - urls_.begin();
    if (at == std::ssize(urls_)) urls_.push_back(url);
    const std::string path = parse_url(url).path;
    return fmt::format("{}/{}", at, path.substr(path.rfind('/') + 1));
  }
  std::optional<std::string> url_of(const std::string& name) const {
    const std::lock_guard lock(mutex_);
    std::size_t number = urls_.size();
    std::from_chars(name.data(), name.data() + name.size(), number);
    if (number >= urls_.size()) return std::nullopt;
    const std::string path = parse_url(urls_[number]).path;
    const bool is_it = name == fmt::format("{}/{}", number, path.substr(path.rfind('/') + 1));
    return is_it ? std::optional(urls_[number]) : std::nullopt;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> urls_;
};

KnownValues& known_values() {
  static KnownValues values;
  return values;
}

/// A value and a position in it. GDAL uses a handle from one thread at a time.
struct OpenValue {
  std::shared_ptr<const ByteSource> bytes;
  vsi_l_offset position = 0;
  bool is_at_end = false;  ///< a read asked for more than there is
  vsi_l_offset size() const { return bytes->stamp().size; }
};

/// An exception must not pass through GDAL.
template <typename F>
auto caught(F&& f, decltype(f()) on_failure) {
  try {
    return f();
  } catch (const std::exception& e) {
    CPLError(CE_Failure, CPLE_FileIO, "%s", e.what());
    return on_failure;
  }
}

/// That a file beside a raster is not there is no error to be told.
int stat_value(void*, const char* name, VSIStatBufL* status, int) {
  try {
    *status = {};
    const auto url = known_values().url_of(name);
    if (!url) return -1;
    status->st_size = static_cast<off_t>(open_remote_bytes(*url)->stamp().size);
    status->st_mode = S_IFREG;
    return 0;
  } catch (const std::exception&) {
    return -1;
  }
}

void* open_value(void*, const char* name, const char* mode) {
  if (std::string_view(mode).find_first_of("wa+") != std::string_view::npos) return nullptr;
  const auto url = known_values().url_of(name);
  if (!url) return nullptr;  // a file beside the raster
  return caught([&] { return static_cast<void*>(new OpenValue{open_remote_bytes(*url)}); },
                nullptr);
}

OpenValue& value_of(void* file) { return *static_cast<OpenValue*>(file); }

vsi_l_offset tell(void* file) { return value_of(file).position; }

int seek(void* file, vsi_l_offset offset, int whence) {
  OpenValue& value = value_of(file);
  const vsi_l_offset base = whence == SEEK_CUR   ? value.position
                            : whence == SEEK_END ? value.size()
                                                 : 0;
  value.position = base + offset;
  value.is_at_end = false;
  return 0;
}

size_t read(void* file, void* buffer, size_t size, size_t count) {
  OpenValue& value = value_of(file);
  const vsi_l_offset rest = value.position < value.size() ? value.size() - value.position : 0;
  const vsi_l_offset wanted = vsi_l_offset{size} * count;
  const auto n = static_cast<std::size_t>(std::min(rest, wanted));
  value.is_at_end = n < wanted;
  return caught(
      [&] {
        value.bytes->read(value.position, std::span(static_cast<std::byte*>(buffer), n));
        value.position += n;
        return size == 0 ? 0 : n / size;
      },
      std::size_t{0});
}

int is_at_end(void* file) { return value_of(file).is_at_end; }

int close_value(void* file) {
  delete &value_of(file);
  return 0;
}

void install() {
  const std::unique_ptr<VSIFilesystemPluginCallbacksStruct,
                        void (*)(VSIFilesystemPluginCallbacksStruct*)>
      callbacks(VSIAllocFilesystemPluginCallbacksStruct(), VSIFreeFilesystemPluginCallbacksStruct);
  callbacks->stat = stat_value;
  callbacks->open = open_value;
  callbacks->tell = tell;
  callbacks->seek = seek;
  callbacks->read = read;
  callbacks->eof = is_at_end;
  callbacks->close = close_value;
  VSIInstallPluginHandler(kPrefix, callbacks.get());
}

}  // namespace

std::string name_for_gdal(const std::string& path_or_url) {
  if (!is_remote(path_or_url)) return std::filesystem::absolute(path_or_url).string();
  static const bool is_installed = (install(), true);
  return is_installed ? kPrefix + known_values().name_of(path_or_url) : "";
}

}  // namespace rastream::geotiff
