// SPDX-License-Identifier: Apache-2.0
// GDAL's six numbers from cells to coordinates, as the attribute of a CF grid mapping.
#pragma once

#include <array>
#include <optional>
#include <string>

#include "rastream/array/attributes.h"

namespace rastream {

/// x = t[0] + t[1] * column + t[2] * row, y = t[3] + t[4] * column + t[5] * row; (0, 0) is the
/// outer corner of the first cell (GDAL's raster data model, "Affine GeoTransform").
using GeoTransform = std::array<double, 6>;

/// The attribute `GeoTransform` of a grid mapping; nothing where it is not six finite numbers.
std::optional<GeoTransform> parse_geotransform(const Attributes& grid_mapping);

/// The transform of the part of the grid that begins at this cell.
GeoTransform moved(const GeoTransform& t, double column, double row);

/// As GDAL writes the attribute.
std::string to_string(const GeoTransform& t);

}  // namespace rastream
