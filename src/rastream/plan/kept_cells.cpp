// SPDX-License-Identifier: Apache-2.0
#include "rastream/plan/kept_cells.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "rastream/base/error.h"

namespace rastream {

std::string scratch_folder() {
  const char* folder = std::getenv("TMPDIR");
  return folder && *folder ? folder : "/var/tmp";
}

KeptCells::KeptCells(std::int64_t size_bytes, bool in_memory) {
  if (in_memory) {
    memory_ = Buffer(static_cast<std::size_t>(size_bytes));
    return;
  }
  std::string name = scratch_folder() + "/rastream-scratch-XXXXXX";
  file_ = ::mkostemp(name.data(), O_CLOEXEC);
  if (file_ < 0) throw error_from_errno(errno, "scratch file", name);
  ::unlink(name.c_str());
}

KeptCells::~KeptCells() {
  if (file_ >= 0) ::close(file_);
}

void KeptCells::store(std::int64_t offset, std::span<const std::byte> bytes) {
  if (file_ < 0) {
    std::memcpy(memory_.data() + offset, bytes.data(), bytes.size());
    return;
  }
  while (!bytes.empty()) {
    const ssize_t n = ::pwrite(file_, bytes.data(), bytes.size(), offset);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) throw error_from_errno(errno, "scratch file", scratch_folder());
    bytes = bytes.subspan(static_cast<std::size_t>(n));
    offset += n;
  }
}

void KeptCells::load(std::int64_t offset, std::span<std::byte> bytes) const {
  if (file_ < 0) {
    std::memcpy(bytes.data(), memory_.data() + offset, bytes.size());
    return;
  }
  while (!bytes.empty()) {
    const ssize_t n = ::pread(file_, bytes.data(), bytes.size(), offset);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) throw error_from_errno(n < 0 ? errno : EIO, "scratch file", scratch_folder());
    bytes = bytes.subspan(static_cast<std::size_t>(n));
    offset += n;
  }
}

}  // namespace rastream
