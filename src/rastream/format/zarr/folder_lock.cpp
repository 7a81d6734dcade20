// SPDX-License-Identifier: Apache-2.0
#include "rastream/format/zarr/folder_lock.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "rastream/base/error.h"

namespace rastream::zarr {
namespace {

namespace fs = std::filesystem;

/// 0 or errno.
int lock_file(int fd, short type, bool waits) {
  struct flock lock {};
  lock.l_type = type;
  lock.l_whence = SEEK_SET;
  while (::fcntl(fd, waits ? F_OFD_SETLKW : F_OFD_SETLK, &lock) != 0) {
    if (errno != EINTR) return errno;
  }
  return 0;
}

/// False when the file was removed or replaced between our open and our lock: the lock then guards
/// nothing.
bool is_still_there(int fd, const fs::path& path) {
  struct stat held {};
  struct stat there {};
  return ::fstat(fd, &held) == 0 && ::stat(path.c_str(), &there) == 0 &&
         held.st_ino == there.st_ino && held.st_dev == there.st_dev;
}

/// A locked descriptor, or -1 when the lock is taken and we do not wait.
int open_locked(const fs::path& path, FolderLock::Mode mode, bool waits) {
  const short type = mode == FolderLock::Mode::shared ? F_RDLCK : F_WRLCK;
  while (true) {
    const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (fd < 0) throw error_from_errno(errno, "open lock", path.native());
    const int error = lock_file(fd, type, waits);
    if (error == 0 && is_still_there(fd, path)) return fd;
    ::close(fd);
    if (error == EAGAIN || error == EACCES) return -1;
    if (error != 0) throw error_from_errno(error, "lock", path.native());
  }
}

}  // namespace

FolderLock::FolderLock(const fs::path& folder, const char* name, Mode mode)
    : path_(folder / name), fd_(open_locked(path_, mode, true)) {}

std::optional<FolderLock> FolderLock::try_lock(const fs::path& folder, const char* name,
                                               Mode mode) {
  const int fd = open_locked(folder / name, mode, false);
  if (fd < 0) return std::nullopt;
  return FolderLock(folder / name, fd);
}

FolderLock::FolderLock(FolderLock&& other) noexcept
    : path_(std::move(other.path_)), fd_(std::exchange(other.fd_, -1)) {}

FolderLock::~FolderLock() {
  if (fd_ >= 0) ::close(fd_);
}

void FolderLock::share() {
  if (const int error = lock_file(fd_, F_RDLCK, false))
    throw error_from_errno(error, "lock", path_.native());
}

void FolderLock::remove_file() { ::unlink(path_.c_str()); }

}  // namespace rastream::zarr
