// SPDX-License-Identifier: Apache-2.0
#include "rastream/catalog/extensions/raster.h"

namespace rastream {
namespace {

RasterStatistics statistics_of(const FieldReader& f) {
  RasterStatistics s;
  s.minimum = f.number("minimum");
  s.maximum = f.number("maximum");
  s.mean = f.number("mean");
  s.stddev = f.number("stddev");
  s.valid_percent = f.number("valid_percent");
  s.count = f.integer("count");
  return s;
}

RasterHistogram histogram_of(const FieldReader& f) {
  const auto count = f.integer("count");
  const auto min = f.number("min"), max = f.number("max");
  if (!count || !min || !max) throw f.wrong("count, min, max", "all there");
  return {*count, *min, *max, f.integers("buckets")};
}

/// `prefix` is of the fields that only the extension has; the others are common in STAC 1.1.
RasterBand band_of(const FieldReader& f, const std::string& prefix, const std::string& what) {
  RasterBand b;
  b.name = f.text("name");
  b.nodata = f.number_or_name("nodata");
  b.data_type = f.text("data_type");
  b.unit = f.text("unit");
  b.sampling = f.text(prefix + "sampling");
  b.bits_per_sample = f.integer(prefix + "bits_per_sample");
  b.spatial_resolution = f.number(prefix + "spatial_resolution");
  b.scale = f.number(prefix + "scale");
  b.offset = f.number(prefix + "offset");
  if (const auto s = f.object("statistics"))
    b.statistics = statistics_of(FieldReader(*s, what + ", statistics"));
  if (const auto h = f.object(prefix + "histogram"))
    b.histogram = histogram_of(FieldReader(*h, what + ", histogram"));
  return b;
}

}  // namespace

std::vector<RasterBand> read_raster_bands(const Item& item, std::string_view asset) {
  const FieldReader fields(item, asset);
  const std::string what = fmt::format("{}: item '{}'", item.href, item.id);
  std::vector<RasterBand> out;
  for (const FieldReader& band : fields.list("raster:bands"))
    out.push_back(band_of(band, "", what));
  if (!out.empty()) return out;
  for (const FieldReader& band : fields.list("bands"))
    out.push_back(band_of(band, "raster:", what));
  return out;
}

}  // namespace rastream
