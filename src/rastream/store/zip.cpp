// SPDX-License-Identifier: Apache-2.0
// The directory of a zip archive (PKWARE APPNOTE 6.3.10: sections 4.3.12 central directory, 4.3.14
// to 4.3.16 ends, 4.5.3 zip64 extra field).
#include <algorithm>
#include <cstring>
#include <filesystem>
#include <limits>

#include "rastream/base/error.h"
#include "rastream/store/file.h"
#include "rastream/store/indexed.h"
#include "rastream/store/zip_signatures.h"

namespace rastream {
namespace {

constexpr std::size_t kEntryBytes = 46;
constexpr std::int64_t kEndBytes = 22;
constexpr std::int64_t kEnd64Bytes = 56;
constexpr std::int64_t kLocator64Bytes = 20;
constexpr std::int64_t kMaxCommentBytes = 65535;
/// A directory of more than this is not of a store of arrays.
constexpr std::int64_t kMaxDirectoryBytes = std::int64_t{1} << 30;

/// Reads little-endian numbers; whoever asks has checked the length.
std::uint64_t number_at(std::span<const std::byte> bytes, std::size_t at, std::size_t n_bytes) {
  std::uint64_t value = 0;
  std::memcpy(&value, bytes.data() + at, n_bytes);
  return value;
}

class ZipDirectory {
 public:
  explicit ZipDirectory(std::string path) : path_(std::move(path)) {
    const auto size_bytes = files_.size(key());
    if (!size_bytes) throw Error(Errc::not_found, "'{}' does not exist or is no file", path_);
    file_bytes_ = *size_bytes;
    find_directory();
  }

  std::map<std::string, Place, std::less<>> places() const {
    std::map<std::string, Place, std::less<>> places;
    const Bytes directory = bytes_at(begin_, size_);
    std::span<const std::byte> rest(directory);
    while (!rest.empty()) {
      if (rest.size() < kEntryBytes || number_at(rest, 0, 4) != zip::kEntry)
        throw broken("an entry of its directory is damaged");
      const std::size_t n_name = number_at(rest, 28, 2);
      const std::size_t n_extra = number_at(rest, 30, 2);
      const std::size_t n_all = kEntryBytes + n_name + n_extra + number_at(rest, 32, 2);
      if (n_all > rest.size()) throw broken("an entry of its directory is cut off");
      const std::string name(reinterpret_cast<const char*>(rest.data()) + kEntryBytes, n_name);
      if (is_valid_key(name))
        places.insert_or_assign(name, place(rest, rest.subspan(kEntryBytes + n_name, n_extra)));
      rest = rest.subspan(n_all);
    }
    return places;
  }

 private:
  Error broken(std::string_view why) const {
    return Error(Errc::data_loss, "'{}' is not a whole zip archive: {}", path_, why);
  }

  std::string_view key() const { return std::string_view(path_).substr(1); }

  Bytes bytes_at(std::int64_t offset, std::int64_t n) const {
    if (offset < 0 || n < 0 || offset > file_bytes_ || n > file_bytes_ - offset)
      throw broken(fmt::format("it points to byte {} of {}", offset, file_bytes_));
    auto bytes = files_.get(key(), {offset, offset + n});
    if (!bytes) throw Error(Errc::not_found, "'{}' is gone", path_);
    return std::move(*bytes);
  }

  /// The end record is the last one whose comment reaches exactly to the end of the file.
  void find_directory() {
    const std::int64_t n = std::min(file_bytes_, kEndBytes + kMaxCommentBytes);
    const Bytes tail = bytes_at(file_bytes_ - n, n);
    for (std::int64_t at = n - kEndBytes; at >= 0; --at) {
      const auto end = std::span(tail).subspan(static_cast<std::size_t>(at));
      if (number_at(end, 0, 4) != zip::kEnd) continue;
      if (at + kEndBytes + static_cast<std::int64_t>(number_at(end, 20, 2)) != n) continue;
      size_ = static_cast<std::int64_t>(number_at(end, 12, 4));
      begin_ = static_cast<std::int64_t>(number_at(end, 16, 4));
      find_directory64(file_bytes_ - n + at);
      if (size_ < 0 || size_ > kMaxDirectoryBytes) throw broken("its directory is too large");
      return;
    }
    throw broken("it has no directory");
  }

