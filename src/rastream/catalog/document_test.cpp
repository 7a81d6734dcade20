// SPDX-License-Identifier: Apache-2.0
#include "rastream/catalog/document.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "rastream/base/error.h"
#include "tests/suites/errors.h"

namespace rastream {
namespace {

namespace fs = std::filesystem;

const std::string kData = "../shared/data/stac";

const std::string kItem = R"({
    "type": "Feature",
    "stac_version": "1.1.0",
    "stac_extensions": [],
    "id": "na-1980",
    "geometry": null,
    "bbox": [-10, 20.00, 30, 40],
    "properties": {"datetime": null, "start_datetime": "1980-01-01T12:00:00Z", "big": 12345678901234567890, "x": 1.10},
    "links": [
        {"rel": "root", "href": "../catalog.json", "method": "GET"}
    ],
    "assets": {
        "tmin": {
            "href": "./tmin.nc",
            "roles": ["data"],
            "proj:shape": [8075, 7814]
        }
    },
    "unknown": {"kept": [1e-7]}
}
)";

Item item_of(std::string_view text) {
  return std::get<Item>(parse_document(JsonText(text), "item.json"));
}

/// `text` with `from` replaced by `to`, which must be there once.
std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const auto at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  EXPECT_EQ(text.find(from, at + 1), std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

std::string text_of(const Document& document) {
  if (const auto* item = std::get_if<Item>(&document)) return item_text(*item);
  if (const auto* c = std::get_if<Collection>(&document)) return collection_text(*c);
  return "";
}

TEST(Document, EveryRealOneThatNobodyChangedIsWrittenAsItWas) {
  if (!fs::exists(kData)) GTEST_SKIP() << kData << " is absent";
  int n = 0;
  for (const auto& entry : fs::recursive_directory_iterator(kData)) {
    if (entry.path().extension() != ".json") continue;
    try {
      const JsonText text = read_document(entry.path().string());
      const Document document = parse_document(text, entry.path().string());
      if (const auto* items = std::get_if<ItemCollection>(&document)) {
        for (const Item& item : items->items) EXPECT_EQ(item_text(item), item.text.view());
        continue;
      }
      EXPECT_EQ(text_of(document), text.view()) << entry.path();
      ++n;
    } catch (const Error& e) {
      EXPECT_EQ(e.code(), Errc::data_loss) << entry.path();
    }
  }
  EXPECT_GT(n, 100);
}

TEST(Document, AChangedFieldChangesItsMemberAlone) {
  Item item = item_of(kItem);
  item.id = "na-1981";
  EXPECT_EQ(item_text(item), replaced(kItem, "na-1980", "na-1981"));
  item = item_of(kItem);
  item.assets[0].second.href = "https://example.org/tmin.nc";
  EXPECT_EQ(item_text(item), replaced(kItem, "./tmin.nc", "https://example.org/tmin.nc"));
  item = item_of(kItem);
  item.bbox->north = 41.5;
  EXPECT_EQ(item_of(item_text(item)).bbox, item.bbox);
  item = item_of(kItem);
  item.start_datetime.clear();
  item.datetime = "1980-07-01T00:00:00Z";
  EXPECT_EQ(item_text(item), replaced(replaced(kItem, "\"datetime\": null",
                                               "\"datetime\": \"1980-07-01T00:00:00Z\""),
                                      ", \"start_datetime\": \"1980-01-01T12:00:00Z\"", ""));
}

TEST(Document, NewLinksAndAssetsTakeTheStyleOfTheirDocument) {
  Item item = item_of(kItem);
  item.links.push_back({"self", "./na-1980.json", "application/json", "", {}});
  item.assets.emplace_back("tmax", Asset{"./tmax.nc", "", "", {"data"}, {}});
  const std::string text = item_text(item);
  EXPECT_NE(
      text.find("        {\"rel\": \"root\", \"href\": \"../catalog.json\", \"method\": \"GET\"},\n"
                "        {\n            \"rel\": \"self\",\n"),
      std::string::npos)
      << text;
  EXPECT_NE(text.find("        \"tmax\": {\n            \"href\": \"./tmax.nc\",\n"
                      "            \"roles\": [\"data\"]\n        }\n    },\n    \"unknown\""),
            std::string::npos)
      << text;
  const Item again = item_of(text);
  EXPECT_EQ(again.links.size(), 2U);
  EXPECT_EQ(again.asset("tmax").roles, std::vector<std::string>{"data"});
  EXPECT_EQ(item_text(again), text);
}

TEST(Document, AnAssetThatIsCopiedToAnotherItemKeepsWhatNobodyKnows) {
  Item item;
  item.id = "copy";
  item.stac_version = "1.1.0";
  item.assets.emplace_back("minimum", item_of(kItem).asset("tmin"));
  const Item again = item_of(item_text(item));
  EXPECT_EQ(again.asset_property("minimum", "proj:shape"), Json({8075, 7814}));
}

TEST(Document, ANewItemIsWrittenInTheOrderOfTheSpecification) {
  Item item;
  item.id = "a";
  item.stac_version = "1.1.0";
  item.datetime = "2020-01-01T00:00:00Z";
  item.bbox = BBox{1, 2, 3, 4.5};
  item.collection = "c";
  EXPECT_EQ(item_text(item), R"({
  "type": "Feature",
  "stac_version": "1.1.0",
  "id": "a",
  "geometry": null,
  "bbox": [
    1,
    2,
    3,
    4.5
  ],
  "properties": {
    "datetime": "2020-01-01T00:00:00Z"
  },
  "links": [],
  "assets": {},
  "collection": "c"
})");
  EXPECT_EQ(item_text(item_of(item_text(item))), item_text(item));
}

