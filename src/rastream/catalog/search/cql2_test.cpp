// SPDX-License-Identifier: Apache-2.0
#include "rastream/catalog/search/cql2.h"

#include <gtest/gtest.h>

#include "tests/suites/errors.h"

namespace rastream {
namespace {

struct Pair {
  const char* text;
  const char* json;
};

/// One or more for each rule of the grammar (OGC 21-065r2, Annexes A and B).
const Pair kPairs[] = {
    {"city='Toronto'", R"({"op":"=","args":[{"property":"city"},"Toronto"]})"},
    {"avg(wind) < 4", R"({"op":"<","args":[{"op":"avg","args":[{"property":"wind"}]},4]})"},
    {"avg(wind)", R"({"op":"avg","args":[{"property":"wind"}]})"},
    {"balance-150.0 > 0",
     R"({"op":">","args":[{"op":"-","args":[{"property":"balance"},150]},0]})"},
    {"updated >= DATE('1970-01-01')",
     R"({"op":">=","args":[{"property":"updated"},{"date":"1970-01-01"}]})"},
    {"geometry IS NOT NULL",
     R"({"op":"not","args":[{"op":"isNull","args":[{"property":"geometry"}]}]})"},
    {"name LIKE 'Smith%'", R"({"op":"like","args":[{"property":"name"},"Smith%"]})"},
    {"depth BETWEEN 100.0 and 150.5",
     R"({"op":"between","args":[{"property":"depth"},100,150.5]})"},
    {"category NOT IN (1,2,3)",
     R"({"op":"not","args":[{"op":"in","args":[{"property":"category"},[1,2,3]]}]})"},
    {"CASEI(road) IN (CASEI('Οδος'),CASEI('Straße'))",
     R"({"op":"in","args":[{"op":"casei","args":[{"property":"road"}]},
         [{"op":"casei","args":["Οδος"]},{"op":"casei","args":["Straße"]}]]})"},
    {"ACCENTI(vol) = ACCENTI('débárquér')",
     R"({"op":"=","args":[{"op":"accenti","args":[{"property":"vol"}]},
         {"op":"accenti","args":["débárquér"]}]})"},
    {"S_INTERSECTS(geometry,POINT(36.3 32.25))",
     R"({"op":"s_intersects","args":[{"property":"geometry"},
         {"type":"Point","coordinates":[36.3,32.25]}]})"},
    {"s_within(location,BBOX(-118,33.8,-117.9,34))",
     R"({"op":"s_within","args":[{"property":"location"},{"bbox":[-118,33.8,-117.9,34]}]})"},
    {"S_CROSSES(LINESTRING(0 0, 1 1), POLYGON((0 0, 0 1, 1 1, 0 0)))",
     R"({"op":"s_crosses","args":[{"type":"LineString","coordinates":[[0,0],[1,1]]},
         {"type":"Polygon","coordinates":[[[0,0],[0,1],[1,1],[0,0]]]}]})"},
    {"T_INTERSECTS(at, INTERVAL('1969-07-16T05:32:00Z', '..'))",
     R"({"op":"t_intersects","args":[{"property":"at"},
         {"interval":["1969-07-16T05:32:00Z",".."]}]})"},
    {"T_FINISHEDBY(INTERVAL(starts_at, ends_at), INTERVAL('1991-10-07', '2010-02-10'))",
     R"({"op":"t_finishedBy","args":[{"interval":[{"property":"starts_at"},{"property":"ends_at"}]},
         {"interval":["1991-10-07","2010-02-10"]}]})"},
    {"T_AFTER(updated, TIMESTAMP('2012-08-10T05:30:00Z'))",
     R"({"op":"t_after","args":[{"property":"updated"},{"timestamp":"2012-08-10T05:30:00Z"}]})"},
    {"A_CONTAINS(layer:ids, ('ca','us'))",
     R"({"op":"a_contains","args":[{"property":"layer:ids"},["ca","us"]]})"},
    {"A_OVERLAPS(values, ('ca'))", R"({"op":"a_overlaps","args":[{"property":"values"},["ca"]]})"},
    {"A_EQUALS((1, TRUE, 'a'), values)",
     R"({"op":"a_equals","args":[[1,true,"a"],{"property":"values"}]})"},
    {"A_CONTAINEDBY(values, (5))", R"({"op":"a_containedBy","args":[{"property":"values"},[5]]})"},
    {"eo:cloud_cover < 0.1 AND row=28 AND path=203",
     R"({"op":"and","args":[{"op":"<","args":[{"property":"eo:cloud_cover"},0.1]},
         {"op":"=","args":[{"property":"row"},28]},{"op":"=","args":[{"property":"path"},203]}]})"},
    {"pool=true AND (floors>5 OR material LIKE 'brick%')",
     R"({"op":"and","args":[{"op":"=","args":[{"property":"pool"},true]},
         {"op":"or","args":[{"op":">","args":[{"property":"floors"},5]},
         {"op":"like","args":[{"property":"material"},"brick%"]}]}]})"},
    {"NOT (floors<5) OR pool=true",
     R"({"op":"or","args":[{"op":"not","args":[{"op":"<","args":[{"property":"floors"},5]}]},
         {"op":"=","args":[{"property":"pool"},true]}]})"},
    {R"("id" <> 'fa7e' AND "odd name" IS NULL)",
     R"({"op":"and","args":[{"op":"<>","args":[{"property":"id"},"fa7e"]},
         {"op":"isNull","args":[{"property":"odd name"}]}]})"},
    {"Foo(geometry) = TRUE",
     R"({"op":"=","args":[{"op":"Foo","args":[{"property":"geometry"}]},true]})"},
    {"FALSE <> Bar(geometry, 100, 'a', FALSE)",
     R"({"op":"<>","args":[false,{"op":"Bar","args":[{"property":"geometry"},100,"a",false]}]})"},
    {"value = - foo * 2.0 + bar / 6.5 - x ^ 2.0",
     R"({"op":"=","args":[{"property":"value"},{"op":"-","args":[{"op":"+","args":[
         {"op":"*","args":[{"op":"*","args":[-1,{"property":"foo"}]},2]},
         {"op":"/","args":[{"property":"bar"},6.5]}]},{"op":"^","args":[{"property":"x"},2]}]}]})"},
    {"1 = (foo div 2) AND 0 = foo % 2",
     R"({"op":"and","args":[{"op":"=","args":[1,{"op":"div","args":[{"property":"foo"},2]}]},
         {"op":"=","args":[0,{"op":"%","args":[{"property":"foo"},2]}]}]})"},
    {"name LIKE CASEI('FOO%')",
     R"({"op":"like","args":[{"property":"name"},{"op":"casei","args":["FOO%"]}]})"},
    {"owner = 'O''Brien' OR owner = 'O\\'Brien'",
     R"({"op":"or","args":[{"op":"=","args":[{"property":"owner"},"O'Brien"]},
         {"op":"=","args":[{"property":"owner"},"O'Brien"]}]})"},
    {"S_EQUALS(GEOMETRYCOLLECTION (POINT (1.5 2), MULTILINESTRING ((-2 0, 7 1), (0 0, 1 1))), g)",
     R"({"op":"s_equals","args":[{"type":"GeometryCollection","geometries":[
         {"type":"Point","coordinates":[1.5,2]},
         {"type":"MultiLineString","coordinates":[[[-2,0],[7,1]],[[0,0],[1,1]]]}]},
         {"property":"g"}]})"},
    {"S_WITHIN(POLYGON Z ((0 0 5, 0 1 5, 1 1 5, 0 0 5)), g)",
     R"({"op":"s_within","args":[{"type":"Polygon","coordinates":
         [[[0,0,5],[0,1,5],[1,1,5],[0,0,5]]]},{"property":"g"}]})"},
    {"S_EQUALS(MULTIPOINT ((180 -0.5), (179 -47)), g)",
     R"({"op":"s_equals","args":[{"type":"MultiPoint","coordinates":[[180,-0.5],[179,-47]]},
         {"property":"g"}]})"},
    {"x > 1e3", R"({"op":">","args":[{"property":"x"},1000]})"},
};

