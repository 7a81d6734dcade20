// SPDX-License-Identifier: Apache-2.0
#include "rastream/format/geotiff/tiff_source.h"

#include <algorithm>

namespace rastream::geotiff {
namespace {

// Bits of NewSubfileType, TIFF 6.0 section 8.
constexpr unsigned kReduced = 1;
constexpr unsigned kMask = 4;

/// Stored rows can be read by themselves, so one strip of a whole image need not be one chunk.
std::int64_t chunk_rows(const TiffDirectory& d, const TileLayout& layout) {
  constexpr std::int64_t kLargeBytes = std::int64_t{4} << 20;
  const bool may_split = d.compression == 1 && layout.n_down() == 1;
  if (!may_split || layout.max_tile_bytes() <= kLargeBytes) return d.tile_height;
  return std::max<std::int64_t>(1, kLargeBytes / layout.row_bytes());
}

}  // namespace

TiffImages::TiffImages(const std::string& path)
    : file_(std::make_shared<FileBytes>(path)), tiff_(read_tiff_directories(*file_)) {}

/// nullptr where none or several have this size: only GDAL then knows which one it means.
const TiffDirectory* TiffImages::directory(const Grid& grid, unsigned subfile_type,
                                           std::int64_t samples) const {
  const TiffDirectory* found = nullptr;
  for (const TiffDirectory& d : tiff_.directories) {
    const bool is_it = (d.subfile_type & (kReduced | kMask)) == subfile_type &&
                       d.width == grid.n_x && d.height == grid.n_y && d.samples == samples;
    if (is_it && found) return nullptr;
    if (is_it) found = &d;
  }
  return found;
}

TiffImages::Found TiffImages::source(const TiffDirectory& d, bool is_mask,
                                     const CellBytes& fill) const {
  const TiffSupport support = tiff_support(d, is_mask);
  if (!support.type) return {nullptr, support.reason, {}};
  Found found;
  const TileLayout layout(d);
  found.chunk = Extents{layout.tile_bands(), chunk_rows(d, layout), d.tile_width};
  auto cells = std::make_unique<TiffCells>(file_, d, tiff_.is_big_endian, *support.type, fill);
  if (cells->is_old_lzw()) return {nullptr, "LZW of before TIFF 5.0", {}};
  found.cells = std::move(cells);
  return found;
}

TiffImages::Found TiffImages::find(const Grid& grid, bool is_overview,
                                   const CellBytes& fill) const {
  const TiffDirectory* first = &tiff_.directories[0];
  const bool is_first =
      first->width == grid.n_x && first->height == grid.n_y && first->samples == grid.n_bands;
  const TiffDirectory* d = is_overview ? directory(grid, kReduced, grid.n_bands)
                           : is_first  ? first
                                       : nullptr;
  if (!d) return {nullptr, is_overview ? "an overview that is not in the file" : "bands", {}};
  const TiffSupport support = tiff_support(*d, false);
  if (!support.type) return {nullptr, support.reason, {}};
  const bool is_same = std::all_of(grid.dtypes.begin(), grid.dtypes.end(),
                                   [&](DType dtype) { return dtype == support.type->dtype; });
  if (!is_same) return {nullptr, "cells that GDAL converts", {}};
  return source(*d, false, fill);
}

TiffImages::Found TiffImages::find_mask(const Grid& grid, bool is_overview) const {
  const TiffDirectory* d = directory(grid, is_overview ? kReduced | kMask : kMask, 1);
  if (!d) return {nullptr, "a mask that is not in the file", {}};
  return source(*d, true, {});
}

}  // namespace rastream::geotiff
