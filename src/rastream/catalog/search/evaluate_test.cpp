// SPDX-License-Identifier: Apache-2.0
#include "rastream/catalog/search/evaluate.h"

#include <gtest/gtest.h>

#include "rastream/catalog/search/answer_shape.h"
#include "rastream/catalog/search/cql2.h"
#include "rastream/catalog/search/item_matcher.h"
#include "tests/suites/errors.h"

namespace rastream {
namespace {

constexpr const char* kItem = R"({"type":"Feature","stac_version":"1.1.0","id":"scene-1",
 "collection":"s2","geometry":{"type":"Polygon","coordinates":[[[4,51],[6,51],[5,53],[4,51]]]},
 "bbox":[4,51,6,53],"links":[],"assets":{"B1":{"href":"b1.tif"}},
 "properties":{"datetime":"2020-06-01T10:30:00Z","eo:cloud_cover":12.5,"platform":"Sentinel-2A",
  "name":"Straße","land":"Curaçao","flag":true,"nothing":null,"bands":["red","green"],
  "path":[1,2,3],"updated":"2021-01-01T00:00:00Z","percent":"10%","row":28,
  "starts_at":"2020-01-01T00:00:00Z","ends_at":"2020-12-31T00:00:00Z","view":{"angle":3},
  "dotted.name":7}})";

Item item_of(const char* text = kItem) { return parse_item(JsonText(text), "item.json"); }

std::optional<bool> truth(const char* filter) { return holds(parse_cql2_text(filter), item_of()); }

TEST(Evaluate, ComparesPropertiesIdsAndCollections) {
  for (const char* filter :
       {"id = 'scene-1'", "collection = 's2'", "eo:cloud_cover < 13", "eo:cloud_cover >= 12.5",
        "platform <> 'Sentinel-2B'", "flag = TRUE", "flag", "properties.row = 28", "view.angle = 3",
        "dotted.name = 7", "row IN (1, 28)", "row NOT IN (1, 2)", "row BETWEEN 28 AND 30",
        "row NOT BETWEEN 1 AND 2", "'a' < 'b'", "datetime = '2020-06-01T12:30:00+02:00'",
        "datetime > DATE('2020-06-01')", "datetime < TIMESTAMP('2020-06-01T10:30:01Z')",
        "assets.B1.href = 'b1.tif'"})
    EXPECT_EQ(truth(filter), true) << filter;
  for (const char* filter :
       {"id = 'scene'", "eo:cloud_cover < 12.5", "row IN (1, 2)", "NOT flag", "row = 28.5"})
    EXPECT_EQ(truth(filter), false) << filter;
}

TEST(Evaluate, WhatIsMissingIsUnknownAsInSql) {
  for (const char* filter : {"absent = 1", "absent <> 1", "NOT absent = 1", "nothing = 1",
                             "absent LIKE 'a'", "absent IN (1)", "row IN (1, absent)", "row = '28'",
                             "platform > 5", "absent BETWEEN 1 AND 2", "absent + 1 = 2",
                             "row / 0 = 1", "T_AFTER(absent, DATE('2020-01-01'))",
                             "A_CONTAINS(absent, (1))", "S_WITHIN(absent, BBOX(0,0,1,1))"})
    EXPECT_EQ(truth(filter), std::nullopt) << filter;
  for (const char* filter :
       {"absent IS NULL", "nothing IS NULL", "row IS NOT NULL", "absent = 1 OR row = 28",
        "NOT (absent = 1 AND row = 1)", "geometry IS NOT NULL", "row IN (absent, 28)",
        "NOT row BETWEEN 40 AND absent"})
    EXPECT_EQ(truth(filter), true) << filter;
  EXPECT_EQ(truth("absent = 1 AND row = 1"), false);
}

