// SPDX-License-Identifier: Apache-2.0
#include "rastream/catalog/catalog.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <random>

#include "rastream/base/error.h"
#include "rastream/catalog/href.h"
#include "tests/suites/errors.h"

namespace rastream {
namespace {

namespace fs = std::filesystem;

const std::string kData = "../shared/data/";

ReadOptions offline() {
  ReadOptions options;
  options.reads_urls = false;
  return options;
}
const ReadOptions kOffline = offline();

/// A folder of its own for each test, gone afterwards.
class StaticCatalog : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto* info = ::testing::UnitTest::GetInstance()->current_test_info();
    folder_ = fs::temp_directory_path() / fmt::format("rastream_{}_{}", info->name(), ::getpid());
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }

  std::string write(const std::string& name, const std::string& text) const {
    const fs::path path = folder_ / name;
    fs::create_directories(path.parent_path());
    std::ofstream(path) << text;
    return path.string();
  }
  /// A catalog.json at the root with these links: "child:a/catalog.json".
  std::string write_catalog(const std::string& name, const std::vector<std::string>& links,
                            const std::string& type = "Catalog") const {
    Json j = {{"type", type},
              {"id", fs::path(name).parent_path().filename().string() + "-id"},
              {"stac_version", "1.1.0"},
              {"description", ""},
              {"links", Json::array()}};
    for (const auto& link : links) {
      const auto colon = link.find(':');
      j["links"].push_back({{"rel", link.substr(0, colon)}, {"href", link.substr(colon + 1)}});
    }
    return write(name, j.dump(1));
  }
  std::string write_item(const std::string& name, const std::string& id,
                         const std::string& asset = "x.nc") const {
    const Json j = {{"type", "Feature"},
                    {"stac_version", "1.1.0"},
                    {"id", id},
                    {"geometry", nullptr},
                    {"bbox", {-10, 20, 30, 40}},
                    {"links", Json::array()},
                    {"properties",
                     {{"datetime", nullptr},
                      {"start_datetime", "1980-01-01T00:00:00Z"},
                      {"proj:code", "EPSG:4326"},
                      {"odd:thing", {1, 2}}}},
                    {"assets",
                     {{"tmin",
                       {{"href", asset},
                        {"type", "application/x-netcdf"},
                        {"roles", {"data"}},
                        {"proj:shape", {3, 4}}}},
                      {"tmax", {{"href", "../t.nc"}}}}}};
    return write(name, j.dump(1));
  }
  fs::path folder_;
};

struct Counts {
  std::size_t n_collections = 0;
  std::size_t n_items = 0;
  friend bool operator==(const Counts&, const Counts&) = default;
};

Counts count(const Catalog& catalog) {
  Counts n;
  catalog.for_each_collection([&](const Collection&) { return ++n.n_collections > 0; });
  catalog.for_each_item([&](const Item&, const Collection*) { return ++n.n_items > 0; });
  return n;
}

std::ostream& operator<<(std::ostream& out, const Counts& c) {
  return out << c.n_collections << " collections, " << c.n_items << " items";
}

TEST(Catalogs, RealOnesHaveAllTheirCollectionsAndItems) {
  if (!fs::exists(kData + "stac")) GTEST_SKIP() << kData << "stac is absent";
  const std::pair<const char*, Counts> cases[] = {
      {"stac/pystac-client/data/test-case-1", {7, 8}},
      {"stac/pystac/catalogs/test-case-4/catalog.json", {8, 62}},
      {"stac/stac2dcache/data/test-catalog", {1, 3}},
      {"stac/stac2dcache/data/s2-catalog", {1, 2}},
  };
  for (const auto& [path, expected] : cases)
    EXPECT_EQ(count(Catalog::open(kData + path)), expected) << path;
}

TEST(Catalogs, DaymetsItemsAreFoundByIdAndByCollection) {
  if (!fs::exists(kData + "daymet/stac")) GTEST_SKIP() << kData << "daymet/stac is absent";
  const Catalog catalog = Catalog::open(kData + "daymet/stac/catalog.json");
  EXPECT_EQ(count(catalog), (Counts{3, 0}));
  EXPECT_EQ(catalog.find_collection("daymet-daily-na").title, "Daymet Daily North America");
  for (const char* region : {"na", "hi"}) {
    const Catalog one = Catalog::open(kData + "daymet/stac/daily/" + region + "/item.json");
    const Item item = one.find_item(std::string("daymet-daily-") + region);
    EXPECT_EQ(item.start_datetime, "1980-01-01T12:00:00Z");
    EXPECT_EQ(item.datetime, "");
    EXPECT_EQ(item.asset("zarr-https").type, "application/vnd+zarr");
    EXPECT_EQ(item.asset("zarr-https").roles, (std::vector<std::string>{"data", "zarr", "https"}));
    EXPECT_TRUE(item.property("cube:dimensions").is_object());
    EXPECT_EQ(error_of([&] { (void)item.asset_path("zarr-https"); }).code(), Errc::unsupported);
  }
}

