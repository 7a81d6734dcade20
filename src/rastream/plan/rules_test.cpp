// SPDX-License-Identifier: Apache-2.0
// Each optimizer rule by itself: it fires where it should, leaves alone what it must, and the cells
// are the same with it alone, without it, and with all.
#include "rastream/plan/rules.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include "rastream/plan/lower.h"
#include "rastream/plan/run_task.h"
#include "tests/suites/operator_laws.h"
#include "tests/suites/random_graphs.h"

namespace rastream {
namespace {

const graphs::Pool& pool() {
  static const graphs::Pool made;
  return made;
}

Array late() { return pool().read("late"); }

/// An expression on which a rule fires.
struct RuleCase {
  std::string rule;
  std::string what;
  Array array;
};

std::vector<RuleCase> cases() {
  const Array holes = pool().read("holes");
  return {
      {"share_equal", "the same sum twice", add(sum(late(), {"time"}), sum(late(), {"time"}))},
      {"share_equal", "a variable opened twice", subtract(pool().read("map"), pool().read("map"))},
      {"drop_rechunk", "between operators", add(rechunk(late(), {"time"}, {-1}), 1.0)},
      {"drop_rechunk", "as the result", rechunk(cumsum(late(), "time"), {"x"}, {2})},
      {"push_slice", "of a read", isel(late(), "x", Slice{2, 7})},
      {"push_slice", "through arithmetic and into both reads",
       isel(isel(multiply(late(), add(holes, 1.0)), "time", Slice{3, 9}), "y", Slice{1, 4})},
      {"push_slice", "with a step through arithmetic",
       isel(multiply(holes, holes), "time", Slice{1, 10, 2})},
      {"where_not", "of a comparison", where(logical_not(greater(holes, 0)), late(), holes)},
      {"where_not", "with a literal", where(logical_not(isnan(late())), late(), 7.0)},
  };
}

std::vector<std::string> all_but(const std::string& kept) {
  std::vector<std::string> names;
  for (const Rule& rule : rules()) {
    if (rule.name != kept) names.emplace_back(rule.name);
  }
  return names;
}

std::vector<std::string> all_rules() { return all_but(""); }

Plan plan_without(const Array& array, const std::vector<std::string>& disabled) {
  PlanOptions options;
  options.disabled_rules = disabled;
  return make_plan({{"cells", array, array.schema().chunks}}, options);
}

/// Nodes of the plan as text: what a rule changes.
std::string nodes_with(const Array& array, const std::vector<std::string>& disabled) {
  return to_json(plan_without(array, disabled)).at("nodes").dump();
}

TEST(Rules, EveryRuleHasAnExpressionOnWhichItFires) {
  std::vector<std::string> tried;
  for (const RuleCase& c : cases()) tried.push_back(c.rule);
  for (const Rule& rule : rules())
    EXPECT_NE(std::find(tried.begin(), tried.end(), rule.name), tried.end()) << rule.name;
}

TEST(Rules, EachAloneChangesThePlanOfItsExpression) {
  for (const RuleCase& c : cases()) {
    EXPECT_NE(nodes_with(c.array, all_but(c.rule)), nodes_with(c.array, all_rules()))
        << c.rule << " " << c.what;
  }
}

/// Cells of the array through a plan with these rules left out.
OwnedBlock cells_without(const Array& array, const std::vector<std::string>& disabled) {
  const Program program(plan_without(array, disabled));
  const TileLayout layout(program);
  OwnedBlock cells(array.schema().whole(), array.schema().dtype);
  class Sink final : public CellSink {
   public:
    explicit Sink(const Block& to) : to_(to) {}
    void write(std::size_t, const Block& made) override { copy_cells(made, to_.sub(made.region)); }

   private:
    Block to_;
  } sink(cells.view());
  OneWorker crew;
  for (std::int64_t task = 0; task < program.nest().n_tasks(); ++task)
    EXPECT_TRUE(run_task(program, layout, task, crew, sink, {}));
  return cells;
}

TEST(Rules, NoneAloneChangesACell) {
  for (const RuleCase& c : cases()) {
    SCOPED_TRACE(c.rule + " " + c.what);
    const OwnedBlock expected = evaluate(c.array, c.array.schema().whole());
    for (const auto& disabled :
         {all_but(c.rule), std::vector{c.rule}, all_rules(), std::vector<std::string>()}) {
      EXPECT_TRUE(laws::same_bits(cells_without(c.array, disabled).view(), expected.view(),
                                  expected.view().region))
          << fmt::format("without {}", fmt::join(disabled, ", "));
    }
  }
}

TEST(Rules, ASchemaStaysWhatItWas) {
  for (const RuleCase& c : cases()) {
    const Array changed = optimize({c.array}).front();
    EXPECT_EQ(changed.schema().dims, c.array.schema().dims) << c.rule << " " << c.what;
    EXPECT_EQ(changed.schema().shape, c.array.schema().shape) << c.rule << " " << c.what;
    EXPECT_EQ(changed.schema().dtype, c.array.schema().dtype) << c.rule << " " << c.what;
  }
}

/// Nodes of the optimized graph, each once.
std::size_t n_nodes(const std::vector<Array>& arrays) {
  std::vector<const Node*> seen;
  const std::function<void(const Array&)> visit = [&](const Array& a) {
    if (std::find(seen.begin(), seen.end(), a.id()) != seen.end()) return;
    seen.push_back(a.id());
    for (const Array& input : a.inputs()) visit(input);
  };
  for (const Array& a : arrays) visit(a);
  return seen.size();
}

TEST(ShareEqual, EqualOutputsBecomeOneNode) {
  const auto made = optimize({sqrt(late()), sqrt(late())}, all_but("share_equal"));
  EXPECT_EQ(made[0].id(), made[1].id());
  EXPECT_EQ(n_nodes(made), 2u);
}

TEST(ShareEqual, OtherParametersStayApart) {
  EXPECT_EQ(n_nodes(optimize({sum(late(), {"x"}, true), sum(late(), {"x"}, false)})), 3u);
}

TEST(DropRechunk, LeavesNoRechunkAnywhere) {
  const Array twice = rechunk(add(rechunk(late(), {"x"}, {2}), 1.0), {"y"}, {1});
  EXPECT_EQ(nodes_with(twice, all_but("drop_rechunk")).find("rechunk"), std::string::npos);
  EXPECT_NE(nodes_with(twice, all_rules()).find("rechunk"), std::string::npos);
}

TEST(PushSlice, ReadsOnlyTheWindow) {
  const Array window =
      optimize({isel(isel(add(late(), 1.0), "time", Slice{3, 9}), "x", Slice{2, 7})},
               all_but("push_slice"))
          .front();
  EXPECT_EQ(window.node().name, "add");
  EXPECT_EQ(window.inputs().front().node().name, "read");
  EXPECT_EQ(window.inputs().front().schema().shape, (Extents{6, 6, 5}));
}

TEST(PushSlice, StopsAtAWindowAlongTheSameDimension) {
  for (const Array& stays : {isel(pad(late(), "x", 1, 1, PadMode::edge), "x", Slice{0, 3}),
                             isel(rolling_sum(late(), "time", 3), "time", Slice{4, 9}),
                             isel(cumsum(late(), "time"), "time", Slice{4, 9})}) {
    EXPECT_EQ(optimize({stays}).front().node().name, "isel");
  }
}

TEST(WhereNot, KeepsTheNotWhereDimensionsWouldChangeOrder) {
  const Array x = values({1, 2, 3, 4, 5, 6, 7, 8, 9}, "x");
  const Array y = values({1, 2, 3, 4, 5, 6}, "y");
  const Array flag = greater(values({0, 1}, "z"), 0.5);
  const Array kept = where(logical_not(flag), x, y);
  EXPECT_EQ(optimize({kept}).front().inputs().front().node().name, "logical_not");
  const Array swapped = where(logical_not(flag), x, multiply(x, 2.0));
  EXPECT_NE(optimize({swapped}).front().inputs().front().node().name, "logical_not");
}

TEST(Rules, AnUnknownNameIsRefusedAndTheKnownOnesAreNamed) {
  try {
    optimize({late()}, {"push_slize"});
    FAIL();
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), Errc::invalid_argument);
    for (const Rule& rule : rules())
      EXPECT_NE(e.message().find(rule.name), std::string::npos) << e.message();
  }
}

}  // namespace
}  // namespace rastream
