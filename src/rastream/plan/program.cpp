// SPDX-License-Identifier: Apache-2.0
#include "rastream/plan/program.h"

#include <algorithm>
#include <limits>
#include <set>

#include "rastream/ops/read.h"
#include "rastream/plan/arena.h"
#include "rastream/plan/instructions.h"
#include "rastream/plan/schedule.h"

namespace rastream {
namespace {

constexpr std::int64_t kNoStep = std::numeric_limits<std::int64_t>::max();

/// Calls f(begin, end, starts_slab) for each block of the clock, as run_task cuts it.
template <typename F>
void for_each_block(const Nest& nest, std::int64_t clock, F&& f) {
  for (std::int64_t slab = 0; slab < clock; slab += nest.slab) {
    const std::int64_t slab_end = std::min(slab + nest.slab, clock);
    for (std::int64_t begin = slab; begin < slab_end; begin += nest.step) {
      f(begin, std::min(begin + nest.step, slab_end), begin == slab);
    }
  }
}

/// A plan's JSON may claim any nest; one whose columns are not those of the outputs would reach
/// beyond their cells.
void check_nest(const Plan& plan, const std::vector<ProgramNode>& nodes) {
  const Nest& nest = plan.nest;
  for (const Output& output : plan.outputs) {
    const Schema& schema = nodes[static_cast<std::size_t>(output.node)].op->schema();
    for (std::size_t i = 0; i < nest.cell_dims.size(); ++i) {
      const auto axis = schema.find_axis(nest.cell_dims[i]);
      if (axis && schema.shape[*axis] == nest.column_cuts[i].size()) continue;
      throw Error(Errc::data_loss, "plan: the columns along '{}' are not those of output '{}'",
                  nest.cell_dims[i], output.name);
    }
  }
  for (const Kept& kept : nest.kept) {
    const ProgramNode& n = nodes[static_cast<std::size_t>(kept.node)];
    if (n.has_stream() && !n.is_uniform) continue;
    throw Error(Errc::data_loss, "plan: node {} is to be kept but does not stream", kept.node);
  }
}

}  // namespace

std::vector<Region> tile_boxes(const Region& column, std::int64_t tile_cells) {
  Extents shape = column.shape();
  std::int64_t room = std::max<std::int64_t>(1, tile_cells);
  for (std::size_t i = shape.size(); i-- > 0;) {
    shape[i] = std::clamp<std::int64_t>(room, 1, std::max<std::int64_t>(1, column.size(i)));
    room /= shape[i];
  }
  const ChunkGrid grid = ChunkGrid::regular(column.shape(), shape);
  std::vector<Region> boxes;
  for (std::int64_t i = 0; i < grid.n_chunks(); ++i) {
    Region box = grid.chunk_region(i);
    for (std::size_t a = 0; a < box.rank(); ++a) {
      box.begin[a] += column.begin[a];
      box.end[a] += column.begin[a];
    }
    boxes.push_back(box);
  }
  return boxes;
}

Program::Program(const Plan& plan) : plan_(plan) {
  classify();
  make_uniform();
  assign_levels();
  simulate_walks();
  assign_spaces();
  for (Level& level : walks_) assign_arena(level);
  for (Level& level : rests_) assign_arena(level);
}

void Program::classify() {
  const std::vector<Array> arrays = arrays_of(plan_);
  for (std::size_t i = 0; i < arrays.size(); ++i) {
    ProgramNode n;
    n.array = arrays[i];
    n.op = arrays[i].node().op.get();
    n.fold = n.op->kind() == Kind::fold ? static_cast<const Fold*>(n.op) : nullptr;
    n.source = dynamic_cast<const Source*>(n.op);
    n.inputs = plan_.nodes[i].inputs;
    const Schema& schema = n.op->schema();
    n.item_bytes = static_cast<std::int64_t>(item_size(schema.dtype));
    bool has_cells = false;
    for (std::size_t axis = 0; axis < schema.rank(); ++axis) {
      const std::string& dim = schema.dims[axis];
      const Role role = nest().role_of(dim);
      n.roles.push_back(role);
      if (role == Role::stream)
        n.stream_axis = static_cast<int>(axis), n.stream_size = schema.shape[axis];
      if (role == Role::loop)
        n.loop_axis = static_cast<int>(axis), n.loop_size = schema.shape[axis];
      if (role == Role::whole) n.whole_cells *= schema.shape[axis];
      has_cells |= role == Role::cell;
    }
    n.folds_stream = n.fold && n.fold->over() == nest().stream;
    n.folds_loop = n.fold && nest().role_of(n.fold->over()) == Role::loop;
    // Where everything is folded there are no cell dimensions, and files are walked all the same.
    const bool is_streamed = nest().cell_dims.empty() && n.stream_axis >= 0 &&
                             dynamic_cast<const Read*>(n.op) != nullptr;
    n.is_uniform =
        !has_cells && !is_streamed &&
        std::all_of(n.inputs.begin(), n.inputs.end(), [&](int in) { return node(in).is_uniform; });
    nodes_.push_back(std::move(n));
  }
  check_nest(plan_, nodes_);
  for (std::size_t k = 0; k < nest().kept.size(); ++k) {
    nodes_[static_cast<std::size_t>(nest().kept[k].node)].kept = static_cast<int>(k);
  }
  measure_tiles();
}

/// Sets max_cells. Every tile counts, as a window needs more cells in the middle than at an edge;
/// where all nodes are pointwise along the cells, the first tile of the largest column is as large
/// as any.
void Program::measure_tiles() {
  bool is_pointwise = true;
  for (const ProgramNode& n : nodes_) {
    for (std::size_t axis = 0; axis < n.roles.size(); ++axis) {
      is_pointwise &= n.roles[axis] != Role::cell || n.op->is_pointwise(n.op->schema().dims[axis]);
    }
  }
  if (nest().n_tasks() == 0) return;
  if (is_pointwise) {
    measure_tile(demanded_boxes(tile_boxes(largest_column(), nest().tile_cells).front()));
    return;
  }
  for (std::int64_t task = 0; task < nest().n_tasks(); ++task) {
    for (const Region& tile : tile_boxes(column(task), nest().tile_cells))
      measure_tile(demanded_boxes(tile));
  }
}

void Program::measure_tile(const std::vector<Region>& boxes) {
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    std::int64_t cells = 1;
    for (std::size_t axis = 0; axis < boxes[i].rank(); ++axis) {
      if (nodes_[i].roles[axis] == Role::cell) cells *= boxes[i].size(axis);
    }
    const bool is_list = nest().cell_lists && !nodes_[i].is_uniform;
    nodes_[i].max_cells = std::max(nodes_[i].max_cells, is_list ? nest().tile_cells : cells);
  }
}

