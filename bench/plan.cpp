// SPDX-License-Identifier: Apache-2.0
// What a plan and a task cost: a plan of a million chunks, and a million tasks that do next to
// nothing. One JSON line.
#include <fmt/format.h>

#include <chrono>

#include "rastream/exec/executor.h"
#include "rastream/ops/elementwise/functions.h"
#include "rastream/ops/sources/sources.h"
#include "rastream/plan/lower.h"

using namespace rastream;

namespace {

class NullSink final : public CellSink {
 public:
  void write(std::size_t, const Block&) override {}
};

double seconds_since(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

}  // namespace

int main() {
  const Array cells = add(full({"y", "x"}, {8000, 8000}, 1.0, DType::float32, {8, 8}), 1.0);
  const Target target{"cells", cells, cells.schema().chunks};
  for (const std::int64_t n_threads : {1, 2}) {
    PlanOptions options;
    options.n_threads = n_threads;
    const auto begin = std::chrono::steady_clock::now();
    const Plan plan = make_plan({target}, options);
    const double planned = seconds_since(begin);
    const Program program(plan);
    std::vector<std::int64_t> tasks(static_cast<std::size_t>(plan.nest.n_tasks()));
    for (std::size_t i = 0; i < tasks.size(); ++i) tasks[i] = static_cast<std::int64_t>(i);
    NullSink sink;
    Observer observer;
    const auto start = std::chrono::steady_clock::now();
    make_executor(n_threads == 1 ? "serial" : "threads", n_threads)
        ->run(program, tasks, sink, observer, {});
    fmt::print(
        R"({{"bench": "plan", "threads": {}, "chunks": {}, "plan_ms": {:.3f}, "us_per_task": {:.3f}}})"
        "\n",
        n_threads, tasks.size(), planned * 1e3,
        seconds_since(start) / static_cast<double>(tasks.size()) * 1e6);
  }
}
