// SPDX-License-Identifier: Apache-2.0
// rastream spring-index: from Daymet files or a catalog of them to maps of first leaf and first
// bloom.
#include <fmt/format.h>

#include <charconv>
#include <filesystem>
#include <iostream>
#include <thread>

#include "rastream/base/bytes.h"
#include "rastream/base/progress.h"
#include "rastream/base/text_file.h"
#include "rastream/catalog/asset_location.h"
#include "rastream/catalog/catalog.h"
#include "rastream/cli/box_words.h"
#include "rastream/cli/command.h"
#include "rastream/cli/text_out.h"
#include "rastream/draw/plot_array.h"
#include "rastream/exec/write_dataset.h"
#include "rastream/ops/labelled.h"
#include "rastream/ops/open_dataset.h"
#include "rastream/ops/phenology/spring_index.h"
#include "rastream/plan/explain.h"
#include "rastream/plan/read_totals.h"
#include "rastream/store/http/http_client.h"

namespace rastream {
namespace {

struct Arguments {
  std::string catalog, item;
  std::string tmin, tmax, dayl;
  std::string out, group, years, bbox, memory = "2GiB", plot, plan_file;
  std::vector<std::string> plants;
  std::vector<std::string> disabled_rules;
  std::int64_t n_days = 300, coarsen = 0, chunk = 500;
  std::int64_t n_threads =
      static_cast<std::int64_t>(std::max(1u, std::thread::hardware_concurrency()));
  int zarr_format = 2;
  bool exact = false, float32 = false, explains = false, overwrite = false, quiet = false;
  std::string executor = "threads";
};

/// The files of one year and the group that receives its maps.
struct Year {
  std::string tmin, tmax, dayl;
  std::string group;
};

struct YearRange {
  std::int64_t first = 0;
  std::int64_t last = 0;
};

YearRange parse_years(const std::string& text) {
  YearRange r;
  const char* end = text.data() + text.size();
  const auto first = std::from_chars(text.data(), end, r.first);
  bool ok = first.ec == std::errc();
  if (ok && first.ptr != end && *first.ptr == ':') {
    const auto last = std::from_chars(first.ptr + 1, end, r.last);
    ok = last.ec == std::errc() && last.ptr == end;
  } else {
    r.last = r.first;
    ok = ok && first.ptr == end;
  }
  if (!ok || r.last < r.first || r.last - r.first > 1000) {
    throw Error(Errc::invalid_argument,
                "--years '{}': expected a year or FIRST:LAST, such as 1980:2021", text);
  }
  return r;
}

/// A path or a URL: files are read from where the links point to.
std::string place_of(const Item& item, std::string_view key) {
  const AssetLocation at = locate_asset(item, key);
  check_address(at, *default_http_client(), interrupt_token());
  return at.href;
}

Year year_of_item(const Item& item, const std::string& group) {
  return {place_of(item, "tmin"), place_of(item, "tmax"), place_of(item, "dayl"), group};
}

/// "na-1981" from "na-1980" and 1981: the year stands at the end of an item's id, as in Daymet's
/// catalog.
std::string item_of_year(const std::string& item, std::int64_t year) {
  const auto dash = item.find_last_of('-');
  return (dash == std::string::npos ? item : item.substr(0, dash)) + fmt::format("-{}", year);
}

std::vector<Year> years_of(const Arguments& a) {
  const bool by_files = !a.tmin.empty() || !a.tmax.empty() || !a.dayl.empty();
  if (by_files == !a.catalog.empty()) {
    throw Error(Errc::invalid_argument,
                "give either --catalog and --item, or --tmin, --tmax and --dayl");
  }
  if (by_files) {
    if (a.tmin.empty() || a.tmax.empty() || a.dayl.empty()) {
      throw Error(Errc::invalid_argument, "--tmin, --tmax and --dayl are needed together");
    }
    if (!a.years.empty()) throw Error(Errc::invalid_argument, "--years needs --catalog");
    return {{a.tmin, a.tmax, a.dayl, a.group}};
  }
  if (a.item.empty())
    throw Error(Errc::invalid_argument, "--catalog needs --item, such as na-1980");
  const Catalog catalog = Catalog::open(a.catalog);
  if (a.years.empty()) return {year_of_item(catalog.find_item(a.item), a.group)};
  if (!a.group.empty())
    throw Error(Errc::invalid_argument,
                "--group and --years do not go together: each year is a group");
  std::vector<Year> years;
  const YearRange range = parse_years(a.years);
  for (std::int64_t y = range.first; y <= range.last; ++y) {
    years.push_back(year_of_item(catalog.find_item(item_of_year(a.item, y)), fmt::format("{}", y)));
  }
  return years;
}

DailyWeather open_weather(const Year& year, const Arguments& a) {
  DailyWeather w{open_data_array(year.tmin, "tmin"), open_data_array(year.tmax, "tmax"),
                 open_data_array(year.dayl, "dayl")};
  check_weather(w, a.n_days, {year.tmin, year.tmax, year.dayl});
  if (!a.bbox.empty()) {
    const BBox box = parse_bbox(a.bbox);
    for (DataArray* d : {&w.tmin, &w.tmax, &w.dayl}) *d = clip_box(*d, box);
  }
  return w;
}

WriteOptions write_options(const Arguments& a, const std::string& group) {
  WriteOptions options;
  options.group = group;
  options.overwrite = a.overwrite;
  options.zarr_format = a.zarr_format;
  options.chunks = {{"plant", 1}, {"y", a.chunk}, {"x", a.chunk}};
  options.run.executor = a.executor;
  options.run.plan.memory_bytes = parse_bytes(a.memory);
  options.run.plan.n_threads = a.executor == "serial" ? 1 : a.n_threads;
  options.run.plan.disabled_rules = a.disabled_rules;
  options.run.progress = a.quiet ? nullptr : stderr;
  options.run.label = group;
  options.run.stop = interrupt_token();
  return options;
}

void print_summary(const Arguments& a, const Year& year, const DailyWeather& weather,
                   const RunReport& report) {
  const ReadTotals totals = read_totals(report.plan);
  const auto cells = static_cast<double>(weather.tmin.size("y") * weather.tmin.size("x"));
  std::cout << fmt::format("{}/{}: {} cells x {} days, leaf and bloom of {} plants\n", a.out,
                           year.group, format_count(cells), a.n_days,
                           a.plants.empty() ? known_plants().size() : a.plants.size());
  std::cout << fmt::format(
      "{:.2f} s wall, {:.2f} s CPU, {:.0f} MB/s decoded, read amplification {:.2f}\n",
      report.wall_s, report.cpu_s, totals.decoded_bytes / 1e6 / std::max(1e-9, report.wall_s),
      totals.amplification());
  std::cout << fmt::format("peak memory {} of {} planned and {} allowed\n",
                           format_bytes(static_cast<double>(report.peak_bytes)),
                           format_bytes(static_cast<double>(report.plan.bound.total())),
                           format_bytes(static_cast<double>(parse_bytes(a.memory))));
}

/// "leaf.png" for one year, "leaf-1981.png" for each of several.
std::string picture_path(const std::string& path, const std::string& group, bool has_many) {
  if (!has_many) return path;
  const std::filesystem::path p(path);
  return (p.parent_path() / (p.stem().string() + "-" + group + p.extension().string())).string();
}

int run_year(const Arguments& a, Year year, bool has_many) {
  const DailyWeather weather = open_weather(year, a);
  if (year.group.empty()) year.group = fmt::format("{}", year_of(weather.tmin));
  const Dataset maps = spring_index(weather, {a.n_days, a.plants, a.coarsen, !a.float32});
  const WriteOptions options = write_options(a, year.group);
  if (a.explains || !a.plan_file.empty()) {
    const Plan plan = make_plan(targets_of(maps, options), options.run.plan);
    if (!a.plan_file.empty()) write_text_file(a.plan_file, json_lines(to_json(plan)));
    if (a.explains) {
      std::cout << explain(plan);
      return 0;
    }
  }
  const RunReport report = write_dataset(maps, a.out, options);
  if (!report.is_complete) {
    fmt::print(stderr, "rastream: interrupted; the same command goes on where it stopped\n");
    return kInterrupted;
  }
  if (!a.quiet) print_summary(a, year, weather, report);
  if (a.plot.empty()) return 0;
  PlotOptions plot;
  plot.facet_dim = "plant";
  plot.title = "First leaf " + year.group;
  plot.colormap = "spring";
  plot.day_of_year_labels = true;
  plot_map(open_data_array(a.out, "first-leaf", year.group), plot,
           picture_path(a.plot, year.group, has_many));
  return 0;
}

int run(const Arguments& a) {
  if (a.out.empty() && !a.explains)
    throw Error(Errc::invalid_argument, "--out is needed: a Zarr store to write");
  const std::vector<Year> years = years_of(a);
  for (const Year& year : years) {
    if (const int code = run_year(a, year, years.size() > 1); code != 0) return code;
  }
  return 0;
}

std::function<int()> set_up(CLI::App& app) {
  auto a = std::make_shared<Arguments>();
  app.description(
      "Day of first leaf and first bloom of lilac, arnold red and zabelli, and their mean, from a "
      "year of Daymet's daily\n"
      "temperature and day length (extended spring index, Schwartz et al. 2013). One Zarr group a "
      "year. A run that was\n"
      "interrupted goes on when the same command is given again.");
  app.add_option("--catalog", a->catalog, "static STAC catalog (a catalog.json or its folder)");
  app.add_option("--item", a->item,
                 "item in the catalog with assets tmin, tmax and dayl, such as na-1980");
  app.add_option("--tmin", a->tmin, "file of daily minimum temperature (instead of --catalog)");
  app.add_option("--tmax", a->tmax, "file of daily maximum temperature");
  app.add_option("--dayl", a->dayl, "file of day length");
  app.add_option("--out", a->out, "Zarr store that receives the maps, such as leaf.zarr");
  app.add_option("--group", a->group, "group in the store; default: the year");
  app.add_option("--years", a->years,
                 "FIRST:LAST with --catalog: items of these years, one group each");
  app.add_option("--bbox", a->bbox, fmt::format("{}: only cells that this box touches", kBoxHelp));
  app.add_option("--days", a->n_days, "days from 1 January")->capture_default_str();
  app.add_option("--plants", a->plants, "plants by name, separated by commas; default: all three")
      ->delimiter(',');
  app.add_option("--coarsen", a->coarsen, "mean over N x N cells first");
  app.add_option("--chunk", a->chunk, "cells along each side of a stored chunk")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  app.add_option("--memory", a->memory, "bound on memory; a plan that does not fit is refused")
      ->capture_default_str();
  app.add_option("--threads", a->n_threads, "threads")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  app.add_option("--executor", a->executor, "serial or threads")->capture_default_str();
  app.add_option("--zarr-format", a->zarr_format, "2 or 3")
      ->capture_default_str()
      ->check(CLI::IsMember({2, 3}));
  app.add_option("--disable-rule", a->disabled_rules, "optimizer rules to leave out")
      ->delimiter(',');
  CLI::Option* exact = app.add_flag(
      "--exact", a->exact,
      "hour terms with the reference program's types: its dates in every cell (the default)");
  app.add_flag("--float32", a->float32,
               "hour terms in float32: somewhat faster, a few dates in a million differ")
      ->excludes(exact);
  app.add_option("--plot", a->plot, "draw the first leaf to this .png or .svg");
  app.add_flag("--explain", a->explains,
               "print files, bytes, tasks, loop nest and memory; read and write nothing");
  app.add_option("--plan", a->plan_file, "write the plan as JSON to this file");
  app.add_flag("--overwrite", a->overwrite, "replace a group that exists");
  app.add_flag("--quiet", a->quiet, "no progress, no summary");
  return [a] { return run(*a); };
}

}  // namespace

Command make_spring_index_command() {
  return {"spring-index", "Maps of the first leaf and first bloom of spring from Daymet", &set_up};
}

}  // namespace rastream
