// SPDX-License-Identifier: Apache-2.0
// Cells through GDAL: of TIFF files with codecs that we do not undo, and of all its other formats.
#pragma once

#include <atomic>
#include <memory>

#include "rastream/format/geotiff/cell_source.h"
#include "rastream/format/geotiff/gdal_description.h"
#include "rastream/format/geotiff/gdal_handles.h"

namespace rastream::geotiff {

class GdalCells final : public CellSource {
 public:
  /// The cells of all bands, or of their common mask (one band of 0 and 255).
  GdalCells(std::shared_ptr<HandlePool> pool, const Grid& grid, bool is_mask);

  void read(const Block& out) const override;
  std::optional<std::int64_t> stored_bytes(const Region& region) const override;
  ReadStatistics statistics() const override;

 private:
  GDALRasterBandH band(GDALDatasetH dataset, std::int64_t number) const;
  void read_band(GDALDatasetH dataset, const Block& out) const;
  void read_cells(GDALDatasetH dataset, const Block& out) const;
  Region blocks_touching(const Region& region) const;
  std::int64_t stored_bytes(GDALDatasetH dataset, const Region& region) const;
  void count(GDALDatasetH dataset, const Region& region) const;

  std::shared_ptr<HandlePool> pool_;
  Grid grid_;
  bool is_mask_;
  mutable std::atomic<std::int64_t> n_blocks_{0};
  mutable std::atomic<std::int64_t> stored_bytes_{0};
  mutable std::atomic<std::int64_t> decoded_bytes_{0};
};

}  // namespace rastream::geotiff
