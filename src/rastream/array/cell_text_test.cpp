// SPDX-License-Identifier: Apache-2.0
#include "rastream/array/cell_text.h"

#include <gtest/gtest.h>

#include <cmath>
#include <complex>

namespace rastream {
namespace {

template <typename T>
std::string text(T value, std::string_view missing = "nan") {
  return cell_text(dense_block(Region(), dtype_of<T>, reinterpret_cast<std::byte*>(&value)), {},
                   missing);
}

TEST(CellText, IsTheShortestThatReadsBackAsTheSameCell) {
  EXPECT_EQ(text(0.1F), "0.1");
  EXPECT_EQ(text(0.1), "0.1");
  EXPECT_EQ(text(static_cast<double>(0.1F)), "0.10000000149011612");
  EXPECT_EQ(text(std::int8_t{-3}), "-3");
  EXPECT_EQ(text(std::int64_t{9007199254740993}), "9007199254740993");
  EXPECT_EQ(text(std::complex<float>{1, -0.1F}), "1-0.1j");
  EXPECT_EQ(text(true), "true");
  EXPECT_EQ(text(std::nan(""), "--"), "--");
  EXPECT_EQ(text(-INFINITY, "--"), "-inf");
  EXPECT_EQ(text(std::complex<double>{std::nan(""), std::nan("")}, ""), "");
  EXPECT_EQ(text(std::complex<double>{std::nan(""), 1}, ""), "nan+1j");
}

}  // namespace
}  // namespace rastream
