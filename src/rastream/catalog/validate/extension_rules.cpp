// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "rastream/catalog/validate/rule.h"

namespace rastream {
namespace {

constexpr FieldRule of(std::string_view extension, std::string_view path, Check check,
                  std::string_view expected) {
  return {path, check, expected, "fields of the extension", kOfAll, false, extension, {}};
}

const std::array kRules = {
    of("projection", "proj:code", &check::text_or_null, "a text or null"),
    of("projection", "proj:epsg", &check::integer_or_null, "an integer or null"),
    of("projection", "proj:wkt2", &check::text_or_null, "a text or null"),
    of("projection", "proj:projjson", &check::object_or_null, "an object or null"),
    of("projection", "proj:geometry", &check::geometry, "a GeoJSON geometry"),
    of("projection", "proj:bbox", &check::box, "four or six numbers"),
    of("projection", "proj:centroid", &check::centroid, "an object with lat and lon"),
    of("projection", "proj:shape", &check::shape, "two integers"),
    of("projection", "proj:transform", &check::transform, "six or nine numbers"),

    of("eo", "eo:cloud_cover", &check::percent, "a number from 0 to 100"),
    of("eo", "eo:snow_cover", &check::percent, "a number from 0 to 100"),
    of("eo", "eo:bands", &check::full_list, "a list that is not empty"),
    of("eo", "eo:bands[]", &check::band, "a band: an object whose members are what they say"),
    of("eo", "eo:center_wavelength", &check::number, "a number"),
    of("eo", "eo:full_width_half_max", &check::number, "a number"),
    of("eo", "eo:common_name", &check::text, "a text"),

    of("raster", "raster:bands", &check::full_list, "a list that is not empty"),
    of("raster", "raster:bands[]", &check::object, "an object"),
    of("raster", "raster:bands[].nodata", &check::nodata, "a number, 'nan', 'inf' or '-inf'"),
    of("raster", "raster:bands[].sampling", &check::sampling, "area or point"),
    of("raster", "raster:bands[].data_type", &check::data_type, "a data type"),
    of("raster", "raster:bands[].bits_per_sample", &check::number, "a number"),
    of("raster", "raster:bands[].spatial_resolution", &check::number, "a number"),
    of("raster", "raster:bands[].unit", &check::text, "a text"),
    of("raster", "raster:bands[].scale", &check::number, "a number"),
    of("raster", "raster:bands[].offset", &check::number, "a number"),
    of("raster", "raster:bands[].statistics", &check::object, "an object"),
    of("raster", "raster:bands[].statistics.mean", &check::number, "a number"),
    of("raster", "raster:bands[].statistics.minimum", &check::number, "a number"),
    of("raster", "raster:bands[].statistics.maximum", &check::number, "a number"),
    of("raster", "raster:bands[].statistics.stddev", &check::number, "a number"),
    of("raster", "raster:bands[].statistics.valid_percent", &check::number, "a number"),
    of("raster", "raster:bands[].histogram", &check::object, "an object"),
    of("raster", "raster:scale", &check::number, "a number"),
    of("raster", "raster:offset", &check::number, "a number"),
    of("raster", "raster:spatial_resolution", &check::number, "a number"),
    of("raster", "raster:sampling", &check::sampling, "area or point"),

    of("view", "view:off_nadir", &check::off_nadir, "a number from 0 to 90"),
    of("view", "view:incidence_angle", &check::off_nadir, "a number from 0 to 90"),
    of("view", "view:azimuth", &check::azimuth, "a number from 0 to 360"),
    of("view", "view:sun_azimuth", &check::azimuth, "a number from 0 to 360"),
    of("view", "view:sun_elevation", &check::elevation, "a number from -90 to 90"),

    of("sar", "sar:instrument_mode", &check::text, "a text"),
    of("sar", "sar:frequency_band", &check::frequency_band, "P, L, S, C, X, Ku, K or Ka"),
    of("sar", "sar:center_frequency", &check::number, "a number"),
    of("sar", "sar:polarizations", &check::polarizations, "a list of HH, VV, HV and VH"),
    of("sar", "sar:product_type", &check::text, "a text"),
    of("sar", "sar:resolution_range", &check::positive, "a number > 0"),
    of("sar", "sar:resolution_azimuth", &check::positive, "a number > 0"),
    of("sar", "sar:pixel_spacing_range", &check::positive, "a number > 0"),
    of("sar", "sar:pixel_spacing_azimuth", &check::positive, "a number > 0"),
    of("sar", "sar:looks_range", &check::count, "an integer >= 0"),
    of("sar", "sar:looks_azimuth", &check::count, "an integer >= 0"),
    of("sar", "sar:looks_equivalent_number", &check::number, "a number"),
    of("sar", "sar:observation_direction", &check::observation_direction, "left or right"),

    of("datacube", "cube:dimensions", &check::object, "an object"),
    of("datacube", "cube:dimensions{}", &check::dimension, "a dimension: an object with a type"),
    of("datacube", "cube:variables", &check::object, "an object"),
    of("datacube", "cube:variables{}", &check::variable,
       "a variable: an object with dimensions and type data or auxiliary"),

    of("file", "file:size", &check::count, "an integer >= 0"),
    of("file", "file:header_size", &check::count, "an integer >= 0"),
    of("file", "file:checksum", &check::multihash, "a multihash in lower-case hexadecimals"),
    of("file", "file:byte_order", &check::byte_order, "big-endian or little-endian"),
    of("file", "file:values", &check::full_list, "a list that is not empty"),
    of("file", "file:local_path", &check::full_text, "a text that is not empty"),
};

}  // namespace

std::span<const FieldRule> extension_rules() { return kRules; }

}  // namespace rastream
