// SPDX-License-Identifier: Apache-2.0
#include "rastream/catalog/migrate.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <map>

#include "rastream/catalog/catalog.h"
#include "tests/suites/errors.h"

namespace rastream {
namespace {

namespace fs = std::filesystem;

const std::string kData = "../shared/data/stac";

Json migrated_json(const std::string& text, const std::string& shared = "") {
  return migrated(JsonText(text), shared.empty() ? JsonText() : JsonText(shared)).parse("text");
}

std::string item_text_of(const std::string& version, const std::string& extensions,
                         const std::string& properties, const std::string& asset = "{}") {
  return fmt::format(
      R"({{"type":"Feature","stac_version":"{}","stac_extensions":{},"id":"i","geometry":null,"properties":{},"links":[],"assets":{{"a":{}}}}})",
      version, extensions, properties, asset);
}

TEST(Migration, TouchesNoDocumentOfTheNewestVersion) {
  const std::string text = item_text_of("1.1.0", R"(["proj","eo"])", R"({"proj:epsg":4326})");
  EXPECT_EQ(migrated(JsonText(text)).view(), text);
  EXPECT_EQ(migrated(JsonText(R"({"id":"none"})")).view(), R"({"id":"none"})");
  EXPECT_FALSE(is_migrated_version("1.1.0"));
  EXPECT_FALSE(is_migrated_version("1.2.0"));
  EXPECT_FALSE(is_migrated_version(""));
  for (const char* old : {"0.8.1", "1.0.0-beta.2", "1.0.0", "1.0.1", "1.1.0-beta.1"})
    EXPECT_TRUE(is_migrated_version(old)) << old;
}

TEST(Migration, KeepsTheBytesOfWhatIsTheSameInBothVersions) {
  const std::string text =
      "{\n \"type\": \"Feature\",\n \"stac_version\": \"1.0.0\", \"id\" : \"i\",\n \"x\": 1.10,"
      "\n \"properties\": {\"datetime\":  null}, \"links\": [ ], \"assets\": {}\n}\n";
  std::string expected = text;
  expected.replace(expected.find("1.0.0"), 5, "1.1.0");
  EXPECT_EQ(migrated(JsonText(text)).view(), expected);
}

TEST(Migration, NamesExtensionsByTheirNewestSchemas) {
  const Json item = migrated_json(item_text_of(
      "1.0.0-beta.2", R"(["eo","projection","view","https://example.org/own.json"])", "{}"));
  EXPECT_EQ(item["stac_extensions"],
            Json({"https://stac-extensions.github.io/eo/v1.1.0/schema.json",
                  "https://stac-extensions.github.io/projection/v2.0.0/schema.json",
                  "https://stac-extensions.github.io/view/v1.0.0/schema.json",
                  "https://example.org/own.json"}));
  const Json collection = migrated_json(
      R"({"stac_version":"1.0.0-beta.2","id":"c","license":"proprietary","extent":{},"links":[],"stac_extensions":["eo","item-assets","version"],"summaries":{"gsd":{"min":1,"max":2},"x":[1]}})");
  EXPECT_EQ(collection["type"], "Collection");
  EXPECT_EQ(collection["license"], "other");
  EXPECT_EQ(collection["stac_extensions"],
            Json::array({"https://stac-extensions.github.io/version/v1.2.0/schema.json"}));
  EXPECT_EQ(collection["summaries"]["gsd"], Json({{"minimum", 1}, {"maximum", 2}}));
  EXPECT_EQ(migrated_json(R"({"stac_version":"0.9.0","id":"c","links":[]})")["type"], "Catalog");
}

TEST(Migration, MakesCodesOfEpsgNumbers) {
  const std::string listed =
      R"(["https://stac-extensions.github.io/projection/v1.1.0/schema.json"])";
  Json item = migrated_json(
      item_text_of("1.0.0", listed, R"({"proj:epsg":32631})", R"({"href":"x","proj:epsg":null})"));
  EXPECT_EQ(item["properties"], Json({{"proj:code", "EPSG:32631"}}));
  EXPECT_EQ(item["assets"]["a"], Json({{"href", "x"}}));
  item = migrated_json(item_text_of("1.0.0", "[]", R"({"proj:epsg":32631})"));
  EXPECT_EQ(item["properties"]["proj:epsg"], 32631) << "not of the extension";
}

TEST(Migration, MovesWhatWentIntoCoreAndOtherExtensions) {
  const Json item = migrated_json(item_text_of(
      "0.8.1", R"(["eo","datetime-range","checksum","label"])",
      R"({"eo:platform":"p","eo:instrument":"i","eo:gsd":10,"eo:sun_azimuth":3,"eo:epsg":4326,)"
      R"("eo:bands":[{"name":"a"},{"name":"b"}],"dtr:start_datetime":"s","dtr:end_datetime":"e",)"
      R"("label:task":["t"],"license":"various"})",
      R"({"href":"x","eo:bands":[1],"checksum:multihash":"12"})"));
  const Json& p = item["properties"];
  EXPECT_EQ(p["platform"], "p");
  EXPECT_EQ(p["instruments"], Json::array({"i"}));
  EXPECT_EQ(p["gsd"], 10);
  EXPECT_EQ(p["view:sun_azimuth"], 3);
  EXPECT_EQ(p["proj:code"], "EPSG:4326");
  EXPECT_EQ(p["start_datetime"], "s");
  EXPECT_EQ(p["end_datetime"], "e");
  EXPECT_EQ(p["label:tasks"], Json::array({"t"}));
  EXPECT_EQ(p["license"], "other");
  EXPECT_EQ(item["assets"]["a"]["eo:bands"], Json::parse(R"([{"name":"b"}])"));
  EXPECT_EQ(item["assets"]["a"]["file:checksum"], "12");
}

TEST(Migration, SharesPropertiesOfTheCollectionUpTo09) {
  const std::string item = item_text_of("0.8.1", "[]", R"({"own":1})");
  EXPECT_TRUE(shares_properties(JsonText(item)));
  EXPECT_EQ(migrated_json(item, R"({"own":2,"shared":3})")["properties"],
            Json({{"own", 1}, {"shared", 3}}));
  EXPECT_FALSE(shares_properties(JsonText(item_text_of("0.9.0", "[]", "{}"))));
  EXPECT_TRUE(shares_properties(JsonText(item_text_of("0.9.0", R"(["commons"])", "{}"))));
  EXPECT_FALSE(shares_properties(JsonText(item_text_of("1.0.0", R"(["commons"])", "{}"))));
}

TEST(Migration, OddValuesStayAsTheyAre) {
  for (
      const char* odd :
      {R"({"type":"Feature","stac_version":"0.8.1","properties":3,"assets":[],"stac_extensions":{}})",
       R"({"type":"Feature","stac_version":"0.8.1","stac_extensions":[1,null,"eo"],"properties":{"eo:bands":[{}]},"assets":{"a":{"eo:bands":[7,"x"]},"b":4}})",
       R"({"type":5,"stac_version":"0.8.1"})", R"({"type":"Odd","stac_version":"1.0.0"})",
       R"({"stac_version":"0.8.1","extent":null,"summaries":{"a":1}})"})
    EXPECT_TRUE(migrated_json(odd).is_object()) << odd;
}

TEST(Migration, TheCatalogOf08IsThatOf11) {
  if (!fs::exists(kData)) GTEST_SKIP() << kData << " is absent";
  const auto items_of = [](const std::string& path) {
    std::map<std::string, Item> out;
    for (Item& item : Catalog::open(kData + path).items()) {
      const std::string key = item.collection + "/" + item.id;
      out.emplace(key, std::move(item));
    }
    return out;
  };
  const auto old = items_of("/pystac/catalogs/label_catalog-v0.8.1");
  const auto now = items_of("/pystac/catalogs/test-case-4");
  ASSERT_FALSE(old.empty());
  for (const auto& [key, item] : old) {
    EXPECT_EQ(item.stac_version, "1.1.0");
    ASSERT_TRUE(now.contains(key)) << key;
    EXPECT_EQ(nlohmann::json::parse(item.properties.view()),
              nlohmann::json::parse(now.at(key).properties.view()))
        << key;
  }
}

TEST(Migration, CanBeSwitchedOff) {
  if (!fs::exists(kData)) GTEST_SKIP() << kData << " is absent";
  const std::string path = kData + "/stac2dcache/data/s2-catalog";
  ReadOptions options;
  options.migrates = false;
  EXPECT_EQ(Catalog::open(path, options).document().stac_version, "1.0.0-beta.2");
  EXPECT_EQ(Catalog::open(path).document().stac_version, "1.1.0");
}

}  // namespace
}  // namespace rastream
