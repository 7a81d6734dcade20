// SPDX-License-Identifier: Apache-2.0
// The outer loops: walks and slabs of one column.
//
//  1. Tiles are made: boxes at once; lists when their cells first hold data.
//  2. For each walk, slab by slab: read the chunks of the next slab while the tiles of this one go
//  through the kernels.
//  3. After each walk the rest that follows it finishes the folds.
//  4. Outputs without the stream dimension are written when the last rest is done, others after
//  each slab.
//
// The column owns all memory; workers own their arenas. Tiles never share a byte, so any number of
// workers gives the same cells.
#include "rastream/plan/run_task.h"

#include <algorithm>

#include "rastream/plan/evaluate_tile.h"
#include "rastream/plan/sleeping_cells.h"

namespace rastream {
namespace {

/// A chunk-aligned part of a source that one call reads.
struct Piece {
  int node = 0;
  Region region;
};

class ColumnRun {
 public:
  ColumnRun(const Program& program, const TileLayout& layout, std::int64_t task, Crew& crew,
            CellSink& sink, const TaskOptions& options)
      : program_(program),
        layout_(layout),
        crew_(crew),
        sink_(sink),
        options_(options),
        evaluators_(crew.n_workers()) {
    column_.box = program.column(task);
    column_.n_cells = column_.box.n_cells();
    column_.sources.resize(program.nodes().size());
    regions_ = program.demanded_boxes(column_.box);
  }

  bool run() {
    make_outputs();
    make_kept();
    make_tiles();
    read_now(program_.rests()[0].members, nullptr);
    run_rest(0);
    for (std::size_t walk = 0; walk < program_.walks().size(); ++walk) {
      if (!run_walk(walk)) return false;
      read_now(program_.rests()[walk + 1].members, nullptr);
      run_rest(walk + 1);
    }
    for (std::size_t i = 0; i < column_.outputs.size(); ++i) {
      if (!streams(i)) sink_.write(i, column_.outputs[i]);
    }
    if (program_.walks().empty()) report(1.0);
    return true;
  }

 private:
  int output_node(std::size_t output) const { return program_.plan().outputs[output].node; }
  /// Written slab by slab; a uniform output has all its steps at once.
  bool streams(std::size_t output) const {
    const ProgramNode& n = program_.node(output_node(output));
    return n.has_stream() && !n.is_uniform;
  }
  bool is_list() const { return program_.nest().cell_lists; }

  TileEvaluator& evaluator(std::size_t worker) {
    if (!evaluators_[worker])
      evaluators_[worker] = std::make_unique<TileEvaluator>(program_, layout_);
    return *evaluators_[worker];
  }

  void report(double share) {
    if (options_.on_progress) options_.on_progress(share);
  }

  void make_outputs() {
    for (std::size_t i = 0; i < program_.plan().outputs.size(); ++i) {
      Region region = program_.node_region(output_node(i), column_.box);
      const ProgramNode& n = program_.node(output_node(i));
      if (streams(i))
        region.end[static_cast<std::size_t>(n.stream_axis)] =
            std::min(program_.nest().slab, n.stream_size);
      output_memory_.emplace_back(region, n.op->schema().dtype);
      column_.outputs.push_back(output_memory_.back().view());
      if (n.is_uniform) copy_cells(program_.uniform(output_node(i)), column_.outputs.back());
    }
  }

  void make_kept() {
    for (const Kept& kept : program_.nest().kept) {
      const ProgramNode& n = program_.node(kept.node);
      // Each late tile may pad its list; one dormant cell is kept besides.
      const double bytes = static_cast<double>(n.stream_size * n.whole_cells * n.item_bytes) *
                           static_cast<double>(kept_cells(kept.node) + 1);
      column_.kept.push_back(
          std::make_unique<KeptCells>(static_cast<std::int64_t>(bytes), kept.in_memory));
    }
    slots_.assign(program_.nest().kept.size(), 0);
    kept_steps_.assign(program_.nest().kept.size(), 0);
  }

