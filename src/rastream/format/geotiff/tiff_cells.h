// SPDX-License-Identifier: Apache-2.0
// Reads the cells of one image of a TIFF file: each touched tile is read with pread, decoded, and
// put where it belongs. Nothing is shared between threads but the file's descriptor.
#pragma once

#include <atomic>
#include <memory>
#include <vector>

#include "rastream/format/geotiff/cell_source.h"
#include "rastream/format/geotiff/predictor.h"
#include "rastream/format/geotiff/tiff_cell_type.h"
#include "rastream/format/geotiff/tiff_codec.h"
#include "rastream/format/geotiff/tile_layout.h"

namespace rastream::geotiff {

class TiffCells final : public CellSource {
 public:
  /// `fill` is what the cells of a tile are that was never written. Throws data_loss for fewer
  /// tiles than the image needs, and larger ones than the file can hold. REQUIRES: `type` is what
  /// tiff_support gave.
  TiffCells(std::shared_ptr<const FileBytes> file, const TiffDirectory& directory,
            bool is_big_endian, const TiffCellType& type, const CellBytes& fill);

  void read(const Block& out) const override;
  std::optional<std::int64_t> stored_bytes(const Region& region) const override;
  ReadStatistics statistics() const override;
  /// True when the first stored tile is of before TIFF 5.0, for which GDAL is needed.
  bool is_old_lzw() const;

 private:
  /// The part of one tile that is wanted: `out` lies in it.
  struct Part {
    std::int64_t tile = 0;   ///< its number
    std::int64_t plane = 0;  ///< the first band in it
    std::int64_t row = 0;    ///< the first wanted row and column within it
    std::int64_t column = 0;
    std::int64_t stored_bytes = 0;  ///< of the whole tile when decoded
    Block out;

    std::int64_t end_row() const { return row + out.size(1); }
    std::int64_t end_column() const { return column + out.size(2); }
  };

  template <typename F>
  void for_each_part(const Region& region, F&& f) const;
  void read_part(const Part& part) const;
  void read_plain(const Part& part) const;
  void read_coded(const Part& part) const;
  bool is_direct(const Part& part) const;
  const std::byte* finish_row(std::byte* row, const Part& part) const;
  void put_rows(std::byte* rows, const Part& part) const;
  void fill(const Block& out) const;
  void count(const Part& part) const;
  RowShape row_shape(std::int64_t n_cells) const;
  std::uint64_t size_of(std::int64_t tile) const { return sizes_[static_cast<std::size_t>(tile)]; }
  std::uint64_t offset_of(std::int64_t tile) const {
    return offsets_[static_cast<std::size_t>(tile)];
  }

  std::shared_ptr<const FileBytes> file_;
  TiffDirectory directory_;
  bool is_big_endian_;
  TiffCellType type_;
  CellBytes fill_;
  TileLayout layout_;
  const TiffCodec* codec_;
  int predictor_;
  std::vector<std::uint64_t> offsets_;
  std::vector<std::uint64_t> sizes_;
  mutable std::atomic<std::int64_t> n_tiles_{0};
  mutable std::atomic<std::int64_t> stored_bytes_{0};
  mutable std::atomic<std::int64_t> decoded_bytes_{0};
};

}  // namespace rastream::geotiff
