// SPDX-License-Identifier: Apache-2.0
#include "rastream/format/geotiff/tile_layout.h"

#include <algorithm>

#include "rastream/base/bytes.h"

namespace rastream::geotiff {

TileLayout::TileLayout(const TiffDirectory& d)
    : width_(d.width),
      height_(d.height),
      bands_(d.samples),
      tile_width_(d.tile_width),
      tile_height_(d.tile_height),
      n_across_(divide_up(d.width, d.tile_width)),
      n_down_(divide_up(d.height, d.tile_height)),
      is_planar_(d.is_planar),
      is_tiled_(d.is_tiled) {
  const std::int64_t bits = checked_multiply(
      checked_multiply(tile_width_, tile_bands(), "a row of a tile"), d.bits, "a row of a tile");
  row_bytes_ = bits / 8 + (bits % 8 != 0);
  checked_multiply(row_bytes_, tile_height_, "a tile");
  checked_multiply(checked_multiply(n_across_, n_down_, "the tiles"), bands_, "the tiles");
}

std::int64_t TileLayout::stored_rows(std::int64_t down) const {
  return is_tiled_ ? tile_height_ : std::min(tile_height_, height_ - down * tile_height_);
}

}  // namespace rastream::geotiff
