// SPDX-License-Identifier: Apache-2.0
// What `explain` says of a few plans, kept as text in tests/plans. A change of the planner shows
// there as a difference that somebody reads and accepts. Files are declared, not written, so grids
// are as large as real ones; nothing depends on the machine.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "rastream/ops/labelled.h"
#include "rastream/ops/open_dataset.h"
#include "rastream/ops/phenology/spring_index.h"
#include "rastream/ops/sources/sources.h"
#include "rastream/ops/windows/windows.h"
#include "rastream/plan/explain.h"
#include "rastream/plan/lower.h"
#include "tests/suites/small_stores.h"

namespace rastream {
namespace {

constexpr double kPi = 3.141592653589793;

std::vector<std::string> lines_of(std::istream&& text) {
  std::vector<std::string> lines;
  for (std::string line; std::getline(text, line);) lines.push_back(line);
  return lines;
}

/// Without blanks at the ends of lines, which editors and git take away.
std::string trimmed(const std::string& text) {
  std::string out;
  for (std::string line : lines_of(std::istringstream(text))) {
    line.erase(line.find_last_not_of(' ') + 1);
    out += line + "\n";
  }
  return out;
}

/// The lines from the first to the last that differ: "- " as accepted, "+ " as made now.
std::string difference(std::vector<std::string> accepted, std::vector<std::string> made) {
  while (!accepted.empty() && !made.empty() && accepted.back() == made.back()) {
    accepted.pop_back();
    made.pop_back();
  }
  std::size_t n_same = 0;
  while (n_same < std::min(accepted.size(), made.size()) && accepted[n_same] == made[n_same])
    ++n_same;
  std::string text;
  for (std::size_t i = n_same; i < accepted.size(); ++i) text += "- " + accepted[i] + "\n";
  for (std::size_t i = n_same; i < made.size(); ++i) text += "+ " + made[i] + "\n";
  return text;
}

/// `explain` of the plan is the text in tests/plans, and the same after JSON.
void expect_golden(const std::string& name, const Plan& plan) {
  const std::string made = trimmed(explain(plan));
  const Plan again = plan_from_json(parse_json(to_json(plan).dump(), "plan"));
  EXPECT_EQ(trimmed(explain(again)), made);
  const std::string path = "tests/plans/" + name + ".txt";
  if (std::getenv("RASTREAM_ACCEPT_PLANS")) write_text_file(path, made);
  const std::string changed =
      difference(lines_of(std::ifstream(path)), lines_of(std::istringstream(made)));
  EXPECT_TRUE(changed.empty())
      << changed << "The plan is not the one in " << path
      << " (- accepted, + made now). When the change is\n"
      << "meant, run this test with RASTREAM_ACCEPT_PLANS=1 and commit the file.\n";
}

/// Three files of a year of days on a grid of 2100 x 3300 cells, cut as Daymet's are.
class DaymetLike {
 public:
  DaymetLike() {
    for (const char* name : {"tmin", "tmax", "dayl"}) {
      const Extents shape = {365, 2100, 3300};
      stores::Variable v =
          stores::variable(name, {"time", "y", "x"}, shape, {1, 1000, 1000}, DType::float32, {});
      v.attributes.set("units", std::string(name) == "dayl" ? "s" : "degrees C");
      v.attributes.set("_FillValue", number_attribute(DType::float32, -9999));
      stores::declare_store(path(name), {v});
    }
  }

  DataArray operator()(const std::string& name) const { return open_data_array(path(name), name); }

