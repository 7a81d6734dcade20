// SPDX-License-Identifier: Apache-2.0
#include "rastream/base/bytes.h"

#include <gtest/gtest.h>

#include <limits>

#include "rastream/base/error.h"

namespace rastream {
namespace {

TEST(Bytes, SizesAreReadInBinaryAndDecimalUnits) {
  EXPECT_EQ(parse_bytes("4096"), 4096);
  EXPECT_EQ(parse_bytes("512MiB"), 512 << 20);
  EXPECT_EQ(parse_bytes("2 gib"), std::int64_t{2} << 30);
  EXPECT_EQ(parse_bytes("1.5GB"), 1500000000);
  EXPECT_EQ(parse_bytes("1k"), 1024);
}

TEST(Bytes, TextThatIsNotASizeIsRefusedByName) {
  for (const char* bad : {"", "GiB", "12 bananas", "-3MiB", "nan", "1e300GiB", "5mm"}) {
    try {
      parse_bytes(bad);
      ADD_FAILURE() << bad;
    } catch (const Error& e) {
      EXPECT_EQ(e.code(), Errc::invalid_argument);
      EXPECT_NE(e.message().find(bad), std::string::npos);
    }
  }
}

TEST(Bytes, AnOverflowingProductIsDataLossAndNeverWraps) {
  EXPECT_EQ(checked_multiply(1 << 20, 1 << 20, "x"), std::int64_t{1} << 40);
  EXPECT_THROW(checked_multiply(std::int64_t{1} << 40, std::int64_t{1} << 40, "x"), Error);
  EXPECT_THROW(checked_multiply(-1, 5, "x"), Error);
}

TEST(Bytes, DividingUpNeverOverflows) {
  EXPECT_EQ(divide_up(0, 3), 0);
  EXPECT_EQ(divide_up(6, 3), 2);
  EXPECT_EQ(divide_up(7, 3), 3);
  constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
  EXPECT_EQ(divide_up(kMost, 2), (std::int64_t{1} << 62));
  EXPECT_EQ(divide_up(kMost, kMost), 1);
}

}  // namespace
}  // namespace rastream
