// SPDX-License-Identifier: Apache-2.0
#include "rastream/format/zarr/shard.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>

#include "rastream/base/error.h"

namespace rastream::zarr {
namespace {

constexpr std::int64_t kEntryBytes = 16;  // offset and length, 64 bits each
constexpr std::uint64_t kAbsent = std::numeric_limits<std::uint64_t>::max();
constexpr std::size_t kKeptBytes = std::size_t{32} << 20;

Extents quotients(const Extents& shard, const Extents& chunk) {
  Extents n(shard.size());
  for (std::size_t i = 0; i < shard.size(); ++i) n[i] = shard[i] / chunk[i];
  return n;
}

std::uint64_t number_at(const std::byte* bytes, bool is_big_endian) {
  static_assert(std::endian::native == std::endian::little);
  std::uint64_t value = 0;
  std::memcpy(&value, bytes, sizeof value);
  return is_big_endian ? __builtin_bswap64(value) : value;
}

ByteRange range_of(std::uint64_t offset, std::uint64_t length, std::int64_t shard_bytes) {
  if (offset == kAbsent && length == kAbsent) return {-1, -1};
  const auto limit = static_cast<std::uint64_t>(shard_bytes);
  if (offset > limit || length > limit - offset) {
    throw Error(Errc::data_loss, "the shard's index points to {} + {} of {} bytes", offset, length,
                shard_bytes);
  }
  return {static_cast<std::int64_t>(offset), static_cast<std::int64_t>(offset + length)};
}

}  // namespace

ShardReader::ShardReader(const Store& store, Sharding sharding, const Extents& shape,
                         const Extents& chunk_shape)
    : store_(store),
      sharding_(std::move(sharding)),
      shards_(ChunkGrid::regular(shape, sharding_.shard_shape)),
      chunks_per_shard_(quotients(sharding_.shard_shape, chunk_shape)) {
  for (const std::int64_t n : chunks_per_shard_)
    n_chunks_ = checked_multiply(n_chunks_, n, "the chunks of a shard");
}

Extents ShardReader::shard_of(const Extents& chunk_index) const {
  Extents shard(chunk_index.size());
  for (std::size_t i = 0; i < shard.size(); ++i) shard[i] = chunk_index[i] / chunks_per_shard_[i];
  return shard;
}

std::size_t ShardReader::place_in_shard(const Extents& chunk_index) const {
  std::int64_t place = 0;
  for (std::size_t i = 0; i < chunk_index.size(); ++i)
    place = place * chunks_per_shard_[i] + chunk_index[i] % chunks_per_shard_[i];
  return static_cast<std::size_t>(place);
}

ShardReader::Index ShardReader::read_index(const std::string& key, std::int64_t shard_bytes) const {
  const std::int64_t entries_bytes = checked_multiply(n_chunks_, kEntryBytes, "the shard's index");
  const std::int64_t index_bytes = entries_bytes + sharding_.index_checksum_bytes;
  if (shard_bytes < index_bytes) {
    throw Error(Errc::data_loss, "the shard has {} bytes: expected at least the {} of its index",
                shard_bytes, index_bytes);
  }
  const std::int64_t begin = sharding_.index_is_first ? 0 : shard_bytes - index_bytes;
  const auto stored = store_.get(key, {begin, begin + index_bytes});
  if (!stored) throw Error(Errc::data_loss, "the shard is gone");
  Bytes entries(static_cast<std::size_t>(entries_bytes));
  decode_exactly(sharding_.index_checksums, *stored, entries);
  Index index(static_cast<std::size_t>(n_chunks_));
  for (std::size_t i = 0; i < index.size(); ++i) {
    const std::byte* entry = entries.data() + i * kEntryBytes;
    index[i] = range_of(number_at(entry, sharding_.index_is_big_endian),
                        number_at(entry + 8, sharding_.index_is_big_endian), shard_bytes);
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
  const std::size_t bytes = index->size() * sizeof(ByteRange);
  if (kept_bytes_ + bytes > kKeptBytes) {
    indexes_.clear();
    kept_bytes_ = 0;
  }
  if (indexes_.emplace(key, index).second) kept_bytes_ += bytes;
  return index;
}

std::optional<Bytes> ShardReader::get(const std::string& key, const Extents& chunk_index) const {
  const auto index = index_of(key);
  if (!index) return std::nullopt;
  const ByteRange& range = (*index)[place_in_shard(chunk_index)];
  if (range.begin < 0) return std::nullopt;
  if (range.begin == range.end) return Bytes();
  return store_.get(key, range);
}

}  // namespace rastream::zarr
