// SPDX-License-Identifier: Apache-2.0
// Makes whole tiles out of pieces that come in any order from any thread, within a bound on memory:
// pieces of tiles for which there is no more room wait in a file.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "rastream/array/block.h"
#include "rastream/format/geotiff/pyramid.h"
#include "rastream/format/geotiff/scratch_file.h"

namespace rastream::geotiff {

/// Invariant: each cell is added once; a tile is handed on when its last cell has come, by the
/// thread that brought it. Thread safety: add() from many threads.
class TileAssembler {
 public:
  /// `cells` is the whole memory of the tile, in which a cell's samples lie side by side. Those
  /// beyond the raster's edge repeat the last column and row, which costs least to store.
  using OnTile = std::function<void(const TileKey& tile, const Block& inside, std::byte* cells)>;

  /// `memory_bytes` bounds the tiles that wait for cells; the scratch file is made beside `target`
  /// when it is needed.
  TileAssembler(const Pyramid& pyramid, DType dtype, std::int64_t memory_bytes, std::string target,
                OnTile on_tile);

  /// Cells (band, y, x) of `level`, of any dtype and strides. May call `on_tile`, which may call
  /// add() for another level.
  void add(std::size_t level, const Block& cells);

  /// Tiles of which some cells are still to come.
  std::size_t n_waiting() const;
  /// Bytes that had no room in memory.
  std::int64_t spilled_bytes() const;

 private:
  struct Piece {
    Region region;
    std::int64_t offset = 0;
  };
  struct Waiting {
    Buffer cells;  ///< of no size when the tile's pieces are in the file
    std::vector<Piece> pieces;
    std::int64_t n_missing = 0;
  };

  void add_piece(const TileKey& tile, const Region& inside, const Block& piece);
  Waiting& waiting_for(const TileKey& tile, const Region& inside);
  void spill(Waiting& waiting, const Block& piece);
  Buffer collect(Waiting waiting, const Region& inside);
  void hand_on(const TileKey& tile, const Region& inside, Buffer cells);
  Block inside_of(const Region& inside, std::byte* cells) const;
  Buffer take_buffer();
  void give_back(Buffer buffer);

  const Pyramid& pyramid_;
  DType dtype_;
  std::int64_t tile_bytes_;
  std::int64_t memory_bytes_;
  std::string target_;
  OnTile on_tile_;
  mutable std::mutex mutex_;
  std::map<TileKey, Waiting> waiting_;
  std::int64_t in_memory_ = 0;  ///< bytes of the tiles that wait in memory
  std::vector<Buffer> unused_;  ///< kept, for fresh memory has to be zeroed by the system
  std::optional<ScratchFile> scratch_;
};

}  // namespace rastream::geotiff
