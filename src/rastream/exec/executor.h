// SPDX-License-Identifier: Apache-2.0
// An executor hands tasks to run_task and does nothing else.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <stop_token>
#include <string_view>
#include <vector>

#include "rastream/plan/run_task.h"

namespace rastream {

/// Told of tasks by an executor; calls come from one thread at a time.
class Observer {
 public:
  virtual ~Observer() = default;
  virtual void on_progress(double /*tasks_done*/) {}
};

class Executor {
 public:
  virtual ~Executor() = default;
  /// Runs run_task for each of `tasks`. Returns false when `stop` was requested before all were
  /// done. Throws the first error after the tasks in work have ended.
  virtual bool run(const Program& program, const std::vector<std::int64_t>& tasks, CellSink& sink,
                   Observer& observer, std::stop_token stop) = 0;
};

/// An executor in the table of exec/registry.cpp.
struct ExecutorInfo {
  std::string_view name;
  std::string_view summary;
  std::unique_ptr<Executor> (*make)(std::int64_t n_threads);
};

const std::vector<ExecutorInfo>& executors();
/// Throws invalid_argument, naming those that exist.
std::unique_ptr<Executor> make_executor(std::string_view name, std::int64_t n_threads);

std::unique_ptr<Executor> make_serial_executor(std::int64_t n_threads);
std::unique_ptr<Executor> make_threads_executor(std::int64_t n_threads);

}  // namespace rastream
