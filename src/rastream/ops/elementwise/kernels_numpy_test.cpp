// SPDX-License-Identifier: Apache-2.0
// Kernels against values that NumPy 2.4 printed, at the places where languages disagree: signs of
// zero and remainder, division by zero, infinities, NaN, and wrapping integers.
#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <vector>

#include "rastream/ops/elementwise/call_kernel.h"

namespace rastream {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInf = std::numeric_limits<double>::infinity();

const std::vector<std::string> kBinary = {"floor_divide", "remainder", "power", "minimum",
                                          "maximum",      "arctan2",   "hypot"};
// x, y, then one column an operation.
const std::vector<std::vector<double>> kBinaryValues = {
    {7.0, 3.0, 2.0, 1.0, 343.0, 3.0, 7.0, 1.1659045405098132, 7.615773105863909},
    {-7.0, 3.0, -3.0, 2.0, -343.0, -7.0, 3.0, -1.1659045405098132, 7.615773105863909},
    {7.0, -3.0, -3.0, -2.0, 0.0029154518950437317, -3.0, 7.0, 1.97568811307998, 7.615773105863909},
    {-7.0, -3.0, 2.0, -1.0, -0.0029154518950437317, -7.0, -3.0, -1.97568811307998,
     7.615773105863909},
    {7.5, 2.0, 3.0, 1.5, 56.25, 2.0, 7.5, 1.3101939350475558, 7.762087348130012},
    {-7.5, 2.0, -4.0, 0.5, 56.25, -7.5, 2.0, -1.3101939350475558, 7.762087348130012},
    {1.0, 0.1, 9.0, 0.09999999999999995, 1.0, 0.1, 1.0, 1.4711276743037347, 1.004987562112089},
    {-1.0, 0.1, -10.0, 5.551115123125783e-17, kNan, -1.0, 0.1, -1.4711276743037347,
     1.004987562112089},
    {0.0, 3.0, 0.0, 0.0, 0.0, 0.0, 3.0, 0.0, 3.0},
    {-0.0, 3.0, -0.0, 0.0, -0.0, -0.0, 3.0, -0.0, 3.0},
    {0.0, -3.0, -0.0, -0.0, kInf, -3.0, 0.0, 3.141592653589793, 3.0},
    {5.0, 0.0, kInf, kNan, 1.0, 0.0, 5.0, 1.5707963267948966, 5.0},
    {-5.0, 0.0, -kInf, kNan, 1.0, -5.0, 0.0, -1.5707963267948966, 5.0},
    {5.0, -0.0, -kInf, kNan, 1.0, -0.0, 5.0, 1.5707963267948966, 5.0},
    {0.0, 0.0, kNan, kNan, 1.0, 0.0, 0.0, 0.0, 0.0},
    {1.0, kInf, 0.0, 1.0, 1.0, 1.0, kInf, 0.0, kInf},
    {-1.0, kInf, -1.0, kInf, 1.0, -1.0, kInf, -0.0, kInf},
    {1.0, -kInf, -1.0, -kInf, 1.0, -kInf, 1.0, 3.141592653589793, kInf},
    {kInf, 2.0, kNan, kNan, kInf, 2.0, kInf, 1.5707963267948966, kInf},
    {-kInf, 3.0, kNan, kNan, -kInf, -kInf, 3.0, -1.5707963267948966, kInf},
    {kInf, kInf, kNan, kNan, kInf, kInf, kInf, 0.7853981633974483, kInf},
    {kNan, 1.0, kNan, kNan, kNan, kNan, kNan, kNan, kNan},
    {1.0, kNan, kNan, kNan, 1.0, kNan, kNan, kNan, kNan},
    {kNan, kNan, kNan, kNan, kNan, kNan, kNan, kNan, kNan},
    {2.0, -1.0, -2.0, -0.0, 0.5, -1.0, 2.0, 2.0344439357957027, 2.23606797749979},
    {-8.0, 0.3333333333333333, -25.0, 0.33333333333333287, kNan, -8.0, 0.3333333333333333,
     -1.5291537476963082, 8.006941432976209},
    {1e+308, 10.0, 1e+307, 6.0, kInf, 10.0, 1e+308, 1.5707963267948966, 1e+308},
    {5e-324, 2.0, 0.0, 5e-324, 0.0, 5e-324, 2.0, 0.0, 2.0},
    {2.0, 0.5, 4.0, 0.0, 1.4142135623730951, 0.5, 2.0, 1.3258176636680326, 2.0615528128088303},
    {-2.0, 2.0, -1.0, 0.0, 4.0, -2.0, 2.0, -0.7853981633974483, 2.8284271247461903},
};

TEST(KernelsAndNumPy, AgreeOnTwoFloat64) {
  for (const auto& row : kBinaryValues) {
    for (std::size_t i = 0; i < kBinary.size(); ++i) {
      const Row<double> x{row[0]};
      const Row<double> y{row[1]};
      const double got =
          call_kernel<double>(find_kernels(kBinary[i], DType::float64), 1, 0, x, y)[0];
      EXPECT_LE(ulp_distance(got, row[2 + i]), 1) << kBinary[i] << "(" << row[0] << ", " << row[1]
                                                  << ") = " << got << ", NumPy " << row[2 + i];
    }
  }
}

const std::vector<std::string> kUnary = {"sign", "round", "floor", "ceil", "trunc", "sqrt",
                                         "log",  "exp",   "sin",   "tan",  "arcsin"};
const std::vector<std::vector<double>> kUnaryValues = {
    {0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, -kInf, 1.0, 0.0, 0.0, 0.0},
    {-0.0, 0.0, -0.0, -0.0, -0.0, -0.0, -0.0, -kInf, 1.0, -0.0, -0.0, -0.0},
    {0.5, 1.0, 0.0, 0.0, 1.0, 0.0, 0.7071067811865476, -0.6931471805599453, 1.6487212707001282,
     0.479425538604203, 0.5463024898437905, 0.5235987755982989},
    {-0.5, -1.0, -0.0, -1.0, -0.0, -0.0, kNan, kNan, 0.6065306597126334, -0.479425538604203,
     -0.5463024898437905, -0.5235987755982989},
    {1.5, 1.0, 2.0, 1.0, 2.0, 1.0, 1.224744871391589, 0.4054651081081644, 4.4816890703380645,
     0.9974949866040544, 14.101419947171719, kNan},
    {2.5, 1.0, 2.0, 2.0, 3.0, 2.0, 1.5811388300841898, 0.9162907318741551, 12.182493960703473,
     0.5984721441039565, -0.7470222972386603, kNan},
    {-2.5, -1.0, -2.0, -3.0, -2.0, -2.0, kNan, kNan, 0.0820849986238988, -0.5984721441039565,
     0.7470222972386603, kNan},
    {1e+300, 1.0, 1e+300, 1e+300, 1e+300, 1e+300, 1e+150, 690.7755278982137, kInf,
     -0.8178819121159085, 1.4214488238747245, kNan},
    {-1.0, -1.0, -1.0, -1.0, -1.0, -1.0, kNan, kNan, 0.36787944117144233, -0.8414709848078965,
     -1.5574077246549023, -1.5707963267948966},
    {kInf, 1.0, kInf, kInf, kInf, kInf, kInf, kInf, kInf, kNan, kNan, kNan},
    {-kInf, -1.0, -kInf, -kInf, -kInf, -kInf, kNan, kNan, 0.0, kNan, kNan, kNan},
    {kNan, kNan, kNan, kNan, kNan, kNan, kNan, kNan, kNan, kNan, kNan, kNan},
    {5e-324, 1.0, 0.0, 0.0, 1.0, 0.0, 2.2227587494850775e-162, -744.4400719213812, 1.0, 5e-324,
     5e-324, 5e-324},
};

TEST(KernelsAndNumPy, AgreeOnOneFloat64) {
  for (const auto& row : kUnaryValues) {
    for (std::size_t i = 0; i < kUnary.size(); ++i) {
      const Row<double> x{row[0]};
      const double got = call_kernel<double>(find_kernels(kUnary[i], DType::float64), 1, 0, x)[0];
      EXPECT_LE(ulp_distance(got, row[1 + i]), 2)
          << kUnary[i] << "(" << row[0] << ") = " << got << ", NumPy " << row[1 + i];
    }
  }
}

constexpr std::int64_t kMin64 = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kNone = 0x5eed;  // NumPy raises an error
const std::vector<std::string> kInteger = {"add",          "subtract",  "multiply",
                                           "floor_divide", "remainder", "power"};

template <typename T>
void expect_integers(const std::vector<std::vector<std::int64_t>>& rows) {
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < kInteger.size(); ++i) {
      if (row[2 + i] == kNone) continue;
      const Row<T> x{static_cast<T>(row[0])};
      const Row<T> y{static_cast<T>(row[1])};
      EXPECT_EQ(call_kernel<T>(find_kernels(kInteger[i], dtype_of<T>), 1, 0, x, y)[0],
                static_cast<T>(row[2 + i]))
          << kInteger[i] << "(" << row[0] << ", " << row[1] << ") of " << to_string(dtype_of<T>);
    }
  }
}

