// SPDX-License-Identifier: Apache-2.0
#include "rastream/base/progress.h"

#include <gtest/gtest.h>

namespace rastream {
namespace {

TEST(FormatCount, HasThreeDigitsAndAPrefix) {
  EXPECT_EQ(format_count(0), "0");
  EXPECT_EQ(format_count(13.7724), "13.8");
  EXPECT_EQ(format_count(999), "999");
  EXPECT_EQ(format_count(999.7), "1 k");
  EXPECT_EQ(format_count(632'000), "632 k");
  EXPECT_EQ(format_count(17.7e6), "17.7 M");
  EXPECT_EQ(format_count(4e15), "4e+03 T");
}

TEST(FormatDuration, IsAsExactAsItIsShort) {
  EXPECT_EQ(format_duration(2.34), "2.3 s");
  EXPECT_EQ(format_duration(36.4), "36 s");
  EXPECT_EQ(format_duration(605), "10 min 5 s");
  EXPECT_EQ(format_duration(5 * 3600 + 61), "5 h 1 min");
}

}  // namespace
}  // namespace rastream
