// SPDX-License-Identifier: Apache-2.0
// The law of memory: what a run really allocates never exceeds what its plan promises, a smaller
// budget gives up things in the documented order, and one too small is refused in one sentence.
#include <gtest/gtest.h>

#include <atomic>
#include <set>

#include "rastream/base/bytes.h"
#include "rastream/exec/chunk_assembler.h"
#include "tests/suites/engine_runs.h"
#include "tests/suites/random_graphs.h"

#if defined(__SANITIZE_ADDRESS__)
// The sanitizer's allocator interface; gcc 12 has the functions without their header.
extern "C" int __sanitizer_install_malloc_and_free_hooks(void (*on_malloc)(const volatile void*,
                                                                           std::size_t),
                                                         void (*on_free)(const volatile void*));
extern "C" std::size_t __sanitizer_get_allocated_size(const volatile void* p);
#endif

namespace rastream {
namespace {

/// Rows and columns are so many times those of the small pool that the cells outweigh
/// administration.
constexpr std::int64_t kScale = 12;
/// What the bound adds for each worker's stack, vectors and bookkeeping.
constexpr std::int64_t kWorkerSlack = std::int64_t{1} << 20;

const graphs::Pool& large_pool() {
  static const graphs::Pool made(kScale);
  return made;
}

#if defined(__SANITIZE_ADDRESS__)
std::atomic<std::int64_t> g_now{0};
std::atomic<std::int64_t> g_peak{0};

void on_malloc(const volatile void*, std::size_t size) {
  const std::int64_t now = g_now += static_cast<std::int64_t>(size);
  std::int64_t peak = g_peak;
  while (now > peak && !g_peak.compare_exchange_weak(peak, now)) {
  }
}

void on_free(const volatile void* p) {
  if (p) g_now -= static_cast<std::int64_t>(__sanitizer_get_allocated_size(p));
}

/// Once in a process: each installation counts again.
void count_allocations() {
  static const int installed = __sanitizer_install_malloc_and_free_hooks(on_malloc, on_free);
  EXPECT_GT(installed, 0);
}

/// The most bytes that `f` holds at once, whoever in the process allocates them.
template <typename F>
std::int64_t peak_of(F&& f) {
  count_allocations();
  const std::int64_t before = g_now;
  g_peak = before;
  f();
  return g_peak - before;
}

/// Runs a plan into chunks that nobody keeps, with the executor that a user would have.
void run(const Plan& plan, const Program& program, const std::vector<Target>& targets) {
  std::vector<ChunkGrid> grids;
  for (const Target& t : targets) grids.push_back(t.chunks);
  WaitingRoom room = waiting_room(program, grids);
  ChunkAssembler sink(
      std::move(grids), [](std::size_t, const Block&) {},
      [](std::size_t, std::int64_t) { return false; }, std::move(room));
  Observer observer;
  const auto executor = make_executor("threads", plan.n_threads);
  EXPECT_TRUE(executor->run(program, runs::all_tasks(plan), sink, observer, {}));
  sink.finish(plan.n_threads);
  EXPECT_EQ(sink.n_waiting(), 0u);
}

/// What the plan allows besides the process itself and the slack that it grants each worker.
std::int64_t cells_bound(const Plan& plan) {
  return plan.bound.total() - plan.bound.process - plan.n_threads * kWorkerSlack;
}

void check_bound(const Plan& plan, const std::vector<Target>& targets) {
  const Program program(plan);
  const std::int64_t peak = peak_of([&] { run(plan, program, targets); });
  if (std::getenv("RASTREAM_LAW_EXPLAIN"))
    fmt::print(stderr, "{} of {}\n", peak, cells_bound(plan));
  EXPECT_LE(peak, cells_bound(plan) + plan.n_threads * kWorkerSlack);
}

TEST(MemoryLaw, ARandomRunNeverHoldsMoreThanItsPlanPromises) {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    graphs::Writer writer(large_pool(), seed);
    const std::vector<Array> arrays = writer.write(static_cast<int>(1 + seed % 6));
    std::string text = fmt::format("seed {}", seed);
    for (const Array& a : arrays) text += "\n    " + graphs::text_of(a);
    SCOPED_TRACE(text);
    graphs::Random random(seed);
    const std::vector<Target> targets = runs::targets_of(arrays);
    PlanOptions options;
    options.n_threads = graphs::between(random, 1, 3);
    try {
      Plan plan = make_plan(targets, options);
      check_bound(plan, targets);
      // Half of what is between this plan and the smallest: a run in a tight budget.
      options.memory_bytes = plan.bound.process + (plan.bound.total() - plan.bound.process) / 2;
      plan = make_plan(targets, options);
      EXPECT_LE(plan.bound.total(), *options.memory_bytes);
      check_bound(plan, targets);
    } catch (const Error& e) {
      EXPECT_TRUE(e.code() == Errc::unsupported || e.code() == Errc::invalid_argument) << e.what();
    }
    if (HasFailure()) return;
  }
}

TEST(MemoryLaw, TheBoundIsNotIdle) {
  const Array once = cumsum(multiply(large_pool().read("holes"), 2.0), "time");
  const std::vector<Target> targets = runs::targets_of({subtract(once, mean(once, {"time"}))});
  const Plan plan = make_plan(targets, {});
  const Program program(plan);
  const std::int64_t peak = peak_of([&] { run(plan, program, targets); });
  EXPECT_GT(peak, cells_bound(plan) / 2);
  EXPECT_LE(peak, cells_bound(plan));
}
#else
TEST(MemoryLaw, ARandomRunNeverHoldsMoreThanItsPlanPromises) {
  GTEST_SKIP() << "allocations are counted by the address sanitizer, which this build lacks";
}
#endif

/// What a smaller budget gives up, in the order in which it may: kept steps in memory, the slab,
/// chunks that wait in memory, tasks side by side, reading ahead, and whole columns.
struct Luxuries {
  std::int64_t n_kept_in_memory = 0;
  std::int64_t slab = 0;
  std::int64_t most_waiting = 0;
  bool tasks_in_parallel = false;
  bool read_ahead = false;
  std::int64_t column_cells = 0;
};

Luxuries luxuries_of(const Plan& plan) {
  Luxuries l;
  for (const Kept& kept : plan.nest.kept) l.n_kept_in_memory += kept.in_memory;
  l.slab = plan.nest.slab;
  l.most_waiting = plan.nest.most_waiting.value_or(std::numeric_limits<std::int64_t>::max());
  l.tasks_in_parallel = plan.nest.tasks_in_parallel;
  l.read_ahead = plan.nest.read_ahead;
  l.column_cells = 1;
  for (const Cuts& cuts : plan.nest.column_cuts) l.column_cells *= cuts.max_chunk();
  return l;
}

/// The place in the order of the first thing that `smaller` lacks; 6 for none.
int first_loss(const Luxuries& larger, const Luxuries& smaller) {
  // Smaller columns cut other chunks, so that more of these wait.
  if (smaller.column_cells < larger.column_cells) return 5;
  if (smaller.n_kept_in_memory < larger.n_kept_in_memory) return 0;
  if (smaller.slab < larger.slab) return 1;
  if (smaller.most_waiting < larger.most_waiting) return 2;
  if (smaller.tasks_in_parallel < larger.tasks_in_parallel) return 3;
  return smaller.read_ahead < larger.read_ahead ? 4 : 6;
}

/// Plans in ever less memory, each one byte short of the last, and the error that ends them.
std::vector<Plan> ever_smaller(const std::vector<Target>& targets, PlanOptions options,
                               std::string& refusal) {
  std::vector<Plan> plans = {make_plan(targets, options)};
  while (plans.size() < 100) {
    options.memory_bytes = plans.back().bound.total() - 1;
    try {
      plans.push_back(make_plan(targets, options));
    } catch (const Error& e) {
      EXPECT_EQ(e.code(), Errc::invalid_argument);
      refusal = e.what();
      return plans;
    }
  }
  ADD_FAILURE() << "no budget is too small";
  return plans;
}

TEST(MemoryBudget, ASmallerOneGivesUpLuxuriesInOrder) {
  const Array late = large_pool().read("late");
  const Array heat = cumsum(multiply(late, late), "time");
  const std::vector<Target> targets = runs::targets_of({subtract(heat, mean(heat, {"time"}))});
  PlanOptions options;
  options.n_threads = 2;
  std::string refusal;
  const std::vector<Plan> plans = ever_smaller(targets, options, refusal);
  ASSERT_GT(plans.size(), 4u);
  int last = 0;
  std::set<int> seen;
  for (std::size_t i = 1; i < plans.size(); ++i) {
    EXPECT_LT(plans[i].bound.total(), plans[i - 1].bound.total());
    const int loss = first_loss(luxuries_of(plans[i - 1]), luxuries_of(plans[i]));
    // Halved columns fill fewer chunks, so that these begin to wait, and are given up in turn.
    if (loss == 2 && last == 5) continue;
    EXPECT_LE(last, loss) << "plan " << i;
    EXPECT_LT(loss, 6) << "plan " << i << " gives up nothing";
    seen.insert(last = loss);
  }
  EXPECT_TRUE(seen.contains(0) && seen.contains(1) && seen.contains(4) && seen.contains(5));
}

TEST(MemoryBudget, TooLittleIsRefusedInOneLineThatNamesWhatWouldFit) {
  for (const char* name : {"late", "holes", "packed", "flags", "turned", "layers"}) {
    const std::vector<Target> targets = runs::targets_of({cumsum(large_pool().read(name), "time")});
    std::string refusal;
    ever_smaller(targets, {}, refusal);
    EXPECT_EQ(refusal.find('\n'), std::string::npos);
    EXPECT_NE(refusal.find("memory: "), std::string::npos) << refusal;
    const auto at = refusal.find("needs ") + 6;
    PlanOptions named;
    named.memory_bytes = parse_bytes(refusal.substr(at, refusal.find(" (", at) - at));
    EXPECT_NO_THROW(make_plan(targets, named)) << refusal;
  }
}

TEST(MemoryBudget, ARunInTheSmallestPlanMakesTheSameCells) {
  const graphs::Pool small;
  const Array late = small.read("late");
  const Array heat = cumsum(multiply(late, late), "time");
  const std::vector<Array> arrays = {subtract(heat, mean(heat, {"time"}))};
  PlanOptions options;
  options.n_threads = 2;
  std::string refusal;
  const std::vector<Plan> plans = ever_smaller(runs::targets_of(arrays), options, refusal);
  const auto expected = runs::evaluated(arrays);
  for (const Plan& plan : plans) EXPECT_TRUE(runs::makes(plan, arrays, expected, "threads"));
}

#if defined(__SANITIZE_ADDRESS__)
TEST(MemoryLaw, ColumnsThatBecomeMapsStayWithinTheBoundOfEachBudget) {
  const ScratchFolder folder;
  const Extents shape{24, 128, 128};
  stores::write_store(
      folder / "columns.zarr",
      {stores::variable("a", {"time", "y", "x"}, shape, {24, 32, 32}, DType::float64,
                        [](const Extents& i) { return static_cast<double>(i[0] + i[1] * i[2]); })});
  const std::vector<Target> targets = {{"a", stores::read_of(folder / "columns.zarr", "a"),
                                        ChunkGrid::regular(shape, {1, 128, 128})}};
  for (const std::int64_t n_threads : {1, 2}) {
    PlanOptions options;
    options.n_threads = n_threads;
    for (int i = 0; i < 8; ++i) {
      const Plan plan = make_plan(targets, options);
      check_bound(plan, targets);
      options.memory_bytes = plan.bound.total() - 1;
    }
  }
}
#endif

}  // namespace
}  // namespace rastream