TEST(Document, ANewCatalogComesBack) {
  Collection c;
  c.id = "c\"";
  c.stac_version = "1.1.0";
  c.description = "two\nlines";
  c.links.push_back({"child", "./a/catalog.json", "", "", {}});
  const auto again = std::get<Collection>(parse_document(JsonText(collection_text(c)), "c.json"));
  EXPECT_EQ(again.id, c.id);
  EXPECT_EQ(again.description, c.description);
  EXPECT_EQ(again.links[0].href, "./a/catalog.json");
  EXPECT_FALSE(again.is_collection);
  EXPECT_EQ(collection_text(again), collection_text(c));
}

TEST(Document, BareNaNOfRealServersIsNull) {
  const Item item = item_of(replaced(kItem, "12345678901234567890", "NaN"));
  EXPECT_TRUE(item.property("big").is_null());
  EXPECT_EQ(item_text(item).find("NaN"), std::string::npos);
}

std::string page_of(const std::string& feature) {
  return "\n {\"type\":\"FeatureCollection\", \"features\" : [" + kItem + ",\n" + feature +
         "], \"links\":[{\"rel\":\"next\",\"href\":\"?page=2\"}], \"n\": 1.50}";
}

ItemCollection items_of(const std::string& text) {
  return std::get<ItemCollection>(parse_document(JsonText(text), "page.json"));
}

TEST(Document, ItemsOfACollectionAreThoseOfTheirOwnTexts) {
  const std::string second = replaced(kItem, "na-1980", "na-1981");
  for (const std::string& text : {page_of(second), replaced(page_of(second), "FeatureCollection",
                                                            "Feature\\u0043ollection")}) {
    const ItemCollection page = items_of(text);
    ASSERT_EQ(page.items.size(), 2U);
    EXPECT_EQ(item_text(page.items[0]) + "\n", kItem);
    EXPECT_EQ(item_text(page.items[1]) + "\n", second);
    EXPECT_EQ(page.links.at(0).href, "?page=2");
    EXPECT_EQ(page.href, "page.json");
    EXPECT_EQ(page.text.parse("page")["n"], 1.5);
  }
  const ItemCollection with_nan =
      items_of(page_of(replaced(second, "12345678901234567890", "NaN")));
  EXPECT_TRUE(with_nan.items.at(1).property("big").is_null());
  EXPECT_EQ(with_nan.items.at(0).property("big"), 12345678901234567890U);
}

TEST(Document, AnythingWrongWithinACollectionOfItemsIsFound) {
  const std::string whole = page_of("{\"type\":\"Feature\",\"id\":\"b\",\"properties\":{}}");
  ASSERT_EQ(items_of(whole).items.size(), 2U);
  for (std::size_t n = 0; n < whole.size(); n += 7)
    EXPECT_EQ(error_of([&] { items_of(whole.substr(0, n)); }).code(), Errc::data_loss) << n;
  for (const auto& [old, broken] :
       std::vector<std::pair<std::string, std::string>>{{"12345678901234567890", "12345x"},
                                                        {"\"n\": 1.50", "n: 1.50"},
                                                        {"1.50}", "1.50} {"},
                                                        {"\"links\":[{", "\"links\":[{]"},
                                                        {"\"features\" : [", "\"features\" : [7,"},
                                                        {"\"features\" : [", "\"features\" : [,"},
                                                        {"\"features\"", "\"elements\""},
                                                        {"na-1980", "na-\xFF"}}) {
    ASSERT_NE(whole.find(old), std::string::npos) << old;
    const std::string text = replaced(whole, old, broken);
    EXPECT_EQ(error_of([&] { items_of(text); }).code(), Errc::data_loss) << broken;
  }
}

TEST(Document, WhatChangesLaterStandsThereOnceAndByItsName) {
  const std::string page =
      R"({"type":"FeatureCollection","l\u0069nks":[{"rel":"x","href":"h"},{"rel":"y","href":"h"}],)"
      R"("links":[],"features":[]})";
  EXPECT_EQ(items_of(page).links.size(), 2U) << "of one position, its value and its text";
  for (const auto& [old, broken] : std::vector<std::pair<std::string, std::string>>{
           {"\"unknown\": {", "\"assets\": {}, \"unknown\": {"},
           {"\"unknown\": {", "\"l\\u0069nks\": [], \"unknown\": {"},
           {"\"links\"", "\"l\\u0069nks\""}})
    EXPECT_EQ(error_of([&] { item_of(replaced(kItem, old, broken)); }).code(), Errc::data_loss)
        << broken;
  EXPECT_EQ(error_of([&] {
              parse_document(JsonText(R"({"type":"Catalog","id":"c","stac_version":"1.1.0",)"
                                      R"("description":"d","links":[],"links":[]})"),
                             "c.json");
            }).code(),
            Errc::data_loss);
  EXPECT_EQ(
      error_of([&] { items_of(R"({"type":"FeatureCollection","featu\u0072es":[]})"); }).code(),
      Errc::data_loss);
}

TEST(Document, BlanksBeforeItAreNotOfIt) {
  Item item = item_of("\xEF\xBB\xBF\n\t " + std::string(kItem));
  EXPECT_EQ(item_text(item), kItem);
  item.id = "na-1981";
  EXPECT_EQ(item_text(item), replaced(kItem, "na-1980", "na-1981"));
}

TEST(Document, OfAMillionLevelsIsRefused) {
  const std::string deep = "{\"a\":" + std::string(1'000'000, '[');
  EXPECT_EQ(error_of([&] { parse_document(JsonText(deep), "deep.json"); }).code(), Errc::data_loss);
}

}  // namespace
}  // namespace rastream
