// SPDX-License-Identifier: Apache-2.0
// The law of reading: a run decodes as many chunks as its plan says, and where the plan says
// amplification 1.00 no stored chunk is decoded twice. The file counts.
#include <gtest/gtest.h>

#include <set>

#include "rastream/format/daymet_like.h"
#include "rastream/ops/open_dataset.h"
#include "rastream/ops/phenology/spring_index.h"
#include "rastream/plan/explain.h"
#include "rastream/plan/read_totals.h"
#include "tests/suites/engine_runs.h"
#include "tests/suites/random_graphs.h"

namespace rastream {
namespace {

using graphs::between;
using graphs::Random;

const graphs::Pool& pool() {
  static const graphs::Pool made;
  return made;
}

/// Takes cells and forgets them.
class NoSink final : public CellSink {
 public:
  void write(std::size_t, const Block&) override {}
};

/// Chunks that the files at `paths` decode while the plan runs; what its program reads when it is
/// made does not count, as it does not in the plan.
std::int64_t chunks_decoded(const Plan& plan, const std::vector<std::string>& paths) {
  const Program program(plan);
  const auto count = [&] {
    std::int64_t n = 0;
    for (const std::string& path : paths) n += open_shared(path, "")->statistics().n_chunks;
    return n;
  };
  std::vector<std::shared_ptr<DatasetFile>> open;
  for (const std::string& path : paths) open.push_back(open_shared(path, ""));
  const std::int64_t before = count();
  NoSink sink;
  Observer observer;
  const auto executor = make_executor(plan.n_threads > 1 ? "threads" : "serial", plan.n_threads);
  EXPECT_TRUE(executor->run(program, runs::all_tasks(plan), sink, observer, {}));
  return count() - before;
}

/// A chunk of a stored variable.
using StoredChunk = std::pair<std::string, std::int64_t>;

/// Stored chunks of which some cell lies in a window that the plan reads.
std::set<StoredChunk> chunks_of(const Plan& plan) {
  std::set<StoredChunk> chunks;
  for (const Array& array : arrays_of(plan)) {
    const auto* read = dynamic_cast<const Read*>(array.node().op.get());
    if (!read || read->window().is_empty()) continue;
    const ChunkGrid& grid = read->variable().schema.chunks;
    for_each_index(grid.chunks_touching(read->window()), [&](const Extents& index) {
      chunks.emplace(read->file().path() + ":" + read->variable().name, grid.chunk_number(index));
    });
  }
  return chunks;
}

/// True when a walk may end before its last step.
bool may_settle(const Plan& plan) {
  return std::any_of(plan.nodes.begin(), plan.nodes.end(), [](const PlanNode& n) {
    return std::set<std::string>{"any", "all", "first", "argmax", "argmin", "spring_onset"}
        .contains(n.op);
  });
}

bool says_once(const Plan& plan) {
  return explain(plan).find("amplification 1.00\n") != std::string::npos;
}

TEST(ReadLaw, ARunDecodesAsManyChunksAsItsPlanSays) {
  std::int64_t n_once = 0;
  for (std::uint64_t seed = 1; seed <= 120; ++seed) {
    graphs::Writer writer(pool(), seed);
    const std::vector<Array> arrays = writer.write(static_cast<int>(2 + seed % 8));
    std::string text = fmt::format("seed {}", seed);
    for (const Array& a : arrays) text += "\n    " + graphs::text_of(a);
    Random random(seed);
    PlanOptions options;
    options.n_threads = between(random, 1, 3);
    if (random() % 2) options.slab = between(random, 1, 5);
    try {
      const Plan plan = make_plan(runs::targets_of(arrays), options);
      SCOPED_TRACE(text + "\n" + explain(plan));
      const ReadTotals totals = read_totals(plan);
      const std::int64_t n_decoded = chunks_decoded(plan, {pool().path()});
      if (may_settle(plan)) {
        EXPECT_LE(n_decoded, totals.n_reads);
      } else {
        EXPECT_EQ(n_decoded, totals.n_reads);
      }
      EXPECT_EQ(says_once(plan), totals.n_reads == totals.n_chunks);
      if (!says_once(plan)) continue;
      ++n_once;
      EXPECT_LE(n_decoded, static_cast<std::int64_t>(chunks_of(plan).size()));
    } catch (const Error& e) {
      EXPECT_EQ(e.code(), Errc::unsupported) << e.what();
    }
    if (HasFailure()) return;
  }
  EXPECT_GT(n_once, 40);
}

TEST(ReadLaw, TheSpringIndexDecodesEveryChunkOfItsDaysOnce) {
  const ScratchFolder folder;
  DaymetLikeOptions like;
  like.folder = folder / "daymet";
  like.region = "hi";
  like.stride = 16;
  like.chunk_y = 20;
  like.chunk_x = 8;
  like.n_threads = 1;
  make_daymet(like);
  std::vector<std::string> paths;
  DailyWeather weather;
  for (const auto& [name, array] :
       {std::pair("tmin", &weather.tmin), std::pair("tmax", &weather.tmax),
        std::pair("dayl", &weather.dayl)}) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(like.folder)) {
      if (entry.path().filename() == fmt::format("daymet_v4_daily_hi_{}_1980.nc", name))
        paths.push_back(entry.path().native());
    }
    *array = open_data_array(paths.back(), name);
  }
  ASSERT_EQ(paths.size(), 3u);
  const Dataset maps = spring_index(weather, {120, {}, 0, true});
  std::vector<Array> arrays;
  for (const DataArray& map : maps.variables) arrays.push_back(map.array);
  PlanOptions options;
  options.n_threads = 2;
  const Plan plan = make_plan(runs::targets_of(arrays), options);
  ASSERT_GT(plan.nest.n_tasks(), 3);
  EXPECT_TRUE(says_once(plan)) << explain(plan);
  const std::int64_t per_day = weather.tmin.schema().chunks.n_chunks() / 365;
  EXPECT_EQ(read_totals(plan).n_chunks, 3 * 120 * per_day);
  EXPECT_EQ(chunks_decoded(plan, paths), 3 * 120 * per_day);
}

