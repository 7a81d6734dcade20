// SPDX-License-Identifier: Apache-2.0
#include "rastream/plan/lower.h"

#include <algorithm>
#include <unordered_map>

#include "rastream/base/bytes.h"
#include "rastream/plan/memory.h"
#include "rastream/plan/nest_choice.h"
#include "rastream/plan/rules.h"
#include "rastream/plan/waiting_chunks.h"

namespace rastream {
namespace {

constexpr std::int64_t kDefaultMemory = std::int64_t{2} << 30;
/// Cells that a kernel sees at once: buffers of a few such vectors stay in L1, and a call costs
/// little beside them.
constexpr std::int64_t kVectorCells = 1024;
constexpr std::int64_t kStepsAtOnce = 8;
constexpr std::int64_t kSlabBytes = std::int64_t{96} << 20;
/// Tasks with fewer cell-steps than this go side by side; larger ones share their workers inside.
constexpr std::int64_t kLargeTask = std::int64_t{4} << 20;

/// The size rounded up, so that what a message asks for is enough when it is given.
std::string at_least(std::int64_t size_bytes) {
  auto rounded = static_cast<double>(size_bytes);
  std::string text = format_bytes(rounded);
  while (parse_bytes(text) < size_bytes) text = format_bytes(rounded *= 1.001);
  return text;
}

/// The graph as numbered nodes, inputs first.
struct Numbered {
  std::vector<Array> nodes;
  std::vector<std::vector<int>> inputs;
  std::unordered_map<const Node*, int> numbers;

  int number(const Array& array) {
    if (const auto known = numbers.find(array.id()); known != numbers.end()) return known->second;
    std::vector<int> in;
    for (const Array& input : array.inputs()) in.push_back(number(input));
    const int own = static_cast<int>(nodes.size());
    nodes.push_back(array);
    inputs.push_back(std::move(in));
    numbers[array.id()] = own;
    return own;
  }
};

class Fitter {
 public:
  Fitter(Plan plan, const std::vector<Array>& nodes, const std::vector<Target>& targets,
         const PlanOptions& options)
      : plan_(std::move(plan)),
        nodes_(nodes),
        options_(options),
        budget_(options.memory_bytes.value_or(kDefaultMemory)) {
    for (const Target& target : targets) chunks_.push_back(target.chunks);
  }

  /// Tries ever smaller nests, in the order of what they cost.
  Plan fit() {
    choose_sizes();
    std::string blame;
    while (true) {
      const Program program(plan_);
      const TileLayout layout(program);
      plan_.bound = bound_memory(program, layout, chunks_);
      plan_.bound.outputs += options_.writer_bytes;
      if (plan_.bound.total() <= budget_) return plan_;
      blame = largest_holder(program, layout);
      if (!shrink(waiting_bytes(program, chunks_))) break;
    }
    throw Error(Errc::invalid_argument,
                "memory: {} allowed, but the smallest plan needs {} (slabs {}, state {} with most "
                "in '{}', outputs {})",
                format_bytes(static_cast<double>(budget_)), at_least(plan_.bound.total()),
                format_bytes(static_cast<double>(plan_.bound.slabs)),
                format_bytes(static_cast<double>(plan_.bound.state)), blame,
                format_bytes(static_cast<double>(plan_.bound.outputs)));
  }

 private:
  std::int64_t column_cells() const {
    std::int64_t cells = 1;
    for (const Cuts& cuts : plan_.nest.column_cuts) cells *= cuts.max_chunk();
    return std::max<std::int64_t>(1, cells);
  }

  /// Steps of a stored chunk, and bytes of all streamed sources for one step of a column.
  void measure_sources() {
    chunk_steps_ = 1;
    step_bytes_ = 1;
    for (const Array& array : nodes_) {
      const auto axis = array.schema().find_axis(plan_.nest.stream);
      const auto& cells = plan_.nest.cell_dims;
      const bool has_cells = std::any_of(cells.begin(), cells.end(),
                                         [&](const auto& d) { return array.schema().has(d); });
      if (!dynamic_cast<const Source*>(array.node().op.get()) || !axis ||
          (!has_cells && !cells.empty()))
        continue;
      chunk_steps_ = std::max(chunk_steps_, array.schema().chunks.cuts(*axis).max_chunk());
      step_bytes_ += column_cells() * static_cast<std::int64_t>(item_size(array.schema().dtype));
      clock_ = std::max(clock_, array.schema().shape[*axis]);
    }
  }

