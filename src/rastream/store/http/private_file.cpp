// SPDX-License-Identifier: Apache-2.0
#include "rastream/store/http/private_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "rastream/base/error.h"

namespace rastream {
namespace {

class OpenFile {
 public:
  explicit OpenFile(const std::filesystem::path& path)
      : fd_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {
    if (fd_ < 0) throw error_from_errno(errno, "read", path.native());
  }
  ~OpenFile() { ::close(fd_); }
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;
  int fd() const { return fd_; }

 private:
  int fd_;
};

void check_is_private(int fd, const std::filesystem::path& path) {
  struct stat info {};
  if (::fstat(fd, &info) != 0) throw error_from_errno(errno, "stat", path.native());
  if (!S_ISREG(info.st_mode))
    throw Error(Errc::invalid_argument, "'{}': expected a regular file", path.native());
  if ((info.st_mode & 077) != 0)
    throw Error(Errc::permission_denied,
                "'{}': holds secrets, but others than its owner may use it (mode {:o}): expected "
                "mode 600",
                path.native(), info.st_mode & 0777);
  if (info.st_uid != ::geteuid() && info.st_uid != 0)
    throw Error(Errc::permission_denied, "'{}': holds secrets, but is another user's",
                path.native());
}

}  // namespace

std::string read_private_file(const std::filesystem::path& path) {
  constexpr std::size_t kMost = 1 << 20;
  const OpenFile file(path);
  check_is_private(file.fd(), path);
  std::string text(kMost + 1, '\0');
  std::size_t size = 0;
  while (size < text.size()) {
    const ssize_t n = ::read(file.fd(), text.data() + size, text.size() - size);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) throw error_from_errno(errno, "read", path.native());
    if (n == 0) break;
    size += static_cast<std::size_t>(n);
  }
  if (size > kMost)
    throw Error(Errc::data_loss, "'{}': a file of secrets has at most 1 MiB", path.native());
  text.resize(size);
  return text;
}

}  // namespace rastream
