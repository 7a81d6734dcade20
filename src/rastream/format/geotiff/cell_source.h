// SPDX-License-Identifier: Apache-2.0
// Where the cells of one raster come from: our own TIFF reader, or GDAL.
#pragma once

#include <array>

#include "rastream/array/block.h"
#include "rastream/format/format.h"

namespace rastream::geotiff {

/// A cell as bytes, of a dtype that is known beside it.
using CellBytes = std::array<std::byte, 16>;

/// Immutable; safe to read from many threads at once.
class CellSource {
 public:
  virtual ~CellSource() = default;
  /// Fills `out` (band, y, x; any strides), converted to out.dtype. Throws data_loss naming file
  /// and tile.
  virtual void read(const Block& out) const = 0;
  /// Bytes stored of the tiles that `region` touches; nothing where that cannot be known.
  virtual std::optional<std::int64_t> stored_bytes(const Region& region) const = 0;
  virtual ReadStatistics statistics() const = 0;
};

}  // namespace rastream::geotiff
