// SPDX-License-Identifier: Apache-2.0
#include "rastream/geo/axis_kind.h"

namespace rastream {
namespace {

AxisKind kind_of(std::string_view name) {
  if (name == "x" || name == "projection_x_coordinate" || name == "easting") return AxisKind::x;
  if (name == "y" || name == "projection_y_coordinate" || name == "northing") return AxisKind::y;
  if (name == "lon" || name == "longitude") return AxisKind::longitude;
  if (name == "lat" || name == "latitude") return AxisKind::latitude;
  return AxisKind::other;
}

}  // namespace

AxisKind axis_kind_by_name(std::string_view name, const Attributes& attributes) {
  const AxisKind standard = kind_of(attributes.text("standard_name").value_or(""));
  return standard != AxisKind::other ? standard : kind_of(name.substr(name.rfind('/') + 1));
}

AxisKind axis_kind_by_units(const Attributes& attributes) {
  const std::string units = attributes.text("units").value_or("");
  for (const char* degrees : {"degrees_", "degree_", "degrees", "degree"}) {
    if (!units.starts_with(degrees)) continue;
    const std::string direction = units.substr(std::string_view(degrees).size());
    if (direction == "east" || direction == "E") return AxisKind::longitude;
    if (direction == "north" || direction == "N") return AxisKind::latitude;
  }
  return AxisKind::other;
}

AxisKind axis_kind(std::string_view name, const Attributes& attributes) {
  const AxisKind by_name = axis_kind_by_name(name, attributes);
  return by_name != AxisKind::other ? by_name : axis_kind_by_units(attributes);
}

}  // namespace rastream
