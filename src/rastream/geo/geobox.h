// SPDX-License-Identifier: Apache-2.0
// Where the cells of a grid lie: CRS, affine map from cell edges to coordinates, and shape.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "rastream/geo/bbox.h"
#include "rastream/geo/crs.h"

namespace rastream {

/// x = a * column + b * row + c, y = d * column + e * row + f. The cell (column, row) covers
/// [column, column + 1) x [row, row + 1).
struct Affine {
  double a = 1, b = 0, c = 0;
  double d = 0, e = 1, f = 0;
  friend bool operator==(const Affine&, const Affine&) = default;
};

/// A regular grid of cells. Without a CRS it still has a place in its own coordinates.
struct GeoBox {
  std::optional<Crs> crs;
  Affine transform;
  std::int64_t ny = 0;
  std::int64_t nx = 0;

  /// From the coordinates of cell centres, ascending or descending. The step is
  /// (last - first) / (n - 1), as RioXarray takes it. Throws invalid_argument for fewer than two
  /// values along a side, unsupported where a value is off the line by more than 1e-3 steps and one
  /// unit of float32 precision.
  static GeoBox from_coordinates(std::span<const double> x, std::span<const double> y,
                                 std::optional<Crs> crs);

  bool is_north_up() const { return transform.b == 0 && transform.d == 0; }
  /// Signed size of a cell along x and y. REQUIRES: is_north_up().
  double step_x() const { return transform.a; }
  double step_y() const { return transform.e; }
  /// The outer edges of the grid, ordered.
  BBox extent() const;
  /// The extent as longitude and latitude; nothing without a CRS or where it has no image there.
  std::optional<BBox> lonlat_extent() const;
  /// Cell centres. REQUIRES: is_north_up().
  std::vector<double> x_coordinates() const;
  std::vector<double> y_coordinates() const;
  /// The part with columns [x_begin, x_end) and rows [y_begin, y_end).
  GeoBox sub(std::int64_t x_begin, std::int64_t x_end, std::int64_t y_begin,
             std::int64_t y_end) const;
};

}  // namespace rastream