TEST(Evaluate, PatternsHaveWildcardsAndEscapes) {
  for (const char* filter :
       {"platform LIKE 'Sentinel%'", "platform LIKE '%2A'", "platform LIKE 'Sent_nel-2_'",
        "platform LIKE '%'", "percent LIKE '10\\%'", "name LIKE 'Stra_e'", "name NOT LIKE 'stra%'",
        "CASEI(platform) LIKE CASEI('SENTINEL%')", "CASEI(name) = CASEI('STRASSE')",
        "ACCENTI(land) = ACCENTI('Curacao')", "ACCENTI(CASEI(land)) = 'curacao'",
        "platform LIKE '%S%n%l%A%'"})
    EXPECT_EQ(truth(filter), true) << filter;
  for (const char* filter : {"platform LIKE 'entinel%'", "percent LIKE '1\\%'",
                             "platform LIKE 'Sentinel-2A_'", "platform LIKE ''"})
    EXPECT_EQ(truth(filter), false) << filter;
}

TEST(Evaluate, CountsAsTheStandardDoes) {
  for (const char* filter : {"row + 2 = 30", "row - 30 = -2", "row * 2 = 56", "row / 8 = 3.5",
                             "row % 5 = 3", "row div 5 = 5", "2 ^ 3 = 8", "-row = -28",
                             "-2 ^ 2 = 4", "1 + 2 * 3 = 7", "(1 + 2) * 3 = 9"})
    EXPECT_EQ(truth(filter), true) << filter;
}

TEST(Evaluate, ArraysAreSets) {
  for (const char* filter :
       {"A_EQUALS(bands, ('green', 'red'))", "A_CONTAINS(bands, ('red'))",
        "A_CONTAINEDBY(bands, ('red', 'green', 'blue'))", "A_OVERLAPS(bands, ('nir', 'red'))",
        "A_EQUALS(path, (1, 2, 3))", "A_CONTAINS(path, ())"})
    EXPECT_EQ(truth(filter), true) << filter;
  for (const char* filter : {"A_EQUALS(bands, ('red'))", "A_CONTAINS(bands, ('red', 'nir'))",
                             "A_OVERLAPS(bands, ('nir'))", "A_CONTAINEDBY(bands, ('red'))"})
    EXPECT_EQ(truth(filter), false) << filter;
}

TEST(Evaluate, GeometriesLieToEachOther) {
  for (const char* filter :
       {"S_INTERSECTS(geometry, POINT(5 52))", "S_INTERSECTS(geometry, BBOX(0,50,5,52))",
        "S_WITHIN(geometry, BBOX(4,51,6,53))", "S_CONTAINS(geometry, POINT(5 52))",
        "S_DISJOINT(geometry, POINT(4.1 52.9))", "S_TOUCHES(geometry, POINT(4 51))",
        "S_CROSSES(LINESTRING(4 52, 6 52), geometry)", "S_OVERLAPS(geometry, BBOX(5,50,7,52))",
        "S_EQUALS(geometry, POLYGON((6 51, 5 53, 4 51, 6 51)))",
        "S_INTERSECTS(BBOX(0,0,2,2), POINT(1 1))",
        "S_INTERSECTS(BBOX(170,-10,-170,10), POINT(-175 0))"})
    EXPECT_EQ(truth(filter), true) << filter;
  EXPECT_EQ(truth("S_INTERSECTS(geometry, POINT(4.1 52.9))"), false);
  EXPECT_EQ(truth("S_WITHIN(geometry, BBOX(4,51,5,53))"), false);
}