Region Program::largest_column() const {
  Region largest{Extents(nest().column_cuts.size()), Extents(nest().column_cuts.size())};
  for (std::size_t i = 0; i < nest().column_cuts.size(); ++i) {
    const Cuts& cuts = nest().column_cuts[i];
    for (std::int64_t c = 0; c < cuts.n_chunks(); ++c) {
      if (cuts.end_of(c) - cuts.begin_of(c) <= largest.size(i)) continue;
      largest.begin[i] = cuts.begin_of(c);
      largest.end[i] = cuts.end_of(c);
    }
  }
  return largest;
}

Region Program::column(std::int64_t task) const {
  const ChunkGrid grid(nest().column_cuts);
  return grid.chunk_region(task);
}

Region Program::node_region(int i, const Region& box) const {
  const Schema& schema = node(i).op->schema();
  Region region = schema.whole();
  for (std::size_t axis = 0; axis < schema.rank(); ++axis) {
    if (node(i).roles[axis] != Role::cell) continue;
    const auto at = static_cast<std::size_t>(
        std::find(nest().cell_dims.begin(), nest().cell_dims.end(), schema.dims[axis]) -
        nest().cell_dims.begin());
    region.begin[axis] = box.begin[at];
    region.end[axis] = box.end[at];
  }
  return region;
}

std::vector<Region> Program::demanded_boxes(const Region& box) const {
  std::vector<Region> boxes(nodes_.size());
  std::vector<bool> is_needed(nodes_.size(), false);
  const auto need = [&](int i, const Region& region) {
    const auto at = static_cast<std::size_t>(i);
    Region widened = region;
    for (std::size_t axis = 0; axis < region.rank(); ++axis) {
      if (node(i).roles[axis] == Role::cell) continue;
      widened.begin[axis] = 0;
      widened.end[axis] = node(i).op->schema().shape[axis];
    }
    boxes[at] = is_needed[at] ? bounding(boxes[at], widened) : widened;
    is_needed[at] = true;
  };
  for (const Output& output : plan_.outputs) need(output.node, node_region(output.node, box));
  for (std::size_t i = nodes_.size(); i-- > 0;) {
    if (!is_needed[i]) continue;
    for (std::size_t k = 0; k < nodes_[i].inputs.size(); ++k) {
      need(nodes_[i].inputs[k], nodes_[i].op->demand(boxes[i], k));
    }
  }
  return boxes;
}

