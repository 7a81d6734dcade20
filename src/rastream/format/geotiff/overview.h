// SPDX-License-Identifier: Apache-2.0
// Halves the resolution of cells: one cell out of 2 x 2.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "rastream/array/block.h"

namespace rastream::geotiff {

enum class Resampling {
  nearest,  ///< the upper left cell, as GDAL's NEAREST: never makes a value that was not there
  average,  ///< the mean of the cells that hold data; integers are rounded, halves away from 0
  mode,     ///< the most frequent of the cells that hold data; of several the first
};

/// "nearest", "average", "mode". Throws invalid_argument.
Resampling parse_resampling(std::string_view name);

/// What marks a cell without data, besides NaN. `integer` is exact (uint64 as its bit pattern).
struct Nodata {
  std::optional<double> number;
  std::optional<std::int64_t> integer;
};

/// The cells (band, y, x) of the next level that `cells` covers; rows and columns at an odd edge
/// have fewer than four cells below them. Where none of these holds data the upper left one is
/// taken. Sums are of double, or exact for integers. REQUIRES: the region begins at even y and x.
OwnedBlock halve(const Block& cells, Resampling resampling, const Nodata& nodata);

}  // namespace rastream::geotiff
