// SPDX-License-Identifier: Apache-2.0
#include "rastream/format/zarr/chunk_cells.h"

#include <cstring>

#include "rastream/format/zarr/array.h"

namespace rastream::zarr {

std::span<const std::byte> chunk_cells(const Block& block, const ArrayMetadata& m, Buffer& memory) {
  const auto n = static_cast<std::size_t>(m.chunk_bytes());
  const bool is_ready = block.region.shape() == m.chunk_shape && block.dtype == m.cell.dtype &&
                        block.is_c_contiguous() && is_c_order(m) && !m.cell.is_big_endian;
  if (is_ready) return {block.data, n};
  memory.reserve(n);
  const Block whole = stored_view(m, block.region.begin, memory.data());
  if (block.region.shape() != m.chunk_shape) {
    Cell cell = m.fill ? m.fill->cell : Cell{};
    copy_cells({whole.region, m.cell.dtype, cell.data(), Extents(whole.rank())}, whole);
  }
  copy_cells(block, whole.sub(block.region));
  return {memory.data(), n};
}

bool is_all_fill(std::span<const std::byte> cells, const ArrayMetadata& m) {
  const auto item = static_cast<std::size_t>(m.cell.size_bytes);
  return std::memcmp(cells.data(), m.fill->cell.data(), item) == 0 &&
         std::memcmp(cells.data(), cells.data() + item, cells.size() - item) == 0;
}

}  // namespace rastream::zarr
