// SPDX-License-Identifier: Apache-2.0
// Where everything is in a cloud-optimized GeoTIFF: header, GDAL's hidden notes, all directories,
// then the tiles from the smallest overview to the full resolution, in the order of reading.
// After OGC 21-026 (Cloud Optimized GeoTIFF Standard) and the "Header ghost area" of GDAL's COG
// driver.
#pragma once

#include <cstdint>
#include <vector>

#include "rastream/format/geotiff/directory_writer.h"
#include "rastream/format/geotiff/pyramid.h"
#include "rastream/format/geotiff/tile_encoder.h"

namespace rastream::geotiff {

/// Every tile has its length before it and its last four bytes again behind it, so that one request
/// reads it without the tables of tiles, and an edit by a program that knows nothing of this shows.
inline constexpr std::int64_t kTileLeader = 4;
inline constexpr std::int64_t kTileTrailer = 4;

struct CogLayout {
  bool is_big = false;     ///< BigTIFF: the file has 4 GiB or more
  Bytes head;              ///< all before the first tile's leader
  std::uint64_t size = 0;  ///< of the whole file
};

/// `main_tags` describe the raster, `overview_tags` what its overviews share with it; both without
/// sizes, tiles and compression, which are added. `tile_bytes` are the stored lengths by level and
/// number, leaders and trailers not counted. Classic TIFF is taken where it
/// can hold the file, unless `force_big`.
CogLayout lay_out(const Pyramid& pyramid, const TileCoding& coding,
                  const std::vector<Tag>& main_tags, const std::vector<Tag>& overview_tags,
                  const std::vector<std::vector<std::uint32_t>>& tile_bytes, bool force_big);

}  // namespace rastream::geotiff
