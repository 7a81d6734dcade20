// SPDX-License-Identifier: Apache-2.0
// Catalogs in stores that are not on this machine: saved to the door of a stand-in for dCache and
// read from it again.
#include <gtest/gtest.h>

#include "rastream/base/error.h"
#include "rastream/catalog/catalog.h"
#include "tests/servers/server_process.h"
#include "tests/suites/errors.h"

namespace rastream {
namespace {

Collection document(const std::string& id, bool is_collection) {
  Collection c;
  c.stac_version = "1.1.0";
  c.id = id;
  c.description = "d";
  c.is_collection = is_collection;
  return c;
}

Item item(const std::string& id) {
  Item i;
  i.stac_version = "1.1.0";
  i.id = id;
  i.datetime = "2020-01-01T00:00:00Z";
  return i;
}

/// A root with one child, "far", and an item below it, "a item".
Catalog small_tree() {
  Catalog root = Catalog::create(document("root", false));
  Catalog child = Catalog::create(document("far", false));
  child.add_item(item("an item"));
  root.add_child(child);
  return root;
}

class StoredCatalog : public ::testing::Test {
 protected:
  void SetUp() override { server_.ask({{"put", "/pnfs/home"}, {"folder", true}}); }
  std::string url(const std::string& path) const {
    return fmt::format("webdav://127.0.0.1:{}/pnfs/home{}", server_.port("door"), path);
  }
  /// Names of what was put or moved, in order, without the marks of temporary names.
  std::vector<std::string> written() {
    std::vector<std::string> names;
    for (const Json& seen : server_.ask({{"requests", true}})) {
      if (seen["server"] != "door" || seen["method"] != "MOVE") continue;
      const std::string to = seen["headers"]["destination"];
      names.push_back(to.substr(to.rfind('/') + 1));
    }
    return names;
  }

  ServerProcess server_{{"python3", "tests/servers/dcache_like.py"}};
};

TEST_F(StoredCatalog, ComesBackFromWhereItWasSaved) {
  Catalog tree = small_tree();
  tree.normalise_hrefs(url("/stac"));
  EXPECT_EQ(tree.save().n_written, 3);
  EXPECT_EQ(written(), (std::vector<std::string>{"an%20item.json", "catalog.json", "catalog.json"}))
      << "what names others comes after them";
  const Catalog again = Catalog::open(url("/stac/catalog.json"));
  EXPECT_EQ(again.describe(), tree.describe());
  EXPECT_EQ(again.find_item("an item").href, url("/stac/far/an%20item/an%20item.json"));
}

TEST_F(StoredCatalog, SavedAgainLeavesAloneWhatDidNotChange) {
  Catalog tree = small_tree();
  SaveOptions options;
  options.folder = url("/other");
  tree.normalise_hrefs("/anywhere");
  tree.save(options);
  tree.add_item(item("new"));
  tree.normalise_hrefs("/anywhere");
  const SaveReport report = tree.save(options);
  EXPECT_EQ(report.n_written, 2);
  EXPECT_EQ(report.n_unchanged, 2);
}

TEST_F(StoredCatalog, ARootIsNotWrittenWhenWhatItNamesCouldNotBe) {
  Catalog tree = small_tree();
  tree.normalise_hrefs(url("/stac"));
  const Json refusal = {{"role", "door"}, {"method", "PUT"}, {"status", 403}};
  server_.set({{"fail_next", Json::array({refusal, refusal, refusal, refusal})}});
  EXPECT_EQ(error_of([&] { tree.save(); }).code(), Errc::permission_denied);
  EXPECT_EQ(error_of([&] { Catalog::open(url("/stac/catalog.json")); }).code(), Errc::not_found);
}

TEST_F(StoredCatalog, ADocumentNamesNoOtherStoreThanItsOwn) {
  const std::string text =
      R"({"type":"Catalog","stac_version":"1.1.0","id":"c","description":"d","links":[)"
      R"({"rel":"child","href":"s3://bucket/catalog.json"}]})";
  server_.ask({{"put", "/pnfs/home/c.json"}, {"text", text}});
  EXPECT_EQ(error_of([&] { (void)Catalog::open(url("/c.json")).items(); }).code(),
            Errc::permission_denied);
}

TEST(StoredCatalogs, AStoreThatIsNotKnownIsNamed) {
  const Error e = error_of([] { Catalog::open("gs://bucket/catalog.json"); });
  EXPECT_EQ(e.code(), Errc::unsupported);
  EXPECT_NE(e.message().find("gs"), std::string::npos);
}

}  // namespace
}  // namespace rastream