  std::int64_t kept_cells(int node) const {
    if (is_list()) return column_.n_cells;
    std::int64_t cells = 0;
    for (const Region& box : tile_boxes(column_.box, program_.nest().tile_cells)) {
      Tile tile;
      tile.regions = program_.demanded_boxes(box);
      cells += cells_of(program_, node, tile);
    }
    return cells;
  }

  void make_tiles() {
    if (!is_list()) {
      for (const Region& box : tile_boxes(column_.box, program_.nest().tile_cells)) {
        Tile tile;
        tile.n_cells = box.n_cells();
        tile.regions = program_.demanded_boxes(box);
        for (const Output& output : program_.plan().outputs)
          tile.outputs.push_back(program_.node_region(output.node, box));
        add_tile(std::move(tile));
      }
      return;
    }
    if (!SleepingCells::can_sleep(program_)) {
      add_lists({{0, column_.n_cells}});
      return;
    }
    sleeping_ = std::make_unique<SleepingCells>(column_.n_cells);
    Tile dormant;
    dormant.n_cells = 1;
    dormant.is_dormant = true;
    add_tile(std::move(dormant));
  }

  void add_tile(Tile tile) {
    tile.memory = Buffer(static_cast<std::size_t>(layout_.size_bytes(tile)) + 64);
    tile.slots = slots_;
    for (std::size_t k = 0; k < slots_.size(); ++k)
      slots_[k] += cells_of(program_, program_.nest().kept[k].node, tile);
    tiles_.push_back(std::move(tile));
  }

  /// Cuts runs of cells into tiles of tile_cells.
  void add_lists(const std::vector<CellRun>& runs) {
    Tile tile;
    for (CellRun run : runs) {
      while (run.length > 0) {
        const std::int64_t take = std::min(run.length, program_.nest().tile_cells - tile.n_cells);
        tile.runs.push_back({run.begin, take});
        tile.n_cells += take;
        run = {run.begin + take, run.length - take};
        if (tile.n_cells < program_.nest().tile_cells) continue;
        add_tile(std::move(tile));
        tile = {};
      }
    }
    if (tile.n_cells > 0) add_tile(std::move(tile));
  }

  /// Makes tiles of the cells found in the slab that is about to be computed.
  void wake_found(std::size_t walk) {
    if (!sleeping_) return;
    const std::size_t first = tiles_.size();
    add_lists(sleeping_->wake_found());
    crew_.for_each(tiles_.size() - first, [&](std::size_t i, std::size_t) {
      inherit_dormant(program_, layout_, walk, tiles_[0], kept_steps_, tiles_[first + i], column_);
    });
  }

  /// The steps of each source that a slab makes anew.
  Interval made_in(const SlabSteps& slab, int node) const {
    Interval all;
    for (const StepBlock& block : slab) {
      const Interval& made = block.steps[static_cast<std::size_t>(node)].made;
      if (made.is_empty()) continue;
      if (all.is_empty()) all = made;
      all.end = std::max(all.end, made.end);
    }
    return all;
  }

  /// Blocks for the sources among `members`, and the pieces that fill them.
  std::vector<Piece> prepare(const std::vector<int>& members, const SlabSteps* slab,
                             std::size_t half) {
    std::vector<Piece> pieces;
    next_sources_.assign(program_.nodes().size(), Block{});
    for (const int i : members) {
      const ProgramNode& n = program_.node(i);
      if (!n.source) continue;
      const auto at = static_cast<std::size_t>(i);
      Region region = regions_[at];
      if (slab) {
        const Interval steps = made_in(*slab, i);
        if (steps.is_empty()) continue;
        region.begin[static_cast<std::size_t>(n.stream_axis)] = steps.begin;
        region.end[static_cast<std::size_t>(n.stream_axis)] = steps.end;
      }
      slab_memory_[half].resize(program_.nodes().size());
      Buffer& memory = slab_memory_[half][at];
      memory.reserve(static_cast<std::size_t>(region.n_cells() * n.item_bytes) + 64);
      next_sources_[at] = dense_block(region, n.op->schema().dtype, memory.data());
      const ChunkGrid& grid = n.op->schema().chunks;
      for_each_index(grid.chunks_touching(region), [&](const Extents& index) {
        pieces.push_back({i, intersect(grid.chunk_region(index), region)});
      });
    }
    return pieces;
  }

