// SPDX-License-Identifier: Apache-2.0
// Laws of kernels: each cell is the scalar function of its inputs, whatever the row's length,
// alignment or neighbours.
#include "rastream/ops/elementwise/kernels.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <functional>
#include <random>

#include "rastream/ops/elementwise/call_kernel.h"
#include "rastream/ops/elementwise/table.h"

namespace rastream {
namespace {

/// Limits, zeros and small numbers of T, every pair of which meets once in pairs_of().
template <typename T>
std::vector<T> samples() {
  using Limits = std::numeric_limits<T>;
  if constexpr (std::same_as<T, bool>) {
    return {};
  } else if constexpr (std::floating_point<T>) {
    return {-Limits::infinity(),
            Limits::lowest(),
            T(-1e4),
            T(-7),
            T(-2.5),
            T(-1),
            T(-0.5),
            -Limits::denorm_min(),
            T(-0.0),
            T(0.0),
            Limits::min(),
            T(0.3),
            T(0.5),
            T(1),
            T(1.5),
            T(2),
            T(3),
            T(1e4),
            Limits::max(),
            Limits::infinity(),
            Limits::quiet_NaN()};
  } else {
    std::vector<T> values = {Limits::min(),
                             static_cast<T>(Limits::min() + 1),
                             0,
                             1,
                             2,
                             3,
                             7,
                             100,
                             static_cast<T>(Limits::max() - 1),
                             Limits::max()};
    if (std::is_signed_v<T>)
      values.insert(values.end(), {static_cast<T>(-1), static_cast<T>(-2), static_cast<T>(-7)});
    return values;
  }
}

template <typename T>
Row<T> row_of(const std::vector<T>& values) {
  Row<T> row(values.size());
  std::copy(values.begin(), values.end(), row.cells);
  return row;
}

template <>
Row<bool> row_of(const std::vector<bool>&) {
  return {false, true};
}

template <typename T>
std::pair<Row<T>, Row<T>> pairs_of() {
  const Row<T> one = row_of(samples<T>());
  std::pair<Row<T>, Row<T>> pairs(one.size * one.size, one.size * one.size);
  for (std::size_t i = 0; i < pairs.first.size; ++i) {
    pairs.first[i] = one[i / one.size];
    pairs.second[i] = one[i % one.size];
  }
  return pairs;
}

template <typename T, typename R>
void expect_unary(const std::string& operation, std::function<R(T)> reference) {
  const Row<T> x = row_of(samples<T>());
  const KernelSet set = find_kernels(operation, dtype_of<T>);
  ASSERT_FALSE(set.is_empty()) << operation << " " << to_string(dtype_of<T>);
  const Row<R> got = call_kernel<R>(set, x.size, 0, x);
  for (std::size_t i = 0; i < x.size; ++i) {
    EXPECT_TRUE(is_same_value(got[i], reference(x[i])))
        << operation << "(" << +x[i] << ") of " << to_string(dtype_of<T>) << " = " << +got[i];
  }
}

/// The dense kernel against the reference, and the kernels with a repeated input against the dense
/// one.
template <typename T, typename R>
void expect_binary(const std::string& operation, std::function<R(T, T)> reference) {
  const auto [x, y] = pairs_of<T>();
  const KernelSet set = find_kernels(operation, dtype_of<T>);
  ASSERT_FALSE(set.is_empty()) << operation << " " << to_string(dtype_of<T>);
  const Row<R> got = call_kernel<R>(set, x.size, 0, x, y);
  for (std::size_t i = 0; i < x.size; ++i) {
    EXPECT_TRUE(is_same_value(got[i], reference(x[i], y[i])))
        << operation << "(" << +x[i] << ", " << +y[i] << ") of " << to_string(dtype_of<T>) << " = "
        << +got[i];
    const Row<T> x0{x[i]};
    const Row<T> y0{y[i]};
    const Row<R> first_repeated = call_kernel<R>(set, y.size, 1, x0, y);
    const Row<R> second_repeated = call_kernel<R>(set, x.size, 2, x, y0);
    EXPECT_TRUE(is_same_value(first_repeated[i], got[i])) << operation << ", first input repeated";
    EXPECT_TRUE(is_same_value(second_repeated[i], got[i]))
        << operation << ", second input repeated";
  }
}

using Wide = __int128;

template <typename T>
void expect_arithmetic() {
  if constexpr (std::floating_point<T>) {
    expect_binary<T, T>("add", [](T a, T b) { return a + b; });
    expect_binary<T, T>("subtract", [](T a, T b) { return a - b; });
    expect_binary<T, T>("multiply", [](T a, T b) { return a * b; });
    expect_binary<T, T>("divide", [](T a, T b) { return a / b; });
    expect_unary<T, T>("square", [](T a) { return a * a; });
    expect_unary<T, T>("negative", [](T a) { return -a; });
    expect_unary<T, T>("absolute", [](T a) { return std::fabs(a); });
  } else {
    expect_binary<T, T>("add", [](T a, T b) { return static_cast<T>(Wide{a} + Wide{b}); });
    expect_binary<T, T>("subtract", [](T a, T b) { return static_cast<T>(Wide{a} - Wide{b}); });
    expect_binary<T, T>("multiply", [](T a, T b) { return static_cast<T>(Wide{a} * Wide{b}); });
    expect_unary<T, T>("square", [](T a) { return static_cast<T>(Wide{a} * Wide{a}); });
    expect_unary<T, T>("negative", [](T a) { return static_cast<T>(-Wide{a}); });
    expect_unary<T, T>("absolute",
                       [](T a) { return static_cast<T>(Wide{a} < 0 ? -Wide{a} : Wide{a}); });
    expect_unary<T, T>("sign", [](T a) { return static_cast<T>((Wide{a} > 0) - (Wide{a} < 0)); });
    expect_binary<T, T>("floor_divide", [](T a, T b) {
      if (b == 0) return T{0};
      const Wide quotient = Wide{a} / b;
      return static_cast<T>(quotient - (quotient * b != a && (Wide{a} < 0) != (Wide{b} < 0)));
    });
    expect_binary<T, T>("remainder", [](T a, T b) {
      if (b == 0) return T{0};
      const Wide rest = (Wide{a} % b + b) % b;
      return static_cast<T>(rest);
    });
    expect_binary<T, T>("bitwise_and", [](T a, T b) { return static_cast<T>(a & b); });
    expect_binary<T, T>("bitwise_or", [](T a, T b) { return static_cast<T>(a | b); });
    expect_binary<T, T>("bitwise_xor", [](T a, T b) { return static_cast<T>(a ^ b); });
    expect_unary<T, T>("invert", [](T a) { return static_cast<T>(~a); });
    for (const char* name : {"floor", "ceil", "trunc", "round"})
      expect_unary<T, T>(name, [](T a) { return a; });
  }
}

TEST(Kernels, ArithmeticIsCPlusPlusWithWrappingIntegers) {
  expect_arithmetic<std::int8_t>();
  expect_arithmetic<std::int16_t>();
  expect_arithmetic<std::int32_t>();
  expect_arithmetic<std::int64_t>();
  expect_arithmetic<std::uint8_t>();
  expect_arithmetic<std::uint16_t>();
  expect_arithmetic<std::uint32_t>();
  expect_arithmetic<std::uint64_t>();
  expect_arithmetic<float>();
  expect_arithmetic<double>();
}

template <typename T>
void expect_roundings() {
  expect_unary<T, T>("floor", [](T a) { return std::floor(a); });
  expect_unary<T, T>("ceil", [](T a) { return std::ceil(a); });
  expect_unary<T, T>("trunc", [](T a) { return std::trunc(a); });
  expect_unary<T, T>("round", [](T a) { return std::nearbyint(a); });
  expect_unary<T, T>("sqrt", [](T a) { return std::sqrt(a); });
  expect_unary<T, T>("sign", [](T a) {
    return std::isnan(a) ? a : a > 0 ? T(1) : a < 0 ? T(-1) : T(0);
  });
  const T pi = std::acos(T(-1));
  expect_unary<T, T>("deg2rad", [pi](T a) { return a * (pi / T(180)); });
  expect_unary<T, T>("rad2deg", [pi](T a) { return a * (T(180) / pi); });
}

TEST(Kernels, RoundingsSignsAndAnglesAreTheScalarFunctions) {
  expect_roundings<float>();
  expect_roundings<double>();
}

/// Every operation that has a bool result or chooses a value, on any T.
template <typename T>
void expect_comparisons() {
  const auto is_nan = [](T a) { return a != a; };
  expect_binary<T, bool>("equal", [](T a, T b) { return a == b; });
  expect_binary<T, bool>("not_equal", [](T a, T b) { return !(a == b); });
  expect_binary<T, bool>("less", [](T a, T b) { return a < b; });
  expect_binary<T, bool>("less_equal", [](T a, T b) { return a < b || a == b; });
  expect_binary<T, bool>("greater", [](T a, T b) { return b < a; });
  expect_binary<T, bool>("greater_equal", [](T a, T b) { return b < a || a == b; });
  expect_binary<T, bool>("logical_and", [](T a, T b) { return bool(a) && bool(b); });
  expect_binary<T, bool>("logical_or", [](T a, T b) { return bool(a) || bool(b); });
  expect_binary<T, bool>("logical_xor", [](T a, T b) { return bool(a) != bool(b); });
  expect_unary<T, bool>("logical_not", [](T a) { return !bool(a); });
  expect_unary<T, bool>("isnan", is_nan);
  expect_unary<T, bool>("isfinite", [](T a) { return std::isfinite(static_cast<double>(a)); });
  expect_unary<T, bool>("isinf", [](T a) { return std::isinf(static_cast<double>(a)); });
  expect_binary<T, T>("fillna", [is_nan](T a, T b) { return is_nan(a) ? b : a; });
  expect_binary<T, T>("minimum", [is_nan](T a, T b) {
    return is_nan(a) ? a : is_nan(b) ? b : b < a ? b : a;
  });
  expect_binary<T, T>("maximum", [is_nan](T a, T b) {
    return is_nan(a) ? a : is_nan(b) ? b : a < b ? b : a;
  });
}

TEST(Kernels, ComparisonsHoldForEveryDtype) {
  expect_comparisons<bool>();
  expect_comparisons<std::int8_t>();
  expect_comparisons<std::int16_t>();
  expect_comparisons<std::int32_t>();
  expect_comparisons<std::int64_t>();
  expect_comparisons<std::uint8_t>();
  expect_comparisons<std::uint16_t>();
  expect_comparisons<std::uint32_t>();
  expect_comparisons<std::uint64_t>();
  expect_comparisons<float>();
  expect_comparisons<double>();
}

TEST(Kernels, BoolAddsAsOrAndMultipliesAsAnd) {
  expect_binary<bool, bool>("add", [](bool a, bool b) { return a || b; });
  expect_binary<bool, bool>("multiply", [](bool a, bool b) { return a && b; });
  expect_binary<bool, bool>("bitwise_xor", [](bool a, bool b) { return a != b; });
  expect_unary<bool, bool>("invert", [](bool a) { return !a; });
}

template <typename T>
void expect_choices() {
  const auto [x, y] = pairs_of<T>();
  Row<bool> condition(x.size);
  for (std::size_t i = 0; i < x.size; ++i) condition[i] = i % 3 == 0;
  for (const unsigned repeated : {0U, 2U, 4U, 6U}) {
    const Row<T> got =
        call_kernel<T>(find_kernels("where", dtype_of<T>), x.size, repeated, condition, x, y);
    for (std::size_t i = 0; i < x.size; ++i) {
      const T want = condition[i] ? x[repeated & 2 ? 0 : i] : y[repeated & 4 ? 0 : i];
      EXPECT_TRUE(is_same_value(got[i], want))
          << "where " << to_string(dtype_of<T>) << " " << repeated;
    }
  }
  const KernelSet clip = find_kernels("clip", dtype_of<T>);
  const KernelSet minimum = find_kernels("minimum", dtype_of<T>);
  const KernelSet maximum = find_kernels("maximum", dtype_of<T>);
  for (std::size_t i = 0; i < x.size; ++i) {
    const Row<T> least{x[i]};
    const Row<T> greatest{y[i]};
    const Row<T> raised = call_kernel<T>(maximum, x.size, 2, x, least);
    const Row<T> want = call_kernel<T>(minimum, x.size, 2, raised, greatest);
    const Row<T> got = call_kernel<T>(clip, x.size, 6, x, least, greatest);
    const Row<T> dense = call_kernel<T>(clip, 1, 0, x, least, greatest);
    EXPECT_TRUE(is_same_value(dense[0], got[0]));
    for (std::size_t k = 0; k < x.size; ++k) {
      EXPECT_TRUE(is_same_value(got[k], want[k]))
          << "clip(" << +x[k] << ", " << +x[i] << ", " << +y[i] << ")";
    }
  }
}

TEST(Kernels, WhereChoosesAndClipIsMaximumThenMinimum) {
  expect_choices<bool>();
  expect_choices<std::int8_t>();
  expect_choices<std::uint16_t>();
  expect_choices<std::int32_t>();
  expect_choices<float>();
  expect_choices<double>();
}

template <typename From>
void expect_conversions(DType to) {
  visit_dtype(to, []<typename To>(To) {
    const Row<From> x = row_of(samples<From>());
    const Row<To> got =
        call_kernel<To>(find_conversion(dtype_of<From>, dtype_of<To>), x.size, 0, x);
    for (std::size_t i = 0; i < x.size; ++i) {
      To want;
      if constexpr (std::same_as<To, bool>) {
        want = x[i] != From{};
      } else if constexpr (std::floating_point<From> && std::integral<To>) {
        const long double whole = std::trunc(static_cast<long double>(x[i]));
        const bool fits = whole >= static_cast<long double>(std::numeric_limits<To>::min()) &&
                          whole <= static_cast<long double>(std::numeric_limits<To>::max());
        want = fits ? static_cast<To>(whole) : To{};
      } else {
        want = static_cast<To>(x[i]);
      }
      EXPECT_TRUE(is_same_value(got[i], want))
          << to_string(dtype_of<From>) << " " << +x[i] << " to " << to_string(dtype_of<To>) << " = "
          << +got[i];
    }
  });
}

TEST(Kernels, ConversionsAreCPlusPlusAndGiveZeroWhatDoesNotFit) {
  for (int to = 0; to <= static_cast<int>(DType::float64); ++to) {
    for (int from = 0; from <= static_cast<int>(DType::float64); ++from) {
      visit_dtype(static_cast<DType>(from),
                  [to]<typename From>(From) { expect_conversions<From>(static_cast<DType>(to)); });
    }
  }
  const Row<float> x{-128.9F, -129.0F, 127.9F, 128.0F};
  const Row<std::int8_t> got =
      call_kernel<std::int8_t>(find_conversion(DType::float32, DType::int8), 4, 0, x);
  EXPECT_EQ(got[0], -128);
  EXPECT_EQ(got[1], 0);
  EXPECT_EQ(got[2], 127);
  EXPECT_EQ(got[3], 0);
}

/// Each operation on random cells: a row of n cells at byte offset `shift` equals the same cells of
/// one long row.
template <typename T>
void expect_no_trace_of_length_or_alignment(const Operation& operation) {
  const KernelSet set = find_kernels(operation.name, dtype_of<T>);
  if (set.is_empty() || operation.typing == Typing::choice || operation.n_inputs > 2) return;
  constexpr std::size_t kCells = 150;
  std::mt19937_64 random(11);
  std::uniform_real_distribution<double> uniform(-3, 3);
  Row<T> x(kCells);
  Row<T> y(kCells);
  for (std::size_t i = 0; i < kCells; ++i) {
    x[i] = static_cast<T>(i % 17 == 5 ? 1e9 * uniform(random) : uniform(random));
    y[i] = static_cast<T>(uniform(random));
  }
  const DType result = resolve_dtype(operation, dtype_of<T>).result;
  const std::size_t size = item_size(result);
  Row<std::byte> whole(kCells * size);
  const std::array<const std::byte*, 2> in = {x.bytes(), y.bytes()};
  set.by_repeated[0](kCells, whole.bytes(), in.data(), nullptr);
  for (std::size_t begin = 0; begin < 20; ++begin) {
    for (const std::size_t n : {1UL, 2UL, 3UL, 5UL, 8UL, 15UL, 16UL, 17UL, 31UL, 64UL, 127UL}) {
      Row<std::byte> part(n * size + 1);
      const std::array<const std::byte*, 2> shifted = {x.bytes() + begin * sizeof(T),
                                                       y.bytes() + begin * sizeof(T)};
      part[n * size] = std::byte{0x5a};
      set.by_repeated[0](static_cast<std::int64_t>(n), part.bytes(), shifted.data(), nullptr);
      EXPECT_EQ(std::memcmp(part.bytes(), whole.bytes() + begin * size, n * size), 0)
          << operation.name << " " << to_string(dtype_of<T>) << " n=" << n << " begin=" << begin;
      EXPECT_EQ(part[n * size], std::byte{0x5a}) << operation.name << " writes behind its row";
    }
  }
}

TEST(Kernels, GiveACellTheSameBitsInAnyRow) {
  for (const Operation& operation : elementwise_operations()) {
    expect_no_trace_of_length_or_alignment<float>(operation);
    expect_no_trace_of_length_or_alignment<double>(operation);
    expect_no_trace_of_length_or_alignment<std::int16_t>(operation);
  }
}

TEST(Kernels, MayWriteOverTheirInput) {
  for (const Operation& operation : elementwise_operations()) {
    const KernelSet set = find_kernels(operation.name, DType::float32);
    const bool same_size =
        !set.is_empty() && resolve_dtype(operation, DType::float32).result == DType::float32;
    if (!same_size || operation.n_inputs != 2) continue;
    Row<float> x(100);
    Row<float> y(100);
    for (std::size_t i = 0; i < 100; ++i) {
      x[i] = 1.5F + static_cast<float>(i);
      y[i] = 3.0F - static_cast<float>(i) / 7;
    }
    for (const unsigned repeated : {0U, 1U, 2U}) {
      const Row<float> want = call_kernel<float>(set, 100, repeated, x, y);
      Row<float> both(100);
      std::copy_n(repeated == 1 ? y.cells : x.cells, 100, both.cells);
      const std::array<const std::byte*, 2> in = {repeated == 1 ? x.bytes() : both.bytes(),
                                                  repeated == 1 ? both.bytes() : y.bytes()};
      set.by_repeated[repeated](100, both.bytes(), in.data(), nullptr);
      EXPECT_EQ(std::memcmp(both.bytes(), want.bytes(), 400), 0)
          << operation.name << " " << repeated;
    }
  }
}

}  // namespace
}  // namespace rastream
