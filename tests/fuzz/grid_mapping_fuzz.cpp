// SPDX-License-Identifier: Apache-2.0
// A JSON object as the attributes of a grid mapping: CRS and geotransform.
#include "rastream/geo/crs.h"
#include "rastream/geo/geotransform.h"
#include "tests/fuzz/input.h"

using namespace rastream;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::try_it([&] {
    Attributes attributes = attributes_from_json(parse_json(fuzz::text_of(data, size), "fuzz"));
    const Json json = to_json(attributes);
    fuzz::expect(to_json(attributes_from_json(json)) == json, "attributes round trip");
    fuzz::try_it([&] { parse_geotransform(attributes); });
    // The texts of a CRS are PROJ's to parse; ours are the parameters.
    attributes.erase("crs_wkt");
    attributes.erase("spatial_ref");
    fuzz::try_it([&] { Crs::from_cf(attributes).to_cf(); });
  });
  return 0;
}
