// SPDX-License-Identifier: Apache-2.0
// The one way to make cells. An executor decides which tasks run where and when; what a task makes
// is decided here.
#pragma once

#include <cstdint>
#include <functional>
#include <stop_token>

#include "rastream/plan/crew.h"
#include "rastream/plan/program.h"
#include "rastream/plan/tile.h"

namespace rastream {

/// Receives finished cells. `write` may be called from many threads; the block is valid only during
/// the call.
class CellSink {
 public:
  virtual ~CellSink() = default;
  virtual void write(std::size_t output, const Block& cells) = 0;
};

struct TaskOptions {
  std::stop_token stop;
  /// Called from one thread at a time with the share of the task that was done since the last call.
  std::function<void(double)> on_progress;
};

/// Makes all outputs' cells of the task's column and hands them to `sink`. Returns false when
/// `stop` was requested; outputs without the stream dimension have then not been written. The same
/// cells whatever the crew. Errors carry the task's column as context.
bool run_task(const Program& program, const TileLayout& layout, std::int64_t task, Crew& crew,
              CellSink& sink, const TaskOptions& options);

}  // namespace rastream
