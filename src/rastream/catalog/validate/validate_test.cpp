// SPDX-License-Identifier: Apache-2.0
#include "rastream/catalog/validate/validate.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "rastream/base/json.h"
#include "rastream/catalog/document.h"
#include "tests/suites/errors.h"

namespace rastream {
namespace {

namespace fs = std::filesystem;

const std::string kData = "../shared/data/stac";

const std::string kItem =
    R"({"type":"Feature","stac_version":"1.1.0","stac_extensions":["https://stac-extensions.github.io/projection/v2.0.0/schema.json","https://stac-extensions.github.io/view/v1.0.0/schema.json"],"id":"i","geometry":{"type":"Point","coordinates":[1,2]},"bbox":[1,2,1,2],"properties":{"datetime":"2020-01-01T00:00:00Z","proj:code":"EPSG:4326","view:azimuth":4},"links":[{"rel":"collection","href":"c.json"}],"assets":{"a":{"href":"x","proj:shape":[1,2]}},"collection":"c"})";
const std::string kCollection =
    R"({"type":"Collection","stac_version":"1.1.0","id":"c","description":"d","license":"CC0-1.0","extent":{"spatial":{"bbox":[[0,0,1,1]]},"temporal":{"interval":[["2020-01-01T00:00:00Z",null]]}},"links":[],"summaries":{"gsd":[1]},"providers":[{"name":"n","roles":["host"]}]})";

std::vector<std::string> fields_of(const Json& document) {
  std::vector<std::string> out;
  for (const Violation& v : validate_document(JsonText(document.dump()), "d.json"))
    out.push_back(v.field);
  return out;
}

using Fields = std::vector<std::string>;

TEST(Validation, OfGoodDocumentsFindsNothing) {
  EXPECT_EQ(fields_of(Json::parse(kItem)), Fields{});
  EXPECT_EQ(fields_of(Json::parse(kCollection)), Fields{});
}

TEST(Validation, NamesDocumentItemFieldAndSection) {
  Json item = Json::parse(kItem);
  item["links"][0]["href"] = "";
  const auto found = validate_document(JsonText(item.dump()), "d.json");
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].href, "d.json");
  EXPECT_EQ(found[0].id, "i");
  EXPECT_EQ(found[0].field, "links[0].href");
  EXPECT_EQ(found[0].expected, "a text that is not empty");
  EXPECT_EQ(found[0].section, "commons/links.md, Link Object");
}

TEST(Validation, FindsEachBrokenFieldOfAnItem) {
  const std::pair<const char*, const char*> cases[] = {
      {R"([{"op":"remove","path":"/stac_version"}])", "stac_version"},
      {R"([{"op":"replace","path":"/stac_version","value":"2.0.0"}])", "stac_version"},
      {R"([{"op":"replace","path":"/id","value":""}])", "id"},
      {R"([{"op":"replace","path":"/geometry","value":{"type":"Point"}}])", "geometry"},
      {R"([{"op":"replace","path":"/geometry","value":null}])", "bbox"},
      {R"([{"op":"remove","path":"/bbox"}])", "bbox"},
      {R"([{"op":"replace","path":"/bbox","value":[1,2,3]}])", "bbox"},
      {R"([{"op":"remove","path":"/links"}])", "links"},
      {R"([{"op":"remove","path":"/collection"}])", "collection"},
      {R"([{"op":"replace","path":"/properties/datetime","value":"2020"}])", "properties.datetime"},
      {R"([{"op":"replace","path":"/properties/datetime","value":"2021-02-29T00:00:00Z"}])",
       "properties.datetime"},
      {R"([{"op":"replace","path":"/properties/datetime","value":null}])", "properties.datetime"},
      {R"([{"op":"add","path":"/properties/start_datetime","value":"2020-01-01T00:00:00Z"}])",
       "properties.end_datetime"},
      {R"([{"op":"add","path":"/properties/gsd","value":0}])", "properties.gsd"},
      {R"([{"op":"add","path":"/properties/providers","value":[{}]}])",
       "properties.providers[0].name"},
      {R"([{"op":"replace","path":"/properties/proj:code","value":4326}])", "properties.proj:code"},
      {R"([{"op":"replace","path":"/properties/view:azimuth","value":361}])",
       "properties.view:azimuth"},
      {R"([{"op":"remove","path":"/assets/a/href"}])", "assets.a.href"},
      {R"([{"op":"replace","path":"/assets/a/proj:shape","value":[1.5,2]}])",
       "assets.a.proj:shape"},
      {R"([{"op":"add","path":"/assets/a/roles","value":"data"}])", "assets.a.roles"},
      {R"([{"op":"add","path":"/links/0/method","value":"get"}])", "links[0].method"},
      {R"([{"op":"replace","path":"/stac_extensions","value":["a","a"]}])", "stac_extensions"},
  };
  for (const auto& [patch, field] : cases) {
    const Json item = Json::parse(kItem).patch(Json::parse(patch));
    EXPECT_EQ(fields_of(item), Fields{field}) << patch;
  }
}

