// SPDX-License-Identifier: Apache-2.0
#include "rastream/catalog/index/index.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>

#include "rastream/catalog/search/search_items.h"
#include "tests/servers/loopback_server.h"
#include "tests/suites/errors.h"

namespace rastream {
namespace {

namespace fs = std::filesystem;

std::string read_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

void write_file(const fs::path& path, const std::string& text) {
  fs::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << text;
}

/// An item with a place, a time and properties that `random` chooses: some have none of them.
std::string random_item(std::mt19937& random, int i) {
  const auto number = [&](int n) { return static_cast<int>(random() % static_cast<unsigned>(n)); };
  const int west = number(360) - 180;
  const int south = number(170) - 85;
  const int width = number(20);
  const int east = west + width > 180 ? west + width - 360 : west + width;
  const int north = std::min(south + number(20), 90);
  Json item = {{"type", "Feature"},
               {"stac_version", "1.1.0"},
               {"id", fmt::format("item-{}", i)},
               {"geometry", nullptr},
               {"links", Json::array()},
               {"assets", Json::object()},
               {"properties", {{"datetime", nullptr}}}};
  if (number(10) > 0) item["bbox"] = {west, south, east, north};
  if (number(2) && east > west && north > south && item.contains("bbox")) {
    item["geometry"] = {
        {"type", "Polygon"},
        {"coordinates", {{{west, south}, {east, south}, {east, north}, {west, south}}}}};
  }
  if (number(2)) item["collection"] = fmt::format("c{}", number(4));
  Json& properties = item["properties"];
  if (number(10) > 0)
    properties["datetime"] = fmt::format("20{:02}-06-{:02}T00:00:00Z", number(30), 1 + number(30));
  if (number(5) == 0) {
    properties["start_datetime"] = fmt::format("20{:02}-01-01T00:00:00Z", number(15));
    properties["end_datetime"] = fmt::format("20{:02}-01-01T00:00:00Z", 15 + number(15));
  }
  if (number(4)) properties["cloud"] = number(100);
  if (number(20) == 0) properties["cloud"] = "text";
  properties["name"] = fmt::format("n{}", number(5));
  return item.dump();
}

/// A catalog with collections below it, in a folder that is gone afterwards.
class MadeCatalog {
 public:
  explicit MadeCatalog(int n_items = 300)
      : folder_(fs::temp_directory_path() /
                fmt::format("rastream_index_{}_{}", ::getpid(), ++n_made_)) {
    std::mt19937 random(7);
    Json root = document("Catalog", "root");
    for (int c = 0; c < 3; ++c) {
      Json collection = document(c == 2 ? "Catalog" : "Collection", fmt::format("c{}", c));
      for (int i = c; i < n_items; i += 3) {
        link(collection, "item", fmt::format("i{}/i{}.json", i, i));
        write_file(folder_ / fmt::format("c{}/i{}/i{}.json", c, i, i), random_item(random, i));
      }
      write_file(folder_ / fmt::format("c{}/collection.json", c), collection.dump());
      link(root, "child", fmt::format("./c{}/collection.json", c));
    }
    write_file(folder_ / "catalog.json", root.dump());
  }
  ~MadeCatalog() { fs::remove_all(folder_); }

  std::string path() const { return (folder_ / "catalog.json").string(); }
  std::string index() const { return (folder_ / "catalog.index").string(); }
  const fs::path& folder() const { return folder_; }

  static Json document(const char* type, const std::string& id) {
    return {{"type", type},
            {"id", id},
            {"stac_version", "1.1.0"},
            {"description", "d"},
            {"links", Json::array()}};
  }
  static void link(Json& json, const char* rel, const std::string& href) {
    json["links"].push_back({{"rel", rel}, {"href", href}});
  }

