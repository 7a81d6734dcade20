// SPDX-License-Identifier: Apache-2.0
// Known cells, from Xarray.
#include "rastream/ops/windows/windows.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "rastream/base/error.h"
#include "rastream/ops/elementwise/functions.h"
#include "rastream/ops/sources/sources.h"
#include "tests/suites/cells_of.h"

namespace rastream {
namespace {

Array series() { return values({1, kNan, 3, 4, kNan, kNan, kNan, 2}, "t"); }

/// 7 y + x with three holes.
Array grid() {
  Cells cells;
  for (int i = 0; i < 35; ++i)
    cells.push_back(i == 1 || i == 16 || i == 17 || i == 23 || i == 24 ? kNan : i);
  return values(cells, {"y", "x"}, {5, 7});
}

TEST(Rolling, NeedsMinPeriodsCellsThatAreNotNan) {
  EXPECT_EQ(cells_of(rolling_sum(series(), "t", 3)),
            (Cells{-99, -99, -99, -99, -99, -99, -99, -99}));
  EXPECT_EQ(cells_of(rolling_sum(series(), "t", 3, 2)), (Cells{-99, -99, 4, 7, 7, -99, -99, -99}));
  EXPECT_EQ(cells_of(rolling_sum(series(), "t", 3, 1)), (Cells{1, 1, 4, 7, 7, 4, -99, 2}));
  EXPECT_EQ(cells_of(rolling_mean(series(), "t", 3, 1)), (Cells{1, 1, 2, 3.5, 3.5, 4, -99, 2}));
  EXPECT_EQ(cells_of(rolling_min(series(), "t", 3, 1)), (Cells{1, 1, 1, 3, 3, 4, -99, 2}));
}

TEST(Rolling, MakesFloatsOfIntegersAndKeepsFloat32) {
  const Array a = values({3, 1, 2, 5}, "t", DType::int32);
  EXPECT_EQ(rolling_sum(a, "t", 2).schema().dtype, DType::float64);
  EXPECT_EQ(cells_of(rolling_sum(a, "t", 2)), (Cells{-99, 4, 3, 7}));
  EXPECT_EQ(cells_of(rolling_max(a, "t", 2)), (Cells{-99, 3, 2, 5}));
  EXPECT_EQ(cells_of(rolling_sum(a, "t", 9)), (Cells{-99, -99, -99, -99}));
  EXPECT_EQ(rolling_sum(values({1}, "t", DType::float32), "t", 1).schema().dtype, DType::float32);
  EXPECT_THROW(rolling_sum(a, "t", 0), Error);
  EXPECT_THROW(rolling_sum(a, "t", 2, 3), Error);
  EXPECT_THROW(rolling_sum(a, "x", 2), Error);
}

TEST(Rolling, DemandsItsLookBackOnly) {
  const Array a = rolling_sum(full({"t", "x"}, {300, 9}, 0), "t", 8);
  EXPECT_EQ(to_string(a.node().op->demand({{3, 0}, {5, 9}}, 0)), "[0:5, 0:9]");
  EXPECT_EQ(to_string(a.node().op->demand({{100, 2}, {101, 4}}, 0)), "[93:101, 2:4]");
  EXPECT_FALSE(a.node().op->is_pointwise("t"));
  EXPECT_TRUE(a.node().op->is_pointwise("x"));
}

TEST(Coarsen, LeavesOutNanAndTheRest) {
  const Array a = grid();
  EXPECT_EQ(cells_of(coarsen_mean(a, {"y", "x"}, {2, 2})), (Cells{5, 6, 8, 18, -99, 22}));
  EXPECT_EQ(cells_of(coarsen_sum(a, {"x"}, {7}, false)), (Cells{-99, 70, -99, -99, 217}));
  EXPECT_EQ(cells_of(coarsen_mean(series(), {"t"}, {2})), (Cells{1, 3.5, -99, 2}));
  EXPECT_EQ(cells_of(coarsen_sum(series(), {"t"}, {2})), (Cells{1, 7, 0, 2}));
  EXPECT_EQ(cells_of(coarsen_min(series(), {"t"}, {3})), (Cells{1, 4}));
  EXPECT_THROW(coarsen_mean(a, {"x"}, {0}), Error);
  EXPECT_THROW(coarsen_mean(a, {"x"}, {2, 2}), Error);
  EXPECT_THROW(coarsen_mean(a, {"x", "x"}, {2, 2}), Error);
}

TEST(Coarsen, DtypesAreThoseOfTheReductions) {
  const Array a = values({3, 1, 2, 5}, "t", DType::int32);
  EXPECT_EQ(coarsen_min(a, {"t"}, {2}).schema().dtype, DType::int32);
  EXPECT_EQ(coarsen_sum(a, {"t"}, {2}).schema().dtype, DType::int64);
  EXPECT_EQ(coarsen_mean(a, {"t"}, {2}).schema().dtype, DType::float64);
  EXPECT_EQ(cells_of(coarsen_mean(a, {"t"}, {2})), (Cells{2, 3.5}));
  EXPECT_EQ(cells_of(coarsen_max(a, {"t"}, {3})), (Cells{3}));
}

TEST(Coarsen, ChunksAreTheInputsInBoxes) {
  const Array a = coarsen_mean(full({"x"}, {21}, 0, DType::float64, {8}), {"x"}, {4});
  EXPECT_EQ(a.schema().chunks, ChunkGrid({Cuts::explicit_edges({0, 2, 4, 5})}));
}

TEST(Diff, SubtractsTheCellBefore) {
  EXPECT_EQ(cells_of(diff(values({1, 4, 9}, "t"), "t")), (Cells{3, 5}));
  EXPECT_EQ(cells_of(diff(values({3, 1}, "t", DType::uint8), "t")), (Cells{254}));
  EXPECT_EQ(cells_of(diff(values({3}, "t"), "t")), (Cells{}));
  EXPECT_THROW(diff(values({1}, "t", DType::bool_), "t"), Error);
}

TEST(Rolling, LargeIntegersDoNotWrapAround) {
  const double most = 0x1p62;
  const Array a = multiply(values({1, 1, 1}, "t", DType::int64), std::int64_t{1} << 62);
  EXPECT_EQ(cells_of(rolling_sum(a, "t", 3, 2)), (Cells{-99, 2 * most, 3 * most}));
  EXPECT_EQ(cells_of(rolling_mean(a, "t", 3)), (Cells{-99, -99, most}));
  EXPECT_EQ(cells_of(coarsen_mean(a, {"t"}, {3})), (Cells{most}));
}

}  // namespace
}  // namespace rastream
