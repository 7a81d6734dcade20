// SPDX-License-Identifier: Apache-2.0
// The cells of a small array as numbers that EXPECT_EQ compares.
#pragma once

#include <cmath>
#include <limits>
#include <vector>

#include "rastream/graph/array.h"

namespace rastream {

using Cells = std::vector<double>;

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

/// All cells in C order; NaN as -99, so that vectors compare.
inline Cells cells_of(const Array& array) {
  Cells out;
  const OwnedBlock block = evaluate(array, array.schema().whole());
  for_each_index(block.view().region, [&](const Extents& i) {
    const double cell = cell_as_double(block.view(), i);
    out.push_back(std::isnan(cell) ? -99 : cell);
  });
  return out;
}

}  // namespace rastream
