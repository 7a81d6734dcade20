// SPDX-License-Identifier: Apache-2.0
// The extension "raster" (1.0 to 2.0): what the numbers in the cells of each band mean.
#pragma once

#include "rastream/catalog/extensions/field_reader.h"

namespace rastream {

struct RasterStatistics {
  std::optional<double> minimum, maximum, mean, stddev, valid_percent;
  std::optional<std::int64_t> count;
};

struct RasterHistogram {
  std::int64_t count = 0;
  double min = 0, max = 0;
  std::vector<std::int64_t> buckets;
};

/// A band, as `raster:bands` (before 2.0) or the common `bands` (STAC 1.1) say it.
struct RasterBand {
  std::optional<std::string> name;
  std::optional<double> nodata;          ///< NaN and infinities included
  std::optional<std::string> data_type;  ///< "uint16"
  std::optional<std::string> unit;
  std::optional<std::string> sampling;  ///< "area" or "point"
  std::optional<std::int64_t> bits_per_sample;
  std::optional<double> spatial_resolution;  ///< metres
  std::optional<double> scale;               ///< value = cell * scale + offset
  std::optional<double> offset;
  std::optional<RasterStatistics> statistics;
  std::optional<RasterHistogram> histogram;
};

/// The bands of an asset, or of an item; empty when it does not say. Throws as FieldReader does.
std::vector<RasterBand> read_raster_bands(const Item& item, std::string_view asset = "");

}  // namespace rastream
