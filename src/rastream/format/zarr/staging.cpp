// SPDX-License-Identifier: Apache-2.0
#include "rastream/format/zarr/staging.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include <cerrno>

#include "rastream/base/error.h"
#include "rastream/format/zarr/manifest.h"
#include "rastream/store/file.h"

namespace rastream::zarr {

namespace fs = std::filesystem;

namespace {

std::optional<std::string> read_text(const fs::path& path) {
  const auto bytes = read_file(path);
  if (!bytes) return std::nullopt;
  return std::string(reinterpret_cast<const char*>(bytes->data()), bytes->size());
}

void make_folder(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) throw error_from_errno(error.value(), "create folder", folder.native());
}

/// Every folder at and below `folder`: names that were put without a sync become durable.
void sync_tree(const fs::path& folder) {
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.is_directory() && !entry.is_symlink()) sync_folder(entry.path());
  }
  sync_folder(folder);
}

/// What tells a folder from the one that takes its place. A group that others wrote has no
/// manifest; then it is its inode.
std::string mark_of(const fs::path& group) {
  if (const auto manifest = read_text(group / kManifestKey))
    return std::to_string(checksum(*manifest));
  struct stat info {};
  if (::stat(group.c_str(), &info) != 0) return "none";
  return fmt::format("inode {} of device {}", info.st_ino, info.st_dev);
}

void rename_or_throw(const fs::path& from, const fs::path& to) {
  if (::rename(from.c_str(), to.c_str()) != 0)
    throw error_from_errno(errno, "rename to", to.native());
}

}  // namespace

fs::path partial_folder(const fs::path& target) {
  return target.parent_path() / ("." + target.filename().native() + std::string(kPartialSuffix));
}

std::optional<std::string> committed_run(const fs::path& target) {
  const fs::path folder = partial_folder(target);
  const auto commit = read_text(folder / "commit");
  if (!commit || *commit != mark_of(target)) return std::nullopt;
  return read_text(folder / "run");
}

Staging::Staging(fs::path target, std::string run_id, bool overwrite)
    : target_(std::move(target)),
      folder_(partial_folder(target_)),
      run_id_(std::move(run_id)),
      overwrite_(overwrite) {
  const bool is_mine = !run_id_.empty() && read_text(folder_ / "run") == run_id_;
  if (!overwrite_ && target_exists() && !(is_mine && is_committed())) {
    throw Error(Errc::invalid_argument,
                "'{}' exists: choose another name, or replace it with --overwrite",
                target_.native());
  }
  lock();
}

// A twin that finishes removes the folder, so it may vanish between making and locking it.
void Staging::lock() {
  for (int attempt = 0;; ++attempt) {
    try {
      make_folder(folder_);
      lock_.reset();
      if (auto alone = FolderLock::try_lock(folder_, "lock", FolderLock::Mode::exclusive)) {
        lock_.emplace(std::move(*alone));
        prepare();
        lock_->share();
        return;
      }
      FolderLock together(folder_, "lock", FolderLock::Mode::shared);
      if (run_id_.empty() || read_text(folder_ / "run") != run_id_) {
        throw Error(Errc::unavailable, "'{}' is being written by another run", target_.native());
      }
      lock_.emplace(std::move(together));
      return;
    } catch (const Error& e) {
      if (e.code() != Errc::not_found || attempt == 10) throw;
    }
  }
}

// Alone in the folder: a temporary that is still here has no writer any more. "run" is written
// last, so that a folder which has it was whole once.
void Staging::prepare() {
  // A run that died between the two renames of swap_target() left the old target here alone.
  if (!target_exists() && fs::exists(folder_ / "old")) {
    rename_or_throw(folder_ / "old", target_);
    if (!overwrite_)
      throw Error(Errc::invalid_argument,
                  "'{}' exists: choose another name, or replace it with --overwrite",
                  target_.native());
  }
  if (run_id_.empty() || read_text(folder_ / "run") != run_id_) {
    for (const char* name : {"run", "commit", "journal", "data", "old"})
      remove_tree(folder_ / name);
    make_folder(data());
    write_file_atomically(folder_ / "run", std::as_bytes(std::span(run_id_)),
                          Durability::file_and_folder);
  } else if (!is_committed()) {
    make_folder(data());
  }
  for (const fs::path& leftover : find_leftovers(folder_)) remove_tree(leftover);
}

bool Staging::target_exists() const {
  std::error_code ignored;
  return fs::exists(fs::symlink_status(target_, ignored)) && !fs::is_empty(target_, ignored);
}

// "commit" holds the mark of the folder that is about to be renamed: it tells a run that died after
// its rename from one that is to replace a target of the same run_id.
bool Staging::is_committed() const {
  if (const auto commit = read_text(folder_ / "commit")) return *commit == mark_of(target_);
  const auto manifest = read_text(target_ / kManifestKey);
  if (!manifest || run_id_.empty() || fs::exists(data())) return false;
  try {
    return parse_manifest(*manifest, target_.native()).run_id == run_id_;
  } catch (const Error&) {
    return false;
  }
}

void Staging::commit() {
  if (target_exists() && !overwrite_) {
    throw Error(Errc::invalid_argument, "'{}' was created by another run in the meantime",
                target_.native());
  }
  sync_tree(data());
  const std::string commit = mark_of(data());
  write_file_atomically(folder_ / "commit", std::as_bytes(std::span(commit)),
                        Durability::file_and_folder);
  if (target_exists()) {
    swap_target();
  } else {
    rename_or_throw(data(), target_);
  }
  sync_folder(target_.parent_path());
}

// Where the file system cannot exchange names there is a moment without the target; the old one is
// then in the staging folder as "old", and the new one as "data".
void Staging::swap_target() {
  if (::renameat2(AT_FDCWD, data().c_str(), AT_FDCWD, target_.c_str(), RENAME_EXCHANGE) == 0)
    return;
  if (errno != EINVAL && errno != ENOSYS && errno != EOPNOTSUPP) {
    throw error_from_errno(errno, "exchange with", target_.native());
  }
  remove_tree(folder_ / "old");
  rename_or_throw(target_, folder_ / "old");
  rename_or_throw(data(), target_);
}

void Staging::remove() {
  remove_tree(folder_);
  lock_.reset();
}

}  // namespace rastream::zarr
