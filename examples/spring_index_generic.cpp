// SPDX-License-Identifier: Apache-2.0
// The extended spring index written step by step in the array API, as the RS-DAT notebooks write it
// on Xarray: no operator here knows of plants or phenology. The 24 hours of a day are a dimension
// in the text and never in memory.
#include <CLI/CLI.hpp>
#include <iostream>

#include "rastream/base/bytes.h"
#include "rastream/base/progress.h"
#include "rastream/exec/write_dataset.h"
#include "rastream/ops/labelled.h"
#include "rastream/ops/open_dataset.h"
#include "rastream/ops/sources/sources.h"
#include "rastream/plan/explain.h"

using namespace rastream;

namespace {

constexpr double kPi = 3.141592653589793;
const std::vector<std::string> kPlants = {"lilac", "arnold red", "zabelli"};

/// One coefficient of the three plants.
DataArray coefficient(const std::vector<double>& of_plants) {
  return from_values(of_plants, "plant", DType::float64, kPlants);
}

DataArray growing_degree_hours(const DataArray& dayl, const DataArray& tmin,
                               const DataArray& tmax) {
  DataArray hours;
  hours.array = arange("hours", 0, 1, 24, DType::int64);
  const DataArray dt = tmax - tmin;
  const DataArray sunset = sin(kPi / (dayl + 4) * dayl) * dt;
  const DataArray day = sin(hours * kPi / (dayl + 4)) * dt;
  const DataArray night = (1 - log(hours - floor(dayl)) / log(24 - dayl)) * sunset;
  const DataArray t = where(!isfinite(night), day, night) + tmin - 31.0;
  return sum(clip(t, 0.0, std::nullopt), {"hours"}, false);
}

/// The first day on which the score is over the limit; NaN when there is none.
DataArray first_day(const DataArray& score) {
  const DataArray hit = score > 999.5;
  return where(argmax(hit, "time"), sum(hit, {"time"}) > 0);
}

DataArray with_mean(const DataArray& a, const char* name) {
  return rename(
      concat({a, expand_dims(round(mean(a, {"plant"}, false)), "plant", "mean")}, "plant"), name);
}

Dataset spring_index(const DataArray& tmin_c, const DataArray& tmax_c, const DataArray& dayl_s,
                     std::int64_t n_days) {
  const auto season = [&](const DataArray& a) { return isel(a, "time", Slice{0, n_days}); };
  DataArray days;
  days.array = arange("time", 1, 1, n_days, DType::int64);
  const DataArray gdh = growing_degree_hours(season(dayl_s) / 3600, season(tmin_c) * 1.8 + 32,
                                             season(tmax_c) * 1.8 + 32);
  const DataArray padded = pad(gdh, "time", 7, 0, PadMode::edge);
  const auto in_season = [](const DataArray& a) { return isel(a, "time", Slice{7, std::nullopt}); };
  const DataArray dde2 = in_season(rolling_sum(padded, "time", 3));
  const DataArray dd57 = in_season(rolling_sum(padded, "time", 8) - rolling_sum(padded, "time", 5));
  const DataArray synop = cumsum(dde2 >= 637, "time");
  const DataArray leaf_score = coefficient({3.306, 4.266, 2.802}) * (days - 1) +
                               coefficient({13.878, 20.899, 21.433}) * synop +
                               coefficient({0.201, 0.000, 0.266}) * dde2 +
                               coefficient({0.153, 0.248, 0.000}) * dd57;
  const DataArray leaf = first_day(leaf_score) + coefficient({0, 1, 0});
  const DataArray since = days - leaf;
  const DataArray after = since > 0;
  const DataArray bloom_score =
      coefficient({-23.934, -24.825, -11.368}) * where(after, floor(since), 0.0) +
      coefficient({0.116, 0.127, 0.096}) * cumsum(where(after, gdh, 0.0), "time");
  return make_dataset(
      {with_mean(leaf, "first-leaf"), with_mean(first_day(bloom_score), "first-bloom")});
}

/// Coordinates of day and hour have done their work; the maps keep the plants, the grid and its
/// CRS.
Dataset maps_only(Dataset dataset) {
  std::erase_if(dataset.coords, [](const auto& entry) {
    const auto& dims = entry.second.dims;
    return dims.size() > 1 || std::find(dims.begin(), dims.end(), "time") != dims.end();
  });
  for (DataArray& a : dataset.variables) a = transpose(a, {"plant", "y", "x"});
  return dataset;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"The extended spring index, step by step in the array API"};
  std::string tmin, tmax, dayl, out, group, memory = "2GiB";
  std::int64_t n_days = 300, n_threads = 2;
  bool explains = false, overwrite = false;
  app.add_option("--tmin", tmin, "daily minimum temperature")->required();
  app.add_option("--tmax", tmax, "daily maximum temperature")->required();
  app.add_option("--dayl", dayl, "day length")->required();
  app.add_option("--out", out, "Zarr store to write")->required();
  app.add_option("--group", group, "group in the store");
  app.add_option("--days", n_days, "days from 1 January")->capture_default_str();
  app.add_option("--memory", memory, "bound on memory")->capture_default_str();
  app.add_option("--threads", n_threads, "threads")->capture_default_str();
  app.add_flag("--explain", explains, "print the plan, make nothing");
  app.add_flag("--overwrite", overwrite, "replace what is there");
  CLI11_PARSE(app, argc, argv);
  try {
    WriteOptions options;
    options.group = group;
    options.overwrite = overwrite;
    options.run.plan.memory_bytes = parse_bytes(memory);
    options.run.plan.n_threads = n_threads;
    options.run.progress = stderr;
    options.run.label = "spring index";
    options.chunks = {{"plant", 1}, {"y", 500}, {"x", 500}};
    const Dataset dataset =
        maps_only(spring_index(open_data_array(tmin, "tmin"), open_data_array(tmax, "tmax"),
                               open_data_array(dayl, "dayl"), n_days));
    if (explains) {
      std::cout << explain(make_plan(targets_of(dataset, options), options.run.plan));
      return 0;
    }
    const RunReport report = write_dataset(dataset, out, options);
    std::cout << fmt::format("{:.2f} s wall, {:.2f} s CPU, peak {}\n", report.wall_s, report.cpu_s,
                             format_bytes(static_cast<double>(report.peak_bytes)));
    return 0;
  } catch (const Error& e) {
    std::cerr << "spring_index_generic: " << e.what() << "\n";
    return exit_code(e.code());
  }
}
