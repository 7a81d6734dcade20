// SPDX-License-Identifier: Apache-2.0
#include "rastream/plan/waiting_chunks.h"

#include <algorithm>

namespace rastream {
namespace {

constexpr std::int64_t kGroupBytes = std::int64_t{2} << 20;

const ProgramNode& output_node(const Program& program, std::size_t output) {
  return program.node(program.plan().outputs[output].node);
}

const Cuts& columns_along(const Program& program, const std::string& dim) {
  const auto& dims = program.nest().cell_dims;
  const auto at = std::find(dims.begin(), dims.end(), dim) - dims.begin();
  return program.nest().column_cuts[static_cast<std::size_t>(at)];
}

/// True when each column ends where a chunk ends.
bool is_aligned(const Cuts& chunks, const Cuts& columns) {
  for (std::int64_t c = 0; c < columns.n_chunks(); ++c) {
    const std::int64_t edge = columns.end_of(c);
    if (edge < chunks.size() && chunks.begin_of(chunks.chunk_of(edge)) != edge) return false;
  }
  return true;
}

std::int64_t waiting_of(const Program& program, std::size_t output, const ChunkGrid& chunks) {
  const ProgramNode& n = output_node(program, output);
  const std::int64_t slab = program.nest().slab;
  std::int64_t waiting = n.item_bytes;
  bool is_first_cell_axis = true;
  bool is_whole = true;
  for (std::size_t axis = 0; axis < chunks.rank(); ++axis) {
    const Cuts& cuts = chunks.cuts(axis);
    if (n.roles[axis] == Role::cell) {
      is_whole &= is_aligned(cuts, columns_along(program, n.op->schema().dims[axis]));
      // Tasks go in C order, so chunks wait along the first cell dimension for two rows at most.
      waiting *= is_first_cell_axis ? std::min(cuts.size(), 2 * cuts.max_chunk()) : cuts.size();
      is_first_cell_axis = false;
    } else if (n.roles[axis] == Role::stream) {
      is_whole &= slab % cuts.max_chunk() == 0 || cuts.max_chunk() == cuts.size();
      is_whole &= cuts.max_chunk() <= slab;
      waiting *= std::min(cuts.size(), std::max(cuts.max_chunk(), slab) * 2);
    } else {
      waiting *= cuts.size();
    }
  }
  return is_whole ? 0 : waiting;
}

/// Each thread puts one group together, from pieces that are as large at most.
std::int64_t assembly_bytes(const Program& program, const std::vector<ChunkGrid>& target_chunks) {
  std::int64_t largest = 0;
  const std::vector<ChunkGrid> groups = waiting_groups(program, target_chunks);
  for (std::size_t o = 0; o < groups.size(); ++o) {
    largest = std::max(largest,
                       product(groups[o].max_chunk_shape()) * output_node(program, o).item_bytes);
  }
  return 2 * program.plan().n_threads * largest;
}

}  // namespace

std::int64_t waiting_bytes(const Program& program, const std::vector<ChunkGrid>& target_chunks) {
  std::int64_t bytes = 0;
  for (std::size_t o = 0; o < target_chunks.size(); ++o)
    bytes += waiting_of(program, o, target_chunks[o]);
  return bytes;
}

std::int64_t waiting_in_memory(const Program& program,
                               const std::vector<ChunkGrid>& target_chunks) {
  const std::int64_t all = waiting_bytes(program, target_chunks);
  const std::int64_t most = program.nest().most_waiting.value_or(all);
  return most + assembly_bytes(program, target_chunks) < all ? most : all;
}

std::int64_t bound_waiting(const Program& program, const std::vector<ChunkGrid>& target_chunks) {
  const std::int64_t in_memory = waiting_in_memory(program, target_chunks);
  const bool uses_scratch = in_memory < waiting_bytes(program, target_chunks);
  return in_memory + (uses_scratch ? assembly_bytes(program, target_chunks) : 0);
}

std::vector<ChunkGrid> waiting_groups(const Program& program,
                                      const std::vector<ChunkGrid>& target_chunks) {
  std::vector<ChunkGrid> groups;
  for (std::size_t o = 0; o < target_chunks.size(); ++o) {
    const ProgramNode& n = output_node(program, o);
    const ChunkGrid& chunks = target_chunks[o];
    Extents shape = chunks.max_chunk_shape();
    std::int64_t bytes = product(shape) * n.item_bytes;
    for (std::size_t axis = shape.size(); axis-- > 0;) {
      const bool is_regular = chunks.cuts(axis).regular_chunk().has_value();
      if (!is_regular || n.roles[axis] != Role::cell || bytes <= 0) continue;
      const Cuts& columns = columns_along(program, n.op->schema().dims[axis]);
      if (!is_aligned(chunks.cuts(axis), columns)) continue;
      const std::int64_t in_column = columns.max_chunk() / std::max<std::int64_t>(1, shape[axis]);
      const std::int64_t factor =
          std::max<std::int64_t>(1, std::min(in_column, kGroupBytes / bytes));
      shape[axis] *= factor;
      bytes *= factor;
    }
    // Cuts that are not regular stay as they are.
    std::vector<Cuts> cuts;
    for (std::size_t axis = 0; axis < shape.size(); ++axis) {
      const Cuts& own = chunks.cuts(axis);
      cuts.push_back(own.regular_chunk() ? Cuts::regular(own.size(), shape[axis]) : own);
    }
    groups.push_back(ChunkGrid(std::move(cuts)));
  }
  return groups;
}

}  // namespace rastream
