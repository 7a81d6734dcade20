// SPDX-License-Identifier: Apache-2.0
// One descriptor serves all threads: pread has no position to share, and unlike a mapping it turns
// a file that shrinks or a failing disk into an Error instead of a signal.
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "rastream/base/error.h"
#include "rastream/store/byte_source.h"

namespace rastream {
namespace {

std::int64_t nanoseconds(const timespec& t) {
  return std::int64_t{t.tv_sec} * 1'000'000'000 + t.tv_nsec;
}

/// False when the limit is as high as it gets; errno is then that of a full table again.
bool raise_descriptor_limit() {
  rlimit limit{};
  const bool can_rise = ::getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max;
  limit.rlim_cur = limit.rlim_max;
  const bool is_raised = can_rise && ::setrlimit(RLIMIT_NOFILE, &limit) == 0;
  if (!is_raised) errno = EMFILE;
  return is_raised;
}

class LocalBytes : public ByteSource {
 public:
  explicit LocalBytes(const std::string& path);
  ~LocalBytes() override { ::close(descriptor_); }
  LocalBytes(const LocalBytes&) = delete;
  LocalBytes& operator=(const LocalBytes&) = delete;
  const FileStamp& stamp() const override { return stamp_; }
  void read(std::uint64_t offset, std::span<std::byte> out) const override;

 private:
  std::string path_;
  int descriptor_ = -1;
  FileStamp stamp_;
};

LocalBytes::LocalBytes(const std::string& path) : path_(path) {
  // Without O_NONBLOCK, opening a named pipe would wait for a writer.
  constexpr int kFlags = O_RDONLY | O_CLOEXEC | O_NONBLOCK;
  descriptor_ = ::open(path.c_str(), kFlags);
  if (descriptor_ < 0 && errno == EMFILE && raise_descriptor_limit())
    descriptor_ = ::open(path.c_str(), kFlags);
  if (descriptor_ < 0) throw error_from_errno(errno, "cannot open the file", path);
  struct stat status {};
  const bool is_known = ::fstat(descriptor_, &status) == 0;
  if (!is_known || !S_ISREG(status.st_mode)) {
    ::close(descriptor_);
    throw Error(Errc::invalid_argument, "'{}' is not a regular file", path);
  }
  stamp_ = {static_cast<std::uint64_t>(status.st_size), nanoseconds(status.st_mtim),
            nanoseconds(status.st_ctim), status.st_ino};
}

void LocalBytes::read(std::uint64_t offset, std::span<std::byte> out) const {
  // Linux moves at most 2^31 - 4096 bytes a call.
  constexpr std::size_t kMaxRead = std::size_t{1} << 30;
  for (std::size_t done = 0; done < out.size();) {
    const auto rest = out.subspan(done, std::min(out.size() - done, kMaxRead));
    const ssize_t n =
        ::pread(descriptor_, rest.data(), rest.size(), static_cast<off_t>(offset + done));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) throw error_from_errno(errno, "cannot read the file", path_);
    if (n == 0)
      throw Error(Errc::data_loss, "the file became shorter while it was open: no byte {}",
                  offset + done);
    done += static_cast<std::size_t>(n);
  }
}

}  // namespace

std::shared_ptr<const ByteSource> open_local_bytes(const std::string& path) {
  return std::make_shared<LocalBytes>(path);
}

}  // namespace rastream
