// SPDX-License-Identifier: Apache-2.0
#include "rastream/format/hdf5/array_entries.h"

#include <algorithm>

#include "rastream/base/bytes.h"
#include "rastream/base/error.h"
#include "rastream/format/hdf5/index_block.h"

namespace rastream {
namespace {

constexpr std::size_t kMaskBytes = 4;

}  // namespace

EntryOrder::EntryOrder(const ChunkedArray& array)
    : n_along_(array.n_along()), entry_stride_(array.shape.size()) {
  std::int64_t stride = 1;
  std::optional<std::size_t> unlimited;
  for (std::size_t i = array.shape.size(); i-- > 0;) {
    if (array.limits[i] == kUnlimited) {
      if (unlimited) throw Error(Errc::data_loss, "a chunk index for one unlimited axis has two");
      unlimited = i;
      continue;
    }
    entry_stride_[i] = stride;
    slowest_first_.insert(slowest_first_.begin(), i);
    const std::int64_t n_chunks =
        array.limits[i] / array.chunk_shape[i] + (array.limits[i] % array.chunk_shape[i] != 0);
    stride = checked_multiply(stride, std::max<std::int64_t>(n_chunks, 1), "a grid of chunks");
  }
  if (unlimited) {
    entry_stride_[*unlimited] = stride;
    slowest_first_.insert(slowest_first_.begin(), *unlimited);
  } else {
    n_entries_ = static_cast<std::uint64_t>(stride);
  }
}

std::optional<std::int64_t> EntryOrder::chunk_of(std::uint64_t entry) const {
  Extents at(n_along_.size());
  for (const std::size_t axis : slowest_first_) {
    const auto stride = static_cast<std::uint64_t>(entry_stride_[axis]);
    if (entry / stride >= static_cast<std::uint64_t>(n_along_[axis])) return std::nullopt;
    at[axis] = static_cast<std::int64_t>(entry / stride);
    entry %= stride;
  }
  std::int64_t number = 0;
  for (std::size_t i = 0; i < at.size(); ++i) number = number * n_along_[i] + at[i];
  return number;
}

std::uint64_t EntryOrder::entry_of(std::int64_t chunk) const {
  std::int64_t entry = 0;
  for (std::size_t i = n_along_.size(); i-- > 0;) {
    entry += chunk % n_along_[i] * entry_stride_[i];
    chunk /= n_along_[i];
  }
  return static_cast<std::uint64_t>(entry);
}

EntryReader::EntryReader(const FileBytes& file, const Superblock& superblock,
                         const ChunkedArray& array, bool is_filtered, std::size_t entry_bytes)
    : file_(file),
      superblock_(superblock),
      order_(array),
      chunk_bytes_(array.chunk_bytes),
      is_filtered_(is_filtered),
      entry_bytes_(entry_bytes) {
  const std::size_t plain = superblock.address_size;
  const bool is_right =
      is_filtered ? entry_bytes > plain + kMaskBytes && entry_bytes <= plain + kMaskBytes + 8
                  : entry_bytes == plain;
  if (!is_right)
    throw Error(Errc::data_loss, "the chunk index is damaged: its entries have {} bytes",
                entry_bytes);
}

void EntryReader::read(Cursor& in, std::uint64_t first, std::uint64_t n) {
  for (std::uint64_t entry = first; entry < first + n; ++entry) {
    const auto address = read_address(in, superblock_);
    StoredChunk chunk{0, 0, chunk_bytes_, 0};
    if (is_filtered_) {
      chunk.size_bytes = in.little(entry_bytes_ - superblock_.address_size - kMaskBytes);
      chunk.filter_mask = static_cast<std::uint32_t>(in.little(kMaskBytes));
    }
    // Chunks outside the present shape are left over from a larger one.
    const auto number = order_.chunk_of(entry);
    if (!address || !number) continue;
    chunk.number = *number;
    chunk.offset = *address;
    if (!file_.holds(chunk.offset, chunk.size_bytes)) {
      throw Error(Errc::data_loss,
                  "the chunk index is damaged: chunk {} ({} bytes at {}) is "
                  "outside the file",
                  chunk.number, chunk.size_bytes, chunk.offset);
    }
    index_.push_back(chunk);
  }
}

ChunkIndex EntryReader::take() {
  std::sort(index_.begin(), index_.end(),
            [](const StoredChunk& a, const StoredChunk& b) { return a.number < b.number; });
  return std::move(index_);
}

}  // namespace rastream
