// SPDX-License-Identifier: Apache-2.0
// The filters of a chunk that are undone without libhdf5, on the caller's thread: those of the
// table in filters.cpp.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "rastream/base/bytes.h"

namespace rastream {

/// A filter as the file's metadata names it.
struct Filter {
  int id = 0;  ///< H5Z_filter_t
  std::vector<unsigned> parameters;
  std::string name;  ///< as the library or the file calls it; may be empty
};

/// "deflate 4", "shuffle", "fletcher32", "szip", "lz4 (HDF5 filter 32004)".
std::string describe_filter(const Filter& filter);

class ChunkFilter;

/// Memory that one thread uses again for chunk after chunk.
class ChunkScratch {
 public:
  /// The calling thread's own.
  static ChunkScratch& of_this_thread();
  /// Gives memory back that only an unusually large chunk needs.
  void shrink();

  Buffer stored;   ///< the chunk as read from the file
  Buffer cells;    ///< the whole chunk, when only a part of it is wanted
  Buffer between;  ///< between two filters
  Buffer other;    ///< between two filters, the other one
  Buffer block;    ///< for what a filter does block by block
};

/// The filters of one variable, in the order in which they were applied when it was written.
class FilterPipeline {
 public:
  FilterPipeline() = default;
  explicit FilterPipeline(std::vector<Filter> filters);

  const std::vector<Filter>& filters() const { return filters_; }
  /// True when every filter is one of ours.
  bool is_ours() const { return is_ours_; }
  /// True when `mask` skips every filter, so that a stored chunk is its cells.
  bool is_identity(std::uint32_t mask) const;
  /// Throws data_loss when `stored_bytes` cannot hold a chunk of `chunk_bytes`, so that no memory
  /// is taken for a lie. REQUIRES: is_ours().
  void check_stored_size(std::uint64_t stored_bytes, std::uint32_t mask,
                         std::size_t chunk_bytes) const;
  /// Undoes all filters but those whose bit in `mask` is set, and fills `out`. Throws data_loss
  /// when the bytes are damaged or do not decode to exactly `out.size()` bytes. REQUIRES:
  /// is_ours().
  void decode(std::span<const std::byte> stored, std::uint32_t mask, std::span<std::byte> out,
              ChunkScratch& scratch) const;

 private:
  bool is_active(std::size_t i, std::uint32_t mask) const {
    return i >= 32 || (mask >> i & 1) == 0;
  }
  bool has_active_before(std::size_t i, std::uint32_t mask) const;
  std::size_t capacity_before(std::size_t i, std::uint32_t mask, std::size_t chunk_bytes) const;

  std::vector<Filter> filters_;
  std::vector<std::shared_ptr<const ChunkFilter>> undoers_;  ///< nullptr: not one of ours
  bool is_ours_ = true;
};

/// The Fletcher checksum as HDF5 computes it: over big-endian 16-bit words, an odd last byte as the
/// high one.
std::uint32_t fletcher32(std::span<const std::byte> bytes);

/// Undoes the shuffle filter: byte k of cell i is at in[k * n + i]; bytes after the last whole cell
/// are copied. REQUIRES: the spans are equally long and apart.
void unshuffle(std::span<const std::byte> in, std::size_t cell_bytes, std::span<std::byte> out);

}  // namespace rastream
