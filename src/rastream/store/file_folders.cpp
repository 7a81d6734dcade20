// SPDX-License-Identifier: Apache-2.0
// Folders of a POSIX file system: what FileStore is as a FileSystem.
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "rastream/store/file.h"

namespace rastream {
namespace {

namespace fs = std::filesystem;

/// Nothing when there is no such name, or a link that leads nowhere.
std::optional<FileInfo> info_of(const fs::path& file, std::string path) {
  struct stat own {};
  struct stat target {};
  if (::lstat(file.c_str(), &own) != 0 || ::stat(file.c_str(), &target) != 0) {
    if (errno == ENOENT || errno == ENOTDIR || errno == ELOOP) return std::nullopt;
    throw error_from_errno(errno, "stat", file.native());
  }
  FileInfo info;
  info.path = std::move(path);
  info.is_folder = S_ISDIR(target.st_mode);
  info.is_link = S_ISLNK(own.st_mode);
  info.size_bytes = S_ISREG(target.st_mode) ? target.st_size : 0;
  info.modified_ms =
      static_cast<std::int64_t>(target.st_mtim.tv_sec) * 1000 + target.st_mtim.tv_nsec / 1'000'000;
  return info;
}

}  // namespace

fs::path FileStore::local_path(std::string_view path) const {
  check_path(path, url_);
  return path.empty() ? root_ : root_ / fs::path(path);
}

std::optional<FileInfo> FileStore::stat(std::string_view path) const {
  return info_of(local_path(path), std::string(path));
}

std::vector<FileInfo> FileStore::entries(std::string_view folder) const {
  const auto self = stat(folder);
  if (!self) throw Error(Errc::not_found, "{}: no folder '{}'", url_, folder);
  if (!self->is_folder) return {*self};
  const std::string prefix = folder.empty() ? "" : std::string(folder) + "/";
  std::vector<FileInfo> found;
  for (const std::string& name : children(folder.empty() ? "" : prefix)) {
    const std::string plain = name.ends_with('/') ? name.substr(0, name.size() - 1) : name;
    if (auto info = info_of(local_path(prefix + plain), prefix + plain))
      found.push_back(std::move(*info));
  }
  sort_by_path(found);
  return found;
}

void FileStore::make_folder(std::string_view path) {
  const fs::path folder = local_path(path);
  std::error_code error;
  fs::create_directories(folder, error);
  std::error_code ignored;
  if (!error && fs::is_directory(folder, ignored)) return;
  if (!error || error == std::errc::not_a_directory || error == std::errc::file_exists)
    throw Error(Errc::invalid_argument, "{}: cannot make folder '{}': a file is in the way", url_,
                path);
  throw error_from_errno(error.value(), "create folder", folder.native());
}

void FileStore::move(std::string_view from, std::string_view to) {
  check_move(from, to, url_);
  const auto source = stat(from);
  if (!source) throw Error(Errc::not_found, "{}: no file or folder '{}'", url_, from);
  const auto target = stat(to);
  if (target && target->is_folder)
    throw Error(Errc::invalid_argument, "{}: '{}' is a folder: it is not replaced", url_, to);
  if (target && source->is_folder)
    throw Error(Errc::invalid_argument, "{}: '{}' is a file: a folder does not replace it", url_,
                to);
  if (::rename(local_path(from).c_str(), local_path(to).c_str()) != 0)
    throw error_from_errno(errno, "rename", local_path(from).native());
  sync_folder(local_path(to).parent_path());
}

void FileStore::remove(std::string_view path) {
  const fs::path file = local_path(path);
  struct stat own {};
  if (::lstat(file.c_str(), &own) != 0) {
    if (errno == ENOENT || errno == ENOTDIR) return;
    throw error_from_errno(errno, "stat", file.native());
  }
  const int result = S_ISDIR(own.st_mode) ? ::rmdir(file.c_str()) : ::unlink(file.c_str());
  if (result == 0 || errno == ENOENT) return;
  if (errno == ENOTEMPTY || errno == EEXIST)
    throw Error(Errc::invalid_argument, "{}: folder '{}' is not empty", url_, path);
  throw error_from_errno(errno, "remove", file.native());
}

std::vector<Digest> FileStore::put_file(const fs::path& file, std::string_view path,
                                        const PutFileOptions& options) {
  const fs::path target = local_path(path);
  const fs::path temporary = temporary_name(target);
  try {
    copy_regular_file(file, temporary);
    sync_file(temporary);
    if (::rename(temporary.c_str(), target.c_str()) != 0)
      throw error_from_errno(errno, "rename to", target.native());
  } catch (...) {
    remove_tree(temporary);
    throw;
  }
  sync_folder(target.parent_path());
  std::error_code ignored;
  if (options.on_bytes) options.on_bytes(static_cast<std::int64_t>(fs::file_size(target, ignored)));
  return {};
}

}  // namespace rastream
