// SPDX-License-Identifier: Apache-2.0
// Which cells of a grid a bounding box takes: every cell that the box touches, as RioXarray's
// rio.clip_box counts them.
#pragma once

#include <cstdint>
#include <optional>

#include "rastream/geo/geobox.h"

namespace rastream {

/// Half-open ranges of columns and rows.
struct ClipBox {
  std::int64_t x_begin = 0, x_end = 0;
  std::int64_t y_begin = 0, y_end = 0;
  std::int64_t nx() const { return x_end - x_begin; }
  std::int64_t ny() const { return y_end - y_begin; }
  friend bool operator==(const ClipBox&, const ClipBox&) = default;
};

/// The cells of `grid` that `box`, in the grid's own coordinates, touches. A cell reaches half a
/// step to either side of its coordinate, so a box that begins inside a cell takes that cell whole
/// (rioxarray 0.19, raster_array.py clip_box: floor of the first and ceiling of the last edge).
/// Throws invalid_argument, saying the grid's own extent, when no cell is touched; and, unless
/// `allow_one_dimensional`, when the grid or the result is one cell wide or high.
/// Throws unsupported for a rotated grid.
ClipBox clip_box(const GeoBox& grid, const BBox& box, bool allow_one_dimensional = false);

/// The same for a box in another CRS: it is transformed first (21 points an edge). Throws
/// invalid_argument also when the grid has no CRS or the box crosses the grid's antimeridian.
ClipBox clip_box(const GeoBox& grid, const BBox& box, const Crs& box_crs,
                 bool allow_one_dimensional = false);

}  // namespace rastream