  void choose_sizes() {
    Nest& nest = plan_.nest;
    measure_sources();
    const std::int64_t wanted = std::clamp<std::int64_t>(kSlabBytes / step_bytes_, 4, 64);
    nest.tile_cells =
        options_.tile_cells.value_or(nest.cell_lists ? 2 * kVectorCells : 4 * kVectorCells);
    // Without a loop inside, several steps at once are as good for the cache and save calls.
    const std::int64_t steps = nest.loop_dims.empty() ? kStepsAtOnce : 1;
    nest.step =
        options_.step.value_or(std::clamp<std::int64_t>(kVectorCells / column_cells(), steps, 64));
    nest.slab = options_.slab.value_or((std::max(wanted, nest.step) + chunk_steps_ - 1) /
                                       chunk_steps_ * chunk_steps_);
    nest.slab = std::min(std::max(nest.slab, nest.step), std::max<std::int64_t>(1, clock_));
    nest.step = std::min(nest.step, nest.slab);
    nest.read_ahead = plan_.n_threads > 1;
    // A task that walks nothing has a single slab, so its threads would wait for each other.
    nest.tasks_in_parallel = plan_.n_threads > 1 && nest.n_tasks() >= 2 * plan_.n_threads &&
                             (nest.stream.empty() || column_cells() * clock_ < kLargeTask);
  }

  /// `waiting`: bytes of output chunks that wait for other columns.
  bool shrink(std::int64_t waiting) {
    Nest& nest = plan_.nest;
    // Kept nodes go to a scratch file before slabs become small.
    for (Kept& kept : nest.kept) {
      if (!kept.in_memory) continue;
      kept.in_memory = false;
      return true;
    }
    if (!options_.slab && nest.slab > chunk_steps_) {
      nest.slab = std::max(chunk_steps_, nest.slab / 2 / chunk_steps_ * chunk_steps_);
      nest.step = std::min(nest.step, nest.slab);
      return true;
    }
    if (waiting > 0 && nest.most_waiting.value_or(waiting) > 0) {
      const std::int64_t half = std::min(waiting, nest.most_waiting.value_or(waiting)) / 2;
      nest.most_waiting = half < waiting / 64 ? 0 : half;
      return true;
    }
    if (nest.tasks_in_parallel) {
      nest.tasks_in_parallel = false;
      return true;
    }
    if (nest.read_ahead) {
      nest.read_ahead = false;
      return true;
    }
    return split_columns();
  }

  /// Halves the columns along the first dimension that is still long; chunks are then decoded once
  /// for each part.
  bool split_columns() {
    for (Cuts& cuts : plan_.nest.column_cuts) {
      if (cuts.max_chunk() < 2) continue;
      std::vector<std::int64_t> edges = {0};
      for (std::int64_t c = 0; c < cuts.n_chunks(); ++c) {
        const std::int64_t begin = cuts.begin_of(c);
        const std::int64_t end = cuts.end_of(c);
        if (end - begin > 1) edges.push_back(begin + (end - begin) / 2);
        edges.push_back(end);
      }
      cuts = Cuts::explicit_edges(std::move(edges));
      return true;
    }
    return false;
  }

  Plan plan_;
  const std::vector<Array>& nodes_;
  const PlanOptions& options_;
  const std::int64_t budget_;
  std::vector<ChunkGrid> chunks_;
  std::int64_t chunk_steps_ = 1;
  std::int64_t step_bytes_ = 1;
  std::int64_t clock_ = 1;
};

}  // namespace

Plan make_plan(const std::vector<Target>& targets, const PlanOptions& options) {
  if (targets.empty()) throw Error(Errc::invalid_argument, "plan: nothing to make");
  std::vector<Array> arrays;
  for (const Target& target : targets) arrays.push_back(target.array);
  arrays = optimize(arrays, options.disabled_rules);
  Numbered graph;
  Plan plan;
  plan.n_threads = std::max<std::int64_t>(1, options.n_threads);
  for (std::size_t i = 0; i < targets.size(); ++i)
    plan.outputs.push_back({targets[i].name, graph.number(arrays[i])});
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    const Node& node = graph.nodes[i].node();
    if (node.op->kind() == Kind::global && node.name != "rechunk") {
      throw Error(Errc::unsupported,
                  "plan: operator '{}' needs a whole axis at once, which is not yet planned",
                  node.name);
    }
    plan.nodes.push_back({node.name, node.params, graph.inputs[i]});
  }
  plan.nest = choose_nest(graph.nodes, plan.outputs, targets);
  if (options.cell_lists) plan.nest.cell_lists = plan.nest.cell_lists && *options.cell_lists;
  for (const int node : nodes_to_keep(graph.nodes, graph.inputs, plan.nest))
    plan.nest.kept.push_back({node, true});
  return Fitter(std::move(plan), graph.nodes, targets, options).fit();
}

}  // namespace rastream
