// SPDX-License-Identifier: Apache-2.0
#include "rastream/plan/evaluate_tile.h"

#include <algorithm>
#include <cstring>

#include "rastream/plan/cell_lists.h"

namespace rastream {
namespace {

/// Memory order: stream, then loop and whole dimensions, then cells, each in C order. So steps
/// follow each other, and kernels find cells side by side whatever the order of the dimensions.
Extents strides_of(const std::vector<Role>& roles, const Region& region, std::int64_t item_bytes) {
  Extents strides(region.rank());
  std::int64_t stride = item_bytes;
  const auto lay = [&](auto&& belongs) {
    for (std::size_t axis = region.rank(); axis-- > 0;) {
      if (!belongs(roles[axis])) continue;
      strides[axis] = stride;
      stride *= region.size(axis);
    }
  };
  lay([](Role r) { return r == Role::cell; });
  lay([](Role r) { return r == Role::whole || r == Role::loop; });
  lay([](Role r) { return r == Role::stream; });
  return strides;
}

/// The same cells with `interval` along `axis`.
Region with_steps(const Region& region, int axis, const Interval& interval) {
  Region r = region;
  r.begin[static_cast<std::size_t>(axis)] = interval.begin;
  r.end[static_cast<std::size_t>(axis)] = interval.end;
  return r;
}

Block sub_steps(const Block& block, int axis, const Interval& interval) {
  return block.sub(with_steps(block.region, axis, interval));
}

/// `region` of the node's input `i` with no more cells than the node has: a fold's state and output
/// are of its own cells, though other nodes, such as windows, may need more of the input.
Region own_cells(const Program& program, const Tile& tile, int node, std::size_t i, Region region) {
  if (tile.regions.empty()) return region;
  const ProgramNode& n = program.node(node);
  const ProgramNode& input = program.node(n.inputs[i]);
  const Region own = n.op->demand(tile.regions[static_cast<std::size_t>(node)], i);
  for (std::size_t axis = 0; axis < region.rank(); ++axis) {
    if (input.roles[axis] != Role::cell) continue;
    region.begin[axis] = own.begin[axis];
    region.end[axis] = own.end[axis];
  }
  return region;
}

}  // namespace

TileEvaluator::TileEvaluator(const Program& program, const TileLayout& layout)
    : program_(program),
      layout_(layout),
      arena_(static_cast<std::size_t>(program.arena_bytes()) + 64),
      values_(program.nodes().size()),
      spread_(program.nodes().size()),
      is_spread_(program.nodes().size(), 0),
      is_whole_in_loop_(program.nodes().size(), 0),
      remembered_(program.nodes().size()),
      states_(program.nodes().size()),
      runs_(program.nodes().size()) {
  for (std::size_t i = 0; i < program.nodes().size(); ++i) {
    if (program.nodes()[i].is_uniform) values_[i] = program.uniform(static_cast<int>(i));
  }
}

void TileEvaluator::start_walk(std::size_t walk, Tile& tile) {
  tile_ = &tile;
  bind_states(walk, tile);
  for (const Instruction& ins : program_.walks()[walk].instructions) {
    if (ins.act != Act::push && ins.act != Act::scan) continue;
    program_.node(ins.node).fold->start(states_[static_cast<std::size_t>(ins.node)]);
  }
}

void TileEvaluator::run_slab(std::size_t walk, const SlabSteps& slab, Tile& tile, Column& column) {
  const Level& level = program_.walks()[walk];
  level_ = &level;
  tile_ = &tile;
  for (EqualRuns& runs : runs_) runs.retry();
  bind_held(tile);
  bind_states(walk, tile);
  restore_remembered(level, walk, slab, tile);
  for (const StepBlock& block : slab) run(level, &block, tile, column);
  save_remembered(level, walk, tile);
}

void TileEvaluator::run_rest(std::size_t rest, Tile& tile, Column& column) {
  level_ = &program_.rests()[rest];
  tile_ = &tile;
  for (EqualRuns& runs : runs_) runs.unpack();
  bind_held(tile);
  if (rest > 0) bind_states(rest - 1, tile);
  run(*level_, nullptr, tile, column);
}

bool TileEvaluator::is_settled(std::size_t walk, const Tile& tile) {
  tile_ = &tile;
  bind_states(walk, tile);
  const Level& level = program_.walks()[walk];
  return std::all_of(
      level.instructions.begin(), level.instructions.end(), [&](const Instruction& ins) {
        if (ins.act == Act::keep || ins.act == Act::emit) return false;
        return ins.act != Act::push || program_.node(ins.node).fold->is_settled(
                                           states_[static_cast<std::size_t>(ins.node)]);
      });
}

void TileEvaluator::run(const Level& level, const StepBlock* block, Tile& tile, Column& column) {
  block_ = block;
  loop_index_ = -1;
  for (std::size_t at = 0; at < level.instructions.size(); ++at) {
    const Instruction& ins = level.instructions[at];
    switch (ins.act) {
      case Act::load: load(ins.node, tile, column); break;
      case Act::load_kept: load_kept(ins.node, tile, column); break;
      case Act::compute: compute(ins.node); break;
      case Act::scan:
      case Act::push: push(ins.node); break;
      case Act::finish: {
        const Block out = new_block(ins.node);
        program_.node(ins.node).fold->finish(states_[static_cast<std::size_t>(ins.node)], out);
        break;
      }
      case Act::loop_begin: begin_loop(level.loops[static_cast<std::size_t>(ins.loop)]); break;
      case Act::loop_push:
        program_.node(ins.node).fold->push(inputs_of(ins.node, true),
                                           states_[static_cast<std::size_t>(ins.node)], nullptr);
        break;
      case Act::loop_end: {
        const Loop& loop = level.loops[static_cast<std::size_t>(ins.loop)];
        if (next_in_loop(loop)) at = loop.begin;
        break;
      }
      case Act::keep: keep(ins.node, tile, column); break;
      case Act::hold: {
        const auto node = static_cast<std::size_t>(ins.node);
        const Block made = values_[node];
        bind_held(tile);
        copy_cells(made, values_[node]);
        break;
      }
      case Act::emit: emit(ins.node, tile, column); break;
    }
  }
}

void TileEvaluator::compute(int node) {
  const ProgramNode& n = program_.node(node);
  const auto at = static_cast<std::size_t>(node);
  if (loop_index_ >= 0 && is_whole_in_loop_[at]) {
    is_spread_[at] = 0;
    return;
  }
  if (block_ && n.has_stream() && steps_of(node).is_empty()) return;
  Block out = new_block(node);
  n.op->compute(inputs_of(node, false), out);
}

void TileEvaluator::push(int node) {
  const ProgramNode& n = program_.node(node);
  const auto at = static_cast<std::size_t>(node);
  if (n.has_stream()) {
    if (steps_of(node).is_empty()) return;
    const Block out = new_block(node);
    n.fold->push(inputs_of(node, true), states_[at], &out);
    return;
  }
  if (clock_steps(n.inputs.front()).is_empty()) return;
  n.fold->push(inputs_of(node, true), states_[at], nullptr);
}

void TileEvaluator::begin_loop(const Loop& loop) {
  loop_index_ = 0;
  for (const int i : loop.in_runs) {
    const EqualRuns& runs = runs_[static_cast<std::size_t>(program_.node(i).space)];
    const auto at = static_cast<std::size_t>(i);
    is_whole_in_loop_[at] =
        runs.is_packed() && loop.size * runs.size() <= program_.node(i).max_cells;
    if (!is_whole_in_loop_[at]) continue;
    Block out = new_block(i);
    program_.node(i).op->compute(inputs_of(i, false), out);
  }
  for (const int i : loop.folds) {
    const int first = program_.node(i).inputs.front();
    std::byte* data = arena_.data() + level_->loop_state[static_cast<std::size_t>(i)];
    Region cells = program_.node(first).is_uniform
                       ? values_[static_cast<std::size_t>(first)].region
                       : own_cells(program_, *tile_, i, 0, region_of(first, tile_->n_cells));
    states_[static_cast<std::size_t>(i)] =
        state_blocks(i, data, drop_axis(cells, program_.node(i).fold->over_axis()));
    program_.node(i).fold->start(states_[static_cast<std::size_t>(i)]);
  }
}

bool TileEvaluator::next_in_loop(const Loop& loop) {
  if (++loop_index_ < loop.size) return true;
  loop_index_ = -1;
  for (const int i : loop.folds) {
    const Block out = new_block(i);
    program_.node(i).fold->finish(states_[static_cast<std::size_t>(i)], out);
  }
  return false;
}

void TileEvaluator::load(int node, const Tile& tile, const Column& column) {
  const Block& from = column.sources[static_cast<std::size_t>(node)];
  const ProgramNode& n = program_.node(node);
  if (n.space >= 0) runs_[static_cast<std::size_t>(node)].unpack();
  if (block_ && steps_of(node).is_empty()) return;
  if (!tile.regions.empty() && n.remembered == 0) {
    values_[static_cast<std::size_t>(node)] = from.sub(region_of(node, 0));
    return;
  }
  Block to = new_block(node);
  if (!tile.regions.empty()) {
    copy_cells(from, to);
    return;
  }
  if (tile.is_dormant) {
    fill_cells(to, *n.source->missing());
  } else {
    const bool has_steps = block_ && n.has_stream();
    gather_cells(n, has_steps ? sub_steps(from, n.stream_axis, steps_of(node)) : from, tile.runs,
                 to.data);
  }
  if (n.space >= 0) pack_runs(node, to);
}

/// Nodes that depend on this source alone are then made once for each run of equal cells.
void TileEvaluator::pack_runs(int node, const Block& cells) {
  const auto at = static_cast<std::size_t>(node);
  EqualRuns& runs = runs_[at];
  runs.pack(cells.data, cells.n_cells() / tile_->n_cells, tile_->n_cells,
            program_.node(node).item_bytes);
  if (runs.is_packed()) values_[at] = block_of(node, region_of(node, runs.size()), cells.data);
}

Block TileEvaluator::spread(int node) {
  const auto at = static_cast<std::size_t>(node);
  const ProgramNode& n = program_.node(node);
  if (is_spread_[at]) return spread_[at];
  const EqualRuns& runs = runs_[static_cast<std::size_t>(n.space)];
  Block from = values_[at];
  const bool is_whole = is_whole_in_loop_[at];
  if (is_whole) from = sub_steps(from, n.loop_axis, {loop_index_, loop_index_ + 1});
  // The whole loop is packed, but only the current index is spread.
  is_whole_in_loop_[at] = 0;
  Block to = block_of(node, region_of(node, tile_->n_cells), arena_.data() + level_->spread[at]);
  is_whole_in_loop_[at] = is_whole;
  // One packed row for each step and index of the whole dimensions; steps lie apart by the whole
  // loop when that is packed.
  const std::int64_t steps = n.has_stream() ? to.size(static_cast<std::size_t>(n.stream_axis)) : 1;
  const std::int64_t step_stride =
      n.has_stream() ? from.strides[static_cast<std::size_t>(n.stream_axis)] : 0;
  const std::int64_t rows = to.n_cells() / tile_->n_cells / steps;
  const std::int64_t row_stride = is_whole ? 0 : runs.size() * n.item_bytes;
  std::byte* target = to.data;
  for (std::int64_t s = 0; s < steps; ++s) {
    for (std::int64_t r = 0; r < rows; ++r) {
      runs.spread_row(from.data + s * step_stride + r * row_stride, target, n.item_bytes);
      target += tile_->n_cells * n.item_bytes;
    }
  }
  spread_[at] = to;
  is_spread_[at] = 1;
  return to;
}

/// Where the kept steps of a tile lie: a tile's cells after those of the tiles before it, step by
/// step.
TileEvaluator::KeptPlace TileEvaluator::kept_place(int node, const Tile& tile) const {
  const ProgramNode& n = program_.node(node);
  const Interval steps = steps_of(node);
  const std::int64_t step_bytes = n.whole_cells * cells_of(program_, node, tile) * n.item_bytes;
  const std::int64_t tile_begin =
      tile.slots[static_cast<std::size_t>(n.kept)] * n.stream_size * n.whole_cells * n.item_bytes;
  return {tile_begin + steps.begin * step_bytes,
          static_cast<std::size_t>(steps.size() * step_bytes)};
}

void TileEvaluator::load_kept(int node, const Tile& tile, const Column& column) {
  if (steps_of(node).is_empty()) return;
  const Block to = new_block(node);
  const KeptPlace place = kept_place(node, tile);
  column.kept[static_cast<std::size_t>(program_.node(node).kept)]->load(place.offset,
                                                                        {to.data, place.bytes});
}

void TileEvaluator::keep(int node, const Tile& tile, Column& column) {
  if (steps_of(node).is_empty()) return;
  const ProgramNode& n = program_.node(node);
  const Block made =
      sub_steps(values_[static_cast<std::size_t>(node)], n.stream_axis, steps_of(node));
  const KeptPlace place = kept_place(node, tile);
  column.kept[static_cast<std::size_t>(n.kept)]->store(place.offset, {made.data, place.bytes});
}

void TileEvaluator::emit(int output, const Tile& tile, Column& column) {
  const int node = program_.plan().outputs[static_cast<std::size_t>(output)].node;
  const ProgramNode& n = program_.node(node);
  const Block& to = column.outputs[static_cast<std::size_t>(output)];
  Block from = values_[static_cast<std::size_t>(node)];
  if (n.has_stream()) {
    const Interval steps{to.region.begin[static_cast<std::size_t>(n.stream_axis)],
                         to.region.end[static_cast<std::size_t>(n.stream_axis)]};
    const Interval wanted = clock_steps(node);
    const Interval part{std::max(steps.begin, wanted.begin), std::min(steps.end, wanted.end)};
    if (part.is_empty()) return;
    from = sub_steps(from, n.stream_axis, part);
  }
  if (!tile.regions.empty()) {
    copy_cells(from,
               to.sub(intersect(from.region, tile.outputs[static_cast<std::size_t>(output)])));
    return;
  }
  if (tile.is_dormant) {
    repeat_cells(n, from, column.n_cells, to);
  } else {
    scatter_cells(n, from, tile.runs, to);
  }
}

Interval TileEvaluator::steps_of(int node) const {
  if (!block_) return {0, program_.node(node).stream_size};
  return block_->steps[static_cast<std::size_t>(node)].made;
}

/// The steps of the clock's block, as far as the node has them: what folds, outputs and settled
/// results go by.
Interval TileEvaluator::clock_steps(int node) const {
  const std::int64_t size = program_.node(node).stream_size;
  return {std::min(block_->clock.begin, size), std::min(block_->clock.end, size)};
}

/// The node's cells of the current steps and loop index; `cells` along the last cell dimension when
/// tiles are lists.
Region TileEvaluator::region_of(int node, std::int64_t cells) const {
  const ProgramNode& n = program_.node(node);
  const bool is_list = tile_->regions.empty();
  Region region = is_list ? n.op->schema().whole() : tile_->regions[static_cast<std::size_t>(node)];
  bool is_last_cell_axis = true;
  for (std::size_t axis = region.rank(); axis-- > 0;) {
    if (n.roles[axis] == Role::stream) {
      const Interval steps = steps_of(node);
      region.begin[axis] = steps.begin;
      region.end[axis] = steps.end;
    } else if (n.roles[axis] == Role::loop && loop_index_ >= 0 &&
               !is_whole_in_loop_[static_cast<std::size_t>(node)]) {
      region.begin[axis] = loop_index_;
      region.end[axis] = loop_index_ + 1;
    } else if (n.roles[axis] == Role::cell && is_list) {
      region.begin[axis] = 0;
      region.end[axis] = is_last_cell_axis ? cells : 1;
      is_last_cell_axis = false;
    }
  }
  return region;
}

Block TileEvaluator::block_of(int node, const Region& region, std::byte* data) const {
  const ProgramNode& n = program_.node(node);
  return {region, n.op->schema().dtype, data, strides_of(n.roles, region, n.item_bytes)};
}

Block TileEvaluator::new_block(int node) {
  const ProgramNode& n = program_.node(node);
  const auto at = static_cast<std::size_t>(node);
  is_spread_[at] = 0;
  const bool is_packed = n.space >= 0 && runs_[static_cast<std::size_t>(n.space)].is_packed();
  const std::int64_t cells =
      is_packed ? runs_[static_cast<std::size_t>(n.space)].size() : tile_->n_cells;
  std::byte* data = arena_.data() + level_->buffer[at];
  const Region region = region_of(node, cells);
  if (n.remembered == 0 || !block_) {
    values_[at] = block_of(node, region, data);
    return values_[at];
  }
  // The buffer of the slab grows by the steps made now; the node's readers see all of it.
  Interval& held = remembered_[at];
  if (held.is_empty()) held.begin = steps_of(node).begin;
  held.end = steps_of(node).end;
  if (held.size() > n.max_steps)
    throw Error(Errc::internal, "plan: more steps than were planned for");
  values_[at] = block_of(node, with_steps(region, n.stream_axis, held), data);
  return values_[at].sub(region);
}

Block TileEvaluator::input(int node, const ProgramNode& consumer) {
  const ProgramNode& n = program_.node(node);
  if (n.space >= 0 && consumer.space < 0 && runs_[static_cast<std::size_t>(n.space)].is_packed())
    return spread(node);
  return values_[static_cast<std::size_t>(node)];
}

/// Folds get exactly the steps of this block, as each step may be pushed only once, and exactly
/// their own cells.
std::span<const Block> TileEvaluator::inputs_of(int node, bool exact_steps) {
  const ProgramNode& n = program_.node(node);
  inputs_.clear();
  for (std::size_t k = 0; k < n.inputs.size(); ++k) {
    const int i = n.inputs[k];
    Block block = input(i, n);
    const ProgramNode& in = program_.node(i);
    if (exact_steps) block = block.sub(own_cells(program_, *tile_, node, k, block.region));
    if (exact_steps && n.folds_stream && in.stream_axis >= 0) {
      const Interval steps = n.has_stream() ? steps_of(node) : clock_steps(i);
      block = sub_steps(block, in.stream_axis, steps);
    }
    if (exact_steps && n.folds_loop && in.loop_axis >= 0 &&
        (in.is_uniform || block.size(static_cast<std::size_t>(in.loop_axis)) > 1)) {
      block = sub_steps(block, in.loop_axis, {loop_index_, loop_index_ + 1});
    }
    inputs_.push_back(block);
  }
  return inputs_;
}

void TileEvaluator::bind_held(const Tile& tile) {
  block_ = nullptr;
  std::byte* data = tile.memory.data();
  for (const TileRow& row : layout_.held()) {
    values_[static_cast<std::size_t>(row.node)] =
        block_of(row.node, region_of(row.node, tile.n_cells), data);
    data += layout_.row_bytes(row, tile);
  }
}

std::vector<Block> TileEvaluator::state_blocks(int node, std::byte* data,
                                               const Region& cells) const {
  const ProgramNode& n = program_.node(node);
  std::vector<Role> roles = program_.node(n.inputs.front()).roles;
  roles.erase(roles.begin() + static_cast<std::ptrdiff_t>(n.fold->over_axis()));
  std::vector<Block> blocks;
  for (const StateField& field : n.fold->state()) {
    const auto item = static_cast<std::int64_t>(item_size(field.dtype));
    const std::int64_t depth_stride = cells.n_cells() * item;
    Block state{insert_axis(cells, 0, 0, field.depth), field.dtype, data,
                strides_of(roles, cells, item)};
    state.strides.insert(0, depth_stride);
    blocks.push_back(state);
    data += (field.depth * depth_stride + 63) / 64 * 64;
  }
  return blocks;
}

void TileEvaluator::bind_states(std::size_t walk, const Tile& tile) {
  block_ = nullptr;
  loop_index_ = -1;
  std::byte* data = tile.memory.data() + layout_.held_bytes(tile);
  for (const TileRow& row : layout_.walk(walk)) {
    if (row.field == 0) {
      const int first = program_.node(row.node).inputs.front();
      const auto axis = program_.node(row.node).fold->over_axis();
      states_[static_cast<std::size_t>(row.node)] = state_blocks(
          row.node, data,
          drop_axis(own_cells(program_, tile, row.node, 0, region_of(first, tile.n_cells)), axis));
    }
    data += layout_.row_bytes(row, tile);
  }
}

void TileEvaluator::restore_remembered(const Level& level, std::size_t walk, const SlabSteps& slab,
                                       const Tile& tile) {
  const std::byte* data = tile.memory.data() + layout_.held_bytes(tile);
  for (const TileRow& row : layout_.walk(walk)) {
    const std::byte* remembered = data;
    data += layout_.row_bytes(row, tile);
    if (row.field >= 0) continue;
    const auto at = static_cast<std::size_t>(row.node);
    const ProgramNode& n = program_.node(row.node);
    Interval& held = remembered_[at];
    held = {};
    // The first block of the slab that touches the node says where the buffer starts.
    for (const StepBlock& block : slab) {
      const auto& [made, needed] = block.steps[at];
      if (made.is_empty() && needed.is_empty()) continue;
      held = {std::min(needed.begin, made.begin), made.begin};
      break;
    }
    if (held.is_empty()) continue;
    const std::int64_t step_bytes =
        n.whole_cells * cells_of(program_, row.node, tile) * n.item_bytes;
    std::memcpy(arena_.data() + level.buffer[at],
                remembered + (n.remembered - held.size()) * step_bytes,
                static_cast<std::size_t>(held.size() * step_bytes));
    values_[at] =
        block_of(row.node, with_steps(region_of(row.node, tile.n_cells), n.stream_axis, held),
                 arena_.data() + level.buffer[at]);
  }
}

/// The last n.remembered steps lie at the end of their row, so that a shorter history leaves the
/// front unused.
void TileEvaluator::save_remembered(const Level& level, std::size_t walk, Tile& tile) {
  std::byte* data = tile.memory.data() + layout_.held_bytes(tile);
  for (const TileRow& row : layout_.walk(walk)) {
    std::byte* to = data;
    data += layout_.row_bytes(row, tile);
    if (row.field >= 0) continue;
    const auto at = static_cast<std::size_t>(row.node);
    const ProgramNode& n = program_.node(row.node);
    const Interval held = remembered_[at];
    const std::int64_t count = std::min(n.remembered, held.size());
    if (count <= 0) continue;
    const std::int64_t step_bytes =
        n.whole_cells * cells_of(program_, row.node, tile) * n.item_bytes;
    std::memmove(to + (n.remembered - count) * step_bytes,
                 arena_.data() + level.buffer[at] + (held.size() - count) * step_bytes,
                 static_cast<std::size_t>(count * step_bytes));
  }
}

}  // namespace rastream
