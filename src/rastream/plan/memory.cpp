// SPDX-License-Identifier: Apache-2.0
#include "rastream/plan/memory.h"

#include <algorithm>

#include "rastream/plan/schedule.h"
#include "rastream/plan/waiting_chunks.h"

namespace rastream {
namespace {

/// The program, its libraries (HDF5, GDAL, PROJ) and what the allocator keeps: measured 45-60 MiB,
/// rounded up.
constexpr std::int64_t kProcessBytes = std::int64_t{80} << 20;
/// A tile's own administration: its node regions and its list of runs.
constexpr std::int64_t kTileBytes = 512;

std::int64_t cells_in(const ProgramNode& node, const Region& region) {
  std::int64_t cells = 1;
  for (std::size_t axis = 0; axis < region.rank(); ++axis) {
    if (node.roles[axis] == Role::cell) cells *= region.size(axis);
  }
  return cells;
}

/// Steps of a source that one slab reads at most: the slab, what windows look ahead, and what is
/// read for later.
std::int64_t slab_steps(const Program& program, int source) {
  const ProgramNode& n = program.node(source);
  std::int64_t most = std::min(program.nest().slab, n.stream_size);
  for (std::size_t w = 0; w < program.walks().size(); ++w) {
    const auto& members = program.walks()[w].members;
    if (std::find(members.begin(), members.end(), source) == members.end()) continue;
    Schedule schedule(program, w);
    const std::int64_t clock = program.walks()[w].clock;
    for (std::int64_t begin = 0; begin < clock; begin += program.nest().slab) {
      const auto steps = schedule.advance(begin, std::min(begin + program.nest().slab, clock));
      most = std::max(most, steps[static_cast<std::size_t>(source)].made.size());
    }
  }
  return most;
}

}  // namespace

MemoryBound bound_memory(const Program& program, const TileLayout& layout,
                         const std::vector<ChunkGrid>& target_chunks) {
  const Nest& nest = program.nest();
  const std::int64_t n_threads = program.plan().n_threads;
  const std::int64_t columns = nest.tasks_in_parallel ? n_threads : 1;
  MemoryBound bound;
  bound.process = kProcessBytes;
  const Region column = program.largest_column();
  const std::vector<Region> regions = program.demanded_boxes(column);
  std::int64_t scratch = 0;
  std::int64_t shared = 0;
  for (std::size_t i = 0; i < program.nodes().size(); ++i) {
    const ProgramNode& n = program.nodes()[i];
    if (n.is_uniform) bound.process += n.op->schema().n_cells() * n.item_bytes;
    if (n.source) shared = std::max(shared, n.source->shared_bytes());
    if (!n.source || n.is_uniform) continue;
    scratch = std::max(scratch, n.source->scratch_bytes());
    const std::int64_t step_bytes = cells_in(n, regions[i]) * n.whole_cells * n.item_bytes;
    const std::int64_t halves = n.has_stream() && nest.read_ahead ? 2 : 1;
    bound.slabs +=
        step_bytes * (n.has_stream() ? slab_steps(program, static_cast<int>(i)) * halves : 1);
  }
  bound.process += shared;
  double state = 0;
  if (nest.cell_lists) {
    const auto cells = static_cast<double>(column.n_cells());
    // Lists keep two marks a cell; tiles that wake late are cut once more.
    state = cells * (layout.bytes_per_cell() + 2) +
            cells / static_cast<double>(nest.tile_cells) * 4096 + cells;
  } else {
    for (const Region& box : tile_boxes(column, nest.tile_cells)) {
      Tile tile;
      tile.n_cells = box.n_cells();
      tile.regions = program.demanded_boxes(box);
      state += static_cast<double>(layout.size_bytes(tile)) + kTileBytes +
               136.0 * static_cast<double>(program.nodes().size());
    }
  }
  bound.state = static_cast<std::int64_t>(state) * columns;
  bound.slabs *= columns;
  for (const Kept& kept : nest.kept) {
    if (!kept.in_memory) continue;
    const ProgramNode& n = program.node(kept.node);
    bound.kept += columns * n.stream_size * n.whole_cells * n.item_bytes *
                  (cells_in(n, regions[static_cast<std::size_t>(kept.node)]) + 1);
  }
  for (const Output& output : program.plan().outputs) {
    const ProgramNode& n = program.node(output.node);
    const std::int64_t steps = n.has_stream() ? std::min(nest.slab, n.stream_size) : 1;
    const std::int64_t cells =
        cells_in(n, regions[static_cast<std::size_t>(output.node)]) * steps * n.whole_cells;
    // The column's cells, and one chunk more while it is compressed.
    bound.outputs += 2 * columns * cells * n.item_bytes;
  }
  bound.outputs += bound_waiting(program, target_chunks);
  bound.workers = n_threads * (program.arena_bytes() + scratch + (std::int64_t{1} << 20));
  return bound;
}

std::string largest_holder(const Program& program, const TileLayout& layout) {
  const TileRow* largest = nullptr;
  const auto look = [&](const std::vector<TileRow>& rows) {
    for (const TileRow& row : rows) {
      if (!largest || row.rows * row.item_bytes > largest->rows * largest->item_bytes)
        largest = &row;
    }
  };
  look(layout.held());
  for (std::size_t w = 0; w < program.walks().size(); ++w) look(layout.walk(w));
  return largest ? program.node(largest->node).array.node().name : "the chunks of the sources";
}

}  // namespace rastream
