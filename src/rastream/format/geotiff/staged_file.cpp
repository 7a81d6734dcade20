// SPDX-License-Identifier: Apache-2.0
#include "rastream/format/geotiff/staged_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <filesystem>

#include "rastream/base/error.h"
#include "rastream/store/file.h"

namespace rastream::geotiff {
namespace {

/// True for the name of a staged file of `target`: "NAME.PID-NUMBER.part".
bool is_staged(const std::string& name, const std::string& target) {
  constexpr std::string_view kEnd = ".part";
  if (!name.starts_with(target + ".") || !name.ends_with(kEnd)) return false;
  const std::string middle =
      name.substr(target.size() + 1, name.size() - target.size() - 1 - kEnd.size());
  return !middle.empty() && middle.find_first_not_of("0123456789-") == std::string::npos;
}

/// Whoever writes a staged file has it locked until it dies.
void remove_leftovers(const std::string& target) {
  namespace fs = std::filesystem;
  const fs::path folder = fs::path(target).parent_path();
  std::error_code ignored;
  for (const auto& entry :
       fs::directory_iterator(folder.empty() ? fs::path(".") : folder, ignored)) {
    if (!is_staged(entry.path().filename(), fs::path(target).filename())) continue;
    const int descriptor = ::open(entry.path().c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) continue;
    if (::flock(descriptor, LOCK_EX | LOCK_NB) == 0) unlink(entry.path().c_str());
    close(descriptor);
  }
}

bool has_name(int descriptor) {
  struct stat status {};
  return fstat(descriptor, &status) == 0 && status.st_nlink > 0;
}

}  // namespace

StagedFile::StagedFile(const std::string& target) : target_(target) {
  static std::atomic<unsigned> counter{0};
  remove_leftovers(target);
  // Another writer may take a new file for a leftover until it is locked.
  do {
    if (descriptor_ >= 0) close(descriptor_);
    path_ = fmt::format("{}.{}-{}.part", target, getpid(), counter++);
    descriptor_ = ::open(path_.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (descriptor_ < 0) throw error_from_errno(errno, "cannot write GeoTIFF", target);
  } while (::flock(descriptor_, LOCK_EX | LOCK_NB) == 0 && !has_name(descriptor_));
}

StagedFile::~StagedFile() {
  close(descriptor_);
  if (!path_.empty()) unlink(path_.c_str());
}

void StagedFile::commit() {
  if (fsync(descriptor_) != 0) throw error_from_errno(errno, "cannot flush GeoTIFF", target_);
  if (std::rename(path_.c_str(), target_.c_str()) != 0)
    throw error_from_errno(errno, "cannot write GeoTIFF", target_);
  path_.clear();
  const std::filesystem::path folder = std::filesystem::path(target_).parent_path();
  sync_folder(folder.empty() ? "." : folder);
}

}  // namespace rastream::geotiff
