// SPDX-License-Identifier: Apache-2.0
// Cells of a column that have held no data so far. They are all alike, so one dormant tile of one
// cell stands for them; a cell that gets data wakes up, into a tile that starts from what the
// dormant one has become.
#pragma once

#include <atomic>
#include <cstdint>
#include <vector>

#include "rastream/plan/evaluate_tile.h"

namespace rastream {

class SleepingCells {
 public:
  /// Cells can sleep when every source streams and says what a missing cell is.
  static bool can_sleep(const Program& program);

  explicit SleepingCells(std::int64_t n_cells)
      : is_awake_(static_cast<std::size_t>(n_cells)), is_found_(is_awake_.size()) {}

  /// Marks sleeping cells that hold data in `cells`, which lie in `whole`, the source's part of the
  /// column. Safe for many threads, which may be given the same cells.
  void find_data(const ProgramNode& source, const Region& whole, const Block& cells);

  /// Wakes the cells found since the last call: runs in the column's cells. For one thread.
  std::vector<CellRun> wake_found();

  bool all_awake() const;

 private:
  template <typename T>
  void find_data_as(const ProgramNode& source, const Region& whole, const Block& cells);

  std::vector<std::uint8_t> is_awake_;
  std::vector<std::uint8_t> is_found_;
  std::atomic<bool> has_found_ = false;
};

/// Gives `tile`, which is new in `walk`, the memory and the kept steps of the dormant tile, as all
/// its cells had no data so far. `kept_steps`: for each Kept, the steps kept so far.
void inherit_dormant(const Program& program, const TileLayout& layout, std::size_t walk,
                     const Tile& dormant, const std::vector<std::int64_t>& kept_steps, Tile& tile,
                     Column& column);

}  // namespace rastream
