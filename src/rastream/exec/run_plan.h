// SPDX-License-Identifier: Apache-2.0
// Runs the tasks of a plan, measured and with progress: into any sink, or into the chunks of a
// dataset that is being written.
#pragma once

#include <cstdint>
#include <cstdio>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "rastream/base/process_usage.h"
#include "rastream/exec/executor.h"
#include "rastream/format/format.h"
#include "rastream/plan/lower.h"

namespace rastream {

struct RunOptions {
  PlanOptions plan;
  std::string executor = "threads";
  std::stop_token stop;
  std::FILE* progress = nullptr;  ///< where progress is written; nullptr for none
  std::string label = "computing";
};

/// What was run, and what it took, measured.
struct RunReport {
  Plan plan;
  bool is_complete = false;  ///< false when stopped: run again to go on
  std::int64_t n_tasks = 0;
  std::int64_t n_tasks_resumed = 0;  ///< found committed by an earlier run
  double wall_s = 0;
  double cpu_s = 0;
  std::int64_t scratch_bytes = 0;  ///< that went through a scratch file
  std::int64_t peak_bytes = 0;     ///< peak resident memory of the process so far
};

/// Runs `tasks` of the plan into `sink`, and measures.
RunReport run_tasks(const Plan& plan, const Program& program,
                    const std::vector<std::int64_t>& tasks, CellSink& sink,
                    const RunOptions& options);

/// What is done with a whole chunk of an output; called from many threads.
using StoreChunk = std::function<void(std::size_t output, const Block& chunk)>;

/// Runs what is not yet stored of a plan: output i goes to variable `variables[i]` of the writer in
/// chunks `grids[i]`, through `store` where that is given. The report's plan is `plan`.
RunReport store_plan(const Plan& plan, const std::vector<ChunkGrid>& grids, DatasetWriter& writer,
                     const std::vector<std::size_t>& variables, const RunOptions& options,
                     const StoreChunk& store = {});

}  // namespace rastream
