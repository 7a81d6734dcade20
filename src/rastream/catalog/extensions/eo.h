// SPDX-License-Identifier: Apache-2.0
// The extension "eo" (1.0 to 2.0): bands of a camera, clouds and snow.
#pragma once

#include "rastream/catalog/extensions/field_reader.h"

namespace rastream {

/// A band, as `eo:bands` (before 2.0) or the common `bands` (STAC 1.1) say it.
struct EoBand {
  std::optional<std::string> name;
  std::optional<std::string> common_name;  ///< "red", "nir", ...
  std::optional<std::string> description;
  std::optional<double> center_wavelength;    ///< micrometres
  std::optional<double> full_width_half_max;  ///< micrometres
  std::optional<double> solar_illumination;   ///< W/m2/micrometre
};

struct Eo {
  std::optional<double> cloud_cover;  ///< percent
  std::optional<double> snow_cover;   ///< percent
  std::vector<EoBand> bands;
};

/// Of an item, or of its asset. Throws as FieldReader does.
Eo read_eo(const Item& item, std::string_view asset = "");

}  // namespace rastream
