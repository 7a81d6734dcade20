// SPDX-License-Identifier: Apache-2.0
// Accuracy of the vector functions against the C++ library, their special values, and their bits on
// each instruction set.
#include <gtest/gtest.h>
#include <hwy/targets.h>

#include <cmath>
#include <random>

#include "rastream/ops/elementwise/call_kernel.h"

namespace rastream {
namespace {

struct Function {
  const char* name;
  float (*of_float)(float);
  double (*of_double)(double);
  double low;
  double high;
  double max_ulp;  // 0: taken from the library, not vectorised
};

const std::vector<Function> kFunctions = {
    {"sin", std::sin, std::sin, -1e4, 1e4, 3},     {"cos", std::cos, std::cos, -1e4, 1e4, 3},
    {"sin", std::sin, std::sin, -4, 4, 3},         {"cos", std::cos, std::cos, -4, 4, 3},
    {"exp", std::exp, std::exp, -86, 88, 2},       {"expm1", std::expm1, std::expm1, -2, 2, 4},
    {"expm1", std::expm1, std::expm1, -86, 88, 4}, {"log", std::log, std::log, 0.01, 3, 4},
    {"log", std::log, std::log, 1e-30, 1e30, 2},   {"log2", std::log2, std::log2, 0.01, 3, 3},
    {"log10", std::log10, std::log10, 0.01, 3, 3}, {"log1p", std::log1p, std::log1p, -0.99, 3, 3},
    {"tanh", std::tanh, std::tanh, -3, 3, 4},      {"sinh", std::sinh, std::sinh, -3, 3, 4},
    {"sinh", std::sinh, std::sinh, -80, 80, 4},    {"arcsin", std::asin, std::asin, -1, 1, 3},
    {"arccos", std::acos, std::acos, -1, 1, 3},    {"arctan", std::atan, std::atan, -20, 20, 4},
    {"tan", std::tan, std::tan, -20, 20, 0},       {"cosh", std::cosh, std::cosh, -20, 20, 0},
};

template <typename T>
T reference(const Function& function, T x) {
  if constexpr (sizeof(T) == 4) {
    return function.of_float(x);
  } else {
    return function.of_double(x);
  }
}

template <typename T>
void expect_accurate(const Function& function, const Row<T>& x) {
  const Row<T> got = call_kernel<T>(find_kernels(function.name, dtype_of<T>), x.size, 0, x);
  for (std::size_t i = 0; i < x.size; ++i) {
    const T want = reference(function, x[i]);
    ASSERT_LE(ulp_distance(got[i], want), function.max_ulp)
        << function.name << "(" << x[i] << ") of " << to_string(dtype_of<T>) << " = " << got[i]
        << ", want " << want;
  }
}

template <typename T>
Row<T> uniform_row(double low, double high, std::size_t n) {
  Row<T> x(n);
  std::mt19937_64 random(5);
  std::uniform_real_distribution<double> uniform(low, high);
  for (std::size_t i = 0; i < n; ++i) x[i] = static_cast<T>(uniform(random));
  return x;
}

TEST(VectorMath, StaysWithinFourUlpOfTheLibrary) {
  for (const Function& function : kFunctions) {
    expect_accurate(function, uniform_row<float>(function.low, function.high, 20000));
    expect_accurate(function, uniform_row<double>(function.low, function.high, 20000));
  }
}

TEST(VectorMath, LogarithmsAreAccurateOverAllMagnitudes) {
  Row<double> x(20000);
  const Row<double> exponents = uniform_row<double>(-1074, 1024, x.size);
  for (std::size_t i = 0; i < x.size; ++i) x[i] = std::exp2(exponents[i]);
  expect_accurate<double>({"log", std::log, std::log, 0, 0, 2}, x);
  expect_accurate<double>({"log2", std::log2, std::log2, 0, 0, 2}, x);
  expect_accurate<double>({"log10", std::log10, std::log10, 0, 0, 3}, x);
}

TEST(VectorMath, SineKeepsItsRelativeAccuracyNextToItsZeros) {
  Row<double> x(6000);
  Row<float> x32(x.size);
  for (std::size_t i = 0; i < x.size; ++i) {
    x[i] = static_cast<double>(i) * M_PI_2;
    x32[i] = static_cast<float>(x[i]);
  }
  expect_accurate<double>({"sin", std::sin, std::sin, 0, 0, 4}, x);
  expect_accurate<double>({"cos", std::cos, std::cos, 0, 0, 4}, x);
  expect_accurate<float>({"sin", std::sin, std::sin, 0, 0, 4}, x32);
  expect_accurate<float>({"cos", std::cos, std::cos, 0, 0, 4}, x32);
}

TEST(VectorMath, LogarithmsOfPowersOfTheirBaseAreExact) {
  for (int i = -300; i <= 300; ++i) {
    const Row<double> two{std::ldexp(1.0, i)};
    EXPECT_EQ(call_kernel<double>(find_kernels("log2", DType::float64), 1, 0, two)[0], i);
  }
  double power = 1;
  for (int i = 0; i <= 22; ++i, power *= 10) {
    const Row<double> ten{power};
    EXPECT_EQ(call_kernel<double>(find_kernels("log10", DType::float64), 1, 0, ten)[0], i);
  }
}

template <typename T>
void expect_special_values(const Function& function) {
  using Limits = std::numeric_limits<T>;
  const Row<T> x{T(0),
                 T(-0.0),
                 Limits::infinity(),
                 -Limits::infinity(),
                 Limits::quiet_NaN(),
                 T(-1),
                 T(1),
                 T(1.5),
                 Limits::max(),
                 Limits::lowest(),
                 Limits::min(),
                 Limits::denorm_min(),
                 -Limits::denorm_min(),
                 T(1e5),
                 T(1e20),
                 T(-745),
                 T(710),
                 T(1e-20)};
  const Row<T> got = call_kernel<T>(find_kernels(function.name, dtype_of<T>), x.size, 0, x);
  for (std::size_t i = 0; i < x.size; ++i) {
    EXPECT_LE(ulp_distance(got[i], reference(function, x[i])), 4)
        << function.name << "(" << x[i] << ") = " << got[i];
  }
}

TEST(VectorMath, HasTheLibrarysSpecialValues) {
  for (const Function& function : kFunctions) {
    expect_special_values<float>(function);
    expect_special_values<double>(function);
  }
}

template <typename T>
void expect_same_bits_with(std::int64_t targets) {
  for (const Function& function : kFunctions) {
    const Row<T> x = uniform_row<T>(function.low, function.high, 5000);
    const KernelSet best_kernels = find_kernels(function.name, dtype_of<T>);
    hwy::SetSupportedTargetsForTest(targets);
    const KernelSet other_kernels = find_kernels(function.name, dtype_of<T>);
    hwy::SetSupportedTargetsForTest(0);
    const bool is_scalar = function.max_ulp == 0;
    EXPECT_EQ(best_kernels.by_repeated[0] == other_kernels.by_repeated[0], is_scalar)
        << "not another instruction set";
    const Row<T> best = call_kernel<T>(best_kernels, x.size, 0, x);
    const Row<T> other = call_kernel<T>(other_kernels, x.size, 0, x);
    EXPECT_EQ(std::memcmp(best.bytes(), other.bytes(), x.size * sizeof(T)), 0) << function.name;
  }
}

TEST(VectorMath, HasTheSameBitsWithAvx2AndAvx512) {
  if ((hwy::SupportedTargets() & HWY_AVX3) == 0) GTEST_SKIP() << "this machine has no AVX-512";
  expect_same_bits_with<float>(HWY_AVX2);
  expect_same_bits_with<double>(HWY_AVX2);
}

TEST(VectorMath, IsAccurateWithoutVectorInstructions) {
  hwy::SetSupportedTargetsForTest(HWY_STATIC_TARGET);
  for (const Function& function : kFunctions) {
    expect_accurate(function, uniform_row<float>(function.low, function.high, 2000));
    expect_accurate(function, uniform_row<double>(function.low, function.high, 2000));
  }
  hwy::SetSupportedTargetsForTest(0);
}

}  // namespace
}  // namespace rastream
