// SPDX-License-Identifier: Apache-2.0
#include "rastream/base/json.h"

#include <gtest/gtest.h>

namespace rastream {
namespace {

template <typename T>
bool is_refused(const char* text) {
  try {
    json_member<T>(parse_json(text, "test"), "a", "test");
    return false;
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), Errc::data_loss);
    return true;
  }
}

TEST(JsonMember, AnIntegerIsTakenOnlyWhereItFits) {
  EXPECT_EQ(json_member<int>(parse_json(R"({"a": -7})", "test"), "a", "test"), -7);
  EXPECT_EQ(
      json_member<std::uint64_t>(parse_json(R"({"a": 18446744073709551615})", "test"), "a", "test"),
      UINT64_MAX);
  EXPECT_TRUE(is_refused<int>(R"({"a": 4294967296})"));
  EXPECT_TRUE(is_refused<std::int64_t>(R"({"a": 18446744073709551615})"));
  EXPECT_TRUE(is_refused<std::uint64_t>(R"({"a": -1})"));
}

TEST(JsonMember, AFractionIsNoInteger) {
  EXPECT_TRUE(is_refused<int>(R"({"a": 2.5})"));
  EXPECT_TRUE(is_refused<int>(R"({"a": 1.2e20})"));
  EXPECT_TRUE(is_refused<std::vector<std::int64_t>>(R"({"a": [1, 1e300]})"));
  EXPECT_FALSE(is_refused<double>(R"({"a": 1.2e20})"));
}

TEST(JsonMember, AListOfOtherThingsIsRefused) {
  EXPECT_FALSE(is_refused<std::vector<int>>(R"({"a": [1, 2]})"));
  EXPECT_TRUE(is_refused<std::vector<int>>(R"({"a": [1, "2"]})"));
  EXPECT_TRUE(is_refused<std::vector<std::string>>(R"({"a": 1})"));
}

}  // namespace
}  // namespace rastream
