// SPDX-License-Identifier: Apache-2.0
#include "rastream/format/geotiff/staged_file.h"

#include <fcntl.h>
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

}  // namespace

StagedFile::StagedFile(const std::string& target) : target_(target) {
  path_ = temporary_name(target);
  descriptor_ = ::open(path_.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (descriptor_ < 0) throw error_from_errno(errno, "cannot write GeoTIFF", target);
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
