// SPDX-License-Identifier: Apache-2.0
// From cells in memory to a stored object: a chunk, or a shard with many of them.
#pragma once

#include <optional>
#include <vector>

#include "rastream/array/block.h"
#include "rastream/array/chunk_grid.h"
#include "rastream/format/zarr/journal.h"
#include "rastream/format/zarr/metadata.h"

namespace rastream::zarr {

/// What is to be stored under one key. Nothing is stored when every chunk is fill.
struct EncodedObject {
  std::optional<Bytes> bytes;
  std::vector<NumberedRecord> chunks;
};

/// The record of a chunk that is stored as `bytes`; nothing means fill values.
ChunkRecord record_of(const std::optional<Bytes>& bytes);

/// `block` is the part inside the array of one chunk or, when the array has shards, of one shard;
/// `grid` is the array's grid of chunks. Chunks of fill values are left out if `may_skip_fill`.
/// A shard has its chunks in C order and its index where its metadata say (Zarr specification,
/// "Sharding codec", 1.0). Thread safe.
EncodedObject encode_object(const Block& block, const ArrayMetadata& metadata,
                            const ChunkGrid& grid, bool may_skip_fill);

}  // namespace rastream::zarr
