// SPDX-License-Identifier: Apache-2.0
// Labels follow their cells: alignment, selection by label and by time, padding, and what is said
// when a label is not there. Expected results are Xarray's; tests/oracle/labelled_check.py compares
// the cells of every function with Xarray.
#include "rastream/ops/labelled.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>

#include "rastream/ops/sources/sources.h"
#include "tests/suites/errors.h"

namespace rastream {
namespace {

Coordinate coordinate(const std::string& dim, const std::vector<double>& labels) {
  Coordinate c;
  c.dims = {dim};
  c.cells = values(labels, dim);
  return c;
}

/// One-dimensional, with numbers as labels.
DataArray line(const std::vector<double>& cells, const std::string& dim,
               const std::vector<double>& labels) {
  DataArray a;
  a.name = "a";
  a.array = values(cells, dim);
  a.coords.emplace_back(dim, coordinate(dim, labels));
  return a;
}

DataArray times(const std::vector<double>& days, const std::string& calendar = "standard") {
  DataArray a = line(days, "time", days);
  a.coords[0].second.attributes.set("units", "days since 1980-01-01");
  a.coords[0].second.attributes.set("calendar", calendar);
  return a;
}

std::vector<double> cells_of(const DataArray& a) {
  Coordinate c;
  c.cells = a.array;
  return coordinate_values(c);
}

using Cells = std::vector<double>;

TEST(Alignment, KeepsTheLabelsThatBothHaveInTheOrderOfTheFirst) {
  const DataArray a = line({1, 2, 3, 4}, "x", {40, 30, 20, 10});
  const DataArray b = line({100, 200, 300}, "x", {10, 25, 30});
  const DataArray sum = a + b;
  EXPECT_EQ(cells_of(sum), (Cells{302, 104}));
  EXPECT_EQ(index_values(sum, "x"), (Cells{30, 10}));
  EXPECT_EQ(cells_of(b + a), (Cells{104, 302}));
}

TEST(Alignment, HappensByTextToo) {
  const DataArray a =
      from_values({1, 2, 3}, "plant", DType::float64, {"lilac", "arnold", "zabelli"});
  const DataArray b = from_values({10, 20}, "plant", DType::float64, {"zabelli", "lilac"});
  const DataArray product = a * b;
  EXPECT_EQ(cells_of(product), (Cells{20, 30}));
  EXPECT_EQ(product.coord("plant")->labels, (std::vector<std::string>{"lilac", "zabelli"}));
}

TEST(Alignment, WithNothingInCommonIsRefused) {
  expect_refused(Errc::invalid_argument, "'x'", [] {
    line({1, 2}, "x", {1, 2}) + line({1, 2}, "x", {3, 4});
  });
}

TEST(Alignment, WithoutLabelsSizesMustAgree) {
  DataArray a, b;
  a.array = values({1, 2, 3}, "x");
  b.array = values({1, 2}, "x");
  EXPECT_THROW(a + b, Error);
  b.array = values({4, 5, 6}, "x");
  EXPECT_EQ(cells_of(a + b), (Cells{5, 7, 9}));
}

TEST(Alignment, BroadcastsOverDimensionsThatOneLacks) {
  const DataArray a = line({1, 2}, "y", {0, 1});
  const DataArray b = line({10, 20, 30}, "x", {0, 1, 2});
  const DataArray sum = a + b;
  EXPECT_EQ(sum.dims(), (std::vector<std::string>{"y", "x"}));
  EXPECT_EQ(cells_of(sum), (Cells{11, 21, 31, 12, 22, 32}));
  EXPECT_EQ(index_values(sum, "y").size(), 2u);
  EXPECT_EQ(index_values(sum, "x").size(), 3u);
}

TEST(Arithmetic, DropsAttributesAndKeepsTheCrs) {
  DataArray a = line({1, 2}, "x", {0, 1});
  a.attributes.set("units", "K");
  Coordinate mapping;
  mapping.cells = values({0}, {}, {}, DType::int64);
  mapping.attributes = Crs::from_user_input("EPSG:4326").to_cf();
  a.coords.emplace_back("crs", mapping);
  const DataArray twice = 2 * a;
  EXPECT_TRUE(twice.attributes.empty());
  EXPECT_EQ(crs_of(twice.coords)->epsg(), 4326);
  EXPECT_EQ(grid_mapping_of(twice.coords), "crs");
}

TEST(Where, KeepsTheArraysDimensionsFirst) {
  const DataArray a = line({1, 2, 3}, "x", {0, 1, 2});
  const DataArray condition = line({0, 1}, "y", {0, 1}) > 0.5;
  const DataArray masked = where(a, condition);
  EXPECT_EQ(masked.dims(), (std::vector<std::string>{"x", "y"}));
  const Cells cells = cells_of(masked);
  EXPECT_TRUE(std::isnan(cells[0]));
  EXPECT_EQ(cells[1], 1);
}

TEST(Sel, FindsALabelExactlyOrTheNearestOne) {
  const DataArray a = line({1, 2, 3}, "x", {10, 20, 40});
  EXPECT_EQ(cells_of(sel(a, "x", 20.0)), Cells{2});
  EXPECT_EQ(cells_of(sel(a, "x", 33.0, true)), Cells{3});
  EXPECT_EQ(cells_of(sel(a, "x", -1e9, true)), Cells{1});
  for (const char* word : {"21", "10 to 40"})
    expect_refused(Errc::not_found, word, [&] { sel(a, "x", 21.0); });
}

TEST(Sel, NaNIsNoLabelEvenWhereItIsOne) {
  const DataArray a = line({1, 2}, "x", {10, std::nan("")});
  expect_refused(Errc::not_found, "'x'", [&] { sel(a, "x", std::nan("")); });
}

TEST(Sel, ARangeHoldsBothEndsInTheOrderOfTheLabels) {
  const DataArray up = line({1, 2, 3, 4}, "x", {10, 20, 30, 40});
  EXPECT_EQ(cells_of(sel(up, "x", 20.0, 30.0)), (Cells{2, 3}));
  EXPECT_EQ(cells_of(sel(up, "x", 15.0, 99.0)), (Cells{2, 3, 4}));
  EXPECT_EQ(cells_of(sel(up, "x", 21.0, 29.0)), Cells{});
  EXPECT_EQ(cells_of(sel(up, "x", 30.0, 20.0)), Cells{});
  const DataArray down = line({1, 2, 3, 4}, "y", {40, 30, 20, 10});
  EXPECT_EQ(cells_of(sel(down, "y", 30.0, 15.0)), (Cells{2, 3}));
}

TEST(Sel, ATextLabelIsFoundByName) {
  const DataArray a = from_values({1, 2}, "plant", DType::float64, {"lilac", "zabelli"});
  EXPECT_EQ(cells_of(sel(a, "plant", "zabelli")), Cells{2});
  for (const char* word : {"'rose'", "lilac, zabelli"})
    expect_refused(Errc::not_found, word, [&] { sel(a, "plant", "rose"); });
}

TEST(Sel, APartialDateTakesAllItsTimes) {
  const DataArray a = times({0, 30, 31, 59, 60, 366});
  EXPECT_EQ(cells_of(sel(a, "time", "1980-01")), (Cells{0, 30}));
  EXPECT_EQ(cells_of(sel(a, "time", "1980-02")), (Cells{31, 59}));  // 1980 is a leap year
  EXPECT_EQ(cells_of(sel(a, "time", "1981")), Cells{366});
  EXPECT_EQ(cells_of(sel(times({0, 59, 365}, "noleap"), "time", "1980-03-01")), Cells{59});
}

TEST(Sel, ADateThatIsNotThereOrNoneIsRefused) {
  expect_refused(Errc::not_found, "1990", [] { sel(times({0, 1}), "time", "1990"); });
  expect_refused(Errc::invalid_argument, "1980-13", [] { sel(times({0}), "time", "1980-13"); });
  expect_refused(Errc::invalid_argument, "'x'", [] { sel(line({1}, "x", {1}), "x", "1980"); });
}

TEST(Isel, LabelsOfEitherKindFollow) {
  DataArray a = from_values({1, 2, 3, 4}, "plant", DType::float64, {"a", "b", "c", "d"});
  EXPECT_EQ(isel(a, "plant", Slice{{}, {}, -2}).coord("plant")->labels,
            (std::vector<std::string>{"d", "b"}));
  EXPECT_EQ(isel(a, "plant", 1).coord("plant"), nullptr);
  const DataArray b = line({1, 2, 3}, "x", {10, 20, 30});
  EXPECT_EQ(index_values(isel(b, "x", Slice{1, {}}), "x"), (Cells{20, 30}));
  EXPECT_EQ(coordinate_values(*isel(b, "x", -1).coord("x")), Cells{30});
}

TEST(Reductions, DropTheLabelsOfTheirDimensions) {
  const DataArray a = line({1, 2}, "y", {0, 1}) + line({10, 20, 30}, "x", {5, 6, 7});
  const DataArray total = sum(a, {"x"});
  EXPECT_EQ(cells_of(total), (Cells{63, 66}));
  EXPECT_EQ(total.coord("x"), nullptr);
  EXPECT_NE(total.coord("y"), nullptr);
  EXPECT_EQ(sum(a, {"x", "y"}).coords.size(), 0u);
  expect_refused(Errc::invalid_argument, "'band'", [&] { mean(a, {"band"}); });
}

TEST(CoarsenMean, LabelsAreTheMeansOfTheirBoxes) {
  const DataArray a = coarsen_mean(line({1, 3, 5, 7, 9}, "x", {10, 20, 30, 40, 50}), {"x"}, {2});
  EXPECT_EQ(cells_of(a), (Cells{2, 6}));
  EXPECT_EQ(index_values(a, "x"), (Cells{15, 35}));
}

TEST(Concat, LabelsOfEitherKindAreJoined) {
  const DataArray a = from_values({1}, "plant", DType::float64, {"lilac"});
  const DataArray b = from_values({2, 3}, "plant", DType::float64, {"zabelli", "mean"});
  EXPECT_EQ(concat({a, b}, "plant").coord("plant")->labels,
            (std::vector<std::string>{"lilac", "zabelli", "mean"}));
  const DataArray c = concat({line({1}, "x", {5}), line({2}, "x", {4})}, "x");
  EXPECT_EQ(index_values(c, "x"), (Cells{5, 4}));
}

TEST(Concat, OfNothingOrOfPartsWithoutTheLabelsIsRefused) {
  expect_refused(Errc::invalid_argument, "no arrays",
                 [] { concat(std::vector<DataArray>{}, "x"); });
  DataArray bare;
  bare.name = "bare";
  bare.array = values({1, 2}, "x");
  expect_refused(Errc::invalid_argument, "'x'", [&] { concat({line({1}, "x", {5}), bare}, "x"); });
}

TEST(ExpandDims, TheNewDimensionHasItsLabel) {
  const DataArray a = expand_dims(line({1, 2}, "x", {5, 6}), "plant", "mean");
  EXPECT_EQ(a.dims(), (std::vector<std::string>{"plant", "x"}));
  EXPECT_EQ(a.coord("plant")->labels, std::vector<std::string>{"mean"});
}

TEST(ClipBox, NeedsACrsAndABoxThatMeetsTheGrid) {
  DataArray a = line({1, 2, 3}, "y", {50, 51, 52}) + line({0, 0, 0, 0}, "x", {3, 4, 5, 6});
  const BBox box = parse_bbox("3.9,49.9,5.1,51.1");
  EXPECT_THROW(clip_box(a, box), Error);
  Coordinate mapping;
  mapping.cells = values({0}, {}, {}, DType::int64);
  mapping.attributes = Crs::from_user_input("EPSG:4326").to_cf();
  a.coords.emplace_back("crs", mapping);
  const DataArray clipped = clip_box(a, box);
  EXPECT_EQ(index_values(clipped, "y"), (Cells{50, 51}));
  EXPECT_EQ(index_values(clipped, "x"), (Cells{4, 5}));
  EXPECT_THROW(clip_box(a, parse_bbox("100,-20,110,-10")), Error);
}

TEST(Labelled, ADimensionThatIsNotThereIsNamed) {
  const DataArray a = line({1, 2}, "x", {0, 1});
  for (const std::function<void()>& f : std::vector<std::function<void()>>{
           [&] { isel(a, "band", 0); }, [&] { sel(a, "band", 1.0); }, [&] { cumsum(a, "band"); },
           [&] { argmax(a, "band"); }, [&] { coarsen_mean(a, {"band"}, {2}); },
           [&] { rolling_sum(a, "band", 2); },
           [&] {
             concat({a, a}, "band");
           }}) {
    expect_refused(Errc::invalid_argument, "'band'", f);
  }
  expect_refused(Errc::invalid_argument, "7", [&] { isel(a, "x", 7); });
}

DataArray named_line() {
  DataArray a;
  a.array = values({1, 2, 3}, "x");
  Coordinate x;
  x.dims = {"x"};
  x.cells = values({10, 20, 30}, "x");
  set_coordinate(a.coords, "x", x);
  Coordinate text;
  text.dims = {"x"};
  text.labels = {"a", "b", "c"};
  set_coordinate(a.coords, "name", text);
  return a;
}

TEST(LabelledPad, RepeatsLabelsAsItRepeatsCells) {
  const DataArray edge = pad(named_line(), "x", 2, 1, PadMode::edge);
  EXPECT_EQ(index_values(edge, "x"), (std::vector<double>{10, 10, 10, 20, 30, 30}));
  EXPECT_EQ(edge.coord("name")->labels, (std::vector<std::string>{"a", "a", "a", "b", "c", "c"}));
  EXPECT_EQ(index_values(pad(named_line(), "x", 1, 0, PadMode::wrap), "x").front(), 30);
}

TEST(LabelledPad, ConstantCellsHaveNoLabels) {
  const DataArray padded = pad(named_line(), "x", 1, 0, PadMode::constant);
  EXPECT_TRUE(std::isnan(index_values(padded, "x").front()));
  EXPECT_EQ(padded.coord("name"), nullptr);
}

TEST(LabelledIsel, TakesTextLabelsAlong) {
  const DataArray turned = isel(named_line(), "x", Slice{{}, {}, -2});
  EXPECT_EQ(turned.coord("name")->labels, (std::vector<std::string>{"c", "a"}));
}

}  // namespace
}  // namespace rastream
