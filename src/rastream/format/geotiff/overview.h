// SPDX-License-Identifier: Apache-2.0
// Halves the resolution of cells: one cell out of 2 x 2.
#pragma once

#include <cstdint>
#include <string_view>

#include "rastream/array/attributes.h"
#include "rastream/array/block.h"

namespace rastream::geotiff {

enum class Resampling {
  nearest,  ///< the upper left cell, as GDAL's NEAREST: never makes a value that was not there
  average,  ///< the mean of the cells that hold data; integers are rounded, halves away from 0
  mode,     ///< the most frequent of the cells that hold data; of several the first
};

/// "nearest", "average", "mode". Throws invalid_argument.
Resampling parse_resampling(std::string_view name);

/// The cells (band, y, x) of the next level that `cells` covers; rows and columns at an odd edge
/// have fewer than four cells below them. Where none of these holds data the upper left one is
/// taken. Sums are of double, or exact for integers. A number in `nodata` that a cell can be marks
/// one without data, as NaN does. REQUIRES: the region begins at even y and x.
OwnedBlock halve(const Block& cells, Resampling resampling, const Numbers& nodata);

}  // namespace rastream::geotiff
