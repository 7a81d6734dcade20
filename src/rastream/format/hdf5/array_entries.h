// SPDX-License-Identifier: Apache-2.0
// The entries of fixed and extensible arrays: which chunk an entry is of, and what it says of it.
#pragma once

#include <optional>

#include "rastream/format/cursor.h"
#include "rastream/format/hdf5/chunk_index.h"

namespace rastream {

/// Entries are numbered in C order over the grid of chunks of the *largest* shape, so that none
/// moves when the array grows; an unlimited axis is the slowest.
class EntryOrder {
 public:
  /// Throws data_loss when more than one axis is unlimited or the grid has more than 2^63 chunks.
  explicit EntryOrder(const ChunkedArray& array);
  /// The number of the chunk in the grid of the present shape; nothing outside it.
  std::optional<std::int64_t> chunk_of(std::uint64_t entry) const;
  std::uint64_t entry_of(std::int64_t chunk) const;
  /// Entries of the whole grid; nothing when an axis is unlimited.
  std::optional<std::uint64_t> n_entries() const { return n_entries_; }

 private:
  Extents n_along_;       ///< of the present shape
  Extents entry_stride_;  ///< in entries, for each axis
  std::vector<std::size_t> slowest_first_;
  std::optional<std::uint64_t> n_entries_;
};

/// Collects the chunks of entries that are read in any order.
class EntryReader {
 public:
  /// `is_filtered`: each entry has the stored size and the filters that were skipped. Throws
  /// data_loss when entries of `entry_bytes` cannot be so.
  EntryReader(const FileBytes& file, const Superblock& superblock, const ChunkedArray& array,
              bool is_filtered, std::size_t entry_bytes);
  /// Reads entries first, first + 1, ..., first + n - 1 off `in`. Throws data_loss for a chunk
  /// outside the file.
  void read(Cursor& in, std::uint64_t first, std::uint64_t n);
  std::size_t entry_bytes() const { return entry_bytes_; }
  const EntryOrder& order() const { return order_; }
  /// All chunks, in order.
  ChunkIndex take();

 private:
  const FileBytes& file_;
  const Superblock& superblock_;
  EntryOrder order_;
  std::uint64_t chunk_bytes_;
  bool is_filtered_;
  std::size_t entry_bytes_;
  ChunkIndex index_;
};

}  // namespace rastream
