// SPDX-License-Identifier: Apache-2.0
// Runs a plan through its JSON and any executor, and compares its cells with evaluate(), bit for
// bit.
#pragma once

#include <gtest/gtest.h>

#include <cstring>
#include <mutex>
#include <numeric>

#include "rastream/exec/executor.h"
#include "rastream/plan/lower.h"

namespace rastream::runs {

/// Gathers outputs and counts how often each cell is written, which must be once.
class GatheringSink final : public CellSink {
 public:
  explicit GatheringSink(const std::vector<Array>& arrays) {
    for (const Array& array : arrays) {
      cells_.emplace_back(array.schema().whole(), array.schema().dtype);
      counts_.emplace_back(array.schema().whole(), DType::int32);
      fill_cells(counts_.back().view(), 0);
    }
  }

  void write(std::size_t output, const Block& cells) override {
    const std::lock_guard lock(mutex_);
    ASSERT_TRUE(cells_[output].view().region.contains(cells.region)) << to_string(cells.region);
    copy_cells(cells, cells_[output].view().sub(cells.region));
    for_each_index(cells.region, [&](const Extents& i) {
      ++*reinterpret_cast<std::int32_t*>(counts_[output].view().at(i));
    });
  }

  const Block& cells(std::size_t output) const { return cells_[output].view(); }
  /// Cells of `output` that were not written exactly once.
  std::int64_t n_miscounted(std::size_t output) const {
    const Block& counts = counts_[output].view();
    std::int64_t n = 0;
    for (std::int64_t i = 0; i < counts.n_cells(); ++i) n += counts.as<std::int32_t>()[i] != 1;
    return n;
  }

 private:
  std::mutex mutex_;
  std::vector<OwnedBlock> cells_;
  std::vector<OwnedBlock> counts_;
};

inline std::vector<std::int64_t> all_tasks(const Plan& plan) {
  std::vector<std::int64_t> tasks(static_cast<std::size_t>(plan.nest.n_tasks()));
  std::iota(tasks.begin(), tasks.end(), 0);
  return tasks;
}

inline std::vector<Target> targets_of(const std::vector<Array>& arrays) {
  std::vector<Target> targets;
  for (const Array& a : arrays)
    targets.push_back({fmt::format("v{}", targets.size()), a, a.schema().chunks});
  return targets;
}

inline Plan through_json(const Plan& plan) {
  return plan_from_json(parse_json(to_json(plan).dump(), "plan"));
}

/// Same bits in every cell.
inline ::testing::AssertionResult equal_cells(const Block& made, const Block& expected) {
  ::testing::AssertionResult result = ::testing::AssertionSuccess();
  std::int64_t n_wrong = 0;
  for_each_index(expected.region, [&](const Extents& i) {
    if (std::memcmp(made.at(i), expected.at(i), item_size(expected.dtype)) == 0) return;
    if (n_wrong++ == 0) {
      result = ::testing::AssertionFailure()
               << "cell " << to_string(i) << " of " << to_string(expected.region) << " is "
               << cell_as_double(made, i) << " instead of " << cell_as_double(expected, i);
    }
  });
  if (n_wrong > 1) result << "; " << n_wrong << " cells differ";
  return result;
}

/// Runs the plan, which has been through JSON, and compares each output with `expected`.
inline ::testing::AssertionResult makes(const Plan& plan, const std::vector<Array>& arrays,
                                        const std::vector<OwnedBlock>& expected,
                                        std::string_view executor) {
  const Plan read_back = through_json(plan);
  if (!(read_back == plan))
    return ::testing::AssertionFailure() << "the plan changed on its way through JSON";
  const Program program(read_back);
  GatheringSink sink(arrays);
  Observer observer;
  if (!make_executor(executor, plan.n_threads)->run(program, all_tasks(plan), sink, observer, {})) {
    return ::testing::AssertionFailure() << "the run was not finished";
  }
  for (std::size_t i = 0; i < arrays.size(); ++i) {
    if (const std::int64_t n = sink.n_miscounted(i); n != 0) {
      return ::testing::AssertionFailure()
             << "output " << i << ": " << n << " cells were not written exactly once";
    }
    if (auto same = equal_cells(sink.cells(i), expected[i].view()); !same)
      return same << " in output " << i;
  }
  return ::testing::AssertionSuccess();
}

inline std::vector<OwnedBlock> evaluated(const std::vector<Array>& arrays) {
  std::vector<OwnedBlock> out;
  for (const Array& a : arrays) out.push_back(evaluate(a, a.schema().whole()));
  return out;
}

}  // namespace rastream::runs
