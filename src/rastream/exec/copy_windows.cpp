// SPDX-License-Identifier: Apache-2.0
#include "rastream/exec/copy_windows.h"

#include <algorithm>
#include <limits>
#include <optional>

#include "rastream/base/error.h"
#include "rastream/geo/axis_kind.h"
#include "rastream/geo/clip_box.h"
#include "rastream/geo/time_units.h"
#include "rastream/ops/labelled.h"
#include "rastream/ops/open_dataset.h"

namespace rastream {
namespace {

Coordinates coordinates_of(const std::string& path, const std::string& group) {
  OpenOptions options;
  options.group = group;
  return open_dataset(path, options).coords;
}

/// The name of the index coordinate of this kind.
std::optional<std::string> find_index(const Coordinates& coords, AxisKind kind) {
  for (const auto& [name, c] : coords) {
    if (c.is_text() || c.dims != std::vector<std::string>{name}) continue;
    if (axis_kind(name, c.attributes) == kind) return name;
  }
  return std::nullopt;
}

}  // namespace

std::map<std::string, IndexRange> box_windows(const std::string& path, const std::string& group,
                                              const BBox& lonlat) {
  const Coordinates coords = coordinates_of(path, group);
  std::optional<Crs> crs = crs_of(coords);
  auto x = find_index(coords, AxisKind::x);
  auto y = find_index(coords, AxisKind::y);
  const Crs geographic = Crs::from_user_input("EPSG:4326");
  if (!x || !y) {
    x = find_index(coords, AxisKind::longitude);
    y = find_index(coords, AxisKind::latitude);
    if (!crs) crs = geographic;
  }
  if (!x || !y) {
    throw Error(Errc::invalid_argument,
                "--bbox: {} has no coordinates x and y, or longitude and latitude, of dimensions",
                path);
  }
  const GeoBox grid =
      GeoBox::from_coordinates(coordinate_values(*find_coordinate(coords, *x)),
                               coordinate_values(*find_coordinate(coords, *y)), crs);
  const ClipBox box = clip_box(grid, lonlat, geographic, true);
  return {{*x, {box.x_begin, box.x_end}}, {*y, {box.y_begin, box.y_end}}};
}

std::map<std::string, IndexRange> time_windows(const std::string& path, const std::string& group,
                                               const std::string& text) {
  const auto slash = text.find('/');
  if (slash == std::string::npos || text.size() == 1) {
    throw Error(Errc::invalid_argument,
                "--time '{}': expected FROM/TO, such as 2001-05/2001-09-30 or 2001/", text);
  }
  for (const auto& [name, c] : coordinates_of(path, group)) {
    if (c.is_text() || c.dims != std::vector<std::string>{name}) continue;
    const auto found = TimeUnits::of(c.attributes);
    if (!found) continue;
    const TimeUnits& time = *found;
    const std::string from = text.substr(0, slash);
    const std::string to = text.substr(slash + 1);
    const auto edge = [&](const std::string& date, bool is_end) {
      const TimeRange range = parse_partial_date(date, time.calendar());
      return to_microseconds(time.calendar(), is_end ? range.end : range.begin);
    };
    using Limits = std::numeric_limits<std::int64_t>;
    const std::int64_t begin = from.empty() ? Limits::min() : edge(from, false);
    const std::int64_t end = to.empty() ? Limits::max() : edge(to, true);
    std::vector<std::int64_t> times;
    for (const double v : coordinate_values(c)) times.push_back(time.decode_microseconds(v));
    if (!std::is_sorted(times.begin(), times.end())) {
      throw Error(Errc::invalid_argument, "--time: the times of '{}' in {} are not in order", name,
                  path);
    }
    const auto first = std::lower_bound(times.begin(), times.end(), begin);
    const auto last = std::lower_bound(first, times.end(), end);
    if (first == last) {
      throw Error(
          Errc::invalid_argument, "--time {}: no step of '{}' in {}, which has {} to {}", text,
          name, path,
          times.empty() ? "nothing" : to_iso(from_microseconds(time.calendar(), times.front())),
          times.empty() ? "nothing" : to_iso(from_microseconds(time.calendar(), times.back())));
    }
    return {{name, {first - times.begin(), last - times.begin()}}};
  }
  throw Error(Errc::invalid_argument,
              "--time: {} has no time dimension with units such as 'days since 1950-01-01'", path);
}

}  // namespace rastream