TEST(ReadLaw, TwoWindowsOfOneVariableReadTheirCommonChunksTwiceAndThePlanSaysSo) {
  const Array layers = pool().read("layers");
  const auto part = [&](std::int64_t begin, std::int64_t end) {
    return isel(layers, "time", Slice{begin, end});
  };
  const Plan apart = make_plan(runs::targets_of({add(part(0, 5), part(6, 11))}), {});
  EXPECT_TRUE(says_once(apart)) << explain(apart);
  EXPECT_EQ(read_totals(apart).n_chunks, 2 * 10 * 4);
  const Plan shared = make_plan(runs::targets_of({add(part(0, 10), part(1, 11))}), {});
  EXPECT_FALSE(says_once(shared)) << explain(shared);
  EXPECT_EQ(read_totals(shared).n_chunks, 2 * 11 * 4);
  EXPECT_EQ(read_totals(shared).n_reads, 2 * 20 * 4);
  EXPECT_EQ(chunks_decoded(shared, {pool().path()}), 2 * 20 * 4);
}

TEST(ReadLaw, ASliceOfEverythingIsNotReadApart) {
  const Array late = pool().read("late");
  const Plan plan = make_plan(
      runs::targets_of({add(sum(late, {"time"}), sum(isel(late, "time", Slice{}), {"time"}))}), {});
  EXPECT_TRUE(says_once(plan)) << explain(plan);
  EXPECT_EQ(chunks_decoded(plan, {pool().path()}), late.schema().chunks.n_chunks());
}

TEST(ReadLaw, PlanningReadsNoCellsEvenWhereAllIsFoldedToOne) {
  const Array late = pool().read("late");
  const auto file = open_shared(pool().path(), "");
  const std::int64_t before = file->statistics().n_chunks;
  const Plan plan = make_plan(runs::targets_of({sum(late, {"time", "y", "x"})}), {});
  EXPECT_TRUE(says_once(plan)) << explain(plan);
  EXPECT_EQ(read_totals(plan).n_chunks, late.schema().chunks.n_chunks());
  EXPECT_EQ(file->statistics().n_chunks, before);
  EXPECT_EQ(chunks_decoded(plan, {pool().path()}), late.schema().chunks.n_chunks());
}

TEST(ReadLaw, ASecondWalkOverWhatIsCheapToMakeReadsAgainAndThePlanSaysSo) {
  const Array late = pool().read("late");
  const Plan plan = make_plan(runs::targets_of({subtract(late, mean(late, {"time"}))}), {});
  EXPECT_FALSE(says_once(plan)) << explain(plan);
  EXPECT_EQ(read_totals(plan).n_reads, 2 * read_totals(plan).n_chunks);
  EXPECT_EQ(chunks_decoded(plan, {pool().path()}), read_totals(plan).n_reads);
}

}  // namespace
}  // namespace rastream
