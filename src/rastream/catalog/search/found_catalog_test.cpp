// SPDX-License-Identifier: Apache-2.0
#include "rastream/catalog/search/found_catalog.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "rastream/base/text_file.h"
#include "rastream/catalog/index/index.h"
#include "tests/servers/loopback_server.h"
#include "tests/suites/errors.h"
#include "tests/suites/scratch_folder.h"

namespace rastream {
namespace {

std::string item_of(const std::string& id, const std::string& collection, const std::string& href) {
  return fmt::format(
      R"({{"type":"Feature","stac_version":"1.0.0","id":"{}","collection":"{}","geometry":null,)"
      R"("properties":{{"datetime":"2020-01-01T00:00:00Z"}},"links":[{{"rel":"license","href":"../LICENSE"}},)"
      R"({{"rel":"collection","href":"{}"}}],"assets":{{"a":{{"href":"{}"}}}}}})",
      id, collection, "./" + collection, href);
}

std::string collection_of(const std::string& id, const std::string& links = "") {
  return fmt::format(
      R"({{"type":"Collection","stac_version":"1.0.0","id":"{}","description":"of {}",)"
      R"("license":"CC-BY-4.0","extent":{{"spatial":{{"bbox":[[0,1,2,3]]}},)"
      R"("temporal":{{"interval":[[null,null]]}}}},"summaries":{{"gsd":[10]}},"links":[{}]}})",
      id, id, links);
}

/// Collections a and b with an item each, and an item "loose" of neither.
void write_catalog(const ScratchFolder& folder) {
  const auto link = [](const char* rel, const std::string& href) {
    return fmt::format(R"({{"rel":"{}","href":"{}"}})", rel, href);
  };
  write_text_file(
      folder / "catalog.json",
      R"({"type":"Catalog","stac_version":"1.0.0","id":"all","description":"","links":[)" +
          link("child", "./a.json") + "," + link("child", "./b.json") + "," +
          link("item", "./loose.json") + "]}");
  write_text_file(folder / "a.json", collection_of("a", link("item", "./a-1.json")));
  write_text_file(folder / "b.json", collection_of("b", link("item", "./b-1.json")));
  write_text_file(folder / "a-1.json", item_of("a-1", "a", "files/a.nc"));
  write_text_file(folder / "b-1.json", item_of("b-1", "b", "https://example.org/b.nc"));
  write_text_file(folder / "loose.json", item_of("loose", "elsewhere", "s3://bucket/c.nc"));
}

FoundCatalog found_in(const std::string& target, const Search& search = {}) {
  return find_as_catalog(target, search, {}, "found");
}

TEST(FoundCatalog, StandsItemsInTheCollectionsThatTheyName) {
  const ScratchFolder folder;
  write_catalog(folder);
  build_index(folder / "catalog.json", folder / "all.index");
  for (const char* target : {"catalog.json", "all.index"}) {
    FoundCatalog found = found_in(folder / target);
    EXPECT_EQ(found.summary.n_items, 3) << target;
    EXPECT_EQ(found.catalog.describe(),
              "* <Catalog id=found>\n    * <Collection id=a>\n      * <Item id=a-1>\n"
              "    * <Collection id=b>\n      * <Item id=b-1>\n  * <Item id=loose>\n")
        << target;
    EXPECT_EQ(found.catalog.find_collection("a").member("summaries"), Json({{"gsd", {10}}}));
    EXPECT_EQ(found.catalog.find_collection("a").stac_version, "1.1.0");
    EXPECT_EQ(found.catalog.document().description, "Items found in " + folder / target);
  }
}

TEST(FoundCatalog, HasOnlyTheCollectionsOfWhatWasFound) {
  const ScratchFolder folder;
  write_catalog(folder);
  Search search;
  search.ids = {"b-1"};
  EXPECT_EQ(found_in(folder / "catalog.json", search).catalog.describe(),
            "* <Catalog id=found>\n    * <Collection id=b>\n      * <Item id=b-1>\n");
  search.ids = {"none"};
  EXPECT_EQ(found_in(folder / "catalog.json", search).catalog.describe(), "* <Catalog id=found>\n");
}

TEST(FoundCatalog, IsSavedWithFilesThatAreFoundFromAnywhere) {
  const ScratchFolder folder, elsewhere;
  write_catalog(folder);
  FoundCatalog found = found_in(folder / "catalog.json");
  found.catalog.normalise_hrefs(elsewhere / "found");
  EXPECT_EQ(found.catalog.save().n_written, 6);
  Catalog saved = Catalog::open(elsewhere / "found");
  EXPECT_EQ(saved.find_item("a-1").asset("a").href, folder / "files/a.nc");
  EXPECT_EQ(saved.find_item("b-1").asset("a").href, "https://example.org/b.nc");
  EXPECT_EQ(saved.find_item("loose").asset("a").href, "s3://bucket/c.nc");
  for (const Item& item : saved.items()) {
    EXPECT_EQ(item.stac_version, "1.1.0");
    for (const Link& link : item.links)
      EXPECT_TRUE(link.rel != "collection" || item.id == "loose" ||
                  link.href == "../collection.json")
          << link.href;
  }
}

TEST(FoundCatalog, TakesAFileOfItemsWhoseCollectionsItDoesNotHave) {
  const ScratchFolder folder;
  const std::string items = item_of("1", "c", "x.nc") + "\n" + item_of("2", "c", "y.nc") + "\n";
  write_text_file(folder / "found.ndjson", items);
  FoundCatalog found = found_in(folder / "found.ndjson");
  EXPECT_EQ(found.catalog.describe(), "* <Catalog id=found>\n  * <Item id=1>\n  * <Item id=2>\n");
  EXPECT_EQ(found.catalog.item("1")->asset("a").href, folder / "x.nc");
  EXPECT_EQ(found.catalog.item("1")->collection, "c");
}

/// An API with one page of `items`, and of collections "c" alone.
class OnePage {
 public:
  explicit OnePage(std::string items) : items_(std::move(items)) {}
  std::string url() const { return server_.url("/stac"); }