  void read(const Piece& piece) {
    Block part = next_sources_[static_cast<std::size_t>(piece.node)].sub(piece.region);
    const ProgramNode& n = program_.node(piece.node);
    n.op->compute({}, part);
    if (sleeping_) sleeping_->find_data(n, regions_[static_cast<std::size_t>(piece.node)], part);
  }

  void read_now(const std::vector<int>& members, const SlabSteps* slab) {
    const std::vector<Piece> pieces = prepare(members, slab, 0);
    if (pieces.empty()) return;
    crew_.for_each(pieces.size(), [&](std::size_t i, std::size_t) { read(pieces[i]); });
    column_.sources = next_sources_;
  }

  SlabSteps steps_of_slab(Schedule& schedule, std::int64_t begin, std::int64_t end) const {
    SlabSteps slab;
    for (std::int64_t at = begin; at < end; at += program_.nest().step) {
      const Interval clock{at, std::min(at + program_.nest().step, end)};
      slab.push_back({clock, schedule.advance(clock.begin, clock.end)});
    }
    return slab;
  }

  bool run_walk(std::size_t walk) {
    const Level& level = program_.walks()[walk];
    crew_.for_each(tiles_.size(),
                   [&](std::size_t i, std::size_t w) { evaluator(w).start_walk(walk, tiles_[i]); });
    Schedule schedule(program_, walk);
    const std::int64_t slab_steps = program_.nest().slab;
    SlabSteps slab = steps_of_slab(schedule, 0, std::min(slab_steps, level.clock));
    std::size_t half = 0;
    read_slab(level, slab, half);
    for (std::int64_t begin = 0; begin < level.clock; begin += slab_steps) {
      const std::int64_t end = std::min(begin + slab_steps, level.clock);
      if (options_.stop.stop_requested()) return false;
      wake_found(walk);
      aim_outputs(walk, begin, end);
      SlabSteps next;
      std::vector<Piece> pieces;
      const bool has_next = end < level.clock;
      if (has_next) {
        next = steps_of_slab(schedule, end, std::min(end + slab_steps, level.clock));
        if (program_.nest().read_ahead) pieces = prepare(level.members, &next, 1 - half);
      }
      compute_slab(walk, slab, pieces);
      for (std::size_t k = 0; k < kept_steps_.size(); ++k) {
        kept_steps_[k] = std::max(kept_steps_[k], made_in(slab, program_.nest().kept[k].node).end);
      }
      write_slab(walk);
      report(static_cast<double>(end - begin) / static_cast<double>(level.clock) /
             static_cast<double>(program_.walks().size()));
      if (!has_next) break;
      if (is_settled(walk)) {
        report(static_cast<double>(level.clock - end) / static_cast<double>(level.clock) /
               static_cast<double>(program_.walks().size()));
        break;
      }
      slab = std::move(next);
      if (program_.nest().read_ahead) {
        half = 1 - half;
        column_.sources = next_sources_;
      } else {
        read_slab(level, slab, half);
      }
    }
    return true;
  }

  void read_slab(const Level& level, const SlabSteps& slab, std::size_t half) {
    const std::vector<Piece> pieces = prepare(level.members, &slab, half);
    column_.sources = next_sources_;
    crew_.for_each(pieces.size(), [&](std::size_t i, std::size_t) { read(pieces[i]); });
  }

