// SPDX-License-Identifier: Apache-2.0
// The extension "sar": how a radar took its picture.
#pragma once

#include "rastream/catalog/extensions/field_reader.h"

namespace rastream {

struct Sar {
  std::optional<std::string> instrument_mode;  ///< "IW"
  std::optional<std::string> frequency_band;   ///< "C"
  std::optional<double> center_frequency;      ///< GHz
  std::vector<std::string> polarizations;      ///< "VV", "VH"
  std::optional<std::string> product_type;     ///< "GRD", "SLC"
  std::optional<double> resolution_range;      ///< metres, as are those below
  std::optional<double> resolution_azimuth;
  std::optional<double> pixel_spacing_range;
  std::optional<double> pixel_spacing_azimuth;
  std::optional<std::int64_t> looks_range;
  std::optional<std::int64_t> looks_azimuth;
  std::optional<double> looks_equivalent_number;
  std::optional<std::string> observation_direction;  ///< "left" or "right"
};

/// Of an item, or of its asset. Throws as FieldReader does.
inline Sar read_sar(const Item& item, std::string_view asset = "") {
  const FieldReader f(item, asset);
  return {f.text("sar:instrument_mode"),
          f.text("sar:frequency_band"),
          f.number("sar:center_frequency"),
          f.texts("sar:polarizations"),
          f.text("sar:product_type"),
          f.number("sar:resolution_range"),
          f.number("sar:resolution_azimuth"),
          f.number("sar:pixel_spacing_range"),
          f.number("sar:pixel_spacing_azimuth"),
          f.integer("sar:looks_range"),
          f.integer("sar:looks_azimuth"),
          f.number("sar:looks_equivalent_number"),
          f.text("sar:observation_direction")};
}

}  // namespace rastream
