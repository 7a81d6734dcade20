// SPDX-License-Identifier: Apache-2.0
#include "rastream/exec/executor.h"

namespace rastream {
namespace {

class SerialExecutor final : public Executor {
 public:
  bool run(const Program& program, const std::vector<std::int64_t>& tasks, CellSink& sink,
           Observer& observer, std::stop_token stop) override {
    const TileLayout layout(program);
    OneWorker crew;
    double done = 0;
    const TaskOptions options{stop, [&](double share) { observer.on_progress(done += share); }};
    for (const std::int64_t task : tasks) {
      if (stop.stop_requested() || !run_task(program, layout, task, crew, sink, options))
        return false;
    }
    return true;
  }
};

}  // namespace

std::unique_ptr<Executor> make_serial_executor(std::int64_t) {
  return std::make_unique<SerialExecutor>();
}

}  // namespace rastream
