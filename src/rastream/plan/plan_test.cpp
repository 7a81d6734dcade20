// SPDX-License-Identifier: Apache-2.0
// Plans as JSON, their memory, and where a worker's buffers lie.
#include <gtest/gtest.h>

#include "rastream/plan/arena.h"
#include "rastream/plan/lower.h"
#include "tests/suites/random_graphs.h"

namespace rastream {
namespace {

const graphs::Pool& pool() {
  static const graphs::Pool made;
  return made;
}

Plan plan_of(const PlanOptions& options = {}) {
  const Array late = pool().read("late");
  const Array anomaly = subtract(late, mean(late, {"time"}));
  return make_plan({{"anomaly", anomaly, anomaly.schema().chunks}}, options);
}

TEST(PlanJson, ComesBackEqual) {
  const Plan plan = plan_of();
  const Plan again = plan_from_json(parse_json(to_json(plan).dump(), "plan"));
  EXPECT_EQ(again, plan);
  EXPECT_EQ(plan_id(again), plan_id(plan));
}

TEST(PlanJson, IsRefusedWithoutAnyOfItsMembers) {
  const Json json = to_json(plan_of());
  for (const auto& [key, value] : json.items()) {
    Json without = json;
    without.erase(key);
    EXPECT_THROW(plan_from_json(without), Error) << key;
  }
  for (const auto& [key, value] : json["nest"].items()) {
    Json without = json;
    without["nest"].erase(key);
    EXPECT_THROW(plan_from_json(without), Error) << key;
  }
}

TEST(PlanJson, IsRefusedWhenAMemberHasTheWrongType) {
  const Json json = to_json(plan_of());
  for (const auto& [key, value] : json.items()) {
    for (const Json& odd : {Json("odd"), Json(), Json{{"odd", 1}}}) {
      Json changed = json;
      changed[key] = odd;
      EXPECT_THROW(plan_from_json(changed), Error) << key << " " << odd.dump();
    }
  }
}

TEST(PlanJson, NodeNumbersMustBeThere) {
  const Json json = to_json(plan_of());
  for (const int number : {-1, 1000, 2147483647}) {
    Json changed = json;
    changed["outputs"][0]["node"] = number;
    EXPECT_THROW(plan_from_json(changed), Error);
    changed = json;
    changed["nodes"].back()["inputs"][0] = number;
    EXPECT_THROW(plan_from_json(changed), Error);
  }
}

TEST(PlanJson, AbsurdSizesAreRefused) {
  const Json json = to_json(plan_of());
  const auto refuses = [](const Json& changed) {
    try {
      const Program program(plan_from_json(changed));
      return false;
    } catch (const Error&) {
      return true;
    }
  };
  for (const std::int64_t size :
       {std::int64_t{0}, std::int64_t{-5}, std::numeric_limits<std::int64_t>::max()}) {
    for (const char* key : {"slab", "step", "tile_cells"}) {
      Json changed = json;
      changed["nest"][key] = size;
      EXPECT_TRUE(refuses(changed)) << key << " " << size;
    }
    Json changed = json;
    changed["threads"] = size;
    EXPECT_TRUE(refuses(changed)) << size;
    changed = json;
    changed["nest"]["column_cuts"][0] = Json{{"size", size}, {"chunk", 3}};
    EXPECT_TRUE(refuses(changed)) << size;
  }
  Json changed = json;
  changed["nest"]["kept"] = Json::array(
      {Json{{"node", 1}, {"in_memory", true}}, Json{{"node", 99}, {"in_memory", true}}});
  EXPECT_TRUE(refuses(changed));
  changed = json;
  changed["nest"]["cell_dims"][0] = "nowhere";
  EXPECT_TRUE(refuses(changed));
}

TEST(PlanJson, TasksThatCannotBeCountedAreRefused) {
  Json json = to_json(plan_of());
  json["nest"]["cell_dims"] = {"y", "x"};
  for (const auto size : {std::int64_t{-1}, std::int64_t{1} << 40}) {
    const Json cuts = {{"size", size}, {"chunk", 1}};
    json["nest"]["column_cuts"] = Json::array({cuts, cuts});
    EXPECT_THROW(plan_from_json(json), Error) << size;
  }
}

TEST(Memory, ATinyBudgetIsRefusedInOneSentence) {
  PlanOptions options;
  options.memory_bytes = 1 << 20;
  try {
    plan_of(options);
    FAIL();
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), Errc::invalid_argument);
    EXPECT_NE(e.message().find("memory: 1"), std::string::npos) << e.message();
    EXPECT_NE(e.message().find("most in '"), std::string::npos) << e.message();
  }
}

TEST(Memory, KeptStepsGoToScratchBeforeSlabsShrink) {
  const Array late = pool().read("late");
  const Array once = cumsum(multiply(late, late), "time");
  const Array twice = subtract(once, mean(once, {"time"}));
  const std::vector<Target> targets = {{"twice", twice, twice.schema().chunks}};
  PlanOptions options;
  const Plan roomy = make_plan(targets, options);
  ASSERT_EQ(roomy.nest.kept.size(), 1u);
  EXPECT_TRUE(roomy.nest.kept[0].in_memory);
  options.memory_bytes = roomy.bound.total() - 1;
  const Plan tight = make_plan(targets, options);
  EXPECT_FALSE(tight.nest.kept[0].in_memory);
  EXPECT_EQ(tight.nest.slab, roomy.nest.slab);
  EXPECT_LE(tight.bound.total(), *options.memory_bytes);
  options.memory_bytes = tight.bound.total() - 1;
  EXPECT_LT(make_plan(targets, options).nest.slab, roomy.nest.slab);
}

TEST(Arena, BuffersThatLiveAtOnceNeverOverlap) {
  graphs::Random random(2);
  for (int round = 0; round < 200; ++round) {
    std::vector<Lifetime> lifetimes(static_cast<std::size_t>(graphs::between(random, 1, 30)));
    for (Lifetime& l : lifetimes) {
      l.first = static_cast<std::size_t>(graphs::between(random, 0, 20));
      l.last = l.first + static_cast<std::size_t>(graphs::between(random, 0, 8));
      l.size_bytes = graphs::between(random, 1, 500);
    }
    const std::int64_t total = place(lifetimes);
    for (const Lifetime& a : lifetimes) {
      EXPECT_EQ(a.offset % 64, 0);
      EXPECT_LE(a.offset + a.size_bytes, total);
      for (const Lifetime& b : lifetimes) {
        if (&a == &b || a.last < b.first || b.last < a.first) continue;
        EXPECT_TRUE(a.offset + a.size_bytes <= b.offset || b.offset + b.size_bytes <= a.offset);
      }
    }
  }
}

}  // namespace
}  // namespace rastream
