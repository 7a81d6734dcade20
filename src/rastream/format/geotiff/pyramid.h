// SPDX-License-Identifier: Apache-2.0
// The geometry of a tiled raster and its overviews: which cells are in which tile of which level.
// Pure arithmetic; all regions are (band, y, x) in the cells of their level.
#pragma once

#include <cstdint>
#include <vector>

#include "rastream/array/region.h"

namespace rastream::geotiff {

/// One resolution. Level 0 is the raster itself; each further one has half as many rows and
/// columns, rounded up, so that cell i covers cells 2i and 2i + 1 of the level before it.
struct Level {
  std::int64_t height = 0;
  std::int64_t width = 0;
  std::int64_t n_tiles_y = 0;
  std::int64_t n_tiles_x = 0;
};

/// `plane` is the band, or 0 where the bands of a cell lie side by side.
struct TileKey {
  std::size_t level = 0;
  std::int64_t plane = 0;
  std::int64_t y = 0;
  std::int64_t x = 0;
  friend auto operator<=>(const TileKey&, const TileKey&) = default;
};

/// Immutable. Invariant: tiles of a level are numbered by plane, row and column, as TIFF's
/// TileOffsets are (TIFF 6.0 section 15), and a tile covers 2 x 2 tiles of the level before it.
class Pyramid {
 public:
  /// `shape` is (band, y, x), all at least 1. `tile` is the side of a tile where the raster is that
  /// large, a multiple of 16; smaller rasters have smaller tiles. Levels are added until one fits a
  /// tile. Throws unsupported when there are more than 2^28 tiles.
  Pyramid(const Extents& shape, std::int64_t tile, bool is_pixel_interleaved, bool has_overviews);

  std::int64_t n_bands() const { return n_bands_; }
  /// Cells side by side: all bands, or 1.
  std::int64_t n_samples() const { return is_pixel_interleaved_ ? n_bands_ : 1; }
  std::int64_t n_planes() const { return is_pixel_interleaved_ ? 1 : n_bands_; }
  bool is_pixel_interleaved() const { return is_pixel_interleaved_; }
  std::int64_t tile_height() const { return tile_height_; }
  std::int64_t tile_width() const { return tile_width_; }
  /// Cells in the memory of a tile, those beyond the raster's edge included.
  std::int64_t tile_cells() const { return tile_height_ * tile_width_ * n_samples(); }
  const std::vector<Level>& levels() const { return levels_; }

  std::int64_t n_tiles(std::size_t level) const;
  std::int64_t number(const TileKey& tile) const;
  TileKey key(std::size_t level, std::int64_t number) const;
  /// The tile's cells that are inside the raster.
  Region region(const TileKey& tile) const;
  /// (plane, y, x) of the tiles that `cells` touches. REQUIRES: not empty, inside the level.
  Region tiles_touching(const Region& cells) const;

 private:
  std::int64_t n_bands_;
  bool is_pixel_interleaved_;
  std::int64_t tile_height_;
  std::int64_t tile_width_;
  std::vector<Level> levels_;
};

}  // namespace rastream::geotiff
