// SPDX-License-Identifier: Apache-2.0
// Which chunks of a dataset are stored, and where: the version 1 B-tree of HDF5, read with pread in
// one walk. No mutex, a few milliseconds for tens of thousands of chunks, and bounded by the file's
// length whatever the file says. HDF5 File Format Specification 3.0, section III.A.1.
#pragma once

#include <cstdint>
#include <vector>

#include "rastream/array/region.h"
#include "rastream/format/hdf5/superblock.h"

namespace rastream {

/// One stored chunk.
struct StoredChunk {
  std::int64_t number = 0;        ///< in C order over the grid of chunks
  std::uint64_t offset = 0;       ///< from the file's first byte
  std::uint64_t size_bytes = 0;   ///< as stored
  std::uint32_t filter_mask = 0;  ///< bit i set: filter i of the pipeline was skipped
};

/// Chunks in rising order of their numbers; those that were never written are absent.
using ChunkIndex = std::vector<StoredChunk>;

/// The chunk, or nullptr when it is not stored.
const StoredChunk* find_chunk(const ChunkIndex& index, std::int64_t number);

/// Reads the B-tree whose root is at `root`, of an array of `shape` in chunks of `chunk_shape`.
/// Throws data_loss for a tree that has a loop, chunks out of order or outside the array, or
/// addresses outside the file.
ChunkIndex read_chunk_btree(const FileBytes& file, const Superblock& superblock, std::uint64_t root,
                            const Extents& shape, const Extents& chunk_shape);

}  // namespace rastream
