// SPDX-License-Identifier: Apache-2.0
// A file as bytes at offsets, checked where it has checksums, and how much of it was read.
#pragma once

#include <atomic>
#include <cstdint>
#include <span>
#include <string>

#include "rastream/base/bytes.h"
#include "rastream/format/hdf5/block_checksums.h"
#include "rastream/store/byte_source.h"

namespace rastream {

/// An open file of known size. Safe to read from many threads at once.
class FileBytes {
 public:
  /// A path or the URL of a remote value. Throws as open_bytes does.
  explicit FileBytes(const std::string& path);

  const std::string& path() const { return path_; }
  /// The size when it was opened.
  std::uint64_t size() const { return stamp().size; }
  const FileStamp& stamp() const { return source_->stamp(); }
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
  std::shared_ptr<const ByteSource> source_;
  std::optional<BlockChecksums> checksums_;
  mutable std::atomic<std::int64_t> n_bytes_read_ = 0;
};

/// At most `n` bytes from the beginning of a file, for telling formats apart; none when it cannot
/// be read.
std::string first_bytes(const std::string& path_or_url, std::size_t n);

}  // namespace rastream
