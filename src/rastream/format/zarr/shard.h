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

/// Where the chunks of an array lie in its shards.
class ShardLayout {
 public:
  ShardLayout(const Sharding& sharding, const Extents& chunk_shape);
  /// Chunks of one shard, those beyond the array's edge included.
  std::size_t n_chunks() const { return static_cast<std::size_t>(n_chunks_); }
  /// The shard that holds a chunk of the array.
  Extents shard_of(const Extents& chunk_index) const;
  /// The chunk's number in its shard, C order: its line in the shard's index.
  std::size_t place_of(const Extents& chunk_index) const;

 private:
  Extents chunks_per_shard_;
  std::int64_t n_chunks_ = 1;
};

/// One line of a shard's index; both all ones for a chunk that is not there.
struct ShardEntry {
  static constexpr std::uint64_t kAbsent = ~std::uint64_t{0};
  std::uint64_t offset = kAbsent;
  std::uint64_t length = kAbsent;
};

/// Bytes of a shard's index as it is stored.
std::int64_t shard_index_bytes(const Sharding& sharding, const Extents& chunk_shape);
/// The index as it is stored.
Bytes encode_shard_index(std::vector<ShardEntry> index, const Sharding& sharding);

/// Reads chunks out of the shards of one array. Keeps the indexes of shards read before, within a
/// bound. Safe for many threads.
class ShardReader {
 public:
  /// `store` must outlive this.
  ShardReader(const Store& store, Sharding sharding, const Extents& shape,
              const Extents& chunk_shape);

  const ChunkGrid& shards() const { return shards_; }
  const ShardLayout& layout() const { return layout_; }
  /// The stored bytes of the chunk, of which `key` names the shard; nothing when it was never
  /// written. Throws data_loss for an index that fails its checksum or points beyond the shard, and
  /// if `is_dense` for a shard with bytes that are no chunk's: we leave none.
  std::optional<Bytes> get(const std::string& key, const Extents& chunk_index,
                           bool is_dense = false) const;

 private:
  struct Index {
    std::vector<ByteRange> chunks;     // of each chunk of a shard, in C order; begin < 0: absent
    std::int64_t unclaimed_bytes = 0;  // bytes of the shard that are no chunk's; < 0: overlapping
  };

  /// nullptr when there is no such shard.
  std::shared_ptr<const Index> index_of(const std::string& key) const;
  Index read_index(const std::string& key, std::int64_t shard_bytes) const;

  const Store& store_;
  Sharding sharding_;
  ChunkGrid shards_;
  ShardLayout layout_;
  mutable std::mutex mutex_;
  mutable std::map<std::string, std::shared_ptr<const Index>> indexes_;
  mutable std::size_t kept_bytes_ = 0;
};

}  // namespace rastream::zarr
