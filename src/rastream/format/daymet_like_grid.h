// SPDX-License-Identifier: Apache-2.0
// Daymet's three grids (Lambert conformal conic, 1 km) and the window of one that is made.
#pragma once

#include <cstdint>
#include <string>

#include "rastream/array/attributes.h"
#include "rastream/format/daymet_like.h"
#include "rastream/geo/geobox.h"

namespace rastream {

/// The cells to make: column i is cell x0 + i * stride of the region's grid.
struct DaymetGrid {
  std::string region;
  std::int64_t x0 = 0, y0 = 0, stride = 1;
  std::int64_t nx = 0, ny = 0;
  /// Centre of cell (0, 0) of the region's grid, in metres.
  double origin_x = 0, origin_y = 0;

  double x(std::int64_t i) const {
    return origin_x + 1000.0 * static_cast<double>(x0 + i * stride);
  }
  double y(std::int64_t j) const {
    return origin_y - 1000.0 * static_cast<double>(y0 + j * stride);
  }
  /// Easting and southing in km on a raster that all regions share, so that a place has one
  /// weather.
  std::int64_t column_km(std::int64_t i) const {
    return static_cast<std::int64_t>((x(i) + 6'000'250) / 1000);
  }
  std::int64_t row_km(std::int64_t j) const {
    return static_cast<std::int64_t>((6'000'000 - y(j)) / 1000);
  }
  GeoBox geobox() const;
};

/// Throws invalid_argument when region, window or stride do not fit.
DaymetGrid daymet_grid(const DaymetLikeOptions& options);

/// The attributes of Daymet's variable lambert_conformal_conic.
Attributes daymet_grid_mapping();

}  // namespace rastream