TEST(KernelsAndNumPy, AgreeOnIntegersThatWrap) {
  expect_integers<std::int8_t>({
      {7, 2, 9, 5, 14, 3, 1, 49},
      {-7, 2, -5, -9, -14, -4, 1, 49},
      {7, -2, 5, 9, -14, -4, -1, kNone},
      {-128, -1, 127, -127, -128, -128, 0, kNone},
      {5, 0, 5, 5, 0, 0, 0, 1},
      {127, 1, -128, 126, 127, 127, 0, 127},
      {3, 5, 8, -2, 15, 0, 3, -13},
      {-2, 7, 5, -9, -14, -1, 5, -128},
  });
  expect_integers<std::uint8_t>({
      {7, 2, 9, 5, 14, 3, 1, 49},
      {5, 0, 5, 5, 0, 0, 0, 1},
      {255, 1, 0, 254, 255, 255, 0, 255},
      {3, 5, 8, 254, 15, 0, 3, 243},
  });
  expect_integers<std::int64_t>({
      {7, 2, 9, 5, 14, 3, 1, 49},
      {-7, 2, -5, -9, -14, -4, 1, 49},
      {7, -2, 5, 9, -14, -4, -1, kNone},
      {kMin64, -1, 9223372036854775807, -9223372036854775807, kMin64, kMin64, 0, kNone},
      {5, 0, 5, 5, 0, 0, 0, 1},
      {9223372036854775807, 1, kMin64, 9223372036854775806, 9223372036854775807,
       9223372036854775807, 0, 9223372036854775807},
      {3, 5, 8, -2, 15, 0, 3, 243},
      {-2, 7, 5, -9, -14, -1, 5, -128},
  });
}

TEST(KernelsAndNumPy, IntegersToNegativePowersGiveTheWholePart) {
  const Row<std::int32_t> x{2, 1, -1, -1, 0};
  const Row<std::int32_t> y{-1, -3, -3, -2, -1};
  const auto got = call_kernel<std::int32_t>(find_kernels("power", DType::int32), 5, 0, x, y);
  EXPECT_EQ(std::vector<std::int32_t>(got.cells, got.cells + 5),
            (std::vector<std::int32_t>{0, 1, -1, 1, 0}));
}

}  // namespace
}  // namespace rastream
