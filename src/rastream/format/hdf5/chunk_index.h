// SPDX-License-Identifier: Apache-2.0
// Which chunks of a dataset are stored, and where. HDF5 has six indexes for that; each is read with
// pread in one walk. No mutex, a few milliseconds for tens of thousands of chunks, and bounded by
// the file's length whatever the file says. HDF5 File Format Specification 3.0, section III.A.1
// (version 1 B-tree), III.A.2 (version 2 B-tree), VII.A to VII.D (the other four).
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "rastream/array/region.h"
#include "rastream/format/hdf5/superblock.h"

namespace rastream {

struct Layout;

/// One stored chunk.
struct StoredChunk {
  std::int64_t number = 0;        ///< in C order over the grid of chunks
  std::uint64_t offset = 0;       ///< from the file's first byte
  std::uint64_t size_bytes = 0;   ///< as stored
  std::uint32_t filter_mask = 0;  ///< bit i set: filter i of the pipeline was skipped
  bool operator==(const StoredChunk&) const = default;
};

/// Chunks in rising order of their numbers; those that were never written are absent.
using ChunkIndex = std::vector<StoredChunk>;

/// The chunk, or nullptr when it is not stored.
const StoredChunk* find_chunk(const ChunkIndex& index, std::int64_t number);

/// The length of an axis that may grow without end.
constexpr std::int64_t kUnlimited = -1;

/// What a reader of an index must know of the array.
struct ChunkedArray {
  Extents shape;   ///< as stored
  Extents limits;  ///< the largest shape it may grow to; kUnlimited
  Extents chunk_shape;
  std::uint64_t chunk_bytes = 0;  ///< of a chunk without filters
  Extents n_along() const;        ///< chunks along each axis of `shape`
};

/// Reads the index that `layout` names. Throws data_loss for an index that has a loop, entries out
/// of order or outside the array, addresses outside the file, or a wrong checksum. REQUIRES:
/// layout.kind is one of chunks, and not implicit, which needs no reading.
ChunkIndex read_chunk_index(const FileBytes& file, const Superblock& superblock,
                            const Layout& layout, const ChunkedArray& array);

/// The address of chunk `number` where chunks follow one another in the file in C order over the
/// grid of the largest shape (the implicit index, VII.B). Throws data_loss when it is outside the
/// file.
StoredChunk implicit_chunk(const FileBytes& file, std::uint64_t begin, const ChunkedArray& array,
                           std::int64_t number);

/// The six readers; `root` is the index's address from the file's first byte.
ChunkIndex read_chunk_btree(const FileBytes& file, const Superblock& superblock, std::uint64_t root,
                            const ChunkedArray& array);
ChunkIndex read_chunk_btree2(const FileBytes& file, const Superblock& superblock,
                             std::uint64_t root, const ChunkedArray& array);
ChunkIndex read_fixed_array(const FileBytes& file, const Superblock& superblock, std::uint64_t root,
                            const ChunkedArray& array);
ChunkIndex read_extensible_array(const FileBytes& file, const Superblock& superblock,
                                 std::uint64_t root, const ChunkedArray& array);

}  // namespace rastream
