// SPDX-License-Identifier: Apache-2.0
// The two operators together on real Daymet point series, against dates that the RS-DAT notebook
// gives for them.
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "hwy/targets.h"
#include "rastream/ops/phenology/growing_degree_hours.h"
#include "rastream/ops/phenology/spring_index_reference.h"
#include "rastream/ops/phenology/spring_onset.h"

namespace rastream {
namespace {

const std::filesystem::path kData = "../shared/data";

std::vector<std::string> split(const std::string& line) {
  std::vector<std::string> fields;
  std::stringstream in(line);
  for (std::string field; std::getline(in, field, ',');) fields.push_back(field);
  return fields;
}

struct Year {
  std::vector<float> tmin, tmax, dayl;
};

/// Years of one Daymet point file; values as float32, as a NetCDF file holds them.
std::map<int, Year> read_daymet(const std::filesystem::path& path) {
  std::ifstream in(path);
  std::string line;
  while (std::getline(in, line) && !line.starts_with("year,yday,dayl")) continue;
  std::map<int, Year> years;
  while (std::getline(in, line)) {
    const auto f = split(line);
    if (f.size() < 9) continue;
    Year& year = years[static_cast<int>(std::stod(f[0]))];
    year.dayl.push_back(std::stof(f[2]));
    year.tmax.push_back(std::stof(f[6]));
    year.tmin.push_back(std::stof(f[7]));
  }
  return years;
}

std::map<int, Year> read_series(const std::string& name) {
  const std::string file = name == "daymetr_demo_data.csv" ? "demo_data.csv" : name;
  return read_daymet(kData / "daymet" / file);
}

Array degree_hours(const Year& year, std::int64_t n_days, bool is_exact) {
  const auto first = [&](const std::vector<float>& v) {
    return reference::given<float>({"time"}, {n_days}, {v.begin(), v.begin() + n_days});
  };
  GrowingDegreeHours::Params params;
  params.exact = is_exact;
  return apply<GrowingDegreeHours>("gdh", {first(year.tmin), first(year.tmax), first(year.dayl)},
                                   params);
}

void expect_recorded_dates(bool is_exact) {
  if (!std::filesystem::exists(kData)) GTEST_SKIP() << kData << " is not here";
  std::ifstream in(kData / "six" / "rsdat_expected.csv");
  std::string line;
  std::getline(in, line);
  int n_rows = 0;
  while (std::getline(in, line)) {
    const auto f = split(line);
    ASSERT_EQ(f.size(), 10U);
    auto years = read_series(f[0]);
    ASSERT_GE(years[std::stoi(f[1])].tmin.size(), 300U) << f[0];
    const Array gdh = degree_hours(years[std::stoi(f[1])], 300, is_exact);
    const auto got =
        reference::cells_of<double>(apply<SpringOnset>("s", {gdh}, reference::onset_params()));
    for (std::size_t event = 0; event < 2; ++event) {
      double sum = 0;
      for (std::size_t p = 0; p < 3; ++p) {
        EXPECT_EQ(got[event * 3 + p], std::stod(f[2 + event * 4 + p]))
            << line << ", event " << event << ", plant " << p;
        sum += got[event * 3 + p];
      }
      EXPECT_EQ(std::nearbyint(sum / 3), std::stod(f[5 + event * 4])) << line;
    }
    ++n_rows;
  }
  EXPECT_EQ(n_rows, 12);
}

TEST(SpringIndex, RecordedDatesOfRealSeriesAreMetExactly) { expect_recorded_dates(true); }
TEST(SpringIndex, RecordedDatesOfRealSeriesAreMetInFloat32) { expect_recorded_dates(false); }

/// Degree hours and dates of every real year, one after another.
std::vector<double> all_results(bool is_exact) {
  std::vector<double> all;
  for (const auto& [number, year] : read_series("demo_data.csv")) {
    const Array gdh = degree_hours(year, 300, is_exact);
    const OwnedBlock block = evaluate(gdh, gdh.schema().whole());
    for (std::int64_t t = 0; t < 300; ++t) all.push_back(cell_as_double(block.view(), {t}));
    const auto dates =
        reference::cells_of<double>(apply<SpringOnset>("s", {gdh}, reference::onset_params()));
    all.insert(all.end(), dates.begin(), dates.end());
  }
  return all;
}

TEST(SpringIndex, EveryInstructionSetGivesTheSameBits) {
  if (!std::filesystem::exists(kData)) GTEST_SKIP() << kData << " is not here";
  const std::int64_t supported = hwy::SupportedTargets();
  const auto exact = all_results(true);
  const auto fast = all_results(false);
  EXPECT_GT(exact.size(), 3000U);
  for (std::int64_t rest = supported; rest != 0; rest &= rest - 1) {
    const std::int64_t target = rest & -rest;
    hwy::SetSupportedTargetsForTest(target);
    hwy::GetChosenTarget().Update(hwy::SupportedTargets());
    EXPECT_EQ(all_results(true), exact) << hwy::TargetName(target);
    EXPECT_EQ(all_results(false), fast) << hwy::TargetName(target);
  }
  hwy::SetSupportedTargetsForTest(0);
  hwy::GetChosenTarget().Update(hwy::SupportedTargets());
}

TEST(SpringIndex, RecordedDegreeHoursOfARealYearAreMet) {
  if (!std::filesystem::exists(kData)) GTEST_SKIP() << kData << " is not here";
  const auto years = read_series("daymet_-85.0_40.0_2000_2002.csv");
  const auto exact = reference::cells_of<double>(degree_hours(years.at(2000), 300, true));
  const auto fast = reference::cells_of<float>(degree_hours(years.at(2000), 300, false));
  std::ifstream in(kData / "six" / "rsdat_daily_predictors.csv");
  std::string line;
  std::getline(in, line);
  std::size_t n_rows = 0;
  while (std::getline(in, line)) {
    const auto f = split(line);
    const auto day = static_cast<std::size_t>(std::stoi(f[2]));
    const double want = std::stod(f[3]);
    EXPECT_NEAR(exact[day], want, 1e-6 * want + 1e-9) << line;
    EXPECT_NEAR(static_cast<double>(fast[day]), want, 1e-4 * want + 1e-3) << line;
    ++n_rows;
  }
  EXPECT_EQ(n_rows, 300U);
}

}  // namespace
}  // namespace rastream
