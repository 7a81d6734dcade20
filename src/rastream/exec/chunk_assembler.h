// SPDX-License-Identifier: Apache-2.0
// Turns the cells of columns into whole chunks of the stored arrays. Chunks that one column fills
// go straight on; others wait in memory for their neighbours.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <vector>

#include "rastream/array/chunk_grid.h"
#include "rastream/plan/run_task.h"

namespace rastream {

class ChunkAssembler final : public CellSink {
 public:
  /// `on_chunk(output, block)` gets each whole chunk once; it may be called from many threads.
  /// `skip(output, chunk)` tells chunks that are not wanted.
  using OnChunk = std::function<void(std::size_t, const Block&)>;
  using Skip = std::function<bool(std::size_t, std::int64_t)>;
  ChunkAssembler(std::vector<ChunkGrid> grids, OnChunk on_chunk, Skip skip);

  void write(std::size_t output, const Block& cells) override;
  /// Chunks of which some cells are still to come.
  std::size_t n_waiting() const;

 private:
  struct Waiting {
    OwnedBlock cells;
    std::int64_t n_missing = 0;
  };

  std::vector<ChunkGrid> grids_;
  OnChunk on_chunk_;
  Skip skip_;
  mutable std::mutex mutex_;
  std::map<std::pair<std::size_t, std::int64_t>, Waiting> waiting_;
};

}  // namespace rastream