 private:
  void serve(const ServedRequest& request, ServedConnection& connection) const {
    if (request.path() == "/stac/collections/c") return connection.answer(200, collection_of("c"));
    if (request.path() == "/stac/search")
      return connection.answer(
          200, R"({"type":"FeatureCollection","links":[],"features":[)" + items_ + "]}");
    if (request.path() != "/stac") return connection.answer(404, "{}");
    connection.answer(200, R"({"type":"Catalog","id":"api","stac_version":"1.0.0","description":"",
      "conformsTo":["https://api.stacspec.org/v1.0.0/core","https://api.stacspec.org/v1.0.0/item-search",
      "https://api.stacspec.org/v1.0.0/collections"],"links":[
      {"rel":"search","type":"application/geo+json","href":"/stac/search"},
      {"rel":"data","type":"application/json","href":"/stac/collections"}]})");
  }

  std::string items_;
  LoopbackServer server_{[this](const ServedRequest& r, ServedConnection& c) { serve(r, c); }};
};

TEST(FoundCatalog, OfAnApiAsksForTheCollectionsThatItemsName) {
  const OnePage api(item_of("1", "c", "/files/x.tif") + "," + item_of("2", "gone", "./y.tif"));
  FoundCatalog found = found_in(api.url());
  EXPECT_EQ(found.catalog.describe(),
            "* <Catalog id=found>\n    * <Collection id=c>\n      * <Item id=1>\n"
            "  * <Item id=2>\n");
  const std::string origin = api.url().substr(0, api.url().size() - 5);
  EXPECT_EQ(found.catalog.find_item("1").asset("a").href, origin + "/files/x.tif");
  EXPECT_EQ(found.catalog.find_item("2").asset("a").href, origin + "/stac/y.tif");
}

TEST(FoundCatalog, OfTheWebNamesNoFileOfThisMachine) {
  const OnePage api(item_of("1", "c", "file:///etc/passwd"));
  EXPECT_EQ(found_in(api.url()).catalog.find_item("1").asset("a").href,
            api.url() + "/file%3A%2F%2F%2Fetc%2Fpasswd");
}

TEST(FoundCatalog, IsOfWholeItems) {
  Search search;
  search.fields.emplace();
  EXPECT_EQ(error_of([&] { found_in("none", search); }).code(), Errc::invalid_argument);
}

}  // namespace
}  // namespace rastream
