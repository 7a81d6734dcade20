// SPDX-License-Identifier: Apache-2.0
#include "rastream/geo/geotransform.h"

#include <fmt/format.h>

#include <cmath>
#include <sstream>

namespace rastream {

std::optional<GeoTransform> parse_geotransform(const Attributes& grid_mapping) {
  const auto text = grid_mapping.text("GeoTransform");
  if (!text) return std::nullopt;
  std::istringstream in(*text);
  GeoTransform t{};
  for (double& v : t) {
    if (!(in >> v) || !std::isfinite(v)) return std::nullopt;
  }
  return t;
}

GeoTransform moved(const GeoTransform& t, double column, double row) {
  GeoTransform out = t;
  out[0] += t[1] * column + t[2] * row;
  out[3] += t[4] * column + t[5] * row;
  return out;
}

std::string to_string(const GeoTransform& t) { return fmt::format("{}", fmt::join(t, " ")); }

}  // namespace rastream
