// SPDX-License-Identifier: Apache-2.0
// Which cells each pixel of a map shows.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "rastream/draw/colormap.h"
#include "rastream/draw/plot.h"

namespace rastream {

/// Half-open range of cells along one axis.
struct CellRange {
  std::size_t begin = 0;
  std::size_t end = 0;
};

/// The outer edges of the first and last cell, low then high: half a cell beyond the centres. A
/// single cell reaches `lone_half_width` to both sides. Throws invalid_argument, naming `who`,
/// unless the values are finite and rise or fall strictly. REQUIRES: values not empty.
struct Extent {
  double low = 0;
  double high = 1;
};
Extent axis_extent(const std::vector<double>& values, const std::string& who,
                   double lone_half_width = 0.5);

/// The cells below each pixel, from the low end of the axis to the high one. Each pixel has the
/// cells whose centres lie in it, or else the one cell it lies in. Gives one pixel a cell when the
/// axis is regular and has no more than `n_pixels` cells: stretching is then left to the canvas.
std::vector<CellRange> cells_of_pixels(const std::vector<double>& values, const Extent& extent,
                                       int n_pixels);

/// A panel's cells as pixels; row 0 of the image is the last of `rows`. NaN becomes alpha 0. `n_x`
/// is the number of cells in a row of `cells`.
Image paint_cells(std::span<const double> cells, std::size_t n_x,
                  std::span<const CellRange> columns, std::span<const CellRange> rows,
                  const ColourScale& scale);

}  // namespace rastream