 private:
  inline static int n_made_ = 0;
  fs::path folder_;
};

using Parameters = std::vector<std::pair<std::string, std::string>>;

Search search_of(const Parameters& parameters) {
  Search search;
  for (const auto& [name, value] : parameters) set_parameter(search, name, value);
  complete_search(search);
  return search;
}

std::vector<std::string> ids_of(const std::string& target, const Parameters& parameters) {
  std::vector<std::string> ids;
  search_items(target, search_of(parameters), {}, [&](const FoundItem& found) {
    ids.push_back(parse_item(found.text, found.href).id);
    return true;
  });
  return ids;
}

Parameters random_search(std::mt19937& random) {
  const auto number = [&](int n) { return static_cast<int>(random() % static_cast<unsigned>(n)); };
  Parameters p;
  const int west = number(360) - 180;
  const int east = number(360) - 180;
  const int south = number(100) - 85;
  if (number(2))
    p.emplace_back("bbox", fmt::format("{},{},{},{}", west, south, east, south + 30));
  else if (number(3) == 0)
    p.emplace_back("intersects", fmt::format("POLYGON(({} {}, {} {}, {} {}, {} {}))", west, south,
                                             west + 40, south, west, south + 40, west, south));
  if (number(2))
    p.emplace_back("datetime", fmt::format("20{:02}/20{:02}", number(15), 15 + number(10)));
  if (number(4) == 0) p.emplace_back("collections", fmt::format("c{},c9", number(4)));
  if (number(8) == 0) p.emplace_back("ids", "item-1,item-7,item-30,nothing");
  if (number(2)) {
    const char* filters[] = {"cloud < 30",
                             "cloud BETWEEN 20 AND 60 AND cloud <> 40",
                             "cloud = 'text'",
                             "40 >= cloud AND cloud > 5",
                             "name = 'n1'",
                             "NOT cloud < 50",
                             "cloud < 50 OR name LIKE 'n%'",
                             "cloud IS NULL",
                             "absent < 5",
                             "properties.cloud > 90"};
    p.emplace_back("filter", filters[number(10)]);
  }
  return p;
}

std::string shown(const Parameters& parameters) {
  std::string text;
  for (const auto& [name, value] : parameters) text += name + "=" + value + " ";
  return text;
}

TEST(Index, FindsWhatAWalkThroughTheCatalogFinds) {
  const MadeCatalog catalog;
  const IndexReport report = build_index(catalog.path(), catalog.index());
  EXPECT_EQ(report.n_items, 300);
  EXPECT_EQ(report.n_documents, 304);
  std::mt19937 random(1);
  int n_found = 0;
  for (int i = 0; i < 80; ++i) {
    const Parameters p = random_search(random);
    const auto expected = ids_of(catalog.path(), p);
    EXPECT_EQ(ids_of(catalog.index(), p), expected) << shown(p);
    EXPECT_EQ(count_items(catalog.index(), search_of(p), {}), expected.size()) << shown(p);
    n_found += expected.empty() ? 0 : 1;
  }
  EXPECT_GT(n_found, 25) << "searches that find nothing test nothing";
}

TEST(Index, TheFuzzersCorpusIsOfThisVersion) {
  int n_opened = 0;
  for (const auto& file : fs::directory_iterator("tests/fuzz/corpus/stac_index_fuzz")) {
    try {
      n_opened += Index::open(file.path().string(), false).n_items() > 0 ? 1 : 0;
    } catch (const Error&) {
    }
  }
  EXPECT_GT(n_opened, 10) << "a fuzzer whose corpus is refused at the version looks at nothing";
}

TEST(Index, SortsAndChoosesFieldsAsTheCatalogDoes) {
  const MadeCatalog catalog(60);
  build_index(catalog.path(), catalog.index());
  const Parameters p = {{"sortby", "-cloud,id"}, {"filter", "name <> 'n0'"}};
  const auto sorted = ids_of(catalog.path(), p);
  EXPECT_EQ(ids_of(catalog.index(), p), sorted);
  EXPECT_NE(ids_of(catalog.index(), {p[1]}), sorted);
}

TEST(Index, TheSameCatalogGivesTheSameBytesOnAnyThreads) {
  const MadeCatalog catalog;
  IndexOptions options;
  options.crawl.n_threads = 1;
  build_index(catalog.path(), catalog.index(), options);
  const std::string one = read_file(catalog.index());
  options.crawl.n_threads = 4;
  options.is_new = true;
  build_index(catalog.path(), catalog.index(), options);
  EXPECT_TRUE(read_file(catalog.index()) == one);
}

TEST(Index, AnUpdateReadsOnlyWhatChanged) {
  const MadeCatalog catalog(90);
  build_index(catalog.path(), catalog.index());
  const std::string before = read_file(catalog.index());
  EXPECT_EQ(build_index(catalog.path(), catalog.index()).n_read, 0);
  EXPECT_TRUE(read_file(catalog.index()) == before);

  std::mt19937 random(5);
  Json item = parse_json(random_item(random, 3), "");
  item["id"] = "changed-and-longer-than-before";
  write_file(catalog.folder() / "c0/i3/i3.json", item.dump());
  EXPECT_EQ(build_index(catalog.path(), catalog.index()).n_read, 1);
  EXPECT_EQ(ids_of(catalog.index(), {{"ids", "changed-and-longer-than-before"}}).size(), 1U);
  EXPECT_TRUE(ids_of(catalog.index(), {{"ids", "item-3"}}).empty());

  // A link that goes takes its item with it; one that comes brings its own.
  Json c1 = parse_json(read_file(catalog.folder() / "c1/collection.json"), "");
  c1["links"].erase(0);
  MadeCatalog::link(c1, "item", "new.json");
  item["id"] = "new";
  write_file(catalog.folder() / "c1/new.json", item.dump());
  write_file(catalog.folder() / "c1/collection.json", c1.dump());
  const IndexReport report = build_index(catalog.path(), catalog.index());
  EXPECT_EQ(report.n_read, 2);
  EXPECT_EQ(report.n_items, 90);
  EXPECT_EQ(ids_of(catalog.index(), {}), ids_of(catalog.path(), {}));
}

TEST(Index, ADocumentThatCannotBeReadEndsTheCrawlUnlessProblemsAreTaken) {
  const MadeCatalog catalog(9);
  fs::remove(catalog.folder() / "c0/i3/i3.json");
  write_file(catalog.folder() / "c1/i4/i4.json", "{");
  EXPECT_NE(code_of([&] { build_index(catalog.path(), catalog.index()); }), Errc::internal);
  EXPECT_FALSE(fs::exists(catalog.index()));
  std::vector<std::string> problems;
  IndexOptions options;
  options.crawl.problem = [&](const Error& e) { problems.push_back(e.what()); };
  const IndexReport report = build_index(catalog.path(), catalog.index(), options);
  EXPECT_EQ(report.n_items, 7);
  EXPECT_EQ(report.n_problems, 2);
  EXPECT_EQ(problems.size(), 2U);
  // They are tried again, though nothing else changed.
  std::mt19937 random(5);
  write_file(catalog.folder() / "c1/i4/i4.json", random_item(random, 4));
  EXPECT_EQ(build_index(catalog.path(), catalog.index(), options).n_items, 8);
}

TEST(Index, DamagedFilesAreRefusedWhateverByteIsWrong) {
  const MadeCatalog catalog(30);
  build_index(catalog.path(), catalog.index());
  const std::string good = read_file(catalog.index());
  const fs::path bad = catalog.folder() / "bad.index";
  const auto use = [&](bool is_checked) {
    const Index index = Index::open(bad.string(), is_checked);
    for (const Parameters& p : {Parameters{{"bbox", "-180,-90,180,90"}},
                                {{"datetime", "2000/2030"}},
                                {{"ids", "item-1"}},
                                {{"filter", "cloud > 5 AND name > 'a'"}}})
      index.find(ItemMatcher(search_of(p)), 0, [&](std::int64_t i) {
        index.item(i);
        return true;
      });
    index.find_document(catalog.path());
    index.stored_document(catalog.path());
  };
  for (const std::size_t n : {std::size_t{0}, std::size_t{7}, std::size_t{100}, sizeof(int) * 96,
                              good.size() / 2, good.size() - 1}) {
    write_file(bad, good.substr(0, n));
    EXPECT_EQ(code_of([&] { use(true); }), Errc::data_loss) << n;
  }
  int n_refused = 0;
  std::mt19937 random(3);
  for (int i = 0; i < 200; ++i) {
    std::string bytes = good;
    const std::size_t at = i < 100 ? static_cast<std::size_t>(i) * 4 : random() % bytes.size();
    bytes[at] = static_cast<char>(bytes[at] ^ (1 << random() % 8));
    write_file(bad, bytes);
    for (const bool is_checked : {true, false}) {
      try {
        use(is_checked);
      } catch (const Error& e) {
        EXPECT_NE(e.code(), Errc::internal) << e.what();
        n_refused += is_checked ? 1 : 0;
      }
    }
  }
  EXPECT_GT(n_refused, 150);
}

TEST(Index, AFileOfItemsIsACatalogToo) {
  const MadeCatalog catalog(1);
  std::mt19937 random(9);
  std::string features;
  for (int i = 0; i < 50; ++i) features += (i ? "," : "") + random_item(random, i);
  const std::string items = (catalog.folder() / "items.json").string();
  write_file(items, R"({"type":"FeatureCollection","features":[)" + features + "]}");
  EXPECT_EQ(ids_of(items, {}).size(), 50U);
  build_index(items, catalog.index(), {.crawl = {}, .is_new = true});
  EXPECT_EQ(ids_of(catalog.index(), {{"filter", "cloud < 50"}}),
            ids_of(items, {{"filter", "cloud < 50"}}));
}

TEST(Crawl, AWebServersCatalogIsReadAndAskedAgainByETag) {
  const MadeCatalog catalog(12);
  std::atomic<int> n_bodies = 0;
  LoopbackServer server([&](const ServedRequest& request, ServedConnection& connection) {
    const fs::path file = catalog.folder() / request.path().substr(1);
    if (!fs::exists(file)) return connection.answer(404, "");
    if (request.header("If-None-Match") == "\"v1\"") return connection.answer(304, "");
    ++n_bodies;
    connection.answer(200, read_file(file), "ETag: \"v1\"\r\n");
  });
  const std::string url = server.url("/catalog.json");
  EXPECT_EQ(build_index(url, catalog.index()).n_items, 12);
  EXPECT_EQ(n_bodies, 16);
  EXPECT_EQ(build_index(url, catalog.index()).n_read, 0);
  EXPECT_EQ(n_bodies, 16);
  EXPECT_EQ(ids_of(catalog.index(), {}), ids_of(catalog.path(), {}));
  EXPECT_EQ(ids_of(url, {{"filter", "cloud < 50"}}),
            ids_of(catalog.path(), {{"filter", "cloud < 50"}}));
}

TEST(Crawl, CyclesEndAndEndlessCatalogsAreNamed) {
  const MadeCatalog catalog(3);
  Json loop = MadeCatalog::document("Catalog", "loop");
  MadeCatalog::link(loop, "child", "loop.json");
  MadeCatalog::link(loop, "child", "./x/../loop.json");
  write_file(catalog.folder() / "loop.json", loop.dump());
  EXPECT_TRUE(ids_of((catalog.folder() / "loop.json").string(), {}).empty());
  LoopbackServer endless([](const ServedRequest& request, ServedConnection& connection) {
    Json json = MadeCatalog::document("Catalog", "x");
    MadeCatalog::link(json, "child", request.path() + "x");
    connection.answer(200, json.dump());
  });
  expect_refused(Errc::data_loss, "levels", [&] { ids_of(endless.url("/x"), {}); });
}

TEST(Crawl, ARemoteCatalogNamesNoFileOfThisMachine) {
  for (const char* href : {"file:///etc/passwd", "ftp://x/y"}) {
    LoopbackServer server([&](const ServedRequest&, ServedConnection& connection) {
      Json json = MadeCatalog::document("Catalog", "x");
      MadeCatalog::link(json, "item", href);
      connection.answer(200, json.dump());
    });
    EXPECT_EQ(code_of([&] { ids_of(server.url("/x"), {}); }), Errc::permission_denied) << href;
  }
}

}  // namespace
}  // namespace rastream
