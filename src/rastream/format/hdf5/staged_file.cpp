// SPDX-License-Identifier: Apache-2.0
#include "rastream/format/hdf5/staged_file.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "rastream/base/error.h"
#include "rastream/store/file.h"

namespace rastream {
namespace {

namespace fs = std::filesystem;

fs::path partial_folder(const fs::path& target, const std::string& group) {
  std::string name = "." + target.filename().native();
  if (!group.empty()) name += '.';
  for (const char c : group) name += c == '/' ? std::string("%2F") : std::string(1, c);
  return target.parent_path() / (name + ".rastream-partial");
}

std::optional<std::string> read_text(const fs::path& path) {
  const auto bytes = read_file(path);
  if (!bytes) return std::nullopt;
  return std::string(reinterpret_cast<const char*>(bytes->data()), bytes->size());
}

void write_text(const fs::path& path, const std::string& text) {
  write_file_atomically(path, std::as_bytes(std::span(text)), Durability::file_and_folder);
}

/// What stays when a file gets another name and changes when it is edited.
std::string identity_of(const fs::path& path) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) return "";
  return fmt::format("{} {} {} {}.{}", info.st_dev, info.st_ino, info.st_size, info.st_mtim.tv_sec,
                     info.st_mtim.tv_nsec);
}

}  // namespace

StagedFile::StagedFile(fs::path target, const std::string& group, std::string run_id)
    : target_(std::move(target)),
      folder_(partial_folder(target_, group)),
      run_id_(std::move(run_id)) {
  lock();
  prepare();
}

StagedFile::~StagedFile() {
  if (!lock_ || !run_id_.empty()) return;
  std::error_code ignored;
  fs::remove_all(folder_, ignored);
}

// A run that finishes removes the folder, so it may vanish between making and locking it.
void StagedFile::lock() {
  for (int attempt = 0; !lock_; ++attempt) {
    std::error_code error;
    fs::create_directories(folder_, error);
    if (error) throw error_from_errno(error.value(), "create folder", folder_.native());
    try {
      auto held = zarr::FolderLock::try_lock(folder_, "lock", zarr::FolderLock::Mode::exclusive);
      if (!held)
        throw Error(Errc::unavailable, "'{}' is being written by another run", target_.native());
      lock_.emplace(std::move(*held));
    } catch (const Error& e) {
      if (e.code() != Errc::not_found || attempt == 10) throw;
    }
  }
}

// "run" is written last, so that a folder which has it was whole once. A draft is made anew.
void StagedFile::prepare() const {
  if (run_id_.empty() || read_text(folder_ / "run") != run_id_) {
    for (const char* name : {"run", "commit", "chunks", "file"}) remove_tree(folder_ / name);
    write_text(folder_ / "run", run_id_);
  }
  for (const fs::path& leftover : find_leftovers(folder_)) remove_tree(leftover);
}

StagedFile::TargetLock::TargetLock(const StagedFile& file)
    : lock_(file.target_.parent_path(),
            ("." + file.target_.filename().native() + ".rastream-lock").c_str(),
            zarr::FolderLock::Mode::exclusive) {}

bool StagedFile::is_committed() const {
  const auto commit = read_text(folder_ / "commit");
  return commit && *commit == identity_of(target_);
}

// "commit" tells a run that died after its rename from one that is to replace the target.
void StagedFile::commit() {
  sync_file(draft());
  write_text(folder_ / "commit", identity_of(draft()));
  if (::rename(draft().c_str(), target_.c_str()) != 0)
    throw error_from_errno(errno, "rename to", target_.native());
  sync_folder(target_.parent_path());
}

void StagedFile::remove() {
  remove_tree(folder_);
  lock_.reset();
}

}  // namespace rastream
