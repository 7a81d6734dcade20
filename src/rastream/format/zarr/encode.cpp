// SPDX-License-Identifier: Apache-2.0
#include "rastream/format/zarr/encode.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "rastream/format/zarr/array.h"
#include "rastream/format/zarr/chunk_cells.h"
#include "rastream/format/zarr/shard.h"

namespace rastream::zarr {
namespace {

/// Nothing for a chunk of fill values.
std::optional<Bytes> encode_chunk(const Block& block, const ArrayMetadata& m, bool may_skip_fill) {
  thread_local Buffer memory;
  const auto cells = chunk_cells(block, m, memory);
  if (may_skip_fill && is_all_fill(cells, m)) return std::nullopt;
  if (m.cell.is_big_endian) to_native({memory.data(), cells.size()}, m.cell);
  return encode_chain(m.codecs, cells);
}

void append(Bytes& to, std::span<const std::byte> bytes) {
  to.insert(to.end(), bytes.begin(), bytes.end());
}

EncodedObject encode_shard(const Block& block, const ArrayMetadata& m, const ChunkGrid& grid,
                           bool may_skip_fill) {
  const ShardLayout layout(*m.sharding, m.chunk_shape);
  std::vector<ShardEntry> index(layout.n_chunks());
  EncodedObject object;
  const bool index_is_first = m.sharding->index_is_first;
  const Bytes room(index_is_first
                       ? static_cast<std::size_t>(layout.n_chunks()) * sizeof(ShardEntry) +
                             static_cast<std::size_t>(m.sharding->index_checksum_bytes)
                       : 0);
  Bytes shard;
  // Growing would copy; memory that is never touched costs nothing.
  shard.reserve(static_cast<std::size_t>(block.n_cells()) * item_size(m.cell.dtype));
  shard = room;
  for_each_index(grid.chunks_touching(block.region), [&](const Extents& chunk_index) {
    const auto bytes = encode_chunk(block.sub(grid.chunk_region(chunk_index)), m, may_skip_fill);
    object.chunks.push_back({grid.chunk_number(chunk_index), record_of(bytes)});
    if (!bytes) return;
    index[layout.place_of(chunk_index)] = {shard.size(), bytes->size()};
    append(shard, *bytes);
  });
  if (shard.size() == room.size()) return object;
  const Bytes encoded_index = encode_shard_index(std::move(index), *m.sharding);
  if (index_is_first) {
    std::copy(encoded_index.begin(), encoded_index.end(), shard.begin());
  } else {
    append(shard, encoded_index);
  }
  object.bytes = std::move(shard);
  return object;
}

}  // namespace

ChunkRecord record_of(const std::optional<Bytes>& bytes) {
  if (!bytes) return {ChunkRecord::kFill, 0};
  return {static_cast<std::int64_t>(bytes->size()), checksum(std::span(*bytes))};
}

EncodedObject encode_object(const Block& block, const ArrayMetadata& m, const ChunkGrid& grid,
                            bool may_skip_fill) {
  if (m.sharding) return encode_shard(block, m, grid, may_skip_fill);
  EncodedObject object;
  object.bytes = encode_chunk(block, m, may_skip_fill);
  object.chunks = {
      {grid.chunk_number(grid.chunks_touching(block.region).begin), record_of(object.bytes)}};
  return object;
}

}  // namespace rastream::zarr
