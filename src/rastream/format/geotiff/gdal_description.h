// SPDX-License-Identifier: Apache-2.0
// What GDAL says of an opened raster: its grid, where its cells are, and its metadata.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "rastream/array/attributes.h"
#include "rastream/format/geotiff/cell_source.h"
#include "rastream/format/geotiff/gdal.h"

namespace rastream::geotiff {

struct Grid {
  std::int64_t n_x = 0;
  std::int64_t n_y = 0;
  std::int64_t n_bands = 0;
  int block_x = 0;
  int block_y = 0;
  bool is_interleaved = false;  ///< a block holds all bands
  bool has_mask = false;        ///< one for all bands that is stored, not made of nodata or alpha
  int n_overviews = 0;
  std::string compression;
  std::vector<DType> dtypes;  ///< of the bands
  DType dtype = DType::uint8;

  std::int64_t block_bytes() const;
};

/// Throws data_loss for a raster without bands, unsupported for cells of no dtype of ours.
Grid grid_of(GDALDatasetH dataset, const std::string& path);

/// A header may claim any size: nothing is allocated for blocks that the file is too short to hold.
/// Throws data_loss. `has_index`: the file lists every block.
void check_claims(const Grid& grid, std::int64_t file_size, bool has_index,
                  const std::string& path);

/// GDAL's six numbers: corner of the first cell and steps.
using GeoTransform = std::array<double, 6>;

/// Where the cells are.
struct Georeference {
  GeoTransform transform = {0, 1, 0, 0, 0, 1};
  bool has_axes = true;  ///< x depends on the column only and y on the row only
  std::string wkt;
  std::string gcps;  ///< GeoJSON, empty when there are none
};

Georeference georeference_of(GDALDatasetH dataset);

/// Attributes of band_data.
Attributes attributes_of(GDALDatasetH dataset, const Grid& grid);

/// What GDAL makes of cells of dtype grid.dtype that were never stored: the nodata value, rounded
/// and clamped where that dtype does not have it, or 0.
CellBytes absent_cell(GDALDatasetH dataset, const Grid& grid);

/// "deflate", "predictor 2".
std::vector<std::string> codecs_of(GDALDatasetH dataset, const Grid& grid);

}  // namespace rastream::geotiff