TEST(Validation, FindsEachBrokenFieldOfACollection) {
  const std::pair<const char*, const char*> cases[] = {
      {R"([{"op":"remove","path":"/license"}])", "license"},
      {R"([{"op":"replace","path":"/license","value":"two words"}])", "license"},
      {R"([{"op":"replace","path":"/type","value":"Catalogue"}])", "type"},
      {R"([{"op":"remove","path":"/extent/spatial"}])", "extent.spatial"},
      {R"([{"op":"replace","path":"/extent/spatial/bbox","value":[]}])", "extent.spatial.bbox"},
      {R"([{"op":"replace","path":"/extent/temporal/interval","value":[["2020",null]]}])",
       "extent.temporal.interval[0]"},
      {R"([{"op":"replace","path":"/summaries/gsd","value":5}])", "summaries.gsd"},
      {R"([{"op":"add","path":"/item_assets","value":{"a":{"title":"t"}}}])", "item_assets.a"},
      {R"([{"op":"replace","path":"/providers/0/roles","value":["friend"]}])",
       "providers[0].roles[0]"},
      {R"([{"op":"replace","path":"/description","value":""}])", "description"},
  };
  for (const auto& [patch, field] : cases) {
    const Json collection = Json::parse(kCollection).patch(Json::parse(patch));
    const Fields found = fields_of(collection);
    EXPECT_NE(std::find(found.begin(), found.end(), field), found.end()) << patch;
  }
}

TEST(Validation, ChecksOnlyExtensionsThatAreListed) {
  Json item = Json::parse(kItem);
  item["properties"]["proj:code"] = 4326;
  item["stac_extensions"] = Json::array();
  EXPECT_EQ(fields_of(item), Fields{});
}

TEST(Validation, ChecksEveryItemOfACollectionOfItems) {
  Json bad = Json::parse(kItem);
  bad.erase("assets");
  const Json items = {{"type", "FeatureCollection"}, {"features", {Json::parse(kItem), bad, 3}}};
  const Fields found = fields_of(items);
  EXPECT_EQ(found.front(), "assets");
  EXPECT_GT(found.size(), 1U);
  EXPECT_EQ(error_of([] { validate_document(JsonText("[1]"), "d"); }).code(), Errc::data_loss);
}

TEST(Validation, TheExamplesOfTheSpecificationAreValid) {
  const std::string folder = kData + "/stac-spec-1.1.0/examples";
  if (!fs::exists(folder)) GTEST_SKIP() << folder << " is absent";
  int n = 0;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.path().extension() != ".json") continue;
    for (const Violation& v :
         validate_document(read_document(entry.path().string()), entry.path().string()))
      ADD_FAILURE() << v.href << ": " << v.field << ": expected " << v.expected;
    ++n;
  }
  EXPECT_GT(n, 5);
}

}  // namespace
}  // namespace rastream
