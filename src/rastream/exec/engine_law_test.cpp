// SPDX-License-Identifier: Apache-2.0
// The law of the engine: whatever nest, tiles, slabs, memory, rules, threads and executor, a plan
// makes the cells of evaluate(), bit for bit.
#include <gtest/gtest.h>

#include <cstdlib>

#include "rastream/plan/explain.h"
#include "tests/suites/engine_runs.h"
#include "tests/suites/random_plans.h"

namespace rastream {
namespace {

using graphs::Random;
using runs::random_options;
using runs::text_of;

const graphs::Pool& pool() {
  static const graphs::Pool made;
  return made;
}

/// Plans and runs `arrays` in a few random ways, the last one in as little memory as is accepted.
void check_law(const std::vector<Array>& arrays, Random& random, int n_ways) {
  const std::vector<OwnedBlock> expected = runs::evaluated(arrays);
  const std::vector<Target> targets = runs::targets_of(arrays);
  for (int way = 0; way < n_ways; ++way) {
    PlanOptions options = random_options(random);
    const std::string executor = random() % 2 ? "serial" : "threads";
    SCOPED_TRACE(text_of(options) + " " + executor);
    Plan plan = make_plan(targets, options);
    if (std::getenv("RASTREAM_LAW_EXPLAIN"))
      fmt::print(stderr, "{}\n{}\n", text_of(options), explain(plan));
    ASSERT_TRUE(runs::makes(plan, arrays, expected, executor));
    for (int shrunk = 0; way == 0 && shrunk < 8; ++shrunk) {
      options.memory_bytes = plan.bound.total() - 1;
      try {
        plan = make_plan(targets, options);
      } catch (const Error& e) {
        ASSERT_EQ(e.code(), Errc::invalid_argument) << e.what();
        break;
      }
      SCOPED_TRACE(text_of(options));
      ASSERT_TRUE(runs::makes(plan, arrays, expected, executor));
    }
  }
}

std::int64_t from_environment(const char* name, std::int64_t otherwise) {
  const char* text = std::getenv(name);
  return text ? std::atoll(text) : otherwise;
}

TEST(EngineLaw, EveryPlanOfARandomExpressionMakesTheCellsThatEvaluateMakes) {
  const std::int64_t first = from_environment("RASTREAM_LAW_SEED", 1);
  const std::int64_t count = from_environment("RASTREAM_LAW_COUNT", 150);
  std::int64_t n_refused = 0;
  for (std::int64_t seed = first; seed < first + count; ++seed) {
    graphs::Writer writer(pool(), static_cast<std::uint64_t>(seed));
    const std::vector<Array> arrays = writer.write(static_cast<int>(2 + seed % 8));
    std::string text = fmt::format("seed {}", seed);
    for (const Array& a : arrays) text += "\n    " + graphs::text_of(a);
    SCOPED_TRACE(text);
    if (count == 1) fmt::print(stderr, "{}\n", text);  // a crash shows no trace
    Random random(static_cast<std::uint64_t>(seed));
    try {
      check_law(arrays, random, 4);
    } catch (const Error& e) {
      // Operators that need a whole axis at once are refused, which the documentation says.
      EXPECT_EQ(e.code(), Errc::unsupported) << e.what();
      ++n_refused;
    }
    if (HasFailure()) return;
  }
  EXPECT_LT(n_refused, std::max<std::int64_t>(2, count / 4));
}

void check_many_ways(const std::vector<Array>& arrays) {
  Random random(1);
  check_law(arrays, random, 12);
}

TEST(EngineLaw, BothPartsOfAConcatMayReadOneArray) {
  const Array doubled = multiply(pool().read("late"), 2.0);
  check_many_ways({concat({doubled, cumsum(doubled, "time")}, "time")});
  check_many_ways({sum(concat({doubled, doubled}, "time"), {"time"})});
}

TEST(EngineLaw, OutputsMayHaveDifferentSizesAlongADimension) {
  const Array holes = pool().read("holes");
  check_many_ways({cumsum(holes, "time"), pad(holes, "x", 1, 0, PadMode::edge)});
}

TEST(EngineLaw, AnOutputMayBeTheInputOfAWindowOverItsCells) {
  const Array doubled = multiply(pool().read("holes"), 2.0);
  check_many_ways(
      {rolling_sum(doubled, "x", 3, 1), doubled, sum(rolling_sum(doubled, "y", 2), {"time"})});
}

TEST(EngineLaw, AStoredDimensionMayBeFoldedBesideTheStream) {
  check_many_ways({var(last(pool().read("packed"), "x"), "time")});
  check_many_ways({sum(rastream::max(pool().read("layers"), {"layer"}), {"time"})});
}

TEST(EngineLaw, AFoldTakesItsOwnCellsOfAnInputOfWhichAWindowNeedsMore) {
  const Array doubled = multiply(pool().read("holes"), 2.0);
  check_many_ways({rolling_sum(doubled, "x", 3, 1), cumsum(doubled, "time")});
  check_many_ways({add(rolling_sum(mean(doubled, {"time"}), "x", 3, 1), mean(doubled, {"time"})),
                   rastream::max(rolling_sum(doubled, "y", 3, 1), {"time"})});
}

TEST(EngineLaw, EverythingMayBeFoldedToOneCell) {
  const Array late = pool().read("late");
  check_many_ways({sum(late, {"time", "y", "x"})});
  check_many_ways({mean(multiply(late, late), {"y", "x", "time"}), any(late, {"time", "y", "x"})});
  check_many_ways({var(sum(pool().read("layers"), {"layer", "y", "x"}), "time")});
  check_many_ways(
      {cumsum(sum(pool().read("holes"), {"y", "x"}), "time"), sum(late, {"time", "y", "x"})});
}

TEST(EngineLaw, TilesInTheMiddleMayNeedMoreCellsThanThoseAtAnEdge) {
  check_many_ways({rolling_mean(cumsum(pool().read("holes"), "time"), "x", 4, 1)});
}

}  // namespace
}  // namespace rastream
