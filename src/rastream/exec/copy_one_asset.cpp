// SPDX-License-Identifier: Apache-2.0
#include "rastream/exec/copy_one_asset.h"

#include <algorithm>
#include <filesystem>
#include <mutex>

#include "rastream/base/error.h"
#include "rastream/store/file.h"
#include "rastream/store/http/http_client.h"
#include "rastream/store/http/url.h"
#include "rastream/store/transfer/copy_file.h"

namespace rastream {
namespace {

namespace fs = std::filesystem;

/// A folder in that for temporary files; goes away with its owner.
class PassingFolder {
 public:
  PassingFolder() : path_(temporary_name(fs::temp_directory_path() / "passing")) {
    fs::create_directory(path_);
  }
  ~PassingFolder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  PassingFolder(const PassingFolder&) = delete;
  PassingFolder& operator=(const PassingFolder&) = delete;
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

/// Zarr's metadata, without which the rest is not found: it goes last.
bool is_metadata(const FileInfo& info) {
  const std::string_view name = info.name();
  return name == "zarr.json" || name.starts_with(".z");
}

class OneCopy {
 public:
  OneCopy(const AssetSource& source, const AssetPlace& place, const AssetCopyOptions& options)
      : source_(source), place_(place), options_(options), to_(*place.to.files) {}

  AssetCopyResult run() {
    if (options_.if_there == IfThere::keep) {
      if (const auto there = to_.stat(place_.path))
        return {.size_bytes = there->size_bytes, .was_there = true};
    }
    to_.make_folder(place_.folder);
    if (source_.is_cuttable && !options_.part.is_all()) return cut();
    if (!source_.location) return copy_from_web();
    const FileSystem& from = *source_.location->files;
    const auto info = from.stat(source_.location->path);
    if (!info) throw Error(Errc::not_found, "'{}' is not there", printable_url(source_.at.href));
    if (info->is_folder) return copy_folder(from, source_.location->path);
    check_online(*info, source_.location->shown(info->path));
    return result_of(copy_file(from, *info, to_, place_.path, file_options()));
  }

 private:
  CopyFileOptions file_options() const {
    CopyFileOptions o;
    o.skips_intact = options_.if_there == IfThere::replace_unless_intact;
    o.expected = source_.expected;
    o.on_bytes = options_.on_bytes;
    o.stop = options_.stop;
    return o;
  }

  static AssetCopyResult result_of(const CopyFileResult& r) {
    return {.size_bytes = r.size_bytes, .was_there = r.was_intact};
  }

  std::shared_ptr<HttpClient> client() const {
    return options_.client ? options_.client : default_http_client();
  }

  AssetCopyResult copy_from_web() {
    const std::shared_ptr<HttpClient> owner = client();
    const WebAddress from{owner.get(), source_.at.href, {}, false, source_.at.document_url};
    return result_of(copy_web_file(from, to_, place_.path, file_options()));
  }

  AssetCopyResult copy_folder(const FileSystem& from, const std::string& folder) {
    std::vector<FileInfo> files;
    std::vector<std::string> folders = {place_.path};
    walk(from, folder, [&](const FileInfo& info) {
      const std::string target = below(folder, info);
      if (!info.is_folder) return files.push_back(info);
      if (const auto there = to_.stat(target); there && there->is_link)
        throw Error(Errc::permission_denied,
                    "'{}' is a symbolic link: nothing is written through it",
                    place_.to.shown(target));
      if (!info.is_link) folders.push_back(target);
    });
    for (const FileInfo& info : files) check_online(info, printable_url(source_.at.href));
    for (const std::string& name : folders) to_.make_folder(name);
    std::stable_partition(files.begin(), files.end(),
                          [](const FileInfo& info) { return !is_metadata(info); });
    CopyFileOptions o = file_options();
    o.expected = {};
    AssetCopyResult all{.was_there = true};
    for (const FileInfo& info : files) {
      const CopyFileResult one = copy_file(from, info, to_, below(folder, info), o);
      all.size_bytes += one.size_bytes;
      all.was_there = all.was_there && one.was_intact;
    }
    return all;
  }

  std::string below(const std::string& folder, const FileInfo& info) const {
    return place_.path + info.path.substr(folder.size());
  }

  AssetCopyResult cut() {
    check_address(source_.at, *client(), options_.stop);
    static std::mutex one_at_a_time;
    const std::lock_guard lock(one_at_a_time);
    if (const auto file = to_.local_file(place_.path)) return cut_to(file->native());
    const PassingFolder passing;
    const std::string name = place_.path.substr(place_.path.rfind('/') + 1);
    const std::string file = (passing.path() / name).native();
    AssetCopyResult result = cut_to(file);
    FileStore here(passing.path());
    CopyFileOptions o = file_options();
    o.expected = {};
    if (fs::is_directory(file)) return copy_folder(here, name);
    result.was_there = copy_file(here, *here.stat(name), to_, place_.path, o).was_intact;
    return result;
  }

  AssetCopyResult cut_to(const std::string& out) {
    const std::string& in = source_.at.href;
    const bool is_there = options_.if_there == IfThere::replace_unless_intact &&
                          is_cut_intact(in, out, options_.part, options_.cut);
    if (!is_there) cut_file(in, out, options_.part, options_.cut);
    AssetCopyResult result{.was_there = is_there};
    if (!fs::is_regular_file(out)) return result;
    result.size_bytes = static_cast<std::int64_t>(fs::file_size(out));
    result.cut_digest = digest_of_file(DigestKind::sha256, out);
    return result;
  }

  const AssetSource& source_;
  const AssetPlace& place_;
  const AssetCopyOptions& options_;
  FileSystem& to_;
};

}  // namespace

AssetCopyResult copy_one_asset(const AssetSource& source, const AssetPlace& place,
                               const AssetCopyOptions& options) {
  return OneCopy(source, place, options).run();
}

}  // namespace rastream
