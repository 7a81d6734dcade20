// SPDX-License-Identifier: Apache-2.0
// Codec sharding_indexed: a stored object, the shard, holds many chunks and an index of their byte
// ranges, so that one chunk is read without the others (Zarr specification, "Sharding codec", 1.0).
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "rastream/array/chunk_grid.h"
#include "rastream/format/zarr/codec.h"
#include "rastream/store/store.h"

namespace rastream::zarr {

/// How shards are laid out. Invariant: shard_shape is a multiple of the chunk shape.
struct Sharding {
  Extents shard_shape;
  bool index_is_big_endian = false;
  bool index_is_first = false;            ///< else at the end of the shard
  std::vector<CodecPtr> index_checksums;  ///< in the order of encoding; all of fixed size
  std::int64_t index_checksum_bytes = 0;  ///< that they add
};

/// Reads chunks out of the shards of one array. Keeps the indexes of shards read before, within a
/// bound. Safe for many threads.
class ShardReader {
 public:
  /// `store` must outlive this.
  ShardReader(const Store& store, Sharding sharding, const Extents& shape,
              const Extents& chunk_shape);

  const ChunkGrid& shards() const { return shards_; }
  /// The shard that holds a chunk of the array.
  Extents shard_of(const Extents& chunk_index) const;
  /// The stored bytes of the chunk, of which `key` names the shard; nothing when it was never
  /// written. Throws data_loss for an index that fails its checksum or points beyond the shard.
  std::optional<Bytes> get(const std::string& key, const Extents& chunk_index) const;

 private:
  using Index = std::vector<ByteRange>;  // of each chunk of a shard, in C order; begin < 0: absent

  /// nullptr when there is no such shard.
  std::shared_ptr<const Index> index_of(const std::string& key) const;
  Index read_index(const std::string& key, std::int64_t shard_bytes) const;
  std::size_t place_in_shard(const Extents& chunk_index) const;

  const Store& store_;
  Sharding sharding_;
  ChunkGrid shards_;
  Extents chunks_per_shard_;
  std::int64_t n_chunks_ = 1;  // of a shard
  mutable std::mutex mutex_;
  mutable std::map<std::string, std::shared_ptr<const Index>> indexes_;
  mutable std::size_t kept_bytes_ = 0;
};

}  // namespace rastream::zarr
