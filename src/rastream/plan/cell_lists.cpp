// SPDX-License-Identifier: Apache-2.0
#include "rastream/plan/cell_lists.h"

#include <algorithm>
#include <cstring>

namespace rastream {
namespace {

/// The dimensions before the cells.
Region rows_of(const ProgramNode& node, const Region& region) {
  const auto n_outer = static_cast<std::size_t>(
      std::find(node.roles.begin(), node.roles.end(), Role::cell) - node.roles.begin());
  Region rows{Extents(n_outer), Extents(n_outer)};
  for (std::size_t axis = 0; axis < n_outer; ++axis) {
    rows.begin[axis] = region.begin[axis];
    rows.end[axis] = region.end[axis];
  }
  return rows;
}

std::byte* row_at(const Block& block, const Extents& index) {
  std::byte* row = block.data;
  for (std::size_t axis = 0; axis < index.size(); ++axis)
    row += (index[axis] - block.region.begin[axis]) * block.strides[axis];
  return row;
}

/// Calls f(row of `from`, row of `to`) for each row of `from`.
template <typename F>
void for_each_row_pair(const ProgramNode& node, const Block& from, const Block& to, F&& f) {
  for_each_index(rows_of(node, from.region),
                 [&](const Extents& index) { f(row_at(from, index), row_at(to, index)); });
}

}  // namespace

void gather_cells(const ProgramNode& node, const Block& from, const std::vector<CellRun>& runs,
                  std::byte* to) {
  const auto gather_row = [&](const Extents& index) {
    const std::byte* row = row_at(from, index);
    for (const CellRun& run : runs) {
      const auto bytes = static_cast<std::size_t>(run.length * node.item_bytes);
      std::memcpy(to, row + run.begin * node.item_bytes, bytes);
      to += bytes;
    }
  };
  const Region rows = rows_of(node, from.region);
  if (!node.has_stream()) {
    for_each_index(rows, gather_row);
    return;
  }
  const auto axis = static_cast<std::size_t>(node.stream_axis);
  for (std::int64_t step = rows.begin[axis]; step < rows.end[axis]; ++step) {
    Region of_step = rows;
    of_step.begin[axis] = step;
    of_step.end[axis] = step + 1;
    for_each_index(of_step, gather_row);
  }
}

void scatter_cells(const ProgramNode& node, const Block& from, const std::vector<CellRun>& runs,
                   const Block& to) {
  for_each_row_pair(node, from, to, [&](const std::byte* source, std::byte* target) {
    for (const CellRun& run : runs) {
      const auto bytes = static_cast<std::size_t>(run.length * node.item_bytes);
      std::memcpy(target + run.begin * node.item_bytes, source, bytes);
      source += bytes;
    }
  });
}

void repeat_cells(const ProgramNode& node, const Block& from, std::int64_t n_cells,
                  const Block& to) {
  for_each_row_pair(node, from, to, [&](const std::byte* source, std::byte* target) {
    visit_bits(node.item_bytes, [&]<typename T>(T) {
      std::fill_n(reinterpret_cast<T*>(target), n_cells, *reinterpret_cast<const T*>(source));
    });
  });
}

}  // namespace rastream