Expression from_json(const char* json) { return parse_cql2_json(parse_json(json, "test")); }

TEST(Cql2, TextAndJsonOfOneFilterAreOneTree) {
  for (const auto& [text, json] : kPairs)
    EXPECT_EQ(to_cql2_json(parse_cql2_text(text)), to_cql2_json(from_json(json))) << text;
}

TEST(Cql2, ATreeIsReadBackFromItsTextAndFromItsJson) {
  for (const auto& [text, json] : kPairs) {
    const Expression tree = from_json(json);
    const std::string written = to_cql2_text(tree);
    EXPECT_TRUE(parse_cql2_text(written) == tree) << written;
    EXPECT_TRUE(parse_cql2_json(to_cql2_json(tree)) == tree) << text;
    EXPECT_EQ(to_cql2_text(parse_cql2_text(written)), written);
  }
}

TEST(Cql2, WordsOfTheLanguageAreKnownInAnyCase) {
  EXPECT_TRUE(parse_cql2_text("a is not null and not b between 1 and 2") ==
              parse_cql2_text("a IS NOT NULL AND NOT b BETWEEN 1 AND 2"));
  EXPECT_TRUE(parse_cql2_text("T_finishedBy(a, b)").is_call("t_finishedBy"));
}

TEST(Cql2, DraftsOfTheStandardAreReadToo) {
  EXPECT_TRUE(from_json(R"({"op":"between","args":[{"property":"a"},[1,2]]})") ==
              parse_cql2_text("a BETWEEN 1 AND 2"));
  EXPECT_TRUE(from_json(R"({"function":{"name":"f","args":[1]}})") == parse_cql2_text("f(1)"));
}

