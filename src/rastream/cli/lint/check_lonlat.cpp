// SPDX-License-Identifier: Apache-2.0
// Longitudes and latitudes outside of the globe, or one in place of the other.
#include <algorithm>
#include <cmath>

#include "rastream/base/error.h"
#include "rastream/cli/lint/lint.h"
#include "rastream/geo/axis_kind.h"

namespace rastream::lint {
namespace {

/// Longitude, latitude or other.
AxisKind lonlat_or_other(AxisKind kind) {
  return kind == AxisKind::x || kind == AxisKind::y ? AxisKind::other : kind;
}

bool is_missing(const VariableInfo& v, double cell) {
  return !std::isfinite(cell) || v.attributes.number("_FillValue") == cell ||
         v.attributes.number("missing_value") == cell;
}

/// Least and largest of the valid cells; nothing when there is none.
std::optional<std::pair<double, double>> range_of(const Subject& subject, const VariableInfo& v) {
  std::optional<std::pair<double, double>> range;
  const double scale = v.attributes.number("scale_factor").value_or(1);
  const double offset = v.attributes.number("add_offset").value_or(0);
  for (const double stored : subject.sample(v).cells) {
    if (is_missing(v, stored)) continue;
    const double cell = stored * scale + offset;
    if (!range) range = {cell, cell};
    range->first = std::min(range->first, cell);
    range->second = std::max(range->second, cell);
  }
  return range;
}

void run(const Subject& subject, Findings& findings) {
  for (const VariableInfo& v : subject.variables()) {
    const AxisKind by_name = lonlat_or_other(axis_kind_by_name(v.name, v.attributes));
    const AxisKind by_units = axis_kind_by_units(v.attributes);
    if (by_name != AxisKind::other && by_units != AxisKind::other && by_name != by_units) {
      findings.push_back({"", Severity::error, place_of(v),
                          fmt::format("is called a {} but has units {}",
                                      by_name == AxisKind::longitude ? "longitude" : "latitude",
                                      v.attributes.text("units").value_or("")),
                          "degrees_east for longitudes, degrees_north for latitudes",
                          "longitude and latitude are swapped: mend names or units"});
      continue;
    }
    const AxisKind kind = by_name != AxisKind::other ? by_name : by_units;
    const auto units = v.attributes.text("units");
    // Metres or radians under such a name are no degrees.
    if (kind == AxisKind::other || (units && !units->starts_with("degree"))) continue;
    const auto range = range_of(subject, v);
    if (!range) continue;
    const double least = kind == AxisKind::latitude ? -90 : -180;
    const double most = kind == AxisKind::latitude ? 90 : 360;
    const double slack = 1e-4;  // of float32 coordinates
    if (range->first >= least - slack && range->second <= most + slack) continue;
    const bool may_be_swapped =
        kind == AxisKind::latitude && range->first >= -180 && range->second <= 360;
    findings.push_back(
        {"", Severity::error, place_of(v),
         fmt::format("values from {} to {}", range->first, range->second),
         fmt::format("{} within {} to {} degrees",
                     kind == AxisKind::latitude ? "latitudes" : "longitudes", least, most),
         may_be_swapped ? "longitude and latitude may be swapped"
                        : "look for a wrong unit or a missing fill value"});
  }
}

}  // namespace

Check lonlat_check() {
  return {
      "lonlat", "longitudes or latitudes lie outside of the globe, or are swapped",
      "variables with such a name, standard_name or units: latitudes within -90 to 90, longitudes "
      "within -180 to 360, name and units agree",
      &run};
}

}  // namespace rastream::lint
