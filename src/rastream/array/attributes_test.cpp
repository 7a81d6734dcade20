// SPDX-License-Identifier: Apache-2.0
// Attributes keep their order and dtypes, and cross JSON as far as JSON allows.
#include "rastream/array/attributes.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace rastream {
namespace {

Attributes sample() {
  Attributes a;
  a.set("units", "degrees C");
  a.set("valid_range", Numbers{DType::float64, {}, {-50.5, 60}});
  a.set("count", Numbers{DType::int64, {std::numeric_limits<std::int64_t>::min()}, {}});
  a.set("flags", Attribute(std::vector<std::string>{"good", "bad"}));
  return a;
}

TEST(Attributes, StayInTheOrderInWhichTheyCame) {
  Attributes a = sample();
  a.set("units", "K");
  a.set("last", number_attribute(DType::int8, 3));
  std::string names;
  for (const auto& [name, value] : a) names += name + " ";
  EXPECT_EQ(names, "units valid_range count flags last ");
  EXPECT_EQ(a.text("units"), "K");
  a.erase("count");
  a.erase("nowhere");
  EXPECT_EQ(a.size(), 4u);
  EXPECT_FALSE(a.contains("count"));
}

TEST(Attributes, AreNothingWhereTheyAreAbsentOrOfAnotherKind) {
  const Attributes a = sample();
  EXPECT_EQ(a.text("valid_range"), std::nullopt);
  EXPECT_EQ(a.text("flags"), std::nullopt);
  EXPECT_EQ(a.number("units"), std::nullopt);
  EXPECT_EQ(a.number("nowhere"), std::nullopt);
  EXPECT_TRUE(a.numbers("units").empty());
  EXPECT_EQ(a.find("nowhere"), nullptr);
}

TEST(Attributes, OneTextOfAListIsAText) {
  Attributes a;
  a.set("units", Attribute(std::vector<std::string>{"m"}));
  EXPECT_EQ(a.text("units"), "m");
}

TEST(Attributes, NumbersAreReadAsDoublesWhateverTheirDtype) {
  Attributes a;
  a.set("wide", Numbers{DType::uint64, {-1}, {}});
  a.set("none", Numbers{DType::float32, {}, {}});
  a.set("two", Numbers{DType::int16, {-3, 4}, {}});
  EXPECT_EQ(a.number("wide"), 18446744073709551615.0);
  EXPECT_EQ(a.number("none"), std::nullopt);
  EXPECT_EQ(a.numbers("two"), (std::vector<double>{-3, 4}));
}

TEST(AttributesJson, ComeBackEqualWhereJsonHasTheDtype) {
  const Attributes a = sample();
  const Attributes back = attributes_from_json(parse_json(to_json(a).dump(), "test"));
  for (const auto& [name, value] : a) {
    ASSERT_TRUE(back.contains(name)) << name;
    EXPECT_EQ(*back.find(name), value) << name;
  }
  EXPECT_EQ(back.size(), a.size());
}

TEST(AttributesJson, IntegersBeyondInt64KeepTheirValue) {
  const Json json = parse_json(
      R"({"a": 18446744073709551615, "b": [1, 9223372036854775808], "c": [-1, 9223372036854775808]})",
      "test");
  const Attributes attributes = attributes_from_json(json);
  EXPECT_EQ(attributes.number("a"), 18446744073709551615.0);
  EXPECT_EQ(attributes.numbers("b"), (std::vector<double>{1, 9223372036854775808.0}));
  EXPECT_EQ(attributes.numbers("c"), (std::vector<double>{-1, 9223372036854775808.0}));
  EXPECT_EQ(to_json(attributes)["a"], json["a"]);
}

TEST(AttributesJson, NumbersThatJsonLacksAreWords) {
  Attributes a;
  const double infinity = std::numeric_limits<double>::infinity();
  a.set("odd", Numbers{DType::float64, {}, {std::nan(""), infinity, -infinity}});
  a.set("wide", Numbers{DType::uint64, {-1}, {}});
  EXPECT_EQ(to_json(a).at("odd").dump(), R"(["NaN","Infinity","-Infinity"])");
  EXPECT_EQ(to_json(a).at("wide").dump(), "18446744073709551615");
}

TEST(AttributesJson, OddValuesBecomeTextAndNothingThrows) {
  const Attributes a = attributes_from_json(parse_json(
      R"({"a": null, "b": {"c": 1}, "d": [], "e": [1, "x"], "f": true, "g": [1, 2.5]})", "test"));
  EXPECT_EQ(a.text("a"), "null");
  EXPECT_EQ(a.text("b"), R"({"c":1})");
  EXPECT_EQ(a.text("d"), "[]");
  EXPECT_EQ(a.text("e"), R"([1,"x"])");
  EXPECT_EQ(a.number("f"), 1);
  EXPECT_EQ(a.numbers("g"), (std::vector<double>{1, 2.5}));
  EXPECT_TRUE(attributes_from_json(Json(3)).empty());
  EXPECT_TRUE(attributes_from_json(Json::array()).empty());
}

TEST(Attributes, WholeNumbersBeyondInt64AreUnsigned) {
  const Attributes a = attributes_from_json(parse_json(
      R"({"most": 18446744073709551615, "list": [1, 18446744073709551614],
          "both": [-1, 18446744073709551615]})",
      "test"));
  EXPECT_EQ(*a.find("most"), Attribute(Numbers{DType::uint64, {-1}, {}}));
  EXPECT_EQ(*a.find("list"), Attribute(Numbers{DType::uint64, {1, -2}, {}}));
  EXPECT_EQ(*a.find("both"), Attribute(Numbers{DType::float64, {}, {-1, 18446744073709551615.0}}));
  EXPECT_EQ(to_json(a)["most"].get<std::uint64_t>(), UINT64_MAX);
}

}  // namespace
}  // namespace rastream
