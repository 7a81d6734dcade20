// SPDX-License-Identifier: Apache-2.0
// A regular file as bytes at offsets. One descriptor serves all threads: pread has no position to
// share, and unlike a mapping it turns a file that shrinks or a failing disk into an Error instead
// of a signal.
#pragma once

#include <atomic>
#include <cstdint>
#include <span>
#include <string>

#include "rastream/base/bytes.h"
#include "rastream/format/hdf5/block_checksums.h"

namespace rastream {

/// What changes when a file does: compared, never interpreted.
struct FileStamp {
  std::uint64_t size = 0;
  std::int64_t modified_ns = 0;  ///< since 1970
  std::int64_t changed_ns = 0;   ///< of the inode
  std::uint64_t inode = 0;
  bool operator==(const FileStamp&) const = default;
};

/// An open regular file of known size. Safe to read from many threads at once.
class FileBytes {
 public:
  /// Thousands may be open at once: where the process may have no more descriptors, its limit is
  /// raised as far as the system lets it. Throws not_found, permission_denied, or invalid_argument
  /// when `path` is a folder or a device.
  explicit FileBytes(const std::string& path);
  ~FileBytes();
  FileBytes(const FileBytes&) = delete;
  FileBytes& operator=(const FileBytes&) = delete;

  const std::string& path() const { return path_; }
  /// The size when it was opened.
  std::uint64_t size() const { return stamp_.size; }
  const FileStamp& stamp() const { return stamp_; }
  /// True when the `length` bytes at `offset` are inside the file; safe against overflow.
  bool holds(std::uint64_t offset, std::uint64_t length) const {
    return offset <= size() && length <= size() - offset;
  }
  /// From now on, what is read below checksums.end() is checked, block by block. Not thread safe.
  void check_with(BlockChecksums checksums) { checksums_ = std::move(checksums); }
  /// True when every byte that is read is checked.
  bool is_checked() const { return checksums_.has_value(); }
  /// Fills `out` from `offset`. Throws data_loss when the file does not hold so much or the bytes
  /// fail their checksum, unavailable when reading fails.
  void read_at(std::uint64_t offset, std::span<std::byte> out) const;
  Bytes read_at(std::uint64_t offset, std::uint64_t length) const;
  /// Bytes read so far, by all threads.
  std::int64_t n_bytes_read() const { return n_bytes_read_.load(std::memory_order_relaxed); }

 private:
  void read_unchecked(std::uint64_t offset, std::span<std::byte> out) const;
  std::size_t read_edge(std::uint64_t offset, std::span<std::byte> out) const;
  std::string path_;
  int descriptor_ = -1;
  FileStamp stamp_;
  std::optional<BlockChecksums> checksums_;
  mutable std::atomic<std::int64_t> n_bytes_read_ = 0;
};

}  // namespace rastream
