// SPDX-License-Identifier: Apache-2.0
// From numbers to colours: named colour maps and the scale that a colour bar shows.
#pragma once

#include <array>
#include <string>

#include "rastream/draw/canvas.h"

namespace rastream {

/// 256 colours from the least value to the greatest.
using ColourTable = std::array<Colour, 256>;

/// The table of a colormap, also of "<name>_r". Throws invalid_argument naming those that are
/// known.
ColourTable colour_table(const std::string& name);

/// Linear between vmin and vmax; values outside take the end colours. Invariant: vmin < vmax, both
/// finite.
struct ColourScale {
  double vmin = 0;
  double vmax = 1;
  ColourTable table;
  bool has_below = false;  ///< some value is less than vmin
  bool has_above = false;
  /// REQUIRES: v is not NaN.
  Colour operator()(double v) const;
};

}  // namespace rastream
