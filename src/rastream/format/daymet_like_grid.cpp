// SPDX-License-Identifier: Apache-2.0
#include "rastream/format/daymet_like_grid.h"

#include <array>
#include <string_view>

#include "rastream/base/error.h"

namespace rastream {
namespace {

struct Region {
  std::string_view name;
  double x, y;
  std::int64_t nx, ny;
};

constexpr std::array<Region, 3> kRegions = {{{"na", -4'560'250, 4'984'000, 7814, 8075},
                                             {"hi", -5'802'250, -39'000, 284, 584},
                                             {"pr", 3'445'750, -1'765'000, 364, 231}}};

const Region& find_region(const std::string& name) {
  for (const auto& r : kRegions) {
    if (r.name == name) return r;
  }
  throw Error(Errc::invalid_argument, "region '{}' is not one of Daymet's: expected na, hi or pr",
              name);
}

/// Number of cells kept along one side.
std::int64_t kept(std::string_view side, std::int64_t first, std::int64_t n, std::int64_t size,
                  std::int64_t stride) {
  if (first < 0 || first >= size || n < 0 || n > size - first) {
    throw Error(Errc::invalid_argument, "window {} of {} cells from {}: the region has {} cells",
                side, n, first, size);
  }
  const std::int64_t taken = n == 0 ? size - first : n;
  const std::int64_t out = (taken + stride - 1) / stride;
  if (out < 2)
    throw Error(Errc::invalid_argument, "window {}: fewer than two cells are left", side);
  return out;
}

}  // namespace

DaymetGrid daymet_grid(const DaymetLikeOptions& options) {
  const Region& region = find_region(options.region);
  if (options.stride < 1)
    throw Error(Errc::invalid_argument, "stride {}: expected 1 or more", options.stride);
  DaymetGrid grid;
  grid.region = options.region;
  grid.x0 = options.x0;
  grid.y0 = options.y0;
  grid.stride = options.stride;
  grid.nx = kept("x", options.x0, options.nx, region.nx, options.stride);
  grid.ny = kept("y", options.y0, options.ny, region.ny, options.stride);
  grid.origin_x = region.x;
  grid.origin_y = region.y;
  return grid;
}

Attributes daymet_grid_mapping() {
  Attributes a;
  const auto number = [](double v) { return number_attribute(DType::float64, v); };
  a.set("grid_mapping_name", "lambert_conformal_conic");
  a.set("longitude_of_central_meridian", number(-100));
  a.set("latitude_of_projection_origin", number(42.5));
  a.set("false_easting", number(0));
  a.set("false_northing", number(0));
  a.set("standard_parallel", Numbers{DType::float64, {}, {25, 60}});
  a.set("semi_major_axis", number(6'378'137));
  a.set("inverse_flattening", number(298.257223563));
  return a;
}

GeoBox DaymetGrid::geobox() const {
  const double step = 1000.0 * static_cast<double>(stride);
  GeoBox box;
  box.crs = Crs::from_cf(daymet_grid_mapping());
  box.transform = {step, 0, x(0) - step / 2, 0, -step, y(0) + step / 2};
  box.nx = nx;
  box.ny = ny;
  return box;
}

}  // namespace rastream