TEST(Cql2, BrokenTextIsRefusedWithItsColumn) {
  const std::pair<const char*, const char*> cases[] = {
      {"", "column 1"},
      {"a =", "column 4"},
      {"a = 'x", "quote"},
      {"a = 1 b", "column 7"},
      {"(a = 1", "expected ')'"},
      {"a LIKE", "expected a value"},
      {"a NOT = 1", "expected LIKE"},
      {"a IS 5", "expected NULL"},
      {"a BETWEEN 1", "expected AND"},
      {"a = 1e999", "too large"},
      {"a = #", "no meaning"},
      {"a", ""},
      {"S_INTERSECTS(g, POLYGON((0 0, 1 1)))", "ring"},
      {"S_INTERSECTS(g, POINT(1 x))", "no number"},
      {"T_AFTER(a, DATE('2020-02-30'))", "no date"},
      {"T_AFTER(a, TIMESTAMP('soon'))", "no timestamp"},
      {"T_AFTER(a, INTERVAL('x', '..'))", "interval"},
      {"T_AFTER(a)", "arguments"},
      {"a + 1", "neither true nor false"},
      {"'a' AND b = 1", "neither true nor false"},
      {"a = BBOX(1,2,3)", "box"},
  };
  for (const auto& [text, word] : cases) {
    if (std::string_view(text) == "a") {
      EXPECT_NO_THROW(parse_cql2_text(text));
      continue;
    }
    expect_refused(Errc::invalid_argument, word, [given = text] { parse_cql2_text(given); });
  }
}

TEST(Cql2, BrokenJsonIsRefused) {
  for (const char* json :
       {"null", "[]", "{}", R"({"op":"=","args":[1]})", R"({"op":"=","args":null})", R"({"op":7})",
        R"({"op":"=","args":[1,null]})", R"({"op":"in","args":[1,2]})", R"({"property":1})",
        R"({"op":"and","args":[]})", R"({"op":"a b(","args":[]})", R"({"op":"not","args":["x"]})",
        R"({"op":"s_within","args":[{"type":"Blob"},{"property":"g"}]})",
        R"({"op":"=","args":[{"bbox":[1,2]},1]})"})
    EXPECT_EQ(code_of([&] { from_json(json); }), Errc::invalid_argument) << json;
}

TEST(Cql2, HostileDepthIsRefusedAtOnce) {
  const auto repeated = [](const char* text, int n) {
    std::string out;
    for (int i = 0; i < n; ++i) out += text;
    return out;
  };
  for (const std::string& text :
       {repeated("(", 100'000), repeated("NOT ", 100'000) + "a", "a = 1" + repeated("+1", 100'000),
        "a = " + repeated("f(", 100'000), std::string(2 << 20, ' '),
        "a = " + repeated("-", 100'000) + "1",
        "S_WITHIN(g, " + repeated("GEOMETRYCOLLECTION(", 10'000)})
    EXPECT_EQ(code_of([&] { parse_cql2_text(text); }), Errc::invalid_argument);
  std::string json = "true";
  for (int i = 0; i < 70; ++i) json = R"({"op":"not","args":[)" + json + "]}";
  EXPECT_EQ(code_of([&] { from_json(json.c_str()); }), Errc::invalid_argument);
}

TEST(Cql2, LongChainsOfAndAreFlat) {
  std::string text = "a = 0";
  for (int i = 1; i < 20'000; ++i) text += " AND a = " + std::to_string(i);
  EXPECT_EQ(parse_cql2_text(text).args.size(), 20'000U);
}

}  // namespace
}  // namespace rastream