TEST(Evaluate, TimesRelateAsAllenNamedIt) {
  // a: 2 to 4 January; each relation with a b for which it alone of its family holds.
  const std::pair<const char*, const char*> cases[] = {
      {"T_AFTER", "'2020-01-01T00:00:00Z', '2020-01-01T12:00:00Z'"},
      {"T_BEFORE", "'2020-01-05T00:00:00Z', '2020-01-06T00:00:00Z'"},
      {"T_CONTAINS", "'2020-01-02T12:00:00Z', '2020-01-03T00:00:00Z'"},
      {"T_DISJOINT", "'2020-01-05T00:00:00Z', '2020-01-06T00:00:00Z'"},
      {"T_DURING", "'2020-01-01T00:00:00Z', '2020-01-05T00:00:00Z'"},
      {"T_EQUALS", "'2020-01-02T00:00:00Z', '2020-01-04T00:00:00Z'"},
      {"T_FINISHEDBY", "'2020-01-03T00:00:00Z', '2020-01-04T00:00:00Z'"},
      {"T_FINISHES", "'2020-01-01T00:00:00Z', '2020-01-04T00:00:00Z'"},
      {"T_INTERSECTS", "'2020-01-04T00:00:00Z', '2020-01-06T00:00:00Z'"},
      {"T_MEETS", "'2020-01-04T00:00:00Z', '2020-01-06T00:00:00Z'"},
      {"T_METBY", "'2020-01-01T00:00:00Z', '2020-01-02T00:00:00Z'"},
      {"T_OVERLAPPEDBY", "'2020-01-01T00:00:00Z', '2020-01-03T00:00:00Z'"},
      {"T_OVERLAPS", "'2020-01-03T00:00:00Z', '2020-01-05T00:00:00Z'"},
      {"T_STARTEDBY", "'2020-01-02T00:00:00Z', '2020-01-03T00:00:00Z'"},
      {"T_STARTS", "'2020-01-02T00:00:00Z', '2020-01-05T00:00:00Z'"},
  };
  const std::string a = "INTERVAL('2020-01-02T00:00:00Z', '2020-01-04T00:00:00Z')";
  const std::string far = "INTERVAL('1990-01-01T00:00:00Z', '1990-01-02T00:00:00Z')";
  for (const auto& [name, b] : cases) {
    const std::string of = std::string(name) + "(" + a + ", ";
    EXPECT_EQ(truth((of + "INTERVAL(" + b + "))").c_str()), true) << name;
    const bool holds_far = std::string(name) == "T_AFTER" || std::string(name) == "T_DISJOINT";
    EXPECT_EQ(truth((of + far + ")").c_str()), holds_far) << name;
  }
}

TEST(Evaluate, TimesOfItemsAreFoundInTheirProperties) {
  for (const char* filter :
       {"T_INTERSECTS(datetime, INTERVAL('2020-06-01', '2020-06-01'))",
        "T_DURING(INTERVAL(starts_at, ends_at), INTERVAL('2019-01-01', '..'))",
        "T_BEFORE(datetime, DATE('2020-06-02'))", "T_AFTER(updated, DATE('2010-02-10'))",
        "T_CONTAINS(DATE('2020-06-01'), datetime)",
        "T_EQUALS(updated, TIMESTAMP('2021-01-01T00:00:00Z'))"})
    EXPECT_EQ(truth(filter), true) << filter;
}

TEST(Evaluate, AnUnknownFunctionIsNamedBeforeAnItemIsLookedAt) {
  expect_refused(Errc::unsupported, "'Buffer'", [] {
    check_evaluable(parse_cql2_text("S_WITHIN(g, Buffer(geometry, 10, 'm'))"));
  });
}

Search search_of(std::initializer_list<std::pair<const char*, const char*>> parameters) {
  Search search;
  for (const auto& [name, value] : parameters) set_parameter(search, name, value);
  complete_search(search);
  return search;
}

bool matches(std::initializer_list<std::pair<const char*, const char*>> parameters,
             const char* text = kItem) {
  return ItemMatcher(search_of(parameters)).matches(item_of(text), "above");
}

TEST(ItemMatcher, EveryParameterIsACondition) {
  EXPECT_TRUE(matches({}));
  EXPECT_TRUE(matches({{"ids", "a,scene-1"}}));
  EXPECT_FALSE(matches({{"ids", "scene"}}));
  EXPECT_TRUE(matches({{"collections", "s1,s2"}}));
  EXPECT_TRUE(matches({{"collections", "above"}}));
  EXPECT_FALSE(matches({{"collections", "s1"}}));
  EXPECT_TRUE(matches({{"datetime", "2020-06"}}));
  EXPECT_FALSE(matches({{"datetime", "../2019"}}));
  EXPECT_TRUE(matches({{"bbox", "5,52,7,54"}}));
  EXPECT_FALSE(matches({{"bbox", "4,52.9,4.1,53"}})) << "the box touches, the geometry does not";
  EXPECT_TRUE(matches({{"intersects", R"({"type":"Point","coordinates":[5,52]})"}}));
  EXPECT_FALSE(matches({{"intersects", "POINT(4.1 52.9)"}}));
  EXPECT_TRUE(matches({{"query", "eo:cloud_cover<13"}, {"query", "row>=28"}}));
  EXPECT_FALSE(matches({{"query", "eo:cloud_cover<13"}, {"query", "row>28"}}));
  EXPECT_TRUE(matches({{"query", R"({"platform":{"startsWith":"Sent","contains":"nel"}})"}}));
  EXPECT_TRUE(matches({{"query", R"({"row":{"in":[1,28]},"platform":{"endsWith":"2A"}})"}}));
  EXPECT_TRUE(matches({{"filter", "eo:cloud_cover < 13"}, {"filter-lang", "cql2-text"}}));
  EXPECT_FALSE(matches({{"filter", "row = 28"}, {"query", "row=27"}}));
}

