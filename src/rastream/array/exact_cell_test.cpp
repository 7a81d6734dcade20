// SPDX-License-Identifier: Apache-2.0
// A number is taken for a cell only where the cell is that number.
#include "rastream/array/exact_cell.h"

#include <gtest/gtest.h>

namespace rastream {
namespace {

template <typename T>
constexpr T kMost = std::numeric_limits<T>::max();
template <typename T>
constexpr T kLeast = std::numeric_limits<T>::lowest();
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinite = std::numeric_limits<double>::infinity();

template <typename To, typename From>
void check_every_value_of_16_bits() {
  for (int n = kLeast<From>; n <= kMost<From>; ++n) {
    const bool fits = n >= static_cast<int>(kLeast<To>) && n <= static_cast<int>(kMost<To>);
    const auto cell = exact_cell<To>(static_cast<From>(n));
    ASSERT_EQ(cell.has_value(), fits) << n;
    if (fits) {
      ASSERT_EQ(static_cast<int>(*cell), n);
    }
    ASSERT_EQ(exact_cell<To>(static_cast<double>(n)), cell) << n;
    ASSERT_FALSE(exact_cell<To>(n + 0.5).has_value()) << n;
  }
}

TEST(ExactCell, AnIntegerIsOneOfTheRange) {
  check_every_value_of_16_bits<std::int8_t, std::int16_t>();
  check_every_value_of_16_bits<std::uint8_t, std::int16_t>();
  check_every_value_of_16_bits<std::int16_t, std::uint16_t>();
  check_every_value_of_16_bits<bool, std::int16_t>();
}

TEST(ExactCell, TheBitsOfTheOtherSignAreAnotherNumber) {
  EXPECT_FALSE(exact_cell<std::uint64_t>(std::int64_t{-1}));
  EXPECT_FALSE(exact_cell<std::int64_t>(std::uint64_t{1} << 63));
  EXPECT_EQ(exact_cell<std::uint64_t>(kMost<std::int64_t>), std::uint64_t{kMost<std::int64_t>});
}

TEST(ExactCell, ADoubleAtTheEndsOf64BitsIsNotRoundedIntoThem) {
  EXPECT_FALSE(exact_cell<std::int64_t>(0x1p63));
  EXPECT_EQ(exact_cell<std::int64_t>(-0x1p63), kLeast<std::int64_t>);
  EXPECT_FALSE(exact_cell<std::uint64_t>(0x1p64));
  EXPECT_EQ(exact_cell<std::uint64_t>(0x1p63), std::uint64_t{1} << 63);
  for (const double none : {kNan, kInfinite, -kInfinite, 1e300})
    EXPECT_FALSE(exact_cell<std::int64_t>(none)) << none;
}

TEST(ExactCell, AnIntegerIsAFloatThatComesBack) {
  EXPECT_EQ(exact_cell<float>(std::int32_t{1} << 24), 0x1p24F);
  EXPECT_FALSE(exact_cell<float>((std::int32_t{1} << 24) + 1));
  EXPECT_FALSE(exact_cell<double>(kMost<std::int64_t>));
  EXPECT_FALSE(exact_cell<double>(kMost<std::uint64_t>));
  EXPECT_EQ(exact_cell<double>(kLeast<std::int64_t>), -0x1p63);
}

TEST(ExactCell, AFloatIsRoundedUnlessItBecomesInfinite) {
  EXPECT_EQ(exact_cell<float>(0.1), 0.1F);
  EXPECT_EQ(exact_cell<float>(kInfinite), std::numeric_limits<float>::infinity());
  EXPECT_FALSE(exact_cell<float>(1e300));
  EXPECT_TRUE(std::isnan(exact_cell<float>(kNan).value()));
}

TEST(ExactCell, ANumberOfAnAttributeIsVisitedInATypeThatHoldsIt) {
  const auto is_most = [](const Numbers& numbers) {
    return visit_number(numbers, 0, [](auto n) { return exact_cell<std::uint64_t>(n); }) ==
           kMost<std::uint64_t>;
  };
  EXPECT_TRUE(is_most({DType::uint64, {-1}, {}}));
  EXPECT_FALSE(is_most({DType::int64, {-1}, {}}));
  EXPECT_FALSE(is_most({DType::float64, {}, {0x1p64}}));
}

}  // namespace
}  // namespace rastream
