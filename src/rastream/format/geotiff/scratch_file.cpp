// SPDX-License-Identifier: Apache-2.0
#include "rastream/format/geotiff/scratch_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include "rastream/base/error.h"
#include "rastream/store/file.h"

namespace rastream::geotiff {
namespace {

/// Not every file system knows files without a name; there the name is taken away at once.
int open_without_name(const std::string& target) {
  const std::string folder = std::filesystem::path(target).parent_path().string();
  const int descriptor =
      ::open(folder.empty() ? "." : folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (descriptor >= 0 || (errno != EOPNOTSUPP && errno != EISDIR)) return descriptor;
  const std::string path = temporary_name(target);
  const int named = ::open(path.c_str(), O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
  if (named >= 0) unlink(path.c_str());
  return named;
}

}  // namespace

ScratchFile::ScratchFile(const std::string& target)
    : target_(target), descriptor_(open_without_name(target)) {
  if (descriptor_ < 0) throw error_from_errno(errno, "cannot write GeoTIFF", target);
}

ScratchFile::~ScratchFile() { close(descriptor_); }

std::int64_t ScratchFile::append(std::span<const std::byte> bytes) {
  const std::int64_t offset = size_.fetch_add(static_cast<std::int64_t>(bytes.size()));
  write_at(descriptor_, offset, bytes, target_);
  return offset;
}

void ScratchFile::read(std::int64_t offset, std::span<std::byte> bytes) const {
  while (!bytes.empty()) {
    const ssize_t n = ::pread(descriptor_, bytes.data(), bytes.size(), offset);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) throw error_from_errno(n < 0 ? errno : EIO, "cannot read scratch of", target_);
    bytes = bytes.subspan(static_cast<std::size_t>(n));
    offset += n;
  }
}

void write_at(int descriptor, std::int64_t offset, std::span<const std::byte> bytes,
              const std::string& path) {
  while (!bytes.empty()) {
    const ssize_t n = ::pwrite(descriptor, bytes.data(), bytes.size(), offset);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) throw error_from_errno(n < 0 ? errno : ENOSPC, "cannot write GeoTIFF", path);
    bytes = bytes.subspan(static_cast<std::size_t>(n));
    offset += n;
  }
}

}  // namespace rastream::geotiff
