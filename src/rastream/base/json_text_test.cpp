// SPDX-License-Identifier: Apache-2.0
#include "rastream/base/json_text.h"

#include <gtest/gtest.h>

#include <random>

namespace rastream {
namespace {

const std::string kLines =
    "{\n  \"id\": \"a\",\n  \"n\": 1.50,\n  \"deep\": {\"x\": [1, \"]}\"]}\n}\n";

/// With readable bytes behind it, until the test program ends.
std::string_view padded(std::string_view text) {
  static std::vector<JsonText> kept;
  return kept.emplace_back(text).view();
}

TEST(JsonText, MembersStandInTheirOrderWithTheirText) {
  const auto members =
      members_of(padded(R"({"a": "x\"}", "b":[1,{"c":2}],"d":-1e400 , "e":null})"));
  ASSERT_EQ(members.size(), 4U);
  EXPECT_EQ(members[0].name, "a");
  EXPECT_EQ(members[0].value, R"("x\"}")");
  EXPECT_EQ(members[1].value, R"([1,{"c":2}])");
  EXPECT_EQ(members[2].value, "-1e400");
  EXPECT_EQ(members[3].value, "null");
  EXPECT_TRUE(members_of(padded("{ }")).empty());
}

/// Ends of values as a plain walk finds them.
std::size_t end_of_value(std::string_view text) {
  int depth = 0;
  bool in_string = false;
  for (std::size_t i = 0;; ++i) {
    if (in_string) {
      if (text[i] == '\\')
        ++i;
      else if (text[i] == '"')
        in_string = false;
      continue;
    }
    if (text[i] == '"') in_string = true;
    if (text[i] == '{' || text[i] == '[') ++depth;
    if ((text[i] == '}' || text[i] == ']') && --depth == 0) return i + 1;
  }
}

TEST(JsonText, BracketsQuotesAndBackslashesAtEveryPlaceOfABlockAreSeen) {
  std::mt19937 random(7);
  const std::vector<std::string> pieces = {
      "{\"a\":1}", "[]",    "\"\\\\\"", "\"]}\\\"{[\"", "\"" + std::string(61, '\\') + "\\\"",
      "7",         "[[{}]]"};
  for (int round = 0; round < 3000; ++round) {
    std::string value = "[";
    for (unsigned n = random() % 30; n > 0; --n)
      value += pieces[random() % pieces.size()] + std::string(random() % 3, ' ') + ",";
    value += "0]";
    const JsonText text("[" + value + ",{\"b\":2}]");
    const auto elements = elements_of(text.view());
    ASSERT_EQ(elements.size(), 2U) << text.view();
    EXPECT_EQ(elements[0].size(), end_of_value(value)) << text.view();
    EXPECT_EQ(elements[1], "{\"b\":2}");
  }
}

TEST(JsonText, AStringMayEndInEscapedBackslashes) {
  EXPECT_EQ(find_member(padded(R"({"a":"x\\","b":"\\\"","c":3})"), "c"), "3");
}

TEST(JsonText, ElementsStandInTheirOrder) {
  const auto elements = elements_of(padded("[ 1,[2,3] , {\"a\":[]}, \"x,y\" ]"));
  EXPECT_EQ(elements, (std::vector<std::string_view>{"1", "[2,3]", "{\"a\":[]}", "\"x,y\""}));
  EXPECT_TRUE(elements_of(padded("[\n]")).empty());
}

TEST(JsonText, ATextThatMayBeAnythingIsScannedNoFurtherThanItsEnd) {
  const std::string whole = R"({"a" : "x\"}", "b":[1,{"c":2}],"d":-1e400 })";
  for (std::size_t n = 0; n < whole.size(); ++n)
    EXPECT_FALSE(scan_members(padded(whole.substr(0, n)))) << n;
  EXPECT_EQ(scan_members(padded(whole))->size(), 3U);
  for (const char* text : {R"({"a":1]})", R"({"a" 1})", R"({a:1})", R"({"a":1,})", R"({"a":})",
                           R"({"a":1 "b":2})", R"({"a":[1})", "[1]", "1", ""})
    EXPECT_FALSE(scan_members(padded(text))) << text;
  for (const char* text : {"[1,]", "[1 2]", "[1}", "[", "[[1]", "{}", ""})
    EXPECT_FALSE(scan_elements(padded(text))) << text;
  const JsonText around(R"([[1,2],"unfinished])");
  EXPECT_FALSE(scan_elements(around.view().substr(0, 5))) << "what follows a part is not its own";
  EXPECT_EQ(find_member(padded(R"({"a":1,"b":2,"c":)"), "b"), "2");
  EXPECT_EQ(find_member(padded(R"({"a":1,"b":)"), "b"), "");
}

