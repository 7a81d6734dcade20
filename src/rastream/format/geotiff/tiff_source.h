// SPDX-License-Identifier: Apache-2.0
// Finds the TIFF directory that GDAL's raster, overview or mask is, so that its cells can be read
// without GDAL.
#pragma once

#include <memory>
#include <string>

#include "rastream/format/geotiff/gdal_description.h"
#include "rastream/format/geotiff/tiff_cells.h"

namespace rastream::geotiff {

/// The directories of one file, read once.
class TiffImages {
 public:
  /// Throws data_loss for damaged directories.
  explicit TiffImages(const std::string& path);

  struct Found {
    std::unique_ptr<CellSource> cells;  ///< nullptr where GDAL has to read
    std::string reason;                 ///< and why
    Extents chunk;                      ///< of (band, y, x)
  };
  /// The raster's cells. `is_overview`: of an overview of the file's first image. `fill` is what
  /// cells are that were never stored.
  Found find(const Grid& grid, bool is_overview, const CellBytes& fill) const;
  /// Those of its mask.
  Found find_mask(const Grid& grid, bool is_overview) const;

 private:
  const TiffDirectory* directory(const Grid& grid, unsigned subfile_type,
                                 std::int64_t samples) const;
  Found source(const TiffDirectory& d, bool is_mask, const CellBytes& fill) const;

  std::shared_ptr<const FileBytes> file_;
  TiffFile tiff_;
};

}  // namespace rastream::geotiff
