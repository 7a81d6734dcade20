// SPDX-License-Identifier: Apache-2.0
#include "rastream/format/zarr/shard.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "rastream/base/error.h"

namespace rastream::zarr {
namespace {

constexpr std::int64_t kEntryBytes = 16;  // offset and length, 64 bits each
constexpr std::size_t kKeptBytes = std::size_t{32} << 20;

std::uint64_t number_at(const std::byte* bytes, bool is_big_endian) {
  static_assert(std::endian::native == std::endian::little);
  std::uint64_t value = 0;
  std::memcpy(&value, bytes, sizeof value);
  return is_big_endian ? __builtin_bswap64(value) : value;
}

ByteRange range_of(std::uint64_t offset, std::uint64_t length, std::int64_t shard_bytes) {
  if (offset == ShardEntry::kAbsent && length == ShardEntry::kAbsent) return {-1, -1};
  const auto limit = static_cast<std::uint64_t>(shard_bytes);
  if (offset > limit || length > limit - offset) {
    throw Error(Errc::data_loss, "the shard's index points to {} + {} of {} bytes", offset, length,
                shard_bytes);
  }
  return {static_cast<std::int64_t>(offset), static_cast<std::int64_t>(offset + length)};
}

std::int64_t shard_index_bytes(const ShardLayout& layout, const Sharding& sharding) {
  return checked_multiply(static_cast<std::int64_t>(layout.n_chunks()), kEntryBytes,
                          "the shard's index") +
         sharding.index_checksum_bytes;
}

}  // namespace

ShardLayout::ShardLayout(const Sharding& sharding, const Extents& chunk_shape)
    : chunks_per_shard_(sharding.shard_shape) {
  for (std::size_t i = 0; i < chunk_shape.size(); ++i) {
    chunks_per_shard_[i] /= chunk_shape[i];
    n_chunks_ = checked_multiply(n_chunks_, chunks_per_shard_[i], "the chunks of a shard");
  }
}

Extents ShardLayout::shard_of(const Extents& chunk_index) const {
  Extents shard(chunk_index.size());
  for (std::size_t i = 0; i < shard.size(); ++i) shard[i] = chunk_index[i] / chunks_per_shard_[i];
  return shard;
}

std::size_t ShardLayout::place_of(const Extents& chunk_index) const {
  std::int64_t place = 0;
  for (std::size_t i = 0; i < chunk_index.size(); ++i)
    place = place * chunks_per_shard_[i] + chunk_index[i] % chunks_per_shard_[i];
  return static_cast<std::size_t>(place);
}

std::int64_t shard_index_bytes(const Sharding& sharding, const Extents& chunk_shape) {
  return shard_index_bytes(ShardLayout(sharding, chunk_shape), sharding);
}

Bytes encode_shard_index(std::vector<ShardEntry> index, const Sharding& sharding) {
  static_assert(std::endian::native == std::endian::little && sizeof(ShardEntry) == kEntryBytes);
  if (sharding.index_is_big_endian) {
    for (ShardEntry& entry : index)
      entry = {__builtin_bswap64(entry.offset), __builtin_bswap64(entry.length)};
  }
  return encode_chain(sharding.index_checksums, std::as_bytes(std::span(index)));
}

ShardReader::ShardReader(const Store& store, Sharding sharding, const Extents& shape,
                         const Extents& chunk_shape)
    : store_(store),
      sharding_(std::move(sharding)),
      shards_(ChunkGrid::regular(shape, sharding_.shard_shape)),
      layout_(sharding_, chunk_shape) {}

ShardReader::Index ShardReader::read_index(const std::string& key, std::int64_t shard_bytes) const {
  const std::int64_t index_bytes = shard_index_bytes(layout_, sharding_);
  const std::int64_t entries_bytes = index_bytes - sharding_.index_checksum_bytes;
  if (shard_bytes < index_bytes) {
    throw Error(Errc::data_loss, "the shard has {} bytes: expected at least the {} of its index",
                shard_bytes, index_bytes);
  }
  const std::int64_t begin = sharding_.index_is_first ? 0 : shard_bytes - index_bytes;
  const auto stored = store_.get(key, {begin, begin + index_bytes});
  if (!stored) throw Error(Errc::data_loss, "the shard is gone");
  Bytes entries(static_cast<std::size_t>(entries_bytes));
  decode_exactly(sharding_.index_checksums, *stored, entries);
  Index index{std::vector<ByteRange>(layout_.n_chunks()), shard_bytes - index_bytes};
  for (std::size_t i = 0; i < index.chunks.size(); ++i) {
    const std::byte* entry = entries.data() + i * kEntryBytes;
    ByteRange& range = index.chunks[i];
    range = range_of(number_at(entry, sharding_.index_is_big_endian),
                     number_at(entry + 8, sharding_.index_is_big_endian), shard_bytes);
    index.unclaimed_bytes -= range.end - range.begin;
  }
  return index;
}

std::shared_ptr<const ShardReader::Index> ShardReader::index_of(const std::string& key) const {
  {
    const std::lock_guard lock(mutex_);
    if (const auto known = indexes_.find(key); known != indexes_.end()) return known->second;
  }
  const auto shard_bytes = store_.size(key);
  if (!shard_bytes) return nullptr;
  const auto index = std::make_shared<const Index>(read_index(key, *shard_bytes));
  const std::lock_guard lock(mutex_);
  const std::size_t bytes = index->chunks.size() * sizeof(ByteRange);
  if (kept_bytes_ + bytes > kKeptBytes) {
    indexes_.clear();
    kept_bytes_ = 0;
  }
  if (indexes_.emplace(key, index).second) kept_bytes_ += bytes;
  return index;
}

std::optional<Bytes> ShardReader::get(const std::string& key, const Extents& chunk_index,
                                      bool is_dense) const {
  const auto index = index_of(key);
  if (!index) return std::nullopt;
  if (is_dense && index->unclaimed_bytes != 0) {
    throw Error(Errc::data_loss, "changed shard: {} of its bytes are no chunk's",
                index->unclaimed_bytes);
  }
  const ByteRange& range = index->chunks[layout_.place_of(chunk_index)];
  if (range.begin < 0) return std::nullopt;
  if (range.begin == range.end) return Bytes();
  return store_.get(key, range);
}

}  // namespace rastream::zarr
