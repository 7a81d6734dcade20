// SPDX-License-Identifier: Apache-2.0
// What a raster means, as TIFF tags: type of its cells, CRS, geotransform, nodata, scales, units,
// descriptions, text. GDAL makes them, in a file of one cell in memory, so that every CRS it knows
// gets the keys that it, and all others, read (OGC 19-008r4, GeoTIFF 1.1).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "rastream/format/format.h"
#include "rastream/format/geotiff/directory_writer.h"
#include "rastream/format/geotiff/georeference.h"

namespace rastream::geotiff {

struct RasterTags {
  std::vector<Tag> raster;
  std::vector<Tag> overview;  ///< those that overviews repeat
  /// What no tag can say, such as the CRS "Equal Earth": the XML of the file NAME.aux.xml in which
  /// GDAL keeps that. Mostly empty.
  std::string side_file;
};

/// `grid_mapping` (or nullptr) has the CRS. Throws invalid_argument for a CRS that GDAL does not
/// understand, unsupported for a dtype that TIFF does not have; errors name `path`.
RasterTags describe_raster(const VariableSpec& spec, std::int64_t n_bands,
                           const Attributes* grid_mapping,
                           const std::optional<GeoTransform>& transform, const std::string& path);

}  // namespace rastream::geotiff
