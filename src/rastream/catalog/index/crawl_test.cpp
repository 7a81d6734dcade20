// SPDX-License-Identifier: Apache-2.0
// Crawls, indexes and searches find what Catalog::open finds, wherever and of whatever version a
// catalog is.
#include "rastream/catalog/index/crawl.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <fstream>

#include "rastream/catalog/catalog.h"
#include "rastream/catalog/index/index.h"
#include "rastream/catalog/search/search_items.h"
#include "tests/servers/loopback_server.h"
#include "tests/servers/server_process.h"
#include "tests/suites/errors.h"
#include "tests/suites/scratch_folder.h"

namespace rastream {
namespace {

namespace fs = std::filesystem;

const std::string kData = "../shared/data/stac/";

void write_file(const fs::path& path, const std::string& text) {
  fs::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << text;
}

/// All items as text, sorted: the two walks have different orders.
std::vector<std::string> opened_items(const std::string& target) {
  std::vector<std::string> texts;
  Catalog::open(target).for_each_item([&](const Item& item, const Collection*) {
    texts.emplace_back(item.text.view());
    return true;
  });
  std::sort(texts.begin(), texts.end());
  return texts;
}

std::vector<std::string> found_items(const std::string& target) {
  std::vector<std::string> texts;
  search_items(target, {}, {}, [&](const FoundItem& item) {
    texts.emplace_back(item.text.view());
    return true;
  });
  std::sort(texts.begin(), texts.end());
  return texts;
}

/// Items of a search through `catalog`, of its index, and of Catalog::open are the same.
std::size_t expect_same_items(const std::string& catalog, const std::string& index) {
  build_index(catalog, index, {.crawl = {}, .is_new = true});
  const auto expected = opened_items(catalog);
  EXPECT_EQ(found_items(catalog), expected) << catalog;
  EXPECT_EQ(found_items(index), expected) << catalog;
  return expected.size();
}

std::string old_item(const std::string& version, const std::string& id,
                     const std::string& more = "") {
  return fmt::format(
      R"({{"type":"Feature","stac_version":"{}","id":"{}","geometry":null,"collection":"c",)"
      R"("properties":{{"datetime":"2020-01-01T00:00:00Z","eo:epsg":32631}},"assets":{{}},)"
      R"("stac_extensions":["eo","commons"],"links":[]{}}})",
      version, id, more);
}

std::string collection(const std::string& version, const std::string& properties,
                       const std::string& links) {
  return fmt::format(
      R"({{"stac_version":"{}","id":"c","description":"d","license":"various",)"
      R"("extent":{{"spatial":{{"bbox":[[0,0,1,1]]}},"temporal":{{"interval":[["2020-01-01T00:00:00Z",null]]}}}},)"
      R"("properties":{},"links":[{}]}})",
      version, properties, links);
}

std::string link(const std::string& rel, const std::string& href) {
  return fmt::format(R"({{"rel":"{}","href":"{}"}})", rel, href);
}

std::string catalog_text(const std::string& version, const std::string& links) {
  return fmt::format(
      R"({{"type":"Catalog","stac_version":"{}","id":"root","description":"d","links":[{}]}})",
      version, links);
}

TEST(Crawl, RealCatalogsOfAllVersionsGiveTheItemsThatCatalogOpenGives) {
  if (!fs::exists(kData)) GTEST_SKIP() << kData << " is absent";
  const ScratchFolder folder;
  const std::pair<const char*, std::size_t> cases[] = {
      {"pystac/catalogs/label_catalog-v0.8.1", 62}, {"stac2dcache/data/test-catalog", 3},
      {"stac2dcache/data/s2-catalog", 2},           {"pystac-client/data/test-case-1", 8},
      {"pystac/catalogs/test-case-4", 62},
  };
  for (const auto& [path, n_items] : cases)
    EXPECT_EQ(expect_same_items(kData + path, folder / "index"), n_items) << path;
}

TEST(Crawl, OldItemsAreMigratedWithThePropertiesOfTheirCollection) {
  for (const char* version : {"0.8.1", "0.9.0", "1.0.0-beta.2", "1.0.0"}) {
    const ScratchFolder folder;
    write_file(folder / "catalog.json", catalog_text(version, link("child", "c/collection.json")));
    write_file(folder / "c/collection.json",
               collection(version, R"({"eo:gsd":10})",
                          link("item", "a.json") + "," + link("child", "sub.json")));
    write_file(folder / "c/a.json", old_item(version, "a"));
    write_file(folder / "c/sub.json", catalog_text(version, link("item", "list.json")));
    write_file(folder / "c/list.json",
               fmt::format(R"({{"type":"FeatureCollection","features":[{},{}]}})",
                           old_item(version, "b"), old_item(version, "d")));
    EXPECT_EQ(expect_same_items(folder / "catalog.json", folder / "index"), 3U);
    for (const std::string& text : found_items(folder / "index")) {
      const Item item = parse_item(JsonText(text), "");
      EXPECT_EQ(item.stac_version, "1.1.0") << version;
      EXPECT_EQ(item.property("gsd").is_number(), std::string(version).starts_with("0.")) << text;
    }
  }
}

TEST(Crawl, AnUpdateOfAnOldCatalogFollowsWhatItemsShare) {
  const ScratchFolder folder;
  const auto write_collection = [&](int gsd) {
    write_file(folder / "collection.json",
               collection("0.8.1", fmt::format(R"({{"eo:gsd":{}}})", gsd), link("item", "a.json")));
  };
  write_collection(10);
  write_file(folder / "a.json", old_item("0.8.1", "a"));
  const std::string index = folder / "index";
  build_index(folder / "collection.json", index);
  write_collection(2000);
  build_index(folder / "collection.json", index);
  EXPECT_EQ(found_items(index), opened_items(folder / "collection.json"));
  // The item alone changes: its collection is known all the same.
  write_file(folder / "a.json", old_item("0.8.1", "another"));
  build_index(folder / "collection.json", index);
  EXPECT_EQ(found_items(index), opened_items(folder / "collection.json"));
  EXPECT_EQ(parse_item(JsonText(found_items(index).at(0)), "").property("gsd"), 2000);
}

TEST(Crawl, AnOldCatalogThatSharesNothingIsReadOnce) {
  const ScratchFolder folder;
  write_file(folder / "catalog.json", catalog_text("1.0.0-beta.2", link("item", "a.json")));
  write_file(folder / "a.json", old_item("1.0.0-beta.2", "a"));
  EXPECT_EQ(build_index(folder / "catalog.json", folder / "index").n_read, 2);
  EXPECT_EQ(build_index(folder / "catalog.json", folder / "index").n_read, 0);
  EXPECT_EQ(found_items(folder / "index"), opened_items(folder / "catalog.json"));
}

TEST(Crawl, AFileOfTwoNamesIsVisitedOnceAndCirclesOfFoldersEnd) {
  const ScratchFolder folder;
  write_file(folder / "catalog.json",
             catalog_text("1.1.0", link("child", "again/catalog.json") + "," +
                                       link("item", "a.json") + "," + link("item", "b.json")));
  write_file(folder / "a.json", old_item("1.1.0", "a"));
  fs::create_symlink("a.json", folder / "b.json");
  fs::create_directory_symlink(".", folder / "again");
  EXPECT_EQ(expect_same_items(folder / "catalog.json", folder / "index"), 1U);
  EXPECT_EQ(build_index(folder / "catalog.json", folder / "index").n_documents, 2);
}

TEST(Crawl, AWrongLinkIsAProblemOfItsOwnEachTime) {
  const ScratchFolder folder;
  write_file(folder / "catalog.json",
             catalog_text("1.1.0", link("item", "nosuch://x/y") + "," + link("item", "a.json") +
                                       "," + link("item", "")));
  write_file(folder / "a.json", old_item("1.1.0", "a"));
  std::vector<std::string> problems;
  IndexOptions options;
  options.crawl.problem = [&](const Error& e) { problems.push_back(e.what()); };
  for (int i = 0; i < 2; ++i) {
    problems.clear();
    EXPECT_EQ(build_index(folder / "catalog.json", folder / "index", options).n_items, 1);
    EXPECT_EQ(problems.size(), 2U);
  }
  EXPECT_NE(code_of([&] { found_items(folder / "catalog.json"); }), Errc::internal);
}

TEST(Crawl, ADocumentOfTheWebWithoutAnETagIsAskedAgainByItsDate) {
  std::atomic<int> n_bodies = 0;
  const std::string date = "Sun, 01 Nov 2020 08:00:00 GMT";
  std::atomic<bool> is_just_changed = false;
  LoopbackServer server([&](const ServedRequest& request, ServedConnection& connection) {
    if (!request.header("If-Modified-Since").empty()) {
      EXPECT_EQ(request.header("If-Modified-Since"), date);
      return connection.answer(304, "");
    }
    ++n_bodies;
    const std::string sent = is_just_changed ? date : "Mon, 02 Nov 2020 08:00:00 GMT";
    const std::string headers = fmt::format("Last-Modified: {}\r\nDate: {}\r\n", date, sent);
    connection.answer(200,
                      request.path() == "/a.json" ? old_item("1.0.0", "a")
                                                  : catalog_text("1.0.0", link("item", "a.json")),
                      headers);
  });
  const ScratchFolder folder;
  for (int i = 0; i < 2; ++i) build_index(server.url("/catalog.json"), folder / "index");
  EXPECT_EQ(n_bodies, 2);
  is_just_changed = true;
  for (int i = 0; i < 2; ++i) build_index(server.url("/catalog.json"), folder / "other");
  EXPECT_EQ(n_bodies, 6) << "it may have changed again within that second";
}

TEST(Crawl, AnOldItemOfTheWebHasItsCollectionFromNoOtherStore) {
  LoopbackServer inside([](const ServedRequest&, ServedConnection& connection) {
    ADD_FAILURE() << "a store of this machine was asked";
    connection.answer(404, "");
  });
  const std::string place = fmt::format("webdav{}", inside.url("/c.json").substr(4));
  LoopbackServer server([&](const ServedRequest&, ServedConnection& connection) {
    connection.answer(200, fmt::format(R"({{"type":"Feature","stac_version":"0.8.1","id":"i",)"
                                       R"("properties":{{}},"assets":{{}},"links":[{}]}})",
                                       link("collection", place)));
  });
  EXPECT_EQ(code_of([&] { found_items(server.url("/i.json")); }), Errc::permission_denied);
  EXPECT_EQ(code_of([&] { opened_items(server.url("/i.json")); }), Errc::permission_denied);
}

/// A stand-in for dCache with a catalog of an old version.
class StoredCrawl : public ::testing::Test {
 protected:
  void SetUp() override {
    server_.ask({{"put", "/pnfs/home"}, {"folder", true}});
    put("catalog.json", catalog_text("1.0.0-beta.2", link("child", "c.json")));
    put("c.json", collection("1.0.0-beta.2", "null",
                             link("item", "a.json") + "," + link("item", "b%20b.json")));
    put("a.json", old_item("1.0.0-beta.2", "a"));
    put("b b.json", old_item("1.0.0-beta.2", "b b"));
  }
  void put(const std::string& name, const std::string& text) {
    server_.ask({{"put", "/pnfs/home/" + name}, {"text", text}});
  }
  std::string url(const std::string& name) const {
    return fmt::format("webdav://127.0.0.1:{}/pnfs/home/{}", server_.port("door"), name);
  }

