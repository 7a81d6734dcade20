// SPDX-License-Identifier: Apache-2.0
// A tile: the cells that go through the kernels together, and what they carry from slab to slab.
#pragma once

#include <cstdint>
#include <vector>

#include "rastream/plan/program.h"

namespace rastream {

/// Neighbouring cells of a column, by their offset in its cells in C order.
struct CellRun {
  std::int64_t begin = 0;
  std::int64_t length = 0;
};

/// Either a box of the column (regions holds each node's part) or a list of cells in runs.
struct Tile {
  std::int64_t n_cells = 0;
  std::vector<CellRun> runs;  ///< lists only; lengths sum to n_cells
  bool is_dormant = false;  ///< lists only: one cell that stands for all cells without data so far
  std::vector<Region>
      regions;  ///< boxes only: for each node, whole along dimensions that are not cells
  std::vector<Region>
      outputs;  ///< boxes only: the tile's own part of each output, which other nodes may exceed
  std::vector<std::int64_t> slots;  ///< for each Kept: cells kept before this tile's
  Buffer memory;                    ///< held nodes, then the states of the walk
};

/// One array in a tile's memory: `rows` rows of one value a cell.
struct TileRow {
  int node = 0;
  int field = -1;  ///< of the fold's state; -1 for a held node or remembered steps
  std::int64_t rows = 0;
  std::int64_t item_bytes = 8;
};

/// What a tile's memory holds: held nodes first, then `walk`'s states and remembered steps.
class TileLayout {
 public:
  explicit TileLayout(const Program& program);
  const std::vector<TileRow>& held() const { return held_; }
  const std::vector<TileRow>& walk(std::size_t w) const { return walks_[w]; }
  std::int64_t size_bytes(const Tile& tile) const;
  std::int64_t held_bytes(const Tile& tile) const { return bytes_of(held_, tile); }
  /// Bytes for each cell of a tile of which every node has the same number of cells.
  double bytes_per_cell() const;
  std::int64_t row_bytes(const TileRow& row, const Tile& tile) const;

 private:
  std::int64_t bytes_of(const std::vector<TileRow>& rows, const Tile& tile) const;

  const Program& program_;
  std::vector<TileRow> held_;
  std::vector<std::vector<TileRow>> walks_;
};

/// Cells of `node` in the tile along its cell dimensions.
std::int64_t cells_of(const Program& program, int node, const Tile& tile);

}  // namespace rastream
