// SPDX-License-Identifier: Apache-2.0
// The inner loops: runs the instructions of a level on one tile. One evaluator a worker; its memory
// is the arena.
#pragma once

#include <memory>
#include <vector>

#include "rastream/plan/equal_runs.h"
#include "rastream/plan/kept_cells.h"
#include "rastream/plan/schedule.h"
#include "rastream/plan/tile.h"

namespace rastream {

/// What the tiles of a column share. Tiles write disjoint cells of `outputs`.
struct Column {
  Region box;  ///< in cell_dims order
  std::int64_t n_cells = 0;
  std::vector<Block> sources;  ///< for each node: the slab's (or rest's) cells, or an empty block
  std::vector<Block> outputs;  ///< for each Output
  std::vector<std::unique_ptr<KeptCells>> kept;  ///< for each Kept
};

/// Steps of all nodes for one block of the walk's clock.
struct StepBlock {
  Interval clock;
  std::vector<NodeSteps> steps;
};

/// The blocks of one slab, in order.
using SlabSteps = std::vector<StepBlock>;

class TileEvaluator {
 public:
  TileEvaluator(const Program& program, const TileLayout& layout);

  /// Sets the walk's fold states of the tile to "no step seen".
  void start_walk(std::size_t walk, Tile& tile);
  void run_slab(std::size_t walk, const SlabSteps& slab, Tile& tile, Column& column);
  void run_rest(std::size_t rest, Tile& tile, Column& column);
  /// True when no later step changes any result of the walk for this tile.
  bool is_settled(std::size_t walk, const Tile& tile);

 private:
  void run(const Level& level, const StepBlock* block, Tile& tile, Column& column);
  void bind_held(const Tile& tile);
  void bind_states(std::size_t walk, const Tile& tile);
  void restore_remembered(const Level& level, std::size_t walk, const SlabSteps& slab,
                          const Tile& tile);
  void save_remembered(const Level& level, std::size_t walk, Tile& tile);

  void load(int node, const Tile& tile, const Column& column);
  void pack_runs(int node, const Block& cells);
  struct KeptPlace {
    std::int64_t offset;
    std::size_t bytes;
  };
  KeptPlace kept_place(int node, const Tile& tile) const;
  void load_kept(int node, const Tile& tile, const Column& column);
  void keep(int node, const Tile& tile, Column& column);
  void emit(int output, const Tile& tile, Column& column);
  void compute(int node);
  void push(int node);
  void begin_loop(const Loop& loop);
  bool next_in_loop(const Loop& loop);

  Interval steps_of(int node) const;
  Interval clock_steps(int node) const;
  Region region_of(int node, std::int64_t cells) const;
  Block block_of(int node, const Region& region, std::byte* data) const;
  Block new_block(int node);
  Block input(int node, const ProgramNode& consumer);
  Block spread(int node);
  std::vector<Block> state_blocks(int node, std::byte* data, const Region& input_region) const;
  std::span<const Block> inputs_of(int node, bool exact_steps);

  const Program& program_;
  const TileLayout& layout_;
  Buffer arena_;
  const Level* level_ = nullptr;
  const Tile* tile_ = nullptr;
  const StepBlock* block_ = nullptr;  // nullptr outside walks
  std::int64_t loop_index_ = -1;
  std::vector<Block> values_;
  std::vector<Block> spread_;
  std::vector<char> is_spread_;
  std::vector<char> is_whole_in_loop_;
  std::vector<Interval>
      remembered_;  // steps that lie in the buffer of a node with remembered steps
  std::vector<std::vector<Block>> states_;
  std::vector<EqualRuns> runs_;  // of equal cells, for each source whose cells may be packed
  std::vector<Block> inputs_;
};

}  // namespace rastream
