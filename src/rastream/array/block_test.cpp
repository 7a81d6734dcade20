// SPDX-License-Identifier: Apache-2.0
// Views of cells: places, strides, copies between any strides and dtypes, and conversions at the
// edges of dtypes.
#include "rastream/array/block.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "rastream/array/chunk_grid.h"
#include "rastream/base/error.h"

namespace rastream {
namespace {

/// A dense block whose cells tell where they are.
OwnedBlock numbered(const Region& region, DType dtype) {
  OwnedBlock block(region, dtype);
  for_each_index(region, [&](const Extents& i) {
    double number = 0;
    for (const std::int64_t k : i) number = number * 10 + static_cast<double>(k);
    Region cell{i, i};
    for (std::int64_t& end : cell.end) ++end;
    fill_cells(block.view().sub(cell), number);
  });
  return block;
}

template <typename To>
To converted(double value, DType from = DType::float64) {
  const Region one({0}, {1});
  OwnedBlock source(one, from);
  OwnedBlock target(one, dtype_of<To>);
  fill_cells(source.view(), value);
  copy_cells(source.view(), target.view());
  return *target.view().as<To>();
}

TEST(Block, CellsAreFoundByTheirIndexInTheArray) {
  const OwnedBlock block = numbered(Region({2, 4}, {5, 7}), DType::int32);
  EXPECT_EQ(cell_as_double(block.view(), {2, 4}), 24);
  EXPECT_EQ(cell_as_double(block.view(), {4, 6}), 46);
  EXPECT_EQ(block.view().data, block.view().at({2, 4}));
}

TEST(Block, APartSeesTheSameCells) {
  const OwnedBlock block = numbered(Region({2, 4}, {5, 7}), DType::int32);
  const Block part = block.view().sub(Region({3, 5}, {5, 6}));
  EXPECT_EQ(part.n_cells(), 2);
  EXPECT_FALSE(part.is_c_contiguous());
  EXPECT_EQ(cell_as_double(part, {4, 5}), 45);
}

TEST(Block, OfNoDimensionsIsOneCell) {
  OwnedBlock one(Region(), DType::float32);
  fill_cells(one.view(), 2.5);
  EXPECT_EQ(cell_as_double(one.view(), {}), 2.5);
  EXPECT_TRUE(one.view().is_c_contiguous());
}

TEST(Block, StridesOfANamedButAbsentArrayDoNotOverflow) {
  const std::int64_t large = std::int64_t{1} << 40;
  EXPECT_EQ(c_strides({large, large}, 8), (Extents{8 * large, 8}));
}

TEST(CopyCells, TakesThePartThatIsAskedForInAnyStrides) {
  const OwnedBlock from = numbered(Region({0, 0, 0}, {4, 5, 6}), DType::int16);
  const Region part({1, 2, 1}, {3, 5, 5});
  // Transposed, with gaps between the cells.
  std::vector<double> memory(500, -1);
  const Block to{part, DType::float64, reinterpret_cast<std::byte*>(memory.data()), {16, 800, 40}};
  copy_cells(from.view(), to);
  std::int64_t n_touched = 0;
  for (const double v : memory) n_touched += v != -1;
  EXPECT_EQ(n_touched, part.n_cells());
  for_each_index(part, [&](const Extents& i) {
    EXPECT_EQ(cell_as_double(to, i), cell_as_double(from.view(), i));
  });
}

TEST(CopyCells, OfAnEmptyRegionTouchNothing) {
  const OwnedBlock from = numbered(Region({0, 0}, {2, 2}), DType::int16);
  std::int16_t cell = 7;
  copy_cells(from.view(), dense_block(Region({1, 0}, {1, 2}), DType::int16,
                                      reinterpret_cast<std::byte*>(&cell)));
  EXPECT_EQ(cell, 7);
}

TEST(CopyCells, RepeatACellWhoseStrideIsZero) {
  double value = 4;
  const Region region({0, 0}, {2, 3});
  const Block repeated{region, DType::float64, reinterpret_cast<std::byte*>(&value), {0, 0}};
  OwnedBlock to(region, DType::uint8);
  copy_cells(repeated, to.view());
  for (int i = 0; i < 6; ++i) EXPECT_EQ(to.view().as<std::uint8_t>()[i], 4);
}

TEST(CopyCells, KeepTheBitsOfNaNsAndMinusZeroInOneDtype) {
  const std::uint64_t bits[] = {0x7FF8000000000123, 0x8000000000000000, 0xFFF0000000000001};
  std::uint64_t copy[3] = {};
  const Region region({0}, {3});
  const auto block = [&](const std::uint64_t* p) {
    return dense_block(region, DType::float64,
                       reinterpret_cast<std::byte*>(const_cast<std::uint64_t*>(p)));
  };
  copy_cells(block(bits), block(copy));
  for (int i = 0; i < 3; ++i) EXPECT_EQ(copy[i], bits[i]);
}

TEST(CopyCells, TowardsIntegersCutTheFractionOff) {
  EXPECT_EQ(converted<std::int8_t>(3.9), 3);
  EXPECT_EQ(converted<std::int8_t>(-3.9), -3);
  EXPECT_EQ(converted<std::uint8_t>(-0.5), 0);
}

TEST(CopyCells, WhatAnIntegerCannotHoldBecomesZero) {
  for (const double v :
       {std::nan(""), std::numeric_limits<double>::infinity(), 1e300, -1e300, 128.0, -129.0}) {
    EXPECT_EQ(converted<std::int8_t>(v), 0) << v;
  }
  EXPECT_EQ(converted<std::int8_t>(127), 127);
  EXPECT_EQ(converted<std::int8_t>(-128), -128);
  EXPECT_EQ(converted<std::uint64_t>(18446744073709551616.0), 0u);
  EXPECT_EQ(converted<std::uint64_t>(18446744073709549568.0), 18446744073709549568u);
  EXPECT_EQ(converted<std::int64_t>(9223372036854775808.0), 0);
  EXPECT_EQ(converted<std::int64_t>(-9223372036854775808.0),
            std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(converted<std::int32_t>(2147483648.0, DType::float32), 0);
}

TEST(CopyCells, TowardsBoolAskWhetherTheCellIsZero) {
  EXPECT_FALSE(converted<bool>(0));
  EXPECT_FALSE(converted<bool>(-0.0));
  EXPECT_TRUE(converted<bool>(0.25));
  EXPECT_TRUE(converted<bool>(std::nan("")));
  EXPECT_TRUE(converted<bool>(-1, DType::int16));
}

TEST(CopyCells, BetweenAllPairsOfDtypesKeepSmallNumbers) {
  for (int from = 0; from < static_cast<int>(DType::string); ++from) {
    for (int to = 0; to < static_cast<int>(DType::string); ++to) {
      OwnedBlock source(Region({0}, {5}), static_cast<DType>(from));
      OwnedBlock target(Region({0}, {5}), static_cast<DType>(to));
      fill_cells(source.view(), 1);
      copy_cells(source.view(), target.view());
      EXPECT_EQ(cell_as_double(target.view(), {4}), 1);
    }
  }
}

TEST(CopyCells, OfTextAreRefused) {
  OwnedBlock text(Region({0}, {1}), DType::string);
  OwnedBlock number(Region({0}, {1}), DType::int8);
  EXPECT_THROW(copy_cells(text.view(), number.view()), Error);
  EXPECT_THROW(fill_cells(text.view(), 0), Error);
}

}  // namespace
}  // namespace rastream
