// SPDX-License-Identifier: Apache-2.0
// Known cells, from NumPy 2 and Xarray.
#include "rastream/ops/folds/folds.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "rastream/base/error.h"
#include "rastream/ops/elementwise/functions.h"
#include "rastream/ops/sources/sources.h"
#include "rastream/ops/views/views.h"
#include "tests/suites/cells_of.h"

namespace rastream {
namespace {

Array grid() { return values({1, kNan, 3, 4, 5, kNan}, {"y", "x"}, {2, 3}); }
Array integers(DType dtype) { return values({3, 1, 200, 7}, {"y", "x"}, {2, 2}, dtype); }
Array series() { return values({kNan, kNan, 2, 7, 7, kNan}, "t"); }

TEST(Sum, SkipsNanUnlessToldNotTo) {
  EXPECT_EQ(cells_of(sum(grid(), {"x"})), (Cells{4, 9}));
  EXPECT_EQ(cells_of(sum(grid(), {"y"})), (Cells{5, 5, 3}));
  EXPECT_EQ(cells_of(sum(grid(), {"y", "x"})), (Cells{13}));
  EXPECT_EQ(cells_of(sum(grid(), {"y"}, false)), (Cells{5, -99, -99}));
  EXPECT_EQ(cells_of(sum(values({kNan}, "x"), {"x"})), (Cells{0}));
  EXPECT_EQ(cells_of(prod(grid(), {"x", "y"})), (Cells{60}));
}

TEST(Sum, WidensIntegersAndKeepsFloat32) {
  EXPECT_EQ(sum(integers(DType::bool_), {"x"}).schema().dtype, DType::int64);
  EXPECT_EQ(sum(integers(DType::int16), {"x"}).schema().dtype, DType::int64);
  EXPECT_EQ(sum(integers(DType::uint8), {"x"}).schema().dtype, DType::uint64);
  EXPECT_EQ(sum(integers(DType::float32), {"x", "y"}).schema().dtype, DType::float32);
  EXPECT_EQ(cells_of(sum(integers(DType::uint8), {"y", "x"})), (Cells{211}));
  EXPECT_EQ(cells_of(cumsum(integers(DType::uint8), "y")), (Cells{3, 1, 203, 8}));
}

TEST(Sum, AddsFloat32InFloat64) {
  const Array a = values({1e8, 1, -1e8, 1}, "x", DType::float32);
  EXPECT_EQ(cells_of(sum(a, {"x"})), (Cells{2}));
  EXPECT_EQ(cells_of(sum(expand_dims(a, "y"), {"x", "y"})), (Cells{2}));
  EXPECT_EQ(cells_of(cumsum(a, "x")), (Cells{1e8, 1e8, 1, 2}));
}

TEST(Sum, OverNoCellsIsItsNeutralElement) {
  const Array none = isel(grid(), "x", {0, 0, 1});
  EXPECT_EQ(cells_of(sum(none, {"x"})), (Cells{0, 0}));
  EXPECT_EQ(cells_of(prod(none, {"x"})), (Cells{1, 1}));
  EXPECT_EQ(cells_of(mean(none, {"x"})), (Cells{-99, -99}));
  EXPECT_EQ(cells_of(any(none, {"x"})), (Cells{0, 0}));
  EXPECT_EQ(cells_of(all(none, {"x"})), (Cells{1, 1}));
  EXPECT_THROW(rastream::min(none, {"x"}), Error);
  EXPECT_THROW(argmax(none, "x"), Error);
}

TEST(Mean, OverSeveralDimensionsWeighsEachCellAlike) {
  EXPECT_EQ(cells_of(mean(grid(), {"x"})), (Cells{2, 4.5}));
  EXPECT_EQ(cells_of(mean(grid(), {"y", "x"})), (Cells{3.25}));
  EXPECT_EQ(cells_of(mean(grid(), {"y", "x"}, false)), (Cells{-99}));
  EXPECT_EQ(cells_of(mean(integers(DType::int16), {"x", "y"})), (Cells{52.75}));
  EXPECT_EQ(mean(integers(DType::int16), {"x"}).schema().dtype, DType::float64);
  EXPECT_EQ(mean(integers(DType::float32), {"x", "y"}).schema().dtype, DType::float32);
  EXPECT_EQ(cells_of(count(grid(), {"x", "y"})), (Cells{4}));
}

TEST(Extremes, AreNanOnlyWhereTheyMustBe) {
  EXPECT_EQ(cells_of(rastream::min(grid(), {"y", "x"})), (Cells{1}));
  EXPECT_EQ(cells_of(rastream::max(grid(), {"y"})), (Cells{4, 5, 3}));
  EXPECT_EQ(cells_of(rastream::max(grid(), {"x"}, false)), (Cells{-99, -99}));
  EXPECT_EQ(cells_of(rastream::max(values({kNan, kNan}, "x"), {"x"})), (Cells{-99}));
  const double infinity = std::numeric_limits<double>::infinity();
  EXPECT_EQ(cells_of(rastream::max(values({-infinity, -infinity}, "x"), {"x"})),
            (Cells{-infinity}));
}

TEST(Truth, NanIsTrueAndSettledCellsAreFinal) {
  EXPECT_EQ(cells_of(any(series(), {"t"})), (Cells{1}));
  EXPECT_EQ(cells_of(all(series(), {"t"})), (Cells{1}));
  const Array hits = values({0, 1, 0, 0, 0, 1}, {"t", "x"}, {3, 2}, DType::bool_);
  EXPECT_EQ(cells_of(any(hits, {"t"})), (Cells{0, 1}));
  EXPECT_EQ(cells_of(all(hits, {"t", "x"})), (Cells{0}));
  EXPECT_EQ(cells_of(argmax(hits, "t")), (Cells{0, 0}));
  EXPECT_EQ(cells_of(argmin(hits, "t")), (Cells{0, 1}));
}

TEST(Truth, AWalkMayStopOnceEveryCellIsFound) {
  const Array hits = values({0, 1, 1, 0, 0, 1}, {"t", "x"}, {3, 2}, DType::bool_);
  const OwnedBlock cells = evaluate(hits, hits.schema().whole());
  for (const Array& a : {any(hits, {"t"}), argmax(hits, "t")}) {
    const auto& fold = dynamic_cast<const Fold&>(*a.node().op);
    const OwnedState state(fold, Region::whole({2}));
    fold.start(state.blocks());
    const std::vector<Block> first = {cells.view().sub({{0, 0}, {1, 2}})};
    fold.push(first, state.blocks(), nullptr);
    EXPECT_FALSE(fold.is_settled(state.blocks()));
    const std::vector<Block> second = {cells.view().sub({{1, 0}, {2, 2}})};
    fold.push(second, state.blocks(), nullptr);
    EXPECT_TRUE(fold.is_settled(state.blocks()));
  }
}

TEST(Argmax, IsTheFirstLargestCell) {
  EXPECT_EQ(cells_of(argmax(series(), "t")), (Cells{3}));
  EXPECT_EQ(cells_of(argmin(series(), "t")), (Cells{2}));
  EXPECT_EQ(cells_of(argmax(series(), "t", false)), (Cells{0}));
  EXPECT_EQ(cells_of(argmax(values({kNan, kNan}, "t"), "t")), (Cells{0}));
  EXPECT_EQ(cells_of(argmax(values({-128, -128, 5, 5}, "t", DType::int8), "t")), (Cells{2}));
}

TEST(FirstAndLast, SkipNan) {
  EXPECT_EQ(cells_of(first(series(), "t")), (Cells{2}));
  EXPECT_EQ(cells_of(last(series(), "t")), (Cells{7}));
  EXPECT_EQ(cells_of(first(series(), "t", false)), (Cells{-99}));
  EXPECT_EQ(cells_of(ffill(values({kNan, 1, kNan, kNan, 2}, "t"), "t")), (Cells{-99, 1, 1, 1, 2}));
}

TEST(Variance, IsNumPysUpToRounding) {
  EXPECT_EQ(cells_of(var(grid(), "x")), (Cells{1, 0.25}));
  EXPECT_EQ(cells_of(var(grid(), "x", 1)), (Cells{2, 0.5}));
  EXPECT_EQ(cells_of(std_(grid(), "y")), (Cells{1.5, 0, 0}));
  EXPECT_EQ(cells_of(var(grid(), "x", 0, false)), (Cells{-99, -99}));
  EXPECT_EQ(cells_of(var(values({5}, "x"), "x", 1)), (Cells{-99}));
  EXPECT_EQ(cells_of(var(integers(DType::int16), "x")), (Cells{1, 9312.25}));
}

TEST(Scans, CountNanAsNothing) {
  EXPECT_EQ(cells_of(cumsum(grid(), "x")), (Cells{1, 1, 4, 4, 9, 9}));
  EXPECT_EQ(cells_of(cumsum(grid(), "x", false)), (Cells{1, -99, -99, 4, 9, -99}));
  EXPECT_EQ(cells_of(cumprod(grid(), "x")), (Cells{1, 1, 3, 4, 20, 20}));
  EXPECT_EQ(cumsum(integers(DType::bool_), "x").schema().dtype, DType::int64);
}

TEST(Folds, RefuseDimensionsThatAreNotThere) {
  EXPECT_THROW(sum(grid(), {"z"}), Error);
  EXPECT_THROW(sum(grid(), {}), Error);
  EXPECT_THROW(sum(grid(), {"x", "x"}), Error);
  EXPECT_THROW(squeeze(grid(), "x"), Error);
}

TEST(Mean, OfLargeIntegersDoesNotWrapAround) {
  const Array a =
      multiply(values({1, 1, 1, 1}, {"y", "x"}, {2, 2}, DType::int64), std::int64_t{1} << 62);
  EXPECT_EQ(cells_of(mean(a, {"x"})), (Cells{0x1p62, 0x1p62}));
  EXPECT_EQ(cells_of(mean(a, {"y", "x"})), (Cells{0x1p62}));
}

}  // namespace
}  // namespace rastream
