// SPDX-License-Identifier: Apache-2.0
#include "rastream/plan/sleeping_cells.h"

#include <algorithm>

namespace rastream {
namespace {

/// `rows` rows of one cell at `from`, each repeated to `n_cells` cells at `to`.
void repeat_rows(const std::byte* from, std::int64_t from_cells, std::int64_t rows,
                 std::int64_t item_bytes, std::int64_t n_cells, std::byte* to) {
  visit_bits(item_bytes, [&]<typename T>(T) {
    const T* source = reinterpret_cast<const T*>(from);
    T* target = reinterpret_cast<T*>(to);
    for (std::int64_t r = 0; r < rows; ++r)
      target = std::fill_n(target, n_cells, source[r * from_cells]);
  });
}

}  // namespace

bool SleepingCells::can_sleep(const Program& program) {
  return !program.walks().empty() &&
         std::all_of(program.nodes().begin(), program.nodes().end(), [](const ProgramNode& n) {
           return n.is_uniform || !n.source || (n.has_stream() && n.source->missing());
         });
}

void SleepingCells::find_data(const ProgramNode& source, const Region& whole, const Block& cells) {
  visit_cell(cells.dtype, [&]<typename T>(T) { find_data_as<T>(source, whole, cells); });
}

template <typename T>
void SleepingCells::find_data_as(const ProgramNode& source, const Region& whole,
                                 const Block& cells) {
  const auto missing = static_cast<T>(*source.source->missing());
  const bool missing_is_nan = missing != missing;
  const auto holds_data = [&](T cell) { return missing_is_nan ? cell == cell : cell != missing; };
  const std::size_t row_axis = cells.rank() - 1;
  const std::int64_t length = cells.size(row_axis);
  Region rows = cells.region;
  rows.end[row_axis] = rows.begin[row_axis] + 1;
  for_each_index(rows, [&](const Extents& index) {
    const T* __restrict row = reinterpret_cast<const T*>(cells.at(index));
    std::int64_t offset = 0;
    for (std::size_t axis = 0; axis < index.size(); ++axis) {
      if (source.roles[axis] != Role::cell) continue;
      offset = offset * whole.size(axis) + index[axis] - whole.begin[axis];
    }
    const std::uint8_t* __restrict awake = is_awake_.data() + offset;
    // Most rows hold nothing new: a pass without branches finds that out.
    unsigned any = 0;
    for (std::int64_t i = 0; i < length; ++i)
      any |= static_cast<unsigned>(holds_data(row[i])) & (awake[i] ^ 1u);
    if (!any) return;
    for (std::int64_t i = 0; i < length; ++i) {
      if (!holds_data(row[i]) || awake[i]) continue;
      std::atomic_ref<std::uint8_t>(is_found_[static_cast<std::size_t>(offset + i)])
          .store(1, std::memory_order_relaxed);
    }
    has_found_.store(true, std::memory_order_relaxed);
  });
}

std::vector<CellRun> SleepingCells::wake_found() {
  std::vector<CellRun> runs;
  if (!has_found_.exchange(false)) return runs;
  for (std::size_t i = 0; i < is_found_.size(); ++i) {
    if (!is_found_[i]) continue;
    is_found_[i] = 0;
    is_awake_[i] = 1;
    const auto at = static_cast<std::int64_t>(i);
    if (runs.empty() || runs.back().begin + runs.back().length != at) runs.push_back({at, 0});
    ++runs.back().length;
  }
  return runs;
}

bool SleepingCells::all_awake() const {
  return std::all_of(is_awake_.begin(), is_awake_.end(), [](auto awake) { return awake != 0; });
}

void inherit_dormant(const Program& program, const TileLayout& layout, std::size_t walk,
                     const Tile& dormant, const std::vector<std::int64_t>& kept_steps, Tile& tile,
                     Column& column) {
  const std::byte* from = dormant.memory.data();
  std::byte* to = tile.memory.data();
  const auto inherit_row = [&](const TileRow& row) {
    repeat_rows(from, cells_of(program, row.node, dormant), row.rows, row.item_bytes,
                cells_of(program, row.node, tile), to);
    from += layout.row_bytes(row, dormant);
    to += layout.row_bytes(row, tile);
  };
  std::for_each(layout.held().begin(), layout.held().end(), inherit_row);
  std::for_each(layout.walk(walk).begin(), layout.walk(walk).end(), inherit_row);
  std::vector<std::byte> one;
  std::vector<std::byte> many;
  for (std::size_t k = 0; k < column.kept.size(); ++k) {
    const ProgramNode& n = program.node(program.nest().kept[k].node);
    if (n.level != static_cast<int>(walk) || kept_steps[k] == 0) continue;
    const std::int64_t rows = kept_steps[k] * n.whole_cells;
    one.resize(static_cast<std::size_t>(rows * n.item_bytes));
    many.resize(one.size() * static_cast<std::size_t>(tile.n_cells));
    const std::int64_t bytes_per_cell = n.stream_size * n.whole_cells * n.item_bytes;
    column.kept[k]->load(dormant.slots[k] * bytes_per_cell, one);
    repeat_rows(one.data(), 1, rows, n.item_bytes, tile.n_cells, many.data());
    column.kept[k]->store(tile.slots[k] * bytes_per_cell, many);
  }
}

}  // namespace rastream
