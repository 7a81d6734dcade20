// SPDX-License-Identifier: Apache-2.0
// oneTBB lends its workers either to one task after the other (large columns) or to many small
// tasks at once, as the plan says.
#include <tbb/global_control.h>
#include <tbb/info.h>
#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>

#include <atomic>
#include <exception>
#include <mutex>

#include "rastream/exec/executor.h"

#ifdef __SANITIZE_THREAD__
#include <sanitizer/tsan_interface.h>
#endif

namespace rastream {
namespace {

// oneTBB is not instrumented. Told of a loop's begin and end, ThreadSanitizer sees that its items
// come after what was written before it and before what follows it. It must be told at an address
// that is reached without reading anything that the loop was given.
#ifdef __SANITIZE_THREAD__
char loop_order;
void note_earlier_work() { __tsan_acquire(&loop_order); }
void note_later_work() { __tsan_release(&loop_order); }
#else
void note_earlier_work() {}
void note_later_work() {}
#endif

/// The arena's workers inside one task.
class ArenaCrew final : public Crew {
 public:
  ArenaCrew(tbb::task_arena& arena, std::size_t n_workers) : arena_(arena), n_workers_(n_workers) {}
  std::size_t n_workers() const override { return n_workers_; }

  /// Items are handed out by a counter, so that lower ones begin first; each worker is one item of
  /// the arena's loop.
  void for_each(std::size_t n_items,
                const std::function<void(std::size_t, std::size_t)>& work) override {
    if (n_items == 0) return;
    std::atomic<std::size_t> next = 0;
    std::exception_ptr failure;
    std::mutex mutex;
    const auto take_items = [&](std::size_t worker) {
      note_earlier_work();
      try {
        for (std::size_t i = next++; i < n_items; i = next++) work(i, worker);
      } catch (...) {
        next = n_items;
        const std::lock_guard lock(mutex);
        if (!failure) failure = std::current_exception();
      }
      note_later_work();
    };
    const std::size_t n_takers = std::min(n_workers_, n_items);
    note_later_work();
    arena_.execute([&] {
      tbb::parallel_for(std::size_t{0}, n_takers, take_items, tbb::simple_partitioner());
    });
    note_earlier_work();
    if (failure) std::rethrow_exception(failure);
  }

 private:
  tbb::task_arena& arena_;
  std::size_t n_workers_;
};

class ThreadsExecutor final : public Executor {
 public:
  explicit ThreadsExecutor(std::int64_t n_threads)
      : n_threads_(static_cast<std::size_t>(std::max<std::int64_t>(1, n_threads))),
        allowed_(tbb::global_control::max_allowed_parallelism,
                 std::max(n_threads_, static_cast<std::size_t>(tbb::info::default_concurrency()))),
        arena_(static_cast<int>(n_threads_)) {}

  bool run(const Program& program, const std::vector<std::int64_t>& tasks, CellSink& sink,
           Observer& observer, std::stop_token stop) override {
    const TileLayout layout(program);
    ArenaCrew crew(arena_, n_threads_);
    std::mutex mutex;
    double done = 0;
    std::atomic<bool> finished = true;
    const TaskOptions options{stop, [&](double share) {
                                const std::lock_guard lock(mutex);
                                observer.on_progress(done += share);
                              }};
    if (program.nest().tasks_in_parallel) {
      crew.for_each(tasks.size(), [&](std::size_t i, std::size_t) {
        OneWorker alone;
        if (stop.stop_requested() || !run_task(program, layout, tasks[i], alone, sink, options))
          finished = false;
      });
      return finished;
    }
    for (const std::int64_t task : tasks) {
      if (stop.stop_requested() || !run_task(program, layout, task, crew, sink, options))
        return false;
    }
    return true;
  }

 private:
  std::size_t n_threads_;
  tbb::global_control allowed_;  // more threads than cores are the caller's choice
  tbb::task_arena arena_;
};

}  // namespace

std::unique_ptr<Executor> make_threads_executor(std::int64_t n_threads) {
  return std::make_unique<ThreadsExecutor>(n_threads);
}

}  // namespace rastream
