// SPDX-License-Identifier: Apache-2.0
// From coordinates of cell centres to GDAL's geotransform.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "rastream/array/attributes.h"

namespace rastream::geotiff {

/// GDAL's six numbers: x of the corner of the first cell, step along a row, step of x along a
/// column, y of the corner, step of y along a row, step along a column.
using GeoTransform = std::array<double, 6>;

/// The attribute `GeoTransform` of a grid mapping; nothing where it is not six finite numbers.
std::optional<GeoTransform> parse_geotransform(const Attributes& grid_mapping);

struct EvenAxis {
  double corner = 0;  ///< of the first cell
  double step = 0;
};

/// `centres` as an even axis; `lone_step` is the step of a single cell. Throws invalid_argument
/// naming `path` and `name` for a single cell without it, and for centres that are off by more than
/// a thousandth of a step.
EvenAxis even_axis(const std::vector<double>& centres, std::optional<double> lone_step,
                   const std::string& name, const std::string& path);

}  // namespace rastream::geotiff
