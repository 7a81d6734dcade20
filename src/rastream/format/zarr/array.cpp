// SPDX-License-Identifier: Apache-2.0
#include "rastream/format/zarr/array.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "rastream/array/half.h"
#include "rastream/base/error.h"
#include "rastream/format/zarr/hierarchy.h"
#include "rastream/format/zarr/text.h"

namespace rastream::zarr {
namespace {

/// Text arrays are labels and names; a header that claims more cells than this is not believed.
constexpr std::int64_t kMaxTextCells = 1 << 22;
constexpr std::size_t kMaxTextBytes = 1 << 28;

template <typename T>
void swap_all(std::span<std::byte> bytes) {
  for (std::size_t i = 0; i + sizeof(T) <= bytes.size(); i += sizeof(T)) {
    std::reverse(bytes.begin() + static_cast<std::ptrdiff_t>(i),
                 bytes.begin() + static_cast<std::ptrdiff_t>(i + sizeof(T)));
  }
}

/// Cells of 2 bytes at the start of `buffer` become floats in the whole of it, from the last one
/// on.
void widen_all(std::byte* buffer, std::size_t n_cells) {
  for (std::size_t i = n_cells; i-- > 0;) {
    std::uint16_t half = 0;
    std::memcpy(&half, buffer + 2 * i, sizeof half);
    const float value = widened_half(half);
    std::memcpy(buffer + 4 * i, &value, sizeof value);
  }
}

void to_cells(std::span<std::byte> bytes, const CellType& cell) {
  to_native(bytes, cell);
  if (cell.is_converted_time()) convert_times(bytes, cell);
}

void fill_block(const Block& out, const ArrayMetadata& m) {
  Cell cell = m.fill ? m.fill->cell : Cell{};
  copy_cells({out.region, m.cell.dtype, cell.data(), Extents(out.rank())}, out);
}

}  // namespace

void to_native(std::span<std::byte> bytes, const CellType& cell) {
  static_assert(std::endian::native == std::endian::little);
  if (cell.dtype == DType::bool_) {
    for (std::byte& b : bytes) b = std::byte{b != std::byte{0}};
  }
  if (!cell.is_big_endian) return;
  const std::int64_t size_bytes = is_complex(cell.dtype) ? cell.size_bytes / 2 : cell.size_bytes;
  if (size_bytes == 2) swap_all<std::uint16_t>(bytes);
  if (size_bytes == 4) swap_all<std::uint32_t>(bytes);
  if (size_bytes == 8) swap_all<std::uint64_t>(bytes);
}

bool is_c_order(const ArrayMetadata& m) { return std::is_sorted(m.order.begin(), m.order.end()); }

Block stored_view(const ArrayMetadata& m, const Extents& begin, std::byte* data) {
  Block block{{begin, begin}, m.cell.dtype, data, Extents(begin.size())};
  std::int64_t stride =
      is_text(m.cell.kind) ? 1 : static_cast<std::int64_t>(item_size(m.cell.dtype));
  for (std::size_t i = m.order.size(); i-- > 0;) {
    const std::size_t axis = m.order[i];
    block.region.end[axis] += m.chunk_shape[axis];
    block.strides[axis] = stride;
    stride *= m.chunk_shape[axis];
  }
  return block;
}

StoredArray::StoredArray(const Store& store, std::string path, ArrayMetadata metadata,
                         const Guard* guard, Counters& counters)
    : store_(store),
      path_(std::move(path)),
      metadata_(std::move(metadata)),
      grid_(ChunkGrid::regular(metadata_.shape, metadata_.chunk_shape)),
      guard_(guard),
      counters_(counters) {
  if (metadata_.sharding) {
    shards_ = std::make_unique<ShardReader>(store_, *metadata_.sharding, metadata_.shape,
                                            metadata_.chunk_shape);
  }
}

void StoredArray::check_readable() const {
  if (!metadata_.unsupported.empty()) throw Error(Errc::unsupported, "{}", metadata_.unsupported);
}

std::string StoredArray::key(const Extents& chunk_index) const {
  return folder_prefix(path_) +
         metadata_.chunk_key(shards_ ? shards_->layout().shard_of(chunk_index) : chunk_index);
}

std::string StoredArray::chunk_name(const Extents& chunk_index) const {
  if (!shards_) return fmt::format("chunk '{}'", key(chunk_index));
  return fmt::format("chunk ({}) in shard '{}'", fmt::join(chunk_index, ", "), key(chunk_index));
}

const ManifestArray* StoredArray::find_record() const {
  const ManifestArray* record = guard_ ? guard_->find(path_) : nullptr;
  if (record && (record->signature != checksum(metadata_.signature()) ||
                 static_cast<std::int64_t>(record->chunks.size()) != grid_.n_chunks())) {
    throw Error(Errc::data_loss, "the array's metadata is not what the manifest was written for");
  }
  return record;
}

std::optional<Bytes> StoredArray::fetch(const Extents& chunk_index,
                                        const ManifestArray* record) const {
  const auto stored = shards_ ? shards_->get(key(chunk_index), chunk_index, record != nullptr)
                              : store_.get(key(chunk_index));
  if (record)
    check_chunk(record->chunks[static_cast<std::size_t>(grid_.chunk_number(chunk_index))], stored);
  if (stored) {
    counters_.n_chunks += 1;
    counters_.stored_bytes += static_cast<std::int64_t>(stored->size());
  }
  return stored;
}

// A whole chunk that lies in the caller's memory as it lies in the file is decoded there, without a
// copy.
void StoredArray::decode(const Bytes& stored, const Region& chunk, const Block& part) const {
  const auto n = static_cast<std::size_t>(metadata_.chunk_bytes());
  counters_.decoded_bytes += static_cast<std::int64_t>(n);
  if (metadata_.codecs.empty() && stored.size() != n) {
    throw Error(Errc::data_loss, "the chunk has {} bytes: expected {}", stored.size(), n);
  }
  const bool is_half = metadata_.cell.kind == CellKind::half;
  const bool is_direct = !is_half && part.region == chunk &&
                         chunk.shape() == metadata_.chunk_shape && is_c_order(metadata_) &&
                         part.dtype == metadata_.cell.dtype && part.is_c_contiguous();
  if (is_direct) {
    decode_exactly(metadata_.codecs, stored, {part.data, n});
    to_cells({part.data, n}, metadata_.cell);
    return;
  }
  thread_local Buffer decoded;
  check_plausible(metadata_.codecs, stored.size(), n);
  decoded.reserve(is_half ? 2 * n : n);
  decode_exactly(metadata_.codecs, stored, {decoded.data(), n});
  to_cells({decoded.data(), n}, metadata_.cell);
  if (is_half) widen_all(decoded.data(), n / 2);
  copy_cells(stored_view(metadata_, chunk.begin, decoded.data()), part);
}

void StoredArray::read_chunk(const Extents& chunk_index, const Block& out,
                             const ManifestArray* record) const {
  const Region chunk = grid_.chunk_region(chunk_index);
  const Block part = out.sub(intersect(chunk, out.region));
  try {
    if (const auto stored = fetch(chunk_index, record)) {
      decode(*stored, chunk, part);
    } else {
      fill_block(part, metadata_);
    }
  } catch (Error& e) {
    throw e.add_context(chunk_name(chunk_index));
  }
}

void StoredArray::read(const Block& out) const {
  check_readable();
  if (is_text(metadata_.cell.kind))
    throw Error(Errc::unsupported, "the array holds text, not numbers");
  if (out.region.is_empty()) return;
  const ManifestArray* record = find_record();
  for_each_index(grid_.chunks_touching(out.region),
                 [&](const Extents& chunk_index) { read_chunk(chunk_index, out, record); });
}

std::vector<std::string> StoredArray::read_text() const {
  check_readable();
  if (!is_text(metadata_.cell.kind))
    throw Error(Errc::unsupported, "the array holds numbers, not text");
  const std::int64_t n = product(metadata_.shape);
  const std::int64_t n_chunk = product(metadata_.chunk_shape);
  if (n > kMaxTextCells || n_chunk > kMaxTextCells ||
      metadata_.chunk_bytes() > std::int64_t{kMaxTextBytes}) {
    throw Error(Errc::unsupported, "text of {} cells: at most {} are supported",
                std::max(n, n_chunk), kMaxTextCells);
  }
  std::vector<std::string> out(static_cast<std::size_t>(n));
  if (n == 0) return out;
  const ManifestArray* record = find_record();
  // Offsets in cells: the array in C order, the chunk in its stored order.
  const Extents to = c_strides(metadata_.shape, 1);
  for_each_index(Region::whole(grid_.n_chunks_along()), [&](const Extents& chunk_index) {
    try {
      const auto stored = fetch(chunk_index, record);
      if (!stored) return;
      auto cells = decode_text(decode_any(metadata_.codecs, *stored, kMaxTextBytes), metadata_.cell,
                               n_chunk);
      const Region chunk = grid_.chunk_region(chunk_index);
      const Extents from = stored_view(metadata_, chunk.begin, nullptr).strides;
      for_each_index(chunk, [&](const Extents& i) {
        std::int64_t source = 0;
        std::int64_t target = 0;
        for (std::size_t axis = 0; axis < i.size(); ++axis) {
          source += (i[axis] - chunk.begin[axis]) * from[axis];
          target += i[axis] * to[axis];
        }
        out[static_cast<std::size_t>(target)] = std::move(cells[static_cast<std::size_t>(source)]);
      });
    } catch (Error& e) {
      throw e.add_context(chunk_name(chunk_index));
    }
  });
  return out;
}

std::int64_t StoredArray::stored_bytes(const Region& region) const {
  std::int64_t n = 0;
  if (region.is_empty()) return 0;
  const ChunkGrid& objects = shards_ ? shards_->shards() : grid_;
  for_each_index(objects.chunks_touching(region), [&](const Extents& index) {
    n += store_.size(folder_prefix(path_) + metadata_.chunk_key(index)).value_or(0);
  });
  return n;
}

}  // namespace rastream::zarr