constexpr const char* kFar = R"({"type":"Feature","stac_version":"1.0.0","id":"fiji","links":[],
 "assets":{},"geometry":null,"bbox":[175,-20,100,-170,-10,300],
 "properties":{"datetime":null,"start_datetime":"2020-01-01T00:00:00Z",
 "end_datetime":"2020-12-31T00:00:00Z"}})";

TEST(ItemMatcher, BoxesCrossTheAntimeridian) {
  for (const char* bbox : {"-180,-90,180,90", "178,-15,-178,-12", "-175,-15,-160,-12",
                           "170,-15,176,-12", "170,-15,190,-12", "179,-15,0,-179,-12,150"})
    EXPECT_TRUE(matches({{"bbox", bbox}}, kFar)) << bbox;
  for (const char* bbox : {"-160,-15,170,-12", "178,0,-178,10", "179,-15,400,-179,-12,500"})
    EXPECT_FALSE(matches({{"bbox", bbox}}, kFar)) << bbox;
}

TEST(ItemMatcher, AnIntervalMatchesEveryTimeWithinIt) {
  EXPECT_TRUE(matches({{"datetime", "2020-05-05T00:00:00Z"}}, kFar));
  EXPECT_FALSE(matches({{"datetime", "2021"}}, kFar));
  EXPECT_TRUE(matches({{"filter", "T_INTERSECTS(datetime, DATE('2020-05-05'))"}}, kFar));
}

TEST(ItemMatcher, AnItemWithoutAPlaceMatchesNoBox) {
  const char* nowhere = R"({"type":"Feature","stac_version":"1.0.0","id":"n","links":[],
    "assets":{},"geometry":null,"properties":{"datetime":null}})";
  EXPECT_TRUE(matches({}, nowhere));
  EXPECT_FALSE(matches({{"bbox", "-180,-90,180,90"}}, nowhere));
  EXPECT_FALSE(matches({{"datetime", "1900/2100"}}, nowhere));
}

TEST(Search, BodyAndQueryStringSayTheSame) {
  const Search search = search_of({{"limit", "10"},
                                   {"bbox", "60,0,70,10.5"},
                                   {"datetime", "2017"},
                                   {"ids", "a,b"},
                                   {"collections", "c"},
                                   {"query", "cloud<5"},
                                   {"filter", "a = 1"},
                                   {"sortby", "-x,+y,z"},
                                   {"fields", "id,-geometry"}});
  EXPECT_EQ(search_body(search), parse_json(R"({"limit":10,"bbox":[60,0,70,10.5],
    "datetime":"2017-01-01T00:00:00Z/2017-12-31T23:59:59Z","ids":["a","b"],"collections":["c"],
    "query":{"cloud":{"lt":5}},"filter":{"op":"=","args":[{"property":"a"},1]},
    "filter-lang":"cql2-json","sortby":[{"field":"x","direction":"desc"},
    {"field":"y","direction":"asc"},{"field":"z","direction":"asc"}],
    "fields":{"include":["id"],"exclude":["geometry"]}})",
                                            "test"));
  Search again;
  for (const auto& [name, value] : search_query(search)) set_parameter(again, name, value);
  complete_search(again);
  EXPECT_EQ(search_body(again), search_body(search));
  EXPECT_EQ(search_body(search_from_json(search_body(search))), search_body(search));
  EXPECT_EQ(search_query(search)[1].second, "60.0,0.0,70.0,10.5");
}

