// SPDX-License-Identifier: Apache-2.0
// Turns the cells of columns into whole chunks of the stored arrays. Chunks that one column fills
// go straight on; others wait for their neighbours, in memory as long as there is room and then in
// a scratch file. So chunks of any shape become chunks of any other, each read once and written
// once.
#pragma once

#include <deque>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <mutex>
#include <stop_token>
#include <vector>

#include "rastream/array/chunk_grid.h"
#include "rastream/plan/kept_cells.h"
#include "rastream/plan/run_task.h"

namespace rastream {

/// Where chunks wait.
struct WaitingRoom {
  std::vector<ChunkGrid> groups;  ///< boxes of whole chunks that wait together; {}: single chunks
  std::int64_t most_bytes = std::numeric_limits<std::int64_t>::max();  ///< in memory
  std::size_t most_at_once = std::numeric_limits<std::size_t>::max();  ///< see write()
};

/// The room that the memory bound of the plan allows for `target_chunks`, one grid an output.
WaitingRoom waiting_room(const Program& program, const std::vector<ChunkGrid>& target_chunks);

class ChunkAssembler final : public CellSink {
 public:
  /// `on_chunk(output, block)` gets each whole chunk once; it may be called from many threads.
  /// `skip(output, chunk)` tells chunks that are not wanted.
  using OnChunk = std::function<void(std::size_t, const Block&)>;
  using Skip = std::function<bool(std::size_t, std::int64_t)>;
  ChunkAssembler(std::vector<ChunkGrid> grids, OnChunk on_chunk, Skip skip, WaitingRoom room = {});

  /// Hands on the chunks that are whole now. Of groups that waited at most `most_at_once` go on:
  /// when the last column fills very many, finish() shares them between threads.
  void write(std::size_t output, const Block& cells) override;
  /// Hands on all that is whole, by `n_threads` threads. Returns false when `stop` was requested
  /// before. Throws the first error of any of them, which ends the others' work.
  bool finish(std::int64_t n_threads, const std::stop_token& stop = {});
  /// Groups of which some cells are still to come.
  std::size_t n_waiting() const;
  /// Bytes that went through the scratch file.
  std::int64_t scratch_bytes() const;

 private:
  /// Cells in the scratch file, densely.
  struct Piece {
    Region region;
    std::int64_t offset = 0;
  };
  struct Group {
    std::size_t output = 0;
    Region region;
    DType dtype = DType::float64;
    std::vector<std::int64_t> wanted;  ///< chunk numbers
    OwnedBlock cells;                  ///< when it waits in memory
    std::vector<Piece> pieces;         ///< when it waits in the scratch file
    bool in_memory = false;
    std::int64_t size_bytes = 0;
    std::int64_t n_missing = 0;  ///< cells of wanted chunks
  };

  const ChunkGrid& groups(std::size_t output) const;
  void add_part(std::size_t output, std::int64_t number, const Block& part);
  Group* find_group(std::size_t output, std::int64_t number, const Block& part,
                    std::unique_lock<std::mutex>& lock);
  std::int64_t wanted_cells(const Group& group, const Region& part) const;
  void store_piece(Group& group, const Block& part);
  std::unique_ptr<Group> take_whole(bool in_memory_only);
  void hand_on(Group& group);
  void hand_on_chunks(std::size_t output, const Block& cells,
                      const std::vector<std::int64_t>& chunks);
  std::vector<std::int64_t> wanted_chunks(std::size_t output, const Region& region) const;

  std::vector<ChunkGrid> grids_;
  OnChunk on_chunk_;
  Skip skip_;
  WaitingRoom room_;
  mutable std::mutex mutex_;
  std::map<std::pair<std::size_t, std::int64_t>, std::unique_ptr<Group>> waiting_;
  std::deque<std::unique_ptr<Group>> whole_in_memory_;
  std::deque<std::unique_ptr<Group>> whole_in_scratch_;
  std::int64_t memory_bytes_ = 0;  ///< of groups that are in memory, whole ones too
  std::unique_ptr<KeptCells> scratch_;
  std::int64_t scratch_end_ = 0;
  std::int64_t scratch_bytes_ = 0;
  /// Places in the scratch file that are used again, by size: pieces of a copy have few sizes.
  std::map<std::int64_t, std::vector<std::int64_t>> free_places_;
};

}  // namespace rastream