TEST(Catalogs, EveryVersionFrom08To11IsRead) {
  if (!fs::exists(kData + "stac")) GTEST_SKIP() << kData << "stac is absent";
  const Catalog old = Catalog::open(kData + "stac/pystac/catalogs/label_catalog-v0.8.1");
  EXPECT_EQ(old.find_collection("acc").is_collection, true);
  for (const char* path : {"stac/rustac/spec-examples/v1.0.0/simple-item.json",
                           "stac/stac-spec-1.1.0/examples/simple-item.json",
                           "stac/stac-spec-1.1.0/examples/core-item.json"}) {
    const auto items = Catalog::open(kData + path).items();
    ASSERT_EQ(items.size(), 1U) << path;
    EXPECT_TRUE(items[0].bbox.has_value());
  }
}

TEST(Catalogs, EveryJsonFileOfTheCollectionIsReadOrRefusedWithAnError) {
  if (!fs::exists(kData + "stac")) GTEST_SKIP() << kData << "stac is absent";
  int n_read = 0;
  for (const auto& entry : fs::recursive_directory_iterator(kData + "stac")) {
    if (entry.path().extension() != ".json") continue;
    try {
      Catalog::open(entry.path().string(), kOffline).items();
      ++n_read;
    } catch (const Error& e) {
      EXPECT_NE(e.code(), Errc::internal) << entry.path() << e.what();
    }
  }
  EXPECT_GT(n_read, 100);
}

TEST(Catalogs, ACatalogWithoutAVersionAndAnErrorBodyAreRefused) {
  if (!fs::exists(kData + "stac")) GTEST_SKIP() << kData << "stac is absent";
  const Error e = error_of([] { Catalog::open(kData + "stac/pystac/catalogs/invalid-catalog"); });
  EXPECT_EQ(e.code(), Errc::data_loss);
  EXPECT_NE(e.message().find("stac_version"), std::string::npos);
  EXPECT_EQ(error_of([] {
              Catalog::open(kData + "stac/rustac/crates/io/mocks/not-a-collection.json");
            }).code(),
            Errc::data_loss);
}

TEST_F(StaticCatalog, ItemsAreVisitedDepthFirstWithTheirCollection) {
  write_catalog("catalog.json", {"root:catalog.json", "self:catalog.json",
                                 "child:./a/collection.json", "item:z.json"});
  write_catalog("a/collection.json",
                {"parent:../catalog.json", "item:./one/one.json", "item:../two.json"},
                "Collection");
  write_item("a/one/one.json", "one");
  write_item("two.json", "two");
  write_item("z.json", "z");
  std::string order;
  Catalog::open(folder_.string()).for_each_item([&](const Item& item, const Collection* c) {
    order += item.id + "@" + (c ? c->id : "-") + " ";
    return true;
  });
  EXPECT_EQ(order, "one@a-id two@a-id z@- ");
  const Catalog catalog = Catalog::open(folder_.string());
  EXPECT_EQ(catalog.items("a-id").size(), 2U);
  EXPECT_EQ(catalog.find_item("two", "a-id").id, "two");
  EXPECT_EQ(error_of([&] { catalog.find_item("z", "a-id"); }).code(), Errc::not_found);
  EXPECT_EQ(error_of([&] { (void)catalog.items("b-id"); }).code(), Errc::not_found);
}

TEST_F(StaticCatalog, AnItemKeepsWhatItDoesNotKnow) {
  const Item item = Catalog::open(write_item("a/b.json", "b", "./data/x.nc")).find_item("b");
  EXPECT_EQ(item.bbox, (BBox{-10, 20, 30, 40}));
  EXPECT_EQ(item.property("odd:thing"), Json({1, 2}));
  EXPECT_EQ(item.asset_property("tmin", "proj:shape"), Json({3, 4}));
  EXPECT_EQ(item.asset_property("tmin", "proj:code"), "EPSG:4326");
  EXPECT_TRUE(item.asset_property("tmin", "proj:bbox").is_null());
  EXPECT_EQ(item.asset_path("tmin"), (folder_ / "a/data/x.nc").string());
  EXPECT_EQ(item.asset_path("tmax"), (folder_ / "t.nc").string());
}