TEST(Search, AFilterInALanguageOfOthersIsSentAndNotUnderstood) {
  const Search search = search_of({{"filter-lang", "cql-text"}, {"filter", "a EQ 1"}});
  EXPECT_EQ(search_body(search).at("filter"), "a EQ 1");
  expect_refused(Errc::unsupported, "cql-text", [&] { ItemMatcher{search}; });
}

TEST(Search, NonsenseIsRefusedWithTheParametersName) {
  const std::pair<const char*, const char*> cases[] = {
      {"bbox", "1,2,3"},
      {"bbox", "0,10,1,5"},
      {"bbox", "0,-91,1,5"},
      {"bbox", "a,b,c,d"},
      {"bbox", "0,0,9,5,5,1"},
      {"limit", "0"},
      {"limit", "x"},
      {"limit", "10001"},
      {"datetime", "now"},
      {"intersects", "{}"},
      {"intersects", "POINT"},
      {"query", "cloud"},
      {"query", "<5"},
      {"query", "{bad"},
      {"sortby", "-"},
      {"filter", "{bad"},
      {"filter-crs", "EPSG:28992"},
      {"nonsense", "1"},
      {"intersects", R"({"type":"Polygon","coordinates":[[[0,0],[1,1],[2,2],[3,3]]]})"},
  };
  for (const auto& [name, value] : cases)
    EXPECT_EQ(code_of([asked = std::pair(name, value)] {
                search_of({{asked.first, asked.second}});
              }),
              Errc::invalid_argument)
        << name << " " << value;
  EXPECT_EQ(code_of([] {
              search_of({{"bbox", "0,0,1,1"}, {"intersects", "POINT(1 1)"}});
            }),
            Errc::invalid_argument);
  for (const char* body :
       {"[]", R"({"bbox":"1,2,3,4"})", R"({"bbox":[1,2,3,null]})", R"({"ids":[1]})",
        R"({"limit":1.5})", R"({"sortby":[{"field":1}]})", R"({"fields":[]})", R"({"query":[]})",
        R"({"filter":5})", R"({"filter-lang":"cql2-json"})",
        R"({"filter":"a=1","filter-lang":"cql2-json"})"})
    EXPECT_EQ(code_of([&] { search_from_json(parse_json(body, "test")); }), Errc::invalid_argument)
        << body;
}

TEST(AnswerShape, FieldsAreIncludedAndExcluded) {
  const auto chosen = [](FieldChoice fields) {
    return parse_json(chosen_fields(kItem, fields), "test");
  };
  EXPECT_EQ(chosen({{"properties.row", "platform"}, {}}),
            parse_json(R"({"type":"Feature","id":"scene-1","collection":"s2",
                           "properties":{"row":28,"platform":"Sentinel-2A"}})",
                       "test"));
  const Json without = chosen({{}, {"geometry", "id", "properties.row", "assets.B1.href"}});
  EXPECT_FALSE(without.contains("geometry"));
  EXPECT_TRUE(without.contains("id"));
  EXPECT_FALSE(without.at("properties").contains("row"));
  EXPECT_EQ(without.at("assets").at("B1"), Json::object());
}

TEST(AnswerShape, SortingPutsWhatIsMissingLast) {
  const std::vector<SortKey> up = {{"x", false}};
  const std::vector<SortKey> down = {{"x", true}};
  const std::vector<Value> one = {Value{1.0}};
  const std::vector<Value> two = {Value{2.0}};
  const std::vector<Value> none = {Value{}};
  EXPECT_TRUE(sorts_before(one, two, up));
  EXPECT_TRUE(sorts_before(two, one, down));
  for (const auto& keys : {up, down}) {
    EXPECT_TRUE(sorts_before(one, none, keys));
    EXPECT_FALSE(sorts_before(none, one, keys));
    EXPECT_FALSE(sorts_before(one, one, keys));
  }
}

}  // namespace
}  // namespace rastream