  /// Reads `pieces` of the next slab and computes the tiles of this one, side by side. The dormant
  /// tile goes first, as it fills the outputs that other tiles then write into.
  void compute_slab(std::size_t walk, const SlabSteps& slab, const std::vector<Piece>& pieces) {
    std::size_t first = 0;
    if (!tiles_.empty() && tiles_[0].is_dormant) {
      evaluator(0).run_slab(walk, slab, tiles_[0], column_);
      first = 1;
    }
    crew_.for_each(pieces.size() + tiles_.size() - first, [&](std::size_t i, std::size_t worker) {
      if (i < pieces.size()) {
        read(pieces[i]);
      } else {
        evaluator(worker).run_slab(walk, slab, tiles_[first + i - pieces.size()], column_);
      }
    });
  }

  void run_rest(std::size_t rest) {
    if (program_.rests()[rest].instructions.empty()) return;
    std::size_t first = 0;
    if (!tiles_.empty() && tiles_[0].is_dormant) {
      evaluator(0).run_rest(rest, tiles_[0], column_);
      first = 1;
    }
    crew_.for_each(tiles_.size() - first, [&](std::size_t i, std::size_t worker) {
      evaluator(worker).run_rest(rest, tiles_[first + i], column_);
    });
  }

  /// A walk may end early only when nothing can change any more; cells that sleep may still wake.
  bool is_settled(std::size_t walk) {
    if (program_.walks()[walk].instructions.empty()) return false;
    return std::all_of(tiles_.rbegin(), tiles_.rend(), [&](const Tile& tile) {
      if (tile.is_dormant && sleeping_->all_awake()) return true;
      return evaluator(0).is_settled(walk, tile);
    });
  }

  /// Sets the region of outputs along the stream to the slab's.
  void aim_outputs(std::size_t walk, std::int64_t begin, std::int64_t end) {
    for (std::size_t i = 0; i < column_.outputs.size(); ++i) {
      const ProgramNode& n = program_.node(output_node(i));
      if (!streams(i) || n.level != static_cast<int>(walk)) continue;
      Region region = program_.node_region(output_node(i), column_.box);
      region.begin[static_cast<std::size_t>(n.stream_axis)] = std::min(begin, n.stream_size);
      region.end[static_cast<std::size_t>(n.stream_axis)] = std::min(end, n.stream_size);
      column_.outputs[i] = dense_block(region, n.op->schema().dtype, output_memory_[i].view().data);
    }
  }

  void write_slab(std::size_t walk) {
    for (std::size_t i = 0; i < column_.outputs.size(); ++i) {
      const ProgramNode& n = program_.node(output_node(i));
      if (!streams(i) || n.level != static_cast<int>(walk) || column_.outputs[i].region.is_empty())
        continue;
      sink_.write(i, column_.outputs[i]);
    }
  }

  const Program& program_;
  const TileLayout& layout_;
  Crew& crew_;
  CellSink& sink_;
  const TaskOptions& options_;
  Column column_;
  std::vector<Region> regions_;  // of each node, for the whole column
  std::vector<OwnedBlock> output_memory_;
  std::vector<Tile> tiles_;
  std::vector<std::int64_t> slots_;
  std::vector<std::unique_ptr<TileEvaluator>> evaluators_;
  std::vector<Buffer> slab_memory_[2];
  std::vector<Block> next_sources_;
  std::vector<std::int64_t> kept_steps_;     // steps kept so far
  std::unique_ptr<SleepingCells> sleeping_;  // when cells can sleep; tiles_[0] is dormant then
};

}  // namespace

bool run_task(const Program& program, const TileLayout& layout, std::int64_t task, Crew& crew,
              CellSink& sink, const TaskOptions& options) {
  try {
    return ColumnRun(program, layout, task, crew, sink, options).run();
  } catch (Error& e) {
    std::string column;
    const Region box = program.column(task);
    for (std::size_t i = 0; i < box.rank(); ++i) {
      column += fmt::format("{}{} {}:{}", i ? ", " : "", program.nest().cell_dims[i], box.begin[i],
                            box.end[i]);
    }
    throw std::move(
        e.add_context(fmt::format("task {} of {}, {}", task, program.nest().n_tasks(), column)));
  }
}

}  // namespace rastream
