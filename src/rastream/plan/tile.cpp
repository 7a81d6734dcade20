// SPDX-License-Identifier: Apache-2.0
#include "rastream/plan/tile.h"

#include <algorithm>

namespace rastream {
namespace {

/// Rows are padded, so that each starts on a cache line.
std::int64_t padded(std::int64_t size_bytes) { return (size_bytes + 63) / 64 * 64; }

}  // namespace

std::int64_t cells_of(const Program& program, int node, const Tile& tile) {
  if (tile.regions.empty()) return tile.n_cells;
  const ProgramNode& n = program.node(node);
  const Region& region = tile.regions[static_cast<std::size_t>(node)];
  std::int64_t cells = 1;
  for (std::size_t axis = 0; axis < region.rank(); ++axis) {
    if (n.roles[axis] == Role::cell) cells *= region.size(axis);
  }
  return cells;
}

TileLayout::TileLayout(const Program& program) : program_(program) {
  for (std::size_t i = 0; i < program.nodes().size(); ++i) {
    const ProgramNode& n = program.nodes()[i];
    if (n.is_held) held_.push_back({static_cast<int>(i), -1, n.whole_cells, n.item_bytes});
  }
  for (const Level& walk : program.walks()) {
    std::vector<TileRow> rows;
    for (const int i : walk.members) {
      const ProgramNode& n = program.node(i);
      if (n.remembered > 0) rows.push_back({i, -1, n.remembered * n.whole_cells, n.item_bytes});
    }
    for (const Instruction& ins : walk.instructions) {
      if (ins.act != Act::push && ins.act != Act::scan) continue;
      const ProgramNode& input = program.node(program.node(ins.node).inputs.front());
      const auto fields = program.node(ins.node).fold->state();
      for (std::size_t f = 0; f < fields.size(); ++f) {
        rows.push_back({ins.node, static_cast<int>(f), fields[f].depth * input.whole_cells,
                        static_cast<std::int64_t>(item_size(fields[f].dtype))});
      }
    }
    walks_.push_back(std::move(rows));
  }
}

std::int64_t TileLayout::row_bytes(const TileRow& row, const Tile& tile) const {
  const int owner = row.field < 0 ? row.node : program_.node(row.node).inputs.front();
  return padded(row.rows * row.item_bytes * cells_of(program_, owner, tile));
}

std::int64_t TileLayout::bytes_of(const std::vector<TileRow>& rows, const Tile& tile) const {
  std::int64_t bytes = 0;
  for (const TileRow& row : rows) bytes += row_bytes(row, tile);
  return bytes;
}

std::int64_t TileLayout::size_bytes(const Tile& tile) const {
  std::int64_t most = 0;
  for (const auto& rows : walks_) most = std::max(most, bytes_of(rows, tile));
  return bytes_of(held_, tile) + most;
}

double TileLayout::bytes_per_cell() const {
  const auto sum = [](const std::vector<TileRow>& rows) {
    double bytes = 0;
    for (const TileRow& row : rows) bytes += static_cast<double>(row.rows * row.item_bytes);
    return bytes;
  };
  double most = 0;
  for (const auto& rows : walks_) most = std::max(most, sum(rows));
  return sum(held_) + most;
}

}  // namespace rastream