  void find_directory64(std::int64_t end_offset) {
    if (end_offset < kLocator64Bytes) return;
    const Bytes locator = bytes_at(end_offset - kLocator64Bytes, kLocator64Bytes);
    if (number_at(locator, 0, 4) != zip::kLocator64) return;
    const Bytes end = bytes_at(static_cast<std::int64_t>(number_at(locator, 8, 8)), kEnd64Bytes);
    if (number_at(end, 0, 4) != zip::kEnd64) throw broken("its zip64 directory is damaged");
    size_ = static_cast<std::int64_t>(number_at(end, 40, 8));
    begin_ = static_cast<std::int64_t>(number_at(end, 48, 8));
  }

  /// Sizes and offsets that do not fit 32 bits stand in the zip64 extra field, in this order.
  Place place(std::span<const std::byte> entry, std::span<const std::byte> extra) const {
    constexpr std::uint64_t kIn64 = std::numeric_limits<std::uint32_t>::max();
    std::uint64_t size = number_at(entry, 24, 4);
    std::uint64_t stored = number_at(entry, 20, 4);
    std::uint64_t offset = number_at(entry, 42, 4);
    std::span<const std::byte> wide = find_extra64(extra);
    for (std::uint64_t* number : {&size, &stored, &offset}) {
      if (*number != kIn64) continue;
      if (wide.size() < 8) throw broken("an entry lacks its zip64 sizes");
      *number = number_at(wide, 0, 8);
      wide = wide.subspan(8);
    }
    const auto limit = static_cast<std::uint64_t>(file_bytes_);
    const std::uint64_t method = number_at(entry, 10, 2);
    const bool is_encrypted = (number_at(entry, 8, 2) & 1) != 0;
    if (is_encrypted || (method != 0 && method != 8)) {
      throw Error(Errc::unsupported, "'{}': {}: expected entries that are stored or deflated",
                  path_, is_encrypted ? "encrypted" : fmt::format("zip method {}", method));
    }
    if (offset > limit || stored > limit - offset || (method == 0 && stored != size))
      throw broken("an entry reaches beyond the file");
    Place out;
    out.kind = Place::Kind::zip_entry;
    out.path = path_;
    out.offset = static_cast<std::int64_t>(offset);
    out.length = static_cast<std::int64_t>(stored);
    out.is_deflated = method == 8;
    out.size_bytes = static_cast<std::int64_t>(
        std::min<std::uint64_t>(size, std::numeric_limits<std::int64_t>::max()));
    out.crc32 = static_cast<std::uint32_t>(number_at(entry, 16, 4));
    return out;
  }

  static std::span<const std::byte> find_extra64(std::span<const std::byte> extra) {
    while (extra.size() >= 4) {
      const std::size_t n = number_at(extra, 2, 2);
      if (n > extra.size() - 4) break;
      if (number_at(extra, 0, 2) == 1) return extra.subspan(4, n);
      extra = extra.subspan(4 + n);
    }
    return {};
  }

  FileStore files_{"/"};
  std::string path_;
  std::int64_t file_bytes_ = 0;
  std::int64_t begin_ = 0;
  std::int64_t size_ = 0;
};

}  // namespace

std::unique_ptr<Store> open_zip_store(const std::string& path) {
  const std::string absolute = std::filesystem::absolute(path).lexically_normal().native();
  return std::make_unique<IndexedStore>("zip://" + absolute, ZipDirectory(absolute).places());
}

}  // namespace rastream
