// SPDX-License-Identifier: Apache-2.0
// Known cells, from NumPy 2 and Xarray.
#include "rastream/ops/views/views.h"

#include <gtest/gtest.h>

#include "rastream/base/error.h"
#include "rastream/ops/sources/sources.h"
#include "tests/suites/cells_of.h"

namespace rastream {
namespace {

Array line() { return arange("x", 0, 1, 6); }

/// 10 y + x.
Array grid() { return values({0, 1, 2, 10, 11, 12}, {"y", "x"}, {2, 3}); }

TEST(Isel, SlicesAsPythonDoes) {
  EXPECT_EQ(cells_of(isel(line(), "x", {1, 4, 1})), (Cells{1, 2, 3}));
  EXPECT_EQ(cells_of(isel(line(), "x", {{}, {}, -1})), (Cells{5, 4, 3, 2, 1, 0}));
  EXPECT_EQ(cells_of(isel(line(), "x", {-2, {}, -2})), (Cells{4, 2, 0}));
  EXPECT_EQ(cells_of(isel(line(), "x", {-3, 100, 2})), (Cells{3, 5}));
  EXPECT_EQ(cells_of(isel(line(), "x", {4, 1, 1})), (Cells{}));
  EXPECT_EQ(cells_of(isel(line(), "x", {100, -100, -4})), (Cells{5, 1}));
}

TEST(Isel, AnIndexDropsItsDimension) {
  const Array row = isel(grid(), "y", -1);
  EXPECT_EQ(row.schema().dims, (std::vector<std::string>{"x"}));
  EXPECT_EQ(cells_of(row), (Cells{10, 11, 12}));
  EXPECT_EQ(cells_of(isel(row, "x", 1)), (Cells{11}));
  EXPECT_THROW(isel(grid(), "y", 2), Error);
  EXPECT_THROW(isel(grid(), "z", 0), Error);
  EXPECT_THROW(isel(line(), "x", {0, 3, 0}), Error);
}

TEST(Isel, ChunksFollowTheInputs) {
  const Array a = full({"x"}, {10}, 0, DType::float64, {4});
  EXPECT_EQ(isel(a, "x", {3, 9, 1}).schema().chunks,
            ChunkGrid({Cuts::explicit_edges({0, 1, 5, 6})}));
  EXPECT_EQ(isel(a, "x", {{}, {}, 3}).schema().chunks,
            ChunkGrid({Cuts::explicit_edges({0, 2, 3, 4})}));
  EXPECT_EQ(isel(a, "x", {{}, {}, -1}).schema().chunks,
            ChunkGrid({Cuts::explicit_edges({0, 2, 6, 10})}));
  EXPECT_EQ(concat({a, a}, "x").schema().chunks,
            ChunkGrid({Cuts::explicit_edges({0, 4, 8, 10, 14, 18, 20})}));
  EXPECT_EQ(pad(a, "x", 2, 0, PadMode::edge).schema().chunks,
            ChunkGrid({Cuts::explicit_edges({0, 6, 10, 12})}));
}

TEST(Take, PicksAnyCellsAndRefusesThoseOutside) {
  EXPECT_EQ(cells_of(take(line(), "x", {5, -6, 2, 2})), (Cells{5, 0, 2, 2}));
  EXPECT_EQ(cells_of(take(grid(), "x", {2, 0})), (Cells{2, 0, 12, 10}));
  EXPECT_THROW(take(line(), "x", {6}), Error);
  EXPECT_THROW(take(line(), "x", {-7}), Error);
}

TEST(Pad, ModesAreNumPys) {
  const Array a = values({1, 2, 3}, "x");
  EXPECT_EQ(cells_of(pad(a, "x", 2, 1, PadMode::edge)), (Cells{1, 1, 1, 2, 3, 3}));
  EXPECT_EQ(cells_of(pad(a, "x", 5, 4, PadMode::reflect)),
            (Cells{2, 1, 2, 3, 2, 1, 2, 3, 2, 1, 2, 3}));
  EXPECT_EQ(cells_of(pad(a, "x", 4, 4, PadMode::symmetric)),
            (Cells{3, 3, 2, 1, 1, 2, 3, 3, 2, 1, 1}));
  EXPECT_EQ(cells_of(pad(a, "x", 4, 2, PadMode::wrap)), (Cells{3, 1, 2, 3, 1, 2, 3, 1, 2}));
  EXPECT_EQ(cells_of(pad(a, "x", 1, 1, PadMode::constant, 7)), (Cells{7, 1, 2, 3, 7}));
  EXPECT_EQ(cells_of(pad(a, "x", 1, 0, PadMode::constant)), (Cells{-99, 1, 2, 3}));
  EXPECT_THROW(pad(a, "x", -1, 0, PadMode::edge), Error);
  EXPECT_THROW(pad(a, "x", std::int64_t{1} << 30, 0, PadMode::reflect), Error);
}

TEST(Pad, MissingValuesLiftIntegersAsXarrayDoes) {
  const auto padded = [](DType d, double value) {
    return pad(full({"x"}, {2}, 1, d), "x", 1, 0, PadMode::constant, value).schema().dtype;
  };
  EXPECT_EQ(padded(DType::int16, kNan), DType::float32);
  EXPECT_EQ(padded(DType::int32, kNan), DType::float64);
  EXPECT_EQ(padded(DType::float32, kNan), DType::float32);
  EXPECT_EQ(padded(DType::int32, 0), DType::int32);
}

TEST(Pad, EdgeDemandsOnlyTheEdgeForThePadding) {
  const Array padded = pad(full({"time", "x"}, {300, 9}, 0), "time", 7, 0, PadMode::edge);
  const auto demand = [&](std::int64_t begin, std::int64_t end) {
    return to_string(padded.node().op->demand({{begin, 0}, {end, 9}}, 0));
  };
  EXPECT_EQ(demand(0, 7), "[0:1, 0:9]");
  EXPECT_EQ(demand(5, 10), "[0:3, 0:9]");
  EXPECT_EQ(demand(300, 307), "[293:300, 0:9]");
}

TEST(Shift, MovesCellsAndFillsWhatGetsFree) {
  const Array a = values({1, 2, 3}, "x");
  EXPECT_EQ(cells_of(shift(a, "x", 1)), (Cells{-99, 1, 2}));
  EXPECT_EQ(cells_of(shift(a, "x", -2, 0)), (Cells{3, 0, 0}));
  EXPECT_EQ(cells_of(shift(a, "x", 99)), (Cells{-99, -99, -99}));
  EXPECT_EQ(cells_of(roll(a, "x", 1)), (Cells{3, 1, 2}));
  EXPECT_EQ(cells_of(roll(a, "x", -4)), (Cells{2, 3, 1}));
}

TEST(Concat, PromotesAndAsksEachInputForItsOwnPartOnly) {
  const Array a =
      concat({values({1, 2}, "x", DType::int16), values({2.5}, "x", DType::float32)}, "x");
  EXPECT_EQ(a.schema().dtype, DType::float32);
  EXPECT_EQ(cells_of(a), (Cells{1, 2, 2.5}));
  EXPECT_TRUE(a.node().op->demand({{0}, {2}}, 1).is_empty());
  EXPECT_EQ(to_string(a.node().op->demand({{1}, {3}}, 1)), "[0:1]");
  EXPECT_EQ(concat({values({1}, "x", DType::uint16), values({1}, "x", DType::int8), a}, "x")
                .schema()
                .dtype,
            DType::float32);
  EXPECT_THROW(concat({line(), grid()}, "x"), Error);
  EXPECT_THROW(concat({}, "x"), Error);
}

TEST(Dims, AreAddedReorderedRepeatedAndRenamed) {
  EXPECT_EQ(to_string(expand_dims(grid(), "band", -1).schema().shape), "(2, 3, 1)");
  EXPECT_EQ(cells_of(transpose(grid(), {"x", "y"})), (Cells{0, 10, 1, 11, 2, 12}));
  EXPECT_EQ(cells_of(broadcast_to(values({1, 2}, "y"), {"x", "y"}, {2, 2})), (Cells{1, 2, 1, 2}));
  const Array like = broadcast_like(values({1, 2}, "z"), grid());
  EXPECT_EQ(like.schema().dims, (std::vector<std::string>{"y", "x", "z"}));
  EXPECT_EQ(rename_dims(grid(), {"x"}, {"lon"}).schema().dims,
            (std::vector<std::string>{"y", "lon"}));
  EXPECT_THROW(transpose(grid(), {"x", "x"}), Error);
  EXPECT_THROW(broadcast_to(grid(), {"y", "x"}, {4, 3}), Error);
  EXPECT_THROW(broadcast_to(grid(), {"y"}, {2}), Error);
  EXPECT_THROW(rename_dims(grid(), {"x"}, {"y"}), Error);
  EXPECT_THROW(expand_dims(grid(), "x"), Error);
}

TEST(Rechunk, ChangesTheChunksAndNothingElse) {
  const Array a = rechunk(grid(), {"x"}, {2});
  EXPECT_EQ(a.schema().chunks, ChunkGrid::regular({2, 3}, {2, 2}));
  EXPECT_EQ(a.node().op->kind(), Kind::global);
  EXPECT_EQ(cells_of(a), cells_of(grid()));
  EXPECT_THROW(rechunk(grid(), {"x"}, {0}), Error);
}

TEST(Kinds, OnlyViewsThatWalkBackwardsAreGlobal) {
  const auto kind = [](const Array& a) { return a.node().op->kind(); };
  EXPECT_EQ(kind(isel(line(), "x", {1, {}, 2})), Kind::local);
  EXPECT_EQ(kind(isel(line(), "x", {{}, {}, -1})), Kind::global);
  EXPECT_EQ(kind(take(line(), "x", {0, 0, 3, 5})), Kind::local);
  EXPECT_EQ(kind(take(line(), "x", {3, 1})), Kind::global);
  EXPECT_EQ(kind(pad(line(), "x", 7, 7, PadMode::edge)), Kind::local);
  EXPECT_EQ(kind(pad(line(), "x", 1, 0, PadMode::wrap)), Kind::global);
  EXPECT_EQ(kind(concat({line(), line()}, "x")), Kind::local);
}

}  // namespace
}  // namespace rastream
