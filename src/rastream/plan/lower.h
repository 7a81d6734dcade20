// SPDX-License-Identifier: Apache-2.0
// From arrays to a plan: chooses the loop nest and fits it into the memory that the user allows.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "rastream/plan/plan.h"

namespace rastream {

struct PlanOptions {
  std::optional<std::int64_t> memory_bytes;  ///< bound on the whole process; nothing = 2 GiB
  std::int64_t n_threads = 1;
  std::int64_t writer_bytes = 0;  ///< that the outputs' writer holds, counted among the outputs
  std::vector<std::string> disabled_rules;
  std::optional<std::int64_t> tile_cells;  ///< for tests of chunk invariance; else chosen
  std::optional<std::int64_t> slab;
  std::optional<std::int64_t> step;
  std::optional<bool> cell_lists;
};

/// Throws invalid_argument when no nest fits the memory, naming the part that is to blame and what
/// would fit; unsupported for a global operator.
Plan make_plan(const std::vector<Target>& targets, const PlanOptions& options);

}  // namespace rastream