TEST(JsonText, APartSharesTheTextAndOutlivesIt) {
  JsonText part;
  {
    const JsonText whole(R"({"a":{"b":12345678901234567890}})");
    part = whole.part(find_member(whole.view(), "a"));
  }
  EXPECT_EQ(part.view(), R"({"b":12345678901234567890})");
  EXPECT_EQ(part.parse("test")["b"], 12345678901234567890U);
}

TEST(JsonText, QuotingAndUnquotingAreInverse) {
  const std::string text = "a\"\\/\n\t\r\b\x01 \xC3\xA9 \xF0\x9F\x9B\xB0";
  EXPECT_EQ(from_json_string(to_json_string(text)), text);
  EXPECT_EQ(Json::parse(to_json_string(text)).get<std::string>(), text);
  EXPECT_EQ(from_json_string(R"("\u00e9\ud83d\udef0\/")"), "\xC3\xA9\xF0\x9F\x9B\xB0/");
  EXPECT_EQ(from_json_string(R"("\ud83d!")"), "\xEF\xBF\xBD!");
  EXPECT_TRUE(is_json_string_of(R"("a\/b")", "a/b"));
  EXPECT_TRUE(is_json_string_of(R"("a/b")", "a/b"));
  EXPECT_FALSE(is_json_string_of(R"("a\/b")", "a\\/b"));
}

TEST(JsonText, TheStyleOfADocumentIsSeen) {
  EXPECT_EQ(style_of(padded(kLines)), (JsonStyle{2, true}));
  EXPECT_EQ(style_of(R"({"a":1})"), (JsonStyle{-1, false}));
  EXPECT_EQ(style_of(R"({"a": 1})"), (JsonStyle{-1, true}));
}

TEST(JsonTextWriter, WritesEveryStyle) {
  const auto written = [](JsonStyle style) {
    JsonTextWriter w(style);
    w.begin_object().key("a").begin_list().number(1).number(0.1).end_list();
    w.key("b").begin_object().end_object().key("c").text("x\"").end_object();
    return w.take();
  };
  EXPECT_EQ(written({-1, false}), R"({"a":[1,0.1],"b":{},"c":"x\""})");
  EXPECT_EQ(written({-1, true}), R"({"a": [1, 0.1], "b": {}, "c": "x\""})");
  EXPECT_EQ(written(kIndented),
            "{\n  \"a\": [\n    1,\n    0.1\n  ],\n  \"b\": {},\n  \"c\": \"x\\\"\"\n}");
}

TEST(EditedObject, WithoutChangesIsTheSameText) {
  EXPECT_EQ(EditedObject(padded(kLines)).text(), kLines);
}

TEST(EditedObject, AChangeKeepsEveryOtherByte) {
  EditedObject object(padded(kLines));
  object.set("id", "\"b\"");
  object.set("links", "[]");
  EXPECT_EQ(object.text(),
            "{\n  \"id\": \"b\",\n  \"n\": 1.50,\n  \"deep\": {\"x\": [1, \"]}\"]},\n"
            "  \"links\": []\n}\n");
}

TEST(EditedObject, AnyMemberCanGo) {
  for (const auto& [erased, expected] :
       std::vector<std::pair<std::string, std::string>>{{"a", R"({"b":2, "c": 3})"},
                                                        {"b", R"({"a":1, "c": 3})"},
                                                        {"c", R"({"a":1,"b":2})"},
                                                        {"d", R"({"a":1,"b":2, "c": 3})"}}) {
    EditedObject object(padded(R"({"a":1,"b":2, "c": 3})"));
    object.erase(erased);
    EXPECT_EQ(object.text(), expected);
  }
  EditedObject all(padded(R"({ "a":1 })"));
  all.erase("a");
  EXPECT_EQ(all.text(), "{}");
}

TEST(EditedObject, AnEmptyObjectTakesMembers) {
  EditedObject object(padded("{}"));
  object.set("a", "1");
  object.set("b", "2");
  object.set("a", "3");
  EXPECT_EQ(object.text(), R"({"a": 3, "b": 2})");
}

TEST(EditedObject, SaysWhatIsAndWhatWillBe) {
  const JsonText text(R"({"a":1,"b":2})");
  EditedObject object(text.view());
  object.set("a", "3");
  object.erase("b");
  object.set("c", "4");
  EXPECT_EQ(object.find("a"), "1");
  EXPECT_EQ(object.current("a"), "3");
  EXPECT_EQ(object.current("b"), "");
  EXPECT_EQ(object.current("c"), "4");
  EXPECT_EQ(object.current("d"), "");
}

}  // namespace
}  // namespace rastream
