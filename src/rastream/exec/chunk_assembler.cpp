// SPDX-License-Identifier: Apache-2.0
#include "rastream/exec/chunk_assembler.h"

namespace rastream {

ChunkAssembler::ChunkAssembler(std::vector<ChunkGrid> grids, OnChunk on_chunk, Skip skip)
    : grids_(std::move(grids)), on_chunk_(std::move(on_chunk)), skip_(std::move(skip)) {}

void ChunkAssembler::write(std::size_t output, const Block& cells) {
  const ChunkGrid& grid = grids_[output];
  for_each_index(grid.chunks_touching(cells.region), [&](const Extents& index) {
    const std::int64_t chunk = grid.chunk_number(index);
    if (skip_(output, chunk)) return;
    const Region whole = grid.chunk_region(index);
    const Region part = intersect(whole, cells.region);
    if (part == whole) {
      on_chunk_(output, cells.sub(whole));
      return;
    }
    std::unique_lock lock(mutex_);
    auto [it, is_new] = waiting_.try_emplace({output, chunk});
    if (is_new) it->second = {OwnedBlock(whole, cells.dtype), whole.n_cells()};
    copy_cells(cells, it->second.cells.view().sub(part));
    it->second.n_missing -= part.n_cells();
    if (it->second.n_missing > 0) return;
    const Waiting complete = std::move(it->second);
    waiting_.erase(it);
    lock.unlock();
    on_chunk_(output, complete.cells.view());
  });
}

std::size_t ChunkAssembler::n_waiting() const {
  const std::lock_guard lock(mutex_);
  return waiting_.size();
}

}  // namespace rastream
