// SPDX-License-Identifier: Apache-2.0
// A raster as RioXarray sees it: band_data (band, y, x), its coordinates, its CRS and its mask.
// GDAL says what the raster is; the cells come from a CellSource.
#pragma once

#include <memory>
#include <string>

#include "rastream/format/format.h"
#include "rastream/format/geotiff/gdal_handles.h"

namespace rastream::geotiff {

struct RasterKind {
  std::string_view format_name;
  bool is_tiff = false;  ///< cells by our own reader where it can
};

/// Opens a raster or one of its overviews. Throws data_loss for one that is damaged, or claims what
/// its file cannot hold.
std::unique_ptr<DatasetFile> open_raster(const RasterName& name, const RasterKind& kind);

/// The number of the overview that `group` names ("overview_1" is 0), -1 for the raster itself.
/// Throws not_found for any other group.
int overview_of_group(const std::string& path, const std::string& group);

}  // namespace rastream::geotiff
