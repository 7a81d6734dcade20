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

/// Rows of columns along the first cell dimension that are in work at once, since tasks are handed
/// out in C order. Never below two: whole groups of the row before may not have gone on yet.
std::int64_t rows_in_work(const Plan& plan) {
  const Nest& nest = plan.nest;
  if (!nest.tasks_in_parallel) return 2;
  const std::int64_t n_rows = std::max<std::int64_t>(1, nest.column_cuts.front().n_chunks());
  const std::int64_t n_in_row = std::max<std::int64_t>(1, nest.n_tasks() / n_rows);
  return 1 + (plan.n_threads + n_in_row - 1) / n_in_row;
}

/// The most cells of groups that `n_rows` neighbouring rows of columns touch.
std::int64_t touched_by_rows(const Cuts& groups, const Cuts& columns, std::int64_t n_rows) {
  std::int64_t most = 0;
  for (std::int64_t row = 0; row < columns.n_chunks(); ++row) {
    const std::int64_t first = columns.begin_of(row);
    if (first >= groups.size()) break;
    const std::int64_t last = columns.end_of(std::min(row + n_rows, columns.n_chunks()) - 1) - 1;
    const std::int64_t end = groups.end_of(groups.chunk_of(std::min(last, groups.size() - 1)));
    most = std::max(most, end - groups.begin_of(groups.chunk_of(first)));
  }
  return most;
}

std::int64_t waiting_of(const Program& program, std::size_t output, const ChunkGrid& groups) {
  const ProgramNode& n = output_node(program, output);
  const std::int64_t slab = program.nest().slab;
  std::int64_t waiting = n.item_bytes;
  bool is_whole = true;
  for (std::size_t axis = 0; axis < groups.rank(); ++axis) {
    const Cuts& cuts = groups.cuts(axis);
    const std::string& dim = n.op->schema().dims[axis];
    if (n.roles[axis] == Role::cell) {
      const Cuts& columns = columns_along(program, dim);
      is_whole &= is_aligned(cuts, columns);
      waiting *= dim == program.nest().cell_dims.front()
                     ? touched_by_rows(cuts, columns, rows_in_work(program.plan()))
                     : cuts.size();
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

/// How many chunks along `axis` make a group: as many as fit into `most` and end with a column.
std::int64_t chunks_in_group(const Cuts& chunks, const Cuts& columns, std::int64_t most) {
  const std::int64_t chunk = chunks.max_chunk();
  std::int64_t n = std::max<std::int64_t>(1, std::min(columns.max_chunk() / chunk, most));
  while (n > 1 && !is_aligned(Cuts::regular(chunks.size(), n * chunk), columns)) --n;
  return n;
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
  const std::vector<ChunkGrid> groups = waiting_groups(program, target_chunks);
  std::int64_t bytes = 0;
  for (std::size_t o = 0; o < groups.size(); ++o) bytes += waiting_of(program, o, groups[o]);
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
      const std::int64_t factor = chunks_in_group(chunks.cuts(axis), columns, kGroupBytes / bytes);
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
