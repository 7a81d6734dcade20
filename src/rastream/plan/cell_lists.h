// SPDX-License-Identifier: Apache-2.0
// Between a column's cells, which lie in rows, and the cells of a tile that is a list, which lie
// side by side. A node's cell dimensions are its last ones there, in C order.
#pragma once

#include <vector>

#include "rastream/plan/program.h"
#include "rastream/plan/tile.h"

namespace rastream {

/// Packs the cells of `runs` from each row of `from` into dense rows at `to`. Rows are counted by
/// the node's other dimensions, the stream dimension first when there is one.
void gather_cells(const ProgramNode& node, const Block& from, const std::vector<CellRun>& runs,
                  std::byte* to);

/// Puts dense rows of cells back: the inverse of gather_cells for the rows of `from`, in C order of
/// its other dimensions. REQUIRES: `to` has these rows.
void scatter_cells(const ProgramNode& node, const Block& from, const std::vector<CellRun>& runs,
                   const Block& to);

/// Fills rows of `n_cells` cells in `to` with the one cell of each row of `from`.
void repeat_cells(const ProgramNode& node, const Block& from, std::int64_t n_cells,
                  const Block& to);

}  // namespace rastream
