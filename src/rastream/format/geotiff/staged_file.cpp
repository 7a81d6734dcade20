// SPDX-License-Identifier: Apache-2.0
#include "rastream/format/geotiff/staged_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>

#include "rastream/base/error.h"
#include "rastream/store/file.h"

namespace rastream::geotiff {
namespace {

namespace fs = std::filesystem;

/// Where the file system cannot rename without replacing, a look before comes close. Sets errno.
bool rename_to_free(const std::string& from, const std::string& to) {
  if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) return true;
  if (errno == EINVAL || errno == ENOSYS || errno == EOPNOTSUPP) {
    std::error_code ignored;
    if (!fs::exists(fs::symlink_status(to, ignored)))
      return std::rename(from.c_str(), to.c_str()) == 0;
    errno = EEXIST;
  }
  if (errno == EEXIST)
    throw Error(Errc::invalid_argument, "'{}' was created by another run in the meantime", to);
  return false;
}

/// Whoever writes a staged file has it locked until it dies.
void remove_leftovers(const std::string& target) {
  const fs::path folder = fs::path(target).parent_path();
  std::error_code ignored;
  for (const auto& entry :
       fs::directory_iterator(folder.empty() ? fs::path(".") : folder, ignored)) {
    const std::string name = entry.path().filename();
    if (!name.starts_with(fs::path(target).filename().native() + ".") ||
        !name.ends_with(kTemporarySuffix))
      continue;
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
  remove_leftovers(target);
  // Another writer may take a new file for a leftover until it is locked.
  do {
    if (descriptor_ >= 0) close(descriptor_);
    path_ = target + temporary_name(target).filename().native();
    descriptor_ = ::open(path_.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (descriptor_ < 0) throw error_from_errno(errno, "cannot write GeoTIFF", target);
  } while (::flock(descriptor_, LOCK_EX | LOCK_NB) == 0 && !has_name(descriptor_));
}

StagedFile::~StagedFile() {
  close(descriptor_);
  if (!path_.empty()) unlink(path_.c_str());
}

void StagedFile::flush() {
  if (fsync(descriptor_) != 0) throw error_from_errno(errno, "cannot flush GeoTIFF", target_);
}

void StagedFile::commit(bool overwrite) {
  if (overwrite ? std::rename(path_.c_str(), target_.c_str()) != 0
                : !rename_to_free(path_, target_))
    throw error_from_errno(errno, "cannot write GeoTIFF", target_);
  path_.clear();
  const fs::path folder = fs::path(target_).parent_path();
  sync_folder(folder.empty() ? "." : folder);
}

}  // namespace rastream::geotiff
