// SPDX-License-Identifier: Apache-2.0
// How an image is cut into tiles or strips, and the bytes that a decoded one has. A strip is a tile
// as wide as the image, whose last one has only the rows that are left.
#pragma once

#include <cstdint>

#include "rastream/array/region.h"
#include "rastream/format/geotiff/tiff_directory.h"

namespace rastream::geotiff {

/// Pure sizes; no product here overflows, for the constructor checks.
class TileLayout {
 public:
  /// Throws data_loss when a tile or the number of tiles is too large to be counted.
  explicit TileLayout(const TiffDirectory& directory);

  std::int64_t width() const { return width_; }
  std::int64_t height() const { return height_; }
  std::int64_t bands() const { return bands_; }
  std::int64_t tile_width() const { return tile_width_; }
  std::int64_t tile_height() const { return tile_height_; }
  /// Bands that are side by side in a tile.
  std::int64_t tile_bands() const { return is_planar_ ? 1 : bands_; }
  std::int64_t n_across() const { return n_across_; }
  std::int64_t n_down() const { return n_down_; }
  std::int64_t n_tiles() const { return n_across_ * n_down_ * (is_planar_ ? bands_ : 1); }

  /// Index into the file's list of tiles. `plane` is the band where tiles hold one, else 0.
  std::int64_t tile_number(std::int64_t plane, std::int64_t down, std::int64_t across) const {
    return (plane * n_down_ + down) * n_across_ + across;
  }
  /// Rows that are stored of the tiles of row `down`.
  std::int64_t stored_rows(std::int64_t down) const;
  /// Bytes of a decoded row; rows start at a byte.
  std::int64_t row_bytes() const { return row_bytes_; }
  std::int64_t max_tile_bytes() const { return row_bytes_ * tile_height_; }

 private:
  std::int64_t width_;
  std::int64_t height_;
  std::int64_t bands_;
  std::int64_t tile_width_;
  std::int64_t tile_height_;
  std::int64_t n_across_;
  std::int64_t n_down_;
  std::int64_t row_bytes_ = 0;
  bool is_planar_;
  bool is_tiled_;
};

}  // namespace rastream::geotiff