void Program::make_uniform() {
  uniform_.resize(nodes_.size());
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    if (!nodes_[i].is_uniform) continue;
    std::vector<Block> inputs;
    for (const int input : nodes_[i].inputs) inputs.push_back(uniform(input));
    uniform_[i] = OwnedBlock(nodes_[i].op->schema().whole(), nodes_[i].op->schema().dtype);
    nodes_[i].op->compute(inputs, uniform_[i].view());
  }
}

void Program::assign_levels() {
  int n_walks = 0;
  for (ProgramNode& n : nodes_) {
    if (n.is_uniform) continue;
    for (const int input : n.inputs) {
      const ProgramNode& in = node(input);
      if (in.is_uniform) continue;
      const bool closes_walk = n.folds_stream && !n.has_stream();
      if (in.has_stream() && !n.has_stream() && !closes_walk) {
        throw Error(Errc::internal,
                    "plan: a node drops the stream dimension '{}' without folding it",
                    nest().stream);
      }
      n.level = std::max(n.level, in.level + (closes_walk ? 1 : 0));
    }
    n_walks = std::max(n_walks, n.has_stream() ? n.level + 1 : n.level);
  }
  for (ProgramNode& n : nodes_) {
    for (const int input : n.inputs) {
      ProgramNode& in = nodes_[static_cast<std::size_t>(input)];
      if (n.is_uniform || in.is_uniform || in.has_stream()) continue;
      in.is_held |= n.has_stream() || n.level > in.level || n.folds_stream;
    }
  }
  walks_.resize(static_cast<std::size_t>(n_walks));
  rests_.resize(static_cast<std::size_t>(n_walks) + 1);
  for (std::size_t w = 0; w < walks_.size(); ++w) gather_walk(w);
  for (std::size_t r = 0; r < rests_.size(); ++r) gather_rest(r);
}

void Program::gather_walk(std::size_t walk) {
  Level& level = walks_[walk];
  const int number = static_cast<int>(walk);
  std::set<int> wanted;
  const auto want = [&](auto& self, int i) -> void {
    const ProgramNode& n = node(i);
    if (n.is_uniform || !n.has_stream() || !wanted.insert(i).second) return;
    if (n.is_loaded_in(number)) return;
    for (const int input : n.inputs) self(self, input);
  };
  std::vector<int> pushes;
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    const ProgramNode& n = nodes_[i];
    if (n.is_uniform) continue;
    if (n.folds_stream && !n.has_stream() && n.level == number + 1) {
      pushes.push_back(static_cast<int>(i));
      for (const int input : n.inputs) want(want, input);
    }
    if (n.kept >= 0 && n.level == number) want(want, static_cast<int>(i));
  }
  for (const Output& output : plan_.outputs) {
    if (node(output.node).has_stream() && node(output.node).level == number)
      want(want, output.node);
  }
  level.members.assign(wanted.begin(), wanted.end());
  level.clock = 0;
  for (const int fold : pushes) {
    for (const int input : node(fold).inputs)
      level.clock = std::max(level.clock, node(input).stream_size);
  }
  for (const int i : level.members) {
    if (node(i).kept >= 0 && node(i).level == number)
      level.clock = std::max(level.clock, node(i).stream_size);
  }
  for (const Output& output : plan_.outputs) {
    if (node(output.node).has_stream() && node(output.node).level == number)
      level.clock = std::max(level.clock, node(output.node).stream_size);
  }
  write_instructions(*this, number, true, pushes, level);
}

void Program::gather_rest(std::size_t rest) {
  Level& level = rests_[rest];
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    const ProgramNode& n = nodes_[i];
    if (!n.is_uniform && !n.has_stream() && n.level == static_cast<int>(rest))
      level.members.push_back(static_cast<int>(i));
  }
  write_instructions(*this, static_cast<int>(rest), false, {}, level);
}

/// Finds nodes whose needed steps go back behind those of an earlier block, and has the earlier
/// blocks hold on to them. Returns false when nothing is new.
bool Program::extend_look_back(std::size_t walk) {
  Level& level = walks_[walk];
  level.look_back.resize(nodes_.size());
  std::vector<std::vector<std::int64_t>> first(nodes_.size());
  for (const int i : level.members)
    first[static_cast<std::size_t>(i)].assign(static_cast<std::size_t>(level.clock), kNoStep);
  Schedule schedule(*this, walk);
  for_each_block(nest(), level.clock, [&](std::int64_t begin, std::int64_t end, bool) {
    const auto steps = schedule.advance(begin, end);
    for (const int i : level.members) {
      const Interval& needed = steps[static_cast<std::size_t>(i)].needed;
      if (needed.is_empty()) continue;
      std::fill(first[static_cast<std::size_t>(i)].begin() + begin,
                first[static_cast<std::size_t>(i)].begin() + end, needed.begin);
    }
  });
  bool is_new = false;
  for (const int i : level.members) {
    const auto at = static_cast<std::size_t>(i);
    if (Schedule::is_remade(nodes_[at])) continue;
    std::vector<std::int64_t> later(first[at].size(), kNoStep);
    std::int64_t least = kNoStep;
    bool goes_back = false;
    for (std::size_t c = later.size(); c-- > 0;) {
      if (first[at][c] == kNoStep) continue;
      goes_back |= least < first[at][c];
      least = later[c] = std::min(least, first[at][c]);
    }
    if (goes_back) level.look_back[at] = std::move(later);
    is_new |= goes_back;
  }
  return is_new;
}

