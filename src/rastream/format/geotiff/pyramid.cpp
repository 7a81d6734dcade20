// SPDX-License-Identifier: Apache-2.0
#include "rastream/format/geotiff/pyramid.h"

#include <algorithm>

#include "rastream/base/bytes.h"
#include "rastream/base/error.h"

namespace rastream::geotiff {
namespace {

constexpr std::int64_t kMostTiles = std::int64_t{1} << 28;

/// TIFF 6.0 section 15: sides of tiles are multiples of 16.
std::int64_t tile_side(std::int64_t n_cells, std::int64_t tile) {
  return std::min(tile, divide_up(n_cells, 16) * 16);
}

}  // namespace

Pyramid::Pyramid(const Extents& shape, std::int64_t tile, bool is_pixel_interleaved,
                 bool has_overviews)
    : n_bands_(shape[0]),
      is_pixel_interleaved_(is_pixel_interleaved),
      tile_height_(tile_side(shape[1], tile)),
      tile_width_(tile_side(shape[2], tile)) {
  Level level{shape[1], shape[2], 0, 0};
  while (true) {
    level.n_tiles_y = divide_up(level.height, tile_height_);
    level.n_tiles_x = divide_up(level.width, tile_width_);
    levels_.push_back(level);
    if (!has_overviews || (level.n_tiles_y == 1 && level.n_tiles_x == 1)) break;
    level.height = divide_up(level.height, 2);
    level.width = divide_up(level.width, 2);
  }
  const std::int64_t in_plane =
      checked_multiply(levels_[0].n_tiles_y, levels_[0].n_tiles_x, "GeoTIFF tiles");
  if (checked_multiply(in_plane, n_planes(), "GeoTIFF tiles") > kMostTiles) {
    throw Error(Errc::unsupported, "a raster of shape {} has too many tiles for a GeoTIFF",
                to_string(shape));
  }
}

std::int64_t Pyramid::n_tiles(std::size_t level) const {
  return n_planes() * levels_[level].n_tiles_y * levels_[level].n_tiles_x;
}

std::int64_t Pyramid::number(const TileKey& tile) const {
  const Level& level = levels_[tile.level];
  return (tile.plane * level.n_tiles_y + tile.y) * level.n_tiles_x + tile.x;
}

TileKey Pyramid::key(std::size_t level, std::int64_t number) const {
  const std::int64_t n_x = levels_[level].n_tiles_x;
  const std::int64_t n_y = levels_[level].n_tiles_y;
  return {level, number / (n_x * n_y), number / n_x % n_y, number % n_x};
}

Region Pyramid::region(const TileKey& tile) const {
  const Level& level = levels_[tile.level];
  const std::int64_t y = tile.y * tile_height_;
  const std::int64_t x = tile.x * tile_width_;
  return {{tile.plane, y, x},
          {tile.plane + n_samples(), std::min(y + tile_height_, level.height),
           std::min(x + tile_width_, level.width)}};
}

Region Pyramid::tiles_touching(const Region& cells) const {
  const bool all = is_pixel_interleaved_;
  return {{all ? 0 : cells.begin[0], cells.begin[1] / tile_height_, cells.begin[2] / tile_width_},
          {all ? 1 : cells.end[0], divide_up(cells.end[1], tile_height_),
           divide_up(cells.end[2], tile_width_)}};
}

}  // namespace rastream::geotiff