TEST_F(StaticCatalog, AMissingAssetNamesThoseThatAreThere) {
  const Item item = Catalog::open(write_item("b.json", "b")).find_item("b");
  const Error e = error_of([&] { (void)item.asset("prcp"); });
  EXPECT_EQ(e.code(), Errc::not_found);
  EXPECT_NE(e.message().find("tmin, tmax"), std::string::npos) << e.message();
}

TEST_F(StaticCatalog, AMissingItemNamesTenThatAreThere) {
  std::vector<std::string> links;
  for (int i = 0; i < 14; ++i) {
    links.push_back(fmt::format("item:i{}.json", i));
    write_item(fmt::format("i{}.json", i), fmt::format("na-{}", 1980 + i));
  }
  const Catalog catalog = Catalog::open(write_catalog("catalog.json", links));
  const Error e = error_of([&] { catalog.find_item("na-2050"); });
  EXPECT_EQ(e.code(), Errc::not_found);
  EXPECT_NE(e.message().find("na-1980, na-1981"), std::string::npos) << e.message();
  EXPECT_NE(e.message().find("na-1989 and 4 more"), std::string::npos) << e.message();
}

TEST_F(StaticCatalog, BrokenJsonIsDataLossWithFileAndLine) {
  write_item("i.json", "i");
  write("bad.json", "{\n \"type\": \"Feature\",\n \"id\" 5 }");
  const Catalog catalog =
      Catalog::open(write_catalog("catalog.json", {"item:i.json", "item:bad.json"}));
  const Error e = error_of([&] { (void)catalog.items(); });
  EXPECT_EQ(e.code(), Errc::data_loss);
  EXPECT_NE(e.message().find("bad.json"), std::string::npos) << e.message();
  EXPECT_NE(e.message().find("line 3"), std::string::npos) << e.message();
  EXPECT_EQ(catalog.find_item("i").id, "i");
}

TEST_F(StaticCatalog, AMissingFileIsNotFoundByName) {
  const Catalog catalog = Catalog::open(write_catalog("catalog.json", {"item:gone/away.json"}));
  const Error e = error_of([&] { (void)catalog.items(); });
  EXPECT_EQ(e.code(), Errc::not_found);
  EXPECT_NE(e.message().find("gone/away.json"), std::string::npos);
  EXPECT_EQ(error_of([&] { Catalog::open((folder_ / "nothing").string()); }).code(),
            Errc::not_found);
  EXPECT_EQ(error_of([&] { Catalog::open((folder_ / "catalog.json/x").string()); }).code(),
            Errc::not_found);
  EXPECT_EQ(error_of([&] { Catalog::open(""); }).code(), Errc::data_loss);
}

TEST_F(StaticCatalog, ACircleOfLinksIsWalkedOnce) {
  write_catalog("catalog.json", {"child:a/catalog.json", "child:catalog.json", "item:i.json"});
  write_catalog("a/catalog.json",
                {"child:../catalog.json", "child:../b/catalog.json", "item:../i.json"});
  write_catalog("b/catalog.json", {"child:../a/../a/catalog.json", "child:link/catalog.json"});
  fs::create_directory_symlink(folder_ / "a", folder_ / "b/link");
  write_item("i.json", "i");
  EXPECT_EQ(count(Catalog::open(folder_.string())), (Counts{3, 1}));
}

TEST_F(StaticCatalog, AChainTooDeepIsDataLoss) {
  for (int i = 0; i <= kMaxCatalogDepth + 1; ++i) {
    write_catalog(fmt::format("c{}.json", i), {fmt::format("child:c{}.json", i + 1)});
  }
  const Error e = error_of([&] { count(Catalog::open((folder_ / "c0.json").string())); });
  EXPECT_EQ(e.code(), Errc::data_loss);
}

TEST_F(StaticCatalog, ALinkOfAnotherSchemeIsUnsupportedByName) {
  for (const char* href : {"s3://bucket/c.json", "https://example.org/c.json",
                           "dcache://host/c.json", "file://host/c.json"}) {
    const Catalog catalog =
        Catalog::open(write_catalog("catalog.json", {std::string("child:") + href}), kOffline);
    const Error e = error_of([&] { (void)catalog.items(); });
    EXPECT_EQ(e.code(), Errc::unsupported) << href;
    EXPECT_NE(e.message().find("is not a local path"), std::string::npos) << e.message();
    EXPECT_NE(e.message().find(href), std::string::npos) << e.message();
  }
  EXPECT_EQ(error_of([] { Catalog::open("gs://bucket/catalog.json"); }).code(), Errc::unsupported);
}

TEST_F(StaticCatalog, AbsolutePathsAndFileUrlsAreFollowed) {
  const std::string item = write_item("with space/i.json", "i");
  std::string url = "file://" + item;
  url.replace(url.find(' '), 1, "%20");
  EXPECT_EQ(Catalog::open(write_catalog("catalog.json", {"item:" + url})).items().size(), 1U);
  EXPECT_EQ(
      Catalog::open("file://" + write_catalog("catalog.json", {"item:" + item})).items().size(),
      1U);
}