void Program::simulate_walks() {
  std::vector<std::int64_t> block_steps(nodes_.size(), 1);
  std::vector<std::int64_t> slab_steps(nodes_.size(), 1);
  for (std::size_t w = 0; w < walks_.size(); ++w) {
    while (extend_look_back(w)) continue;
    Schedule schedule(*this, w);
    std::vector<std::int64_t> slab_begin(nodes_.size(), -1);
    for_each_block(nest(), walks_[w].clock,
                   [&](std::int64_t begin, std::int64_t end, bool starts_slab) {
                     if (starts_slab) std::fill(slab_begin.begin(), slab_begin.end(), -1);
                     const auto steps = schedule.advance(begin, end);
                     for (const int i : walks_[w].members) {
                       const auto at = static_cast<std::size_t>(i);
                       const auto& [made, needed] = steps[at];
                       if (made.is_empty() && needed.is_empty()) continue;
                       const std::int64_t first = std::min(needed.begin, made.begin);
                       if (slab_begin[at] < 0) slab_begin[at] = first;
                       nodes_[at].remembered = std::max(nodes_[at].remembered, made.begin - first);
                       block_steps[at] = std::max(block_steps[at], made.size());
                       slab_steps[at] = std::max(slab_steps[at], made.end - slab_begin[at]);
                     }
                   });
  }
  // A node with remembered steps keeps one buffer for a whole slab, so that steps are moved once a
  // slab.
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    nodes_[i].max_steps = nodes_[i].remembered > 0 ? slab_steps[i] : block_steps[i];
  }
}

void Program::assign_spaces() {
  if (!nest().cell_lists) return;
  std::vector<int> n_members(nodes_.size(), 0);
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    ProgramNode& n = nodes_[i];
    if (n.is_uniform || !n.has_stream() || n.kept >= 0 || n.remembered > 0 || n.fold) continue;
    const bool is_output =
        std::any_of(plan_.outputs.begin(), plan_.outputs.end(),
                    [&](const Output& o) { return o.node == static_cast<int>(i); });
    const auto& dims = n.op->schema().dims;
    if (is_output || !std::all_of(dims.begin(), dims.end(),
                                  [&](const auto& d) { return n.op->is_pointwise(d); }))
      continue;
    if (n.source) {
      n.space = static_cast<int>(i);
      continue;
    }
    int space = -2;
    for (const int input : n.inputs) {
      if (node(input).is_uniform) continue;
      space = space == -2 || space == node(input).space ? node(input).space : -1;
    }
    n.space = std::max(space, -1);
    if (n.space >= 0) ++n_members[static_cast<std::size_t>(n.space)];
  }
  // Finding runs costs a pass over the cells: it must save more than that.
  constexpr int kWorthwhile = 3;
  for (ProgramNode& n : nodes_) {
    if (n.space >= 0 && n_members[static_cast<std::size_t>(n.space)] < kWorthwhile) n.space = -1;
  }
  for (Level& level : walks_) note_loops_in_runs(*this, level);
}

void Program::assign_arena(Level& level) const {
  level.buffer.assign(nodes_.size(), -1);
  level.spread.assign(nodes_.size(), -1);
  level.loop_state.assign(nodes_.size(), -1);
  std::vector<Lifetime> lifetimes = lifetimes_of(*this, level);
  level.arena_bytes = place(lifetimes);
  for (const Lifetime& l : lifetimes) {
    auto& slots = l.use == Lifetime::Use::cells    ? level.buffer
                  : l.use == Lifetime::Use::spread ? level.spread
                                                   : level.loop_state;
    slots[static_cast<std::size_t>(l.node)] = l.offset;
  }
}

std::int64_t Program::arena_bytes() const {
  std::int64_t most = 0;
  for (const Level& level : walks_) most = std::max(most, level.arena_bytes);
  for (const Level& level : rests_) most = std::max(most, level.arena_bytes);
  return most;
}

}  // namespace rastream
