// SPDX-License-Identifier: Apache-2.0
#include "rastream/draw/picture_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdio>

#include "rastream/base/error.h"

namespace rastream {
namespace {

/// A file that is gone again unless it was renamed.
class Staged {
 public:
  explicit Staged(const std::string& path) : path_(path) {
    static std::atomic<unsigned> counter{0};
    name_ = fmt::format("{}.{}-{}.part", path, getpid(), counter++);
    descriptor_ = open(name_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (descriptor_ < 0) fail("write");
  }
  Staged(const Staged&) = delete;
  Staged& operator=(const Staged&) = delete;
  ~Staged() {
    if (descriptor_ >= 0) close(descriptor_);
    if (!name_.empty()) unlink(name_.c_str());
  }

  void write_all(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t n = ::write(descriptor_, bytes.data(), bytes.size());
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) fail("write");
      bytes.remove_prefix(static_cast<std::size_t>(n));
    }
  }

  void commit() {
    if (fsync(descriptor_) != 0) fail("flush");
    const int descriptor = descriptor_;
    descriptor_ = -1;
    if (close(descriptor) != 0) fail("close");
    if (std::rename(name_.c_str(), path_.c_str()) != 0) fail("write");
    name_.clear();
  }

 private:
  /// Throws from the constructor too, where the destructor does not run: nothing is open then.
  [[noreturn]] void fail(const char* what) const {
    throw error_from_errno(errno, fmt::format("cannot {} picture", what), path_);
  }

  std::string path_;
  std::string name_;
  int descriptor_ = -1;
};

}  // namespace

void write_picture(const std::string& path, std::string_view bytes) {
  Staged file(path);
  file.write_all(bytes);
  file.commit();
}

}  // namespace rastream