TEST_F(StaticCatalog, APipeIsNotRead) {
  ASSERT_EQ(::mkfifo((folder_ / "pipe.json").c_str(), 0600), 0);
  const Catalog catalog =
      Catalog::open(write_catalog("catalog.json", {"item:pipe.json", "item:/dev/zero"}));
  EXPECT_EQ(error_of([&] { (void)catalog.items(); }).code(), Errc::not_found);
}

TEST_F(StaticCatalog, AnItemCollectionGivesItsFeatures) {
  const Json item =
      parse_json(R"({"type":"Feature","id":"f","properties":{},"assets":{},"links":[]})", "");
  write("all.json", Json({{"type", "FeatureCollection"}, {"features", {item, item}}}).dump());
  EXPECT_EQ(Catalog::open((folder_ / "all.json").string()).items().size(), 2U);
}

TEST_F(StaticCatalog, DamagedDocumentsAreReadOrRefusedAndNothingElse) {
  const std::string path =
      write_catalog("catalog.json", {"child:a/collection.json", "item:i.json"});
  const std::vector<std::string> files = {
      path, write_catalog("a/collection.json", {"item:../i.json"}, "Collection"),
      write_item("i.json", "i")};
  std::mt19937 random(7);
  int n_refused = 0;
  for (const auto& file : files) {
    std::ifstream in(file);
    const std::string whole((std::istreambuf_iterator<char>(in)), {});
    for (int round = 0; round < 700; ++round) {
      std::string damaged = whole;
      const std::size_t at = random() % whole.size();
      if (round % 3 == 0)
        damaged.resize(at);
      else if (round % 3 == 1)
        damaged[at] = static_cast<char>(random());
      else
        damaged.replace(at, 1 + random() % 20,
                        std::string(1 + random() % 3, "0[]{}\":,-e9n"[random() % 12]));
      std::ofstream(file, std::ios::trunc) << damaged;
      try {
        for (const Item& item : Catalog::open(path).items()) (void)item.asset_path("tmin");
      } catch (const Error&) {
        ++n_refused;
      }
    }
    std::ofstream(file, std::ios::trunc) << whole;
  }
  EXPECT_GT(n_refused, 1000);
}

TEST_F(StaticCatalog, MembersOfTheWrongTypeAreDataLoss) {
  const std::string good =
      R"({"type":"Feature","id":"f","properties":{},"assets":{"a":{"href":"x"}},"links":[]})";
  for (const char* patch :
       {R"({"id":7})", R"({"properties":[]})", R"({"properties":null})", R"({"assets":[]})",
        R"({"assets":{"a":{"href":null}}})", R"({"assets":{"a":3}})", R"({"links":{}})",
        R"({"links":[3]})", R"({"links":[{"rel":"item"}]})", R"({"bbox":[1,2]})",
        R"({"bbox":["a",2,3,4]})", R"({"bbox":{}})"}) {
    Json j = parse_json(good, "");
    j.update(parse_json(patch, ""));
    const std::string path = write("x.json", j.dump());
    EXPECT_EQ(error_of([&] { Catalog::open(path).items(); }).code(), Errc::data_loss) << patch;
  }
  EXPECT_EQ(error_of([&] { Catalog::open(write("n.json", "[1e999]")); }).code(), Errc::data_loss);
  EXPECT_EQ(error_of([&] { Catalog::open(write("n.json", "[1, 2]")); }).code(), Errc::data_loss);
}

TEST(Href, RelativeHrefsAreTheInverseOfResolving) {
  EXPECT_EQ(resolve_href("./b/c.json", "/a/x.json"), "/a/b/c.json");
  EXPECT_EQ(resolve_href("../../c.json", "/a/b/x.json"), "/c.json");
  EXPECT_EQ(resolve_href("/q/./r//s", "/a/x.json"), "/q/r/s");
  EXPECT_EQ(resolve_href("file:///a%20b/c", "/x"), "/a b/c");
  EXPECT_EQ(resolve_href("file://localhost/c", "/x"), "/c");
  EXPECT_EQ(resolve_href("2020:05.json", "/a/x.json"), "/a/2020:05.json");
  EXPECT_EQ(relative_href("/a/b/c.nc", "/a/x.json"), "./b/c.nc");
  EXPECT_EQ(relative_href("/a/c.nc", "/a/b/x.json"), "../c.nc");
  EXPECT_THROW(resolve_href(std::string_view("a\0b", 3), "/x"), Error);
}

}  // namespace
}  // namespace rastream
