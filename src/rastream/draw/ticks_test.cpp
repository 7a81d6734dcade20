// SPDX-License-Identifier: Apache-2.0
#include "rastream/draw/ticks.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>

#include "rastream/draw/colormap.h"
#include "rastream/draw/resample.h"

namespace rastream {
namespace {

const FitsFunction kAlways = [](const std::vector<Tick>&) { return true; };
FitsFunction at_most(std::size_t n) {
  return [n](const std::vector<Tick>& ticks) { return ticks.size() <= n; };
}

std::vector<std::string> labels(const std::vector<Tick>& ticks) {
  std::vector<std::string> out;
  for (const Tick& t : ticks) out.push_back(t.label);
  return out;
}

TEST(Ticks, NiceValuesLieInsideTheIntervalAtEqualSteps) {
  for (const double scale : {1e-300, 1e-9, 0.037, 1.0, 12345.678, 1e200}) {
    for (int n = 1; n < 12; ++n) {
      const double low = -1.3 * scale;
      const double high = 2.9 * scale;
      const auto values = nice_values(low, high, n);
      ASSERT_FALSE(values.empty());
      EXPECT_LE(static_cast<int>(values.size()), n + 1);
      for (const double v : values) EXPECT_TRUE(v >= low * (1 + 1e-9) && v <= high * (1 + 1e-9));
    }
  }
}

TEST(Ticks, AnIntervalFarFromZeroDoesNotRepeatATick) {
  const auto values = nice_values(1e15, 1e15 + 1, 8);
  for (std::size_t i = 1; i < values.size(); ++i) EXPECT_GT(values[i], values[i - 1]);
}

TEST(Ticks, NumbersHaveTheDecimalsThatTheyNeed) {
  EXPECT_EQ(number_labels({0, 0.5, 1}), (std::vector<std::string>{"0.0", "0.5", "1.0"}));
  EXPECT_EQ(number_labels({0, 0.25}), (std::vector<std::string>{"0.00", "0.25"}));
  EXPECT_EQ(number_labels({-2000, 0, 2000}), (std::vector<std::string>{"−2000", "0", "2000"}));
  EXPECT_EQ(number_labels({5000, 10000, 1000000}),
            (std::vector<std::string>{"5000", "10,000", "1,000,000"}));
  EXPECT_EQ(number_labels({0, 2e-5}), (std::vector<std::string>{"0", "2×10⁻⁵"}));
  EXPECT_EQ(number_labels({1.5e9}), (std::vector<std::string>{"1.5×10⁹"}));
  EXPECT_EQ(number_labels({0.1 + 0.2}), (std::vector<std::string>{"0.3"}));
}

TEST(Ticks, LongAxesInMetresAreShownInKilometres) {
  const Axis axis{"x [m]", {-2473250, 3252750}, {}};
  const AxisTicks ticks = choose_ticks(axis, -2473750, 3253250, at_most(6));
  EXPECT_EQ(ticks.label, "x [km]");
  EXPECT_EQ(labels(ticks.ticks),
            (std::vector<std::string>{"−2000", "−1000", "0", "1000", "2000", "3000"}));
  EXPECT_EQ(ticks.ticks.front().value, -2e6);
  EXPECT_EQ(choose_ticks({"x [m]", {0, 900}, {}}, 0, 900, kAlways).label, "x [m]");
}

TEST(Ticks, DegreesHaveHemispheresAndStepsThatDivideACircle) {
  const AxisTicks east =
      choose_ticks({"longitude [degrees_east]", {-180, 180}, {}}, -180, 180, at_most(5));
  EXPECT_EQ(east.label, "longitude");
  EXPECT_EQ(labels(east.ticks), (std::vector<std::string>{"180°W", "90°W", "0°", "90°E", "180°E"}));
  const AxisTicks north =
      choose_ticks({"latitude [degrees_north]", {-1, 1}, {}}, -1, 1, at_most(5));
  EXPECT_EQ(labels(north.ticks),
            (std::vector<std::string>{"1.0°S", "0.5°S", "0.0°", "0.5°N", "1.0°N"}));
}

TEST(Ticks, DatesFallBackFromMonthsToYears) {
  Axis axis;
  for (int i = 0; i < 240; ++i) {
    axis.values.push_back(i);
    axis.tick_labels.push_back(fmt::format("{}-{:02}-01", 1980 + i / 12, 1 + i % 12));
  }
  EXPECT_EQ(choose_ticks(axis, -0.5, 239.5, kAlways).ticks.size(), 240U);
  const AxisTicks years = choose_ticks(axis, -0.5, 239.5, at_most(12));
  EXPECT_EQ(labels(years.ticks).front(), "1980");
  EXPECT_EQ(years.ticks[1].value, 24);
}

TEST(Ticks, OtherLabelsAreTakenAtEqualStrides) {
  const Axis axis{"plant", {0, 1, 2, 3, 4}, {"a", "b", "c", "d", "e"}};
  EXPECT_EQ(labels(choose_ticks(axis, -0.5, 4.5, kAlways).ticks), axis.tick_labels);
  EXPECT_EQ(labels(choose_ticks(axis, -0.5, 4.5, at_most(3)).ticks),
            (std::vector<std::string>{"a", "c", "e"}));
}

TEST(Ticks, DayOfYearLabelsNameTheDateInACommonYear) {
  EXPECT_EQ(day_of_year_label(1), "1 (1 Jan)");
  EXPECT_EQ(day_of_year_label(59), "59 (28 Feb)");
  EXPECT_EQ(day_of_year_label(60), "60 (1 Mar)");
  EXPECT_EQ(day_of_year_label(365), "365 (31 Dec)");
  EXPECT_EQ(day_of_year_label(0), "0");
  EXPECT_EQ(day_of_year_label(366), "366");
  for (const Tick& t : choose_colour_ticks(58.3, 61.2, true, kAlways))
    EXPECT_EQ(t.value, std::floor(t.value));
}

TEST(ColourTable, EndsAreThoseOfTheOriginals) {
  EXPECT_EQ(colour_table("viridis").front(), (Colour{0x44, 0x01, 0x54}));
  EXPECT_EQ(colour_table("viridis").back(), (Colour{0xfd, 0xe7, 0x25}));
  EXPECT_EQ(colour_table("viridis")[128], (Colour{0x21, 0x91, 0x8c}));
  EXPECT_EQ(colour_table("RdYlBu_r").front(), colour_table("RdYlBu").back());
  for (const auto name : colormap_names()) EXPECT_NO_THROW(colour_table(std::string(name)));
}

TEST(Resample, EveryCellIsBelowExactlyOnePixelWhenThereAreMoreCells) {
  for (const std::size_t n : {101UL, 250UL, 7814UL}) {
    for (const bool falls : {false, true}) {
      std::vector<double> values;
      for (std::size_t i = 0; i < n; ++i)
        values.push_back((falls ? -1000.0 : 1000.0) * static_cast<double>(i) + 250);
      const auto ranges = cells_of_pixels(values, axis_extent(values, "x"), 100);
      ASSERT_EQ(ranges.size(), 100U);
      std::vector<int> times(n, 0);
      for (const CellRange& r : ranges) {
        for (std::size_t i = r.begin; i < r.end; ++i) ++times[i];
      }
      for (const int t : times) EXPECT_EQ(t, 1);
      EXPECT_EQ(falls ? ranges[99].begin : ranges[0].begin, 0U);
    }
  }
}

TEST(Resample, AnIrregularAxisKeepsItsProportions) {
  // Edges -0.5, 0.5, 5.5, 14.5: cells of 1, 5 and 9 of 15 units.
  const std::vector<double> values = {0, 1, 10};
  const Extent extent = axis_extent(values, "x");
  EXPECT_EQ(extent.low, -0.5);
  EXPECT_EQ(extent.high, 14.5);
  const auto ranges = cells_of_pixels(values, extent, 15);
  std::vector<int> n_pixels(3, 0);
  for (const CellRange& r : ranges) {
    ASSERT_EQ(r.end, r.begin + 1);
    ++n_pixels[r.begin];
  }
  EXPECT_EQ(n_pixels, (std::vector<int>{1, 5, 9}));
}

TEST(Resample, APixelShowsTheLowerMedianOfItsCellsOrNothingWhenMostAreNaN) {
  const double nan = std::nan("");
  const ColourScale scale{0, 255, colour_table("magma"), false, false};
  const std::vector<CellRange> whole = {{0, 2}};
  const auto pixel = [&](const std::vector<double>& cells) {
    return paint_cells(cells, 2, whole, whole, scale).pixels.at(0);
  };
  const auto colour = [&](double v) {
    const std::vector<double> one = {v};
    const std::vector<CellRange> range = {{0, 1}};
    return paint_cells(one, 1, range, range, scale).pixels.at(0);
  };
  EXPECT_EQ(pixel({10, 200, 200, 200}), colour(200));
  EXPECT_EQ(pixel({10, 20, 200, 210}), colour(20));
  EXPECT_EQ(pixel({nan, nan, 200, 90}), colour(90));
  EXPECT_EQ(pixel({nan, nan, nan, 90}), 0U);
}

}  // namespace
}  // namespace rastream
