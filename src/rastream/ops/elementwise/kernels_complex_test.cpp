// SPDX-License-Identifier: Apache-2.0
// Operations on complex numbers, through the graph; expected cells printed by NumPy 2.4.
#include <gtest/gtest.h>

#include <cmath>
#include <complex>
#include <limits>

#include "rastream/ops/elementwise/functions.h"
#include "rastream/ops/sources/sources.h"
#include "tests/suites/errors.h"

namespace rastream {
namespace {

using C64 = std::complex<float>;
using C128 = std::complex<double>;

template <typename C>
Array array_of(const std::vector<C>& cells) {
  OwnedBlock block(Region::whole({static_cast<std::int64_t>(cells.size())}), dtype_of<C>);
  std::copy(cells.begin(), cells.end(), block.view().as<C>());
  return values(block, {"x"});
}

template <typename T>
std::vector<T> cells_of(const Array& array) {
  EXPECT_EQ(array.schema().dtype, dtype_of<T>);
  const OwnedBlock block = evaluate(array, array.schema().whole());
  const T* first = block.view().as<T>();
  return std::vector<T>(first, first + array.schema().n_cells());
}

TEST(Complex, HasItsPartsModulusAndPhase) {
  const Array z = array_of<C64>({{3, -4}, {0, 0}, {-1, 0}});
  EXPECT_EQ(cells_of<float>(real(z)), (std::vector<float>{3, 0, -1}));
  EXPECT_EQ(cells_of<float>(imag(z)), (std::vector<float>{-4, 0, 0}));
  EXPECT_EQ(cells_of<float>(absolute(z)), (std::vector<float>{5, 0, 1}));
  const auto phase = cells_of<float>(angle(z));
  EXPECT_FLOAT_EQ(phase[0], -0.92729521F);
  EXPECT_FLOAT_EQ(phase[2], 3.1415927F);
  EXPECT_EQ(cells_of<C64>(conj(z))[0], C64(3, 4));
}

TEST(Complex, ModulusDoesNotOverflow) {
  const Array z = array_of<C64>({{3e38F, 1e30F}, {INFINITY, NAN}});
  EXPECT_EQ(cells_of<float>(absolute(z)), (std::vector<float>{3e38F, INFINITY}));
}

TEST(Complex, IsAddedAndMultipliedWithRealArraysAndComplexOnesAlike) {
  const Array z = array_of<C64>({{1, 2}, {-3, 0.5F}});
  const Array two = values(std::vector<double>{2, 4}, "x", DType::float32);
  const Array wide = values(std::vector<double>{2, 4}, "x", DType::float64);
  EXPECT_EQ(cells_of<C64>(multiply(z, two)), (std::vector<C64>{{2, 4}, {-12, 2}}));
  EXPECT_EQ(cells_of<C128>(add(z, wide)), (std::vector<C128>{{3, 2}, {1, 0.5}}));
  EXPECT_EQ(cells_of<C64>(multiply(z, conj(z))), (std::vector<C64>{{5, 0}, {9.25F, 0}}));
  EXPECT_EQ(cells_of<C64>(subtract(negative(z), z)), (std::vector<C64>{{-2, -4}, {6, -1}}));
  EXPECT_EQ(cells_of<bool>(equal(z, z)), (std::vector<bool>{true, true}));
  EXPECT_EQ(cells_of<bool>(not_equal(z, two)), (std::vector<bool>{true, true}));
}

TEST(Complex, NanInEitherPartIsNan) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const Array z = array_of<C128>({{nan, 0}, {0, nan}, {1, INFINITY}, {1, 2}});
  EXPECT_EQ(cells_of<bool>(isnan(z)), (std::vector<bool>{true, true, false, false}));
  EXPECT_EQ(cells_of<bool>(isfinite(z)), (std::vector<bool>{false, false, false, true}));
  EXPECT_EQ(cells_of<bool>(isinf(z)), (std::vector<bool>{false, false, true, false}));
}

TEST(Complex, RealNumbersHaveTheSameFunctions) {
  const Array x = values(std::vector<double>{-2, 3}, "x", DType::int16);
  EXPECT_EQ(cells_of<std::int16_t>(real(x)), (std::vector<std::int16_t>{-2, 3}));
  EXPECT_EQ(cells_of<std::int16_t>(imag(x)), (std::vector<std::int16_t>{0, 0}));
  EXPECT_EQ(cells_of<std::int16_t>(conj(x)), (std::vector<std::int16_t>{-2, 3}));
  EXPECT_FLOAT_EQ(cells_of<float>(angle(x))[0], 3.1415927F);
}

TEST(Complex, WhatHasNoMeaningIsRefusedByName) {
  const Array z = array_of<C64>({{1, 2}});
  for (const auto& refused : {&sqrt, &floor, &sign}) {
    const Error e = error_of([&] { refused(z); });
    EXPECT_EQ(e.code(), Errc::invalid_argument);
    EXPECT_NE(e.message().find("not defined on complex64"), std::string::npos) << e.message();
  }
  EXPECT_EQ(error_of([&] { less(z, z); }).code(), Errc::invalid_argument);
  EXPECT_EQ(error_of([&] { astype(z, DType::float32); }).code(), Errc::unsupported);
}

}  // namespace
}  // namespace rastream
