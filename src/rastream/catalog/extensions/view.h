// SPDX-License-Identifier: Apache-2.0
// The extension "view": from where the sensor looked, and where the sun stood. All in degrees.
#pragma once

#include "rastream/catalog/extensions/field_reader.h"

namespace rastream {

struct View {
  std::optional<double> off_nadir;        ///< 0 to 90
  std::optional<double> incidence_angle;  ///< 0 to 90
  std::optional<double> azimuth;          ///< 0 to 360
  std::optional<double> sun_azimuth;      ///< 0 to 360
  std::optional<double> sun_elevation;    ///< -90 to 90
};

/// Of an item, or of its asset. Throws as FieldReader does.
inline View read_view(const Item& item, std::string_view asset = "") {
  const FieldReader f(item, asset);
  return {f.number("view:off_nadir"), f.number("view:incidence_angle"), f.number("view:azimuth"),
          f.number("view:sun_azimuth"), f.number("view:sun_elevation")};
}

}  // namespace rastream
