// SPDX-License-Identifier: Apache-2.0
#include "rastream/format/hdf5/file_bytes.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "rastream/base/error.h"

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

}  // namespace

FileBytes::FileBytes(const std::string& path) : path_(path) {
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
    throw Error(Errc::invalid_argument,
                "'{}' is not a regular file: expected a NetCDF or HDF5 file", path);
  }
  stamp_ = {static_cast<std::uint64_t>(status.st_size), nanoseconds(status.st_mtim),
            nanoseconds(status.st_ctim), status.st_ino};
}

FileBytes::~FileBytes() { ::close(descriptor_); }

void FileBytes::read_at(std::uint64_t offset, std::span<std::byte> out) const {
  if (!holds(offset, out.size())) {
    throw Error(Errc::data_loss, "bytes {} to {} are outside the file of {} bytes", offset,
                offset + out.size(), size());
  }
  if (!checksums_) return read_unchecked(offset, out);
  while (!out.empty() && offset < checksums_->end()) {
    const std::size_t n = read_edge(offset, out);
    offset += n;
    out = out.subspan(n);
  }
  if (!out.empty()) read_unchecked(offset, out);
}

/// Whole blocks in one read when `offset` is where one begins, else the part of one block that is
/// wanted. Returns the number of bytes.
std::size_t FileBytes::read_edge(std::uint64_t offset, std::span<std::byte> out) const {
  constexpr auto kBlock = BlockChecksums::kBlockBytes;
  const auto [begin, end] = checksums_->block_at(offset);
  if (offset == begin && out.size() >= end - begin) {
    const bool is_last = out.size() >= checksums_->end() - begin;
    const auto whole =
        out.first(is_last ? checksums_->end() - begin : out.size() / kBlock * kBlock);
    read_unchecked(begin, whole);
    for (std::size_t i = 0; i < whole.size(); i += kBlock)
      checksums_->check(begin + i, whole.subspan(i, std::min(kBlock, whole.size() - i)));
    return whole.size();
  }
  std::array<std::byte, kBlock> buffer;
  const auto block = std::span(buffer).first(end - begin);
  read_unchecked(begin, block);
  checksums_->check(begin, block);
  const auto part = block.subspan(offset - begin, std::min(out.size(), end - offset));
  std::copy(part.begin(), part.end(), out.begin());
  return part.size();
}

void FileBytes::read_unchecked(std::uint64_t offset, std::span<std::byte> out) const {
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
  n_bytes_read_.fetch_add(static_cast<std::int64_t>(out.size()), std::memory_order_relaxed);
}

Bytes FileBytes::read_at(std::uint64_t offset, std::uint64_t length) const {
  if (!holds(offset, length)) {
    throw Error(Errc::data_loss, "{} bytes at {} are outside the file of {} bytes", length, offset,
                size());
  }
  Bytes bytes(length);
  read_at(offset, std::span(bytes));
  return bytes;
}

}  // namespace rastream
