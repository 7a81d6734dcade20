// SPDX-License-Identifier: Apache-2.0
// Cells in, a cloud-optimized GeoTIFF out, in one pass: each tile is compressed by the thread that
// completes it and goes to a scratch file in the order of arrival; overviews are made from tiles on
// the way. Only the end, which knows all lengths, puts the tiles into the order of the file.
#pragma once

#include <string>
#include <vector>

#include "rastream/format/geotiff/cog_layout.h"
#include "rastream/format/geotiff/overview.h"
#include "rastream/format/geotiff/pyramid.h"
#include "rastream/format/geotiff/raster_tags.h"
#include "rastream/format/geotiff/scratch_file.h"
#include "rastream/format/geotiff/tile_assembler.h"
#include "rastream/format/geotiff/tile_encoder.h"

namespace rastream::geotiff {

struct CogOptions {
  Pyramid pyramid;
  DType dtype = DType::uint8;
  TileCoding coding;  ///< of this pyramid's tiles
  Resampling resampling = Resampling::nearest;
  Numbers nodata;                 ///< none or one
  std::int64_t memory_bytes = 0;  ///< for tiles that wait for cells
};

/// The file's bytes depend on the cells and options alone, not on the order or threads of add().
class CogBuilder {
 public:
  /// `target` is named in errors; scratch files are made in its folder, and have no names there.
  CogBuilder(const CogOptions& options, const std::string& target);

  /// Cells (band, y, x) of the raster, of any dtype and strides, each cell once. Safe from many
  /// threads.
  void add(const Block& cells);
  /// Tiles of which some cells have not come.
  std::size_t n_waiting() const { return assembler_.n_waiting(); }
  /// Bytes of waiting tiles that had no room in memory.
  std::int64_t spilled_bytes() const { return assembler_.spilled_bytes(); }
  /// Writes the file. REQUIRES: every cell was added; no add() is at work.
  void write(int descriptor, const RasterTags& tags, bool force_big) const;

 private:
  struct Stored {
    std::int64_t offset = 0;
    std::uint32_t bytes = 0;
  };

  void store(const TileKey& tile, const Block& inside, const std::byte* cells);

  CogOptions options_;
  std::string target_;
  ScratchFile tiles_;
  std::vector<std::vector<Stored>> stored_;  ///< by level and number
  TileAssembler assembler_;
};

}  // namespace rastream::geotiff