  ScratchFolder folder_;
  ServerProcess server_{{"python3", "tests/servers/dcache_like.py"}};
};

TEST_F(StoredCrawl, GivesTheItemsThatCatalogOpenGives) {
  EXPECT_EQ(expect_same_items(url("catalog.json"), folder_ / "index"), 2U);
}

TEST_F(StoredCrawl, AnUpdateReadsOnlyWhatChanged) {
  const std::string index = folder_ / "index";
  EXPECT_EQ(build_index(url("catalog.json"), index).n_read, 4);
  EXPECT_EQ(build_index(url("catalog.json"), index).n_read, 0);
  put("a.json", old_item("1.0.0-beta.2", "changed"));
  EXPECT_EQ(build_index(url("catalog.json"), index).n_read, 1);
  EXPECT_EQ(found_items(index), opened_items(url("catalog.json")));
}

TEST_F(StoredCrawl, NamesNoOtherStoreAndNoFile) {
  for (const char* href : {"s3://bucket/a.json", "file:///etc/passwd", "webdav://127.0.0.1:1/a"}) {
    put("bad.json", catalog_text("1.0.0", link("item", href)));
    EXPECT_EQ(code_of([&] { found_items(url("bad.json")); }), Errc::permission_denied) << href;
  }
}

}  // namespace
}  // namespace rastream
