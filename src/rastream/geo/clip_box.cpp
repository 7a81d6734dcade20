// SPDX-License-Identifier: Apache-2.0
#include "rastream/geo/clip_box.h"

#include <algorithm>
#include <cmath>

#include "rastream/base/error.h"

namespace rastream {
namespace {

struct Range {
  std::int64_t begin;
  std::int64_t end;
};

/// An edge computed as cell 2087.0000000000005 is meant to be 2087; a box drawn along cell edges
/// must not take one more row because 1/1000 is not a binary fraction.
double snapped(double cell) {
  const double nearest = std::round(cell);
  return std::abs(cell - nearest) <= 1e-9 * std::max(1.0, std::abs(nearest)) ? nearest : cell;
}

Range touched(double low, double high, double edge, double step, std::int64_t n) {
  const double first = snapped(((step > 0 ? low : high) - edge) / step);
  const double last = snapped(((step > 0 ? high : low) - edge) / step);
  const auto size = static_cast<double>(n);
  return {static_cast<std::int64_t>(std::clamp(std::floor(first), 0.0, size)),
          static_cast<std::int64_t>(std::clamp(std::ceil(last), 0.0, size))};
}

std::string described_extent(const GeoBox& grid) {
  std::string text = fmt::format("its extent is {}", to_string(grid.extent()));
  if (!grid.crs) return text + " in its own coordinates (it has no CRS)";
  text += fmt::format(" in its CRS '{}'", grid.crs->name());
  if (grid.crs->is_geographic()) return text;
  if (const auto lonlat = grid.lonlat_extent()) {
    text += fmt::format(", about {:.3f},{:.3f},{:.3f},{:.3f} in longitude and latitude",
                        lonlat->west, lonlat->south, lonlat->east, lonlat->north);
  }
  return text;
}

void check_box(const BBox& box) {
  if (!(box.west <= box.east) || !(box.south <= box.north) || !std::isfinite(box.east - box.west) ||
      !std::isfinite(box.north - box.south)) {
    throw Error(Errc::invalid_argument,
                "clip_box: {} is not a box: expected west <= east and south <= north, all finite",
                to_string(box));
  }
}

}  // namespace

ClipBox clip_box(const GeoBox& grid, const BBox& box, bool allow_one_dimensional) {
  check_box(box);
  if (!grid.is_north_up()) throw Error(Errc::unsupported, "clip_box: the grid is rotated");
  const Affine& t = grid.transform;
  if (!std::isnormal(t.a) || !std::isnormal(t.e) || !std::isfinite(t.c) || !std::isfinite(t.f)) {
    throw Error(Errc::invalid_argument, "clip_box: the grid's cells have no size");
  }
  if (!allow_one_dimensional && (grid.nx == 1 || grid.ny == 1)) {
    throw Error(Errc::invalid_argument,
                "clip_box: the array has {} x {} cells: at least two a side are needed", grid.nx,
                grid.ny);
  }
  const Range x = touched(box.west, box.east, t.c, t.a, grid.nx);
  const Range y = touched(box.south, box.north, t.f, t.e, grid.ny);
  if (x.begin >= x.end || y.begin >= y.end) {
    throw Error(Errc::invalid_argument, "clip_box: the box {} holds no cell of the array: {}",
                to_string(box), described_extent(grid));
  }
  const ClipBox out{x.begin, x.end, y.begin, y.end};
  if (!allow_one_dimensional && (out.nx() == 1 || out.ny() == 1)) {
    throw Error(Errc::invalid_argument,
                "clip_box: the box {} takes {} x {} cells: at least two a side are needed; {}",
                to_string(box), out.nx(), out.ny(), described_extent(grid));
  }
  return out;
}

ClipBox clip_box(const GeoBox& grid, const BBox& box, const Crs& box_crs,
                 bool allow_one_dimensional) {
  check_box(box);
  if (!grid.crs) {
    throw Error(Errc::invalid_argument,
                "clip_box: the array has no CRS, so a box in '{}' cannot be placed: {}",
                box_crs.name(), described_extent(grid));
  }
  if (*grid.crs == box_crs) return clip_box(grid, box, allow_one_dimensional);
  BBox own;
  try {
    own = transform_bounds(box_crs, *grid.crs, box);
  } catch (const Error& e) {
    throw Error(Errc::invalid_argument, "clip_box: {}: {}", e.message(), described_extent(grid));
  }
  if (own.west > own.east) {
    throw Error(
        Errc::invalid_argument,
        "clip_box: the box {} crosses the antimeridian of the array: clip its two halves; {}",
        to_string(box), described_extent(grid));
  }
  return clip_box(grid, own, allow_one_dimensional);
}

}  // namespace rastream
