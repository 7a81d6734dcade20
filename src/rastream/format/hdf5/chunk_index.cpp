// SPDX-License-Identifier: Apache-2.0
#include "rastream/format/hdf5/chunk_index.h"

#include <algorithm>

#include "rastream/base/bytes.h"
#include "rastream/base/error.h"
#include "rastream/format/hdf5/array_entries.h"
#include "rastream/format/hdf5/layout.h"

namespace rastream {

Extents ChunkedArray::n_along() const {
  Extents n(shape.size());
  for (std::size_t i = 0; i < n.size(); ++i) n[i] = divide_up(shape[i], chunk_shape[i]);
  return n;
}

const StoredChunk* find_chunk(const ChunkIndex& index, std::int64_t number) {
  const auto it =
      std::lower_bound(index.begin(), index.end(), number,
                       [](const StoredChunk& c, std::int64_t n) { return c.number < n; });
  return it != index.end() && it->number == number ? &*it : nullptr;
}

ChunkIndex read_chunk_index(const FileBytes& file, const Superblock& superblock,
                            const Layout& layout, const ChunkedArray& array) {
  if (!layout.address) return {};
  switch (layout.kind) {
    case Layout::Kind::btree: return read_chunk_btree(file, superblock, *layout.address, array);
    case Layout::Kind::btree2: return read_chunk_btree2(file, superblock, *layout.address, array);
    case Layout::Kind::fixed_array:
      return read_fixed_array(file, superblock, *layout.address, array);
    case Layout::Kind::extensible_array:
      return read_extensible_array(file, superblock, *layout.address, array);
    case Layout::Kind::single_chunk:
      return {{0, *layout.address, layout.single_chunk_bytes.value_or(array.chunk_bytes),
               layout.single_chunk_mask}};
    default: throw Error(Errc::internal, "a layout without a chunk index");
  }
}

StoredChunk implicit_chunk(const FileBytes& file, std::uint64_t begin, const ChunkedArray& array,
                           std::int64_t number) {
  const auto element = static_cast<std::int64_t>(EntryOrder(array).entry_of(number));
  const auto distance = static_cast<std::uint64_t>(
      checked_multiply(element, static_cast<std::int64_t>(array.chunk_bytes), "a chunk's address"));
  if (begin > file.size() || distance > file.size() - begin ||
      !file.holds(begin + distance, array.chunk_bytes))
    throw Error(Errc::data_loss, "chunk {} is outside the file", number);
  return {number, begin + distance, array.chunk_bytes, 0};
}

}  // namespace rastream
