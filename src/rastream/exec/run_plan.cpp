// SPDX-License-Identifier: Apache-2.0
#include "rastream/exec/run_plan.h"

#include <algorithm>
#include <chrono>
#include <mutex>

#include "rastream/base/progress.h"
#include "rastream/exec/chunk_assembler.h"

namespace rastream {
namespace {

/// Progress in cell-steps of the largest source, or in tasks where nothing is read.
double work_in(const Plan& plan) {
  double most = 0;
  for (const Array& array : arrays_of(plan)) {
    if (dynamic_cast<const Source*>(array.node().op.get())) {
      most = std::max(most, static_cast<double>(array.schema().n_cells()));
    }
  }
  return most > 0 ? most : static_cast<double>(plan.nest.n_tasks());
}

/// Work is done when its cells are stored: chunks may wait for their neighbours until long after
/// the last task. A stored cell weighs as much as a computed one.
class ProgressObserver final : public Observer {
 public:
  /// `n_cells` will be stored.
  ProgressObserver(const RunOptions& options, const Plan& plan, std::size_t n_tasks, double n_cells)
      : share_(static_cast<double>(n_tasks) /
               static_cast<double>(std::max<std::int64_t>(1, plan.nest.n_tasks()))),
        n_tasks_(static_cast<double>(std::max<std::size_t>(1, n_tasks))),
        work_(options.progress ? work_in(plan) * share_ : 0),
        n_cells_(n_cells),
        progress_(options.label, work_, "cell-steps", options.progress) {}
  void on_progress(double tasks_done) override {
    const std::lock_guard lock(mutex_);
    tasks_done_ = tasks_done;
    show();
  }
  void on_stored(std::int64_t n_cells) {
    const std::lock_guard lock(mutex_);
    n_stored_ += static_cast<double>(n_cells);
    show();
  }
  void on_complete() {
    const std::lock_guard lock(mutex_);
    progress_.update(work_);
  }

 private:
  /// Shares are sums, which rounding may bring to 1 too early.
  void show() {
    const double done =
        (work_ * tasks_done_ / n_tasks_ + n_stored_) / std::max(1.0, work_ + n_cells_);
    progress_.update(work_ * std::min(done, kAlmost));
  }

  static constexpr double kAlmost = 0.99;
  double share_;
  double n_tasks_;
  double work_;
  double n_cells_;
  std::mutex mutex_;
  double tasks_done_ = 0;
  double n_stored_ = 0;
  Progress progress_;
};

/// True when each chunk that `region` touches is stored; ends at the first that is not.
bool is_stored(const ChunkGrid& grid, const Region& region, const DatasetWriter& writer,
               std::size_t variable) {
  const Region chunks = grid.chunks_touching(region);
  const ChunkGrid order = ChunkGrid::regular(chunks.shape(), Extents(chunks.rank(), 1));
  for (std::int64_t i = 0; i < order.n_chunks(); ++i) {
    Extents index = order.chunk_index(i);
    for (std::size_t axis = 0; axis < index.size(); ++axis) index[axis] += chunks.begin[axis];
    if (!writer.is_committed(variable, grid.chunk_number(index))) return false;
  }
  return true;
}

/// Cells of chunks that are not yet stored.
std::int64_t open_cells(const std::vector<ChunkGrid>& grids, const DatasetWriter& writer,
                        const std::vector<std::size_t>& variables) {
  std::int64_t n = 0;
  for (std::size_t o = 0; o < grids.size(); ++o) {
    for (std::int64_t c = 0; c < grids[o].n_chunks(); ++c) {
      if (!writer.is_committed(variables[o], c)) n += grids[o].chunk_region(c).n_cells();
    }
  }
  return n;
}

/// Tasks of which some chunk is not yet stored.
std::vector<std::int64_t> open_tasks(const Program& program, const std::vector<ChunkGrid>& grids,
                                     const DatasetWriter& writer,
                                     const std::vector<std::size_t>& variables) {
  std::vector<std::int64_t> tasks;
  for (std::int64_t task = 0; task < program.nest().n_tasks(); ++task) {
    bool is_done = true;
    for (std::size_t o = 0; o < grids.size() && is_done; ++o) {
      const Region region =
          program.node_region(program.plan().outputs[o].node, program.column(task));
      is_done = region.is_empty() || is_stored(grids[o], region, writer, variables[o]);
    }
    if (!is_done) tasks.push_back(task);
  }
  return tasks;
}

RunReport run_observed(const Plan& plan, const Program& program,
                       const std::vector<std::int64_t>& tasks, CellSink& sink,
                       const RunOptions& options, Observer& observer) {
  const auto begin = std::chrono::steady_clock::now();
  const double cpu = cpu_seconds();
  RunReport report;
  report.is_complete = make_executor(options.executor, plan.n_threads)
                           ->run(program, tasks, sink, observer, options.stop);
  report.n_tasks = plan.nest.n_tasks();
  report.n_tasks_resumed = report.n_tasks - static_cast<std::int64_t>(tasks.size());
  report.wall_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  report.cpu_s = cpu_seconds() - cpu;
  return report;
}

}  // namespace

RunReport run_tasks(const Plan& plan, const Program& program,
                    const std::vector<std::int64_t>& tasks, CellSink& sink,
                    const RunOptions& options) {
  ProgressObserver observer(options, plan, tasks.size(), 0);
  RunReport report = run_observed(plan, program, tasks, sink, options, observer);
  if (report.is_complete) observer.on_complete();
  return report;
}

RunReport store_plan(const Plan& plan, const std::vector<ChunkGrid>& grids, DatasetWriter& writer,
                     const std::vector<std::size_t>& variables, const RunOptions& options,
                     const StoreChunk& store) {
  const Program program(plan);
  const std::vector<std::int64_t> tasks = open_tasks(program, grids, writer, variables);
  const std::int64_t n_cells = options.progress ? open_cells(grids, writer, variables) : 0;
  ProgressObserver observer(options, plan, tasks.size(), static_cast<double>(n_cells));
  ChunkAssembler assembler(
      grids,
      [&](std::size_t output, const Block& chunk) {
        store ? store(output, chunk) : writer.write(variables[output], chunk);
        observer.on_stored(chunk.n_cells());
      },
      [&](std::size_t output, std::int64_t chunk) {
        return writer.is_committed(variables[output], chunk);
      },
      waiting_room(program, grids));
  const auto begin = std::chrono::steady_clock::now();
  const double cpu = cpu_seconds();
  RunReport report = run_observed(plan, program, tasks, assembler, options, observer);
  if (report.is_complete) report.is_complete = assembler.finish(plan.n_threads, options.stop);
  if (report.is_complete) observer.on_complete();
  report.wall_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  report.cpu_s = cpu_seconds() - cpu;
  report.scratch_bytes = assembler.scratch_bytes();
  report.peak_bytes = peak_resident_bytes();
  report.plan = plan;
  return report;
}

}  // namespace rastream
