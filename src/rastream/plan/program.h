// SPDX-License-Identifier: Apache-2.0
// A plan made ready to run: every node knows its level in the loop nest, and every level is a short
// list of instructions. Built once, shared by all tasks and threads, never changed.
//
// Levels. A node with the stream dimension belongs to a *walk* (0, 1, ...): the walk in which its
// inputs can first be had. A node without it belongs to a *rest* between the walks: rest 0 before
// walk 0, rest w + 1 after walk w. A node that has no cell dimension is *uniform*: it is made once
// for the whole plan.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "rastream/plan/plan.h"

namespace rastream {

struct ProgramNode {
  Array array;
  const Operator* op = nullptr;
  const Fold* fold = nullptr;      ///< op as a Fold, or nullptr
  const Source* source = nullptr;  ///< op as a Source, or nullptr
  std::vector<int> inputs;
  std::vector<Role> roles;  ///< one a dimension
  int stream_axis = -1;
  int loop_axis = -1;
  bool is_uniform = false;
  bool folds_stream = false;     ///< a fold over the stream dimension
  bool folds_loop = false;       ///< a fold over a loop dimension
  int level = 0;                 ///< walk or rest, see above
  bool is_held = false;          ///< a rest's node that later levels read
  int kept = -1;                 ///< index in Nest::kept, or -1
  int space = -1;                ///< the source in whose runs of equal cells it is made, or -1
  std::int64_t whole_cells = 1;  ///< product of the `whole` dimensions
  std::int64_t loop_size = 1;
  std::int64_t stream_size = 0;  ///< steps along the stream dimension
  std::int64_t item_bytes = 8;
  std::int64_t remembered =
      0;  ///< most steps carried from one step block to the next, over all walks
  std::int64_t max_steps = 1;  ///< most steps of its buffer
  std::int64_t max_cells = 1;  ///< most cells along its cell dimensions in a tile
  std::int64_t buffer_bytes() const { return max_steps * whole_cells * max_cells * item_bytes; }
  bool has_stream() const { return stream_axis >= 0; }
  /// Its cells come from outside of the walk: read, or kept by an earlier walk.
  bool is_loaded_in(int walk) const { return source || (kept >= 0 && level < walk); }
};

enum class Act : std::uint8_t {
  load,        ///< cells of a source, from the column's slab
  load_kept,   ///< steps that an earlier walk kept
  compute,     ///< Operator::compute
  scan,        ///< push into the stream state, with output
  push,        ///< push into the stream state
  finish,      ///< the result of a stream fold
  loop_begin,  ///< sets the states of the loop's folds; makes what fits in runs for all indices at
               ///< once
  loop_push,   ///< push into a loop's state
  loop_end,    ///< next index, or the results of the loop's folds
  keep,        ///< store for a later walk
  hold,        ///< copy into the tile's memory
  emit,        ///< copy to the output
};

struct Instruction {
  Act act;
  int node = -1;  ///< for emit: the index in Plan::outputs
  int loop = -1;  ///< index in Program::loops of loop_begin, loop_end
};

/// The instructions between loop_begin and loop_end, run once for each index of `dim`.
struct Loop {
  std::int64_t size = 0;
  std::size_t begin = 0;     ///< position of loop_begin
  std::size_t end = 0;       ///< position of loop_end
  std::vector<int> folds;    ///< folds that close with the loop
  std::vector<int> in_runs;  ///< nodes of the body that may be made whole in a space of runs
};

/// One level: what is done for a tile, and where in the worker's arena each node's cells go (in
/// bytes; -1 for none).
struct Level {
  std::vector<Instruction> instructions;
  std::vector<Loop> loops;
  std::vector<std::int64_t> buffer;      ///< the node's cells
  std::vector<std::int64_t> spread;      ///< the same, spread from runs over all cells
  std::vector<std::int64_t> loop_state;  ///< state of a loop's fold
  std::int64_t arena_bytes = 0;
  std::vector<int> members;  ///< nodes that this level makes or loads, in order
  std::int64_t clock = 1;    ///< steps of the walk; 1 for a rest
  /// For each node and step of the clock, the first of the node's steps that is needed again later
  /// though the clock is past it, as when both parts of a concat read one array. Empty for most
  /// nodes.
  std::vector<std::vector<std::int64_t>> look_back;
};

class Program {
 public:
  explicit Program(const Plan& plan);

  const Plan& plan() const { return plan_; }
  const Nest& nest() const { return plan_.nest; }
  const std::vector<ProgramNode>& nodes() const { return nodes_; }
  const ProgramNode& node(int i) const { return nodes_[static_cast<std::size_t>(i)]; }
  const Block& uniform(int i) const { return uniform_[static_cast<std::size_t>(i)].view(); }
  const std::vector<Level>& walks() const { return walks_; }
  const std::vector<Level>& rests() const { return rests_; }
  /// Largest of all levels.
  std::int64_t arena_bytes() const;
  /// Cells of the outputs that a task makes, in cell_dims order.
  Region column(std::int64_t task) const;
  /// A column that is as long as any along every dimension. It may lie where no task's column does.
  Region largest_column() const;
  /// For each node, the region that `box` (in cell_dims order) of the outputs needs; whole along
  /// all other dimensions.
  std::vector<Region> demanded_boxes(const Region& box) const;
  /// `box` seen from a node that has all or some of the cell dimensions; whole along all others.
  Region node_region(int node, const Region& box) const;

 private:
  void classify();
  void measure_tiles();
  void measure_tile(const std::vector<Region>& boxes);
  void make_uniform();
  void assign_levels();
  void gather_walk(std::size_t walk);
  void gather_rest(std::size_t rest);
  void simulate_walks();
  bool extend_look_back(std::size_t walk);
  void assign_spaces();
  void assign_arena(Level& level) const;

  Plan plan_;
  std::vector<ProgramNode> nodes_;
  std::vector<OwnedBlock> uniform_;
  std::vector<Level> walks_;
  std::vector<Level> rests_;
};

/// The boxes of about `tile_cells` cells that make up a column.
std::vector<Region> tile_boxes(const Region& column, std::int64_t tile_cells);

}  // namespace rastream
