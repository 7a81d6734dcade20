// SPDX-License-Identifier: Apache-2.0
#include "rastream/catalog/extensions/eo.h"

namespace rastream {
namespace {

EoBand band_of(const FieldReader& f, const std::string& prefix) {
  EoBand band;
  band.name = f.text("name");
  band.description = f.text("description");
  band.common_name = f.text(prefix + "common_name");
  band.center_wavelength = f.number(prefix + "center_wavelength");
  band.full_width_half_max = f.number(prefix + "full_width_half_max");
  band.solar_illumination = f.number(prefix + "solar_illumination");
  return band;
}

}  // namespace

Eo read_eo(const Item& item, std::string_view asset) {
  const FieldReader fields(item, asset);
  Eo eo;
  eo.cloud_cover = fields.number("eo:cloud_cover");
  eo.snow_cover = fields.number("eo:snow_cover");
  for (const FieldReader& band : fields.list("eo:bands")) eo.bands.push_back(band_of(band, ""));
  if (!eo.bands.empty()) return eo;
  for (const FieldReader& band : fields.list("bands")) eo.bands.push_back(band_of(band, "eo:"));
  return eo;
}

}  // namespace rastream