 private:
  std::string path(const std::string& name) const {
    return folder_ / ("daymet_like_" + name + "_1980.zarr");
  }
  ScratchFolder folder_;
};

const DaymetLike& daymet() {
  static const DaymetLike made;
  return made;
}

Plan plan_of(const std::vector<DataArray>& arrays, PlanOptions options = {},
             std::int64_t n_threads = 4) {
  options.n_threads = n_threads;
  std::vector<Target> targets;
  for (const DataArray& a : arrays) {
    Extents chunk = a.schema().shape;
    for (std::size_t axis = 0; axis < chunk.size(); ++axis) {
      const std::string& dim = a.dims()[axis];
      chunk[axis] = dim == "plant" ? 1 : dim == "y" || dim == "x" ? 500 : chunk[axis];
    }
    targets.push_back({a.name, a.array, ChunkGrid::regular(a.schema().shape, chunk)});
  }
  return make_plan(targets, options);
}

DataArray labelled(std::string name, Array array) {
  DataArray a;
  a.name = std::move(name);
  a.array = std::move(array);
  return a;
}

TEST(GoldenPlans, BuiltInSpringIndexOfAYear) {
  const Dataset maps =
      spring_index({daymet()("tmin"), daymet()("tmax"), daymet()("dayl")}, {300, {}, 0, true});
  expect_golden("spring_index", plan_of(maps.variables));
}

/// Growing degree hours of a day, with the 24 hours as a dimension that is only in the text.
DataArray hour_sum(const DataArray& tmin, const DataArray& tmax, const DataArray& dayl) {
  const DataArray hours = labelled("hours", arange("hours", 0, 1, 24));
  const DataArray dt = tmax - tmin;
  const DataArray sunset = sin(kPi / (dayl + 4) * dayl) * dt;
  const DataArray night = (1 - log(hours - floor(dayl)) / log(24 - dayl)) * sunset;
  const DataArray t =
      where(!isfinite(night), sin(hours * kPi / (dayl + 4)) * dt, night) + tmin - 31.0;
  return sum(clip(t, 0.0, std::nullopt), {"hours"}, false);
}

DataArray of_plants(const std::vector<double>& values) {
  return from_values(values, "plant", DType::float64, {"lilac", "arnold red", "zabelli"});
}

DataArray first_day(const DataArray& score) {
  const DataArray hit = score > 999.5;
  return where(argmax(hit, "time"), sum(hit, {"time"}) > 0);
}

TEST(GoldenPlans, SpringIndexWrittenInTheArrayApi) {
  const auto season = [](const char* name) { return isel(daymet()(name), "time", Slice{0, 300}); };
  const DataArray days = labelled("days", arange("time", 1, 1, 300));
  const DataArray gdh =
      hour_sum(season("tmin") * 1.8 + 32, season("tmax") * 1.8 + 32, season("dayl") / 3600);
  const DataArray padded = pad(gdh, "time", 7, 0, PadMode::edge);
  const DataArray recent = isel(rolling_sum(padded, "time", 3), "time", Slice{7, {}});
  const DataArray leaf =
      first_day(of_plants({3.306, 4.266, 2.802}) * (days - 1) +
                of_plants({13.878, 20.899, 21.433}) * cumsum(recent >= 637, "time") +
                of_plants({0.201, 0, 0.266}) * recent);
  const DataArray since = days - leaf;
  const DataArray bloom =
      first_day(of_plants({-23.934, -24.825, -11.368}) * where(since > 0, floor(since), 0.0) +
                of_plants({0.116, 0.127, 0.096}) * cumsum(where(since > 0, gdh, 0.0), "time"));
  expect_golden("generic_spring_index",
                plan_of({rename(transpose(leaf, {"plant", "y", "x"}), "leaf"),
                         rename(transpose(bloom, {"plant", "y", "x"}), "bloom")}));
}

TEST(GoldenPlans, AChainOfWindowScanAndReduction) {
  const DataArray t = daymet()("tmax");
  const DataArray warmest = argmax(cumsum(rolling_sum(t, "time", 5), "time"), "time");
  expect_golden("rolling_cumsum_argmax", plan_of({rename(warmest, "warmest")}, {}, 1));
}

TEST(GoldenPlans, ACoarsenedWindowOfOneVariableReadsOnlyThat) {
  const ScratchFolder folder;
  std::vector<stores::Variable> variables;
  for (const char* name : {"red", "green", "blue", "quality"}) {
    variables.push_back(stores::variable(name, {"time", "y", "x"}, {40, 10980, 10980},
                                         {1, 1024, 1024}, DType::float32, {}));
  }
  stores::declare_store(folder / "scenes.zarr", variables);
  const Dataset scenes = open_dataset(folder / "scenes.zarr");
  const DataArray window =
      isel(isel(isel(scenes["red"], "time", Slice{10, 20}), "y", Slice{2048, 4096}), "x",
           Slice{1000, 3000});
  const DataArray mean_of_days = mean(coarsen_mean(window, {"y", "x"}, {4, 4}), {"time"});
  expect_golden("coarsen_mean", plan_of({rename(mean_of_days, "red")}));
}

TEST(GoldenPlans, TwoWalksKeepStepsInMemoryOrInScratch) {
  const ScratchFolder folder;
  stores::declare_store(folder / "small.zarr",
                        {stores::variable("t", {"time", "y", "x"}, {100, 400, 600}, {10, 200, 200},
                                          DType::float32, {})});
  const DataArray heat = cumsum(open_data_array(folder / "small.zarr", "t") - 5, "time");
  const DataArray anomaly = rename(heat - mean(heat, {"time"}), "anomaly");
  const Plan roomy = plan_of({anomaly}, {}, 2);
  expect_golden("two_walks", roomy);
  PlanOptions tight;
  tight.memory_bytes = roomy.bound.total() - 1;
  expect_golden("two_walks_in_scratch", plan_of({anomaly}, tight, 2));
}

TEST(GoldenPlans, AMeanOfEverythingIsWalkedInOneColumn) {
  const DataArray t = daymet()("tmax");
  expect_golden("mean_of_everything", plan_of({rename(mean(t, {"time", "y", "x"}), "tmax")}));
}

TEST(GoldenPlans, AWindowOverCellsIsPlannedInBoxes) {
  const DataArray t = daymet()("tmin");
  const DataArray smooth = labelled("smooth", rolling_mean(mean(t, {"time"}).array, "x", 5, 1));
  expect_golden("boxes", plan_of({smooth}));
}

}  // namespace
}  // namespace rastream
