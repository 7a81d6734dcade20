// SPDX-License-Identifier: Apache-2.0
#include "rastream/exec/copy_assets.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <mutex>

#include "rastream/base/text_file.h"
#include "rastream/catalog/save_items.h"
#include "rastream/exec/get_asset.h"
#include "rastream/store/file.h"
#include "rastream/store/http/http_client.h"
#include "tests/servers/loopback_server.h"
#include "tests/suites/byte_text.h"
#include "tests/suites/errors.h"
#include "tests/suites/small_stores.h"

namespace rastream {
namespace {

namespace fs = std::filesystem;

/// Values by path, by GET, HEAD and PUT; some of them break off or are not there.
class Archive {
 public:
  Archive() : server_([this](const auto& r, auto& c) { serve(r, c); }) {}
  std::string url(const std::string& path = "") const { return server_.url(path); }
  void put(const std::string& path, const std::string& body) {
    const std::lock_guard lock(mutex_);
    bodies_[path] = body;
  }
  std::string body(const std::string& path) {
    const std::lock_guard lock(mutex_);
    return bodies_[path];
  }
  void cut(const std::string& path, bool is_cut) {
    const std::lock_guard lock(mutex_);
    is_cut ? void(cut_.insert(path)) : void(cut_.erase(path));
  }
  std::vector<std::string> fetched() {
    const std::lock_guard lock(mutex_);
    return std::exchange(fetched_, {});
  }

 private:
  void serve(const ServedRequest& request, ServedConnection& connection) {
    const std::lock_guard lock(mutex_);
    const std::string path = request.path();
    if (request.method == "PUT") {
      bodies_[path] = request.body;
      return connection.answer(201, "");
    }
    const auto found = bodies_.find(path);
    if (found == bodies_.end()) return connection.answer(404, "not here\n");
    const std::string& body = found->second;
    const auto md5 = digest_of(DigestKind::md5, std::as_bytes(std::span(body)));
    const std::string fields = "ETag: \"" + to_hex(md5.value) + "\"\r\n" +
                               "Last-Modified: Mon, 01 Jan 2024 00:00:00 GMT\r\n";
    if (request.method == "HEAD") return connection.answer_head(200, body, fields);
    fetched_.push_back(path);
    if (!cut_.contains(path)) return connection.answer(200, body, fields);
    connection.send("HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) +
                    "\r\n\r\n" + body.substr(0, body.size() / 2));
    connection.close();
  }

  std::mutex mutex_;
  std::map<std::string, std::string> bodies_;
  std::set<std::string> cut_;
  std::vector<std::string> fetched_;
  LoopbackServer server_;
};

std::string sha256_multihash(const std::string& text) {
  return to_multihash(digest_of(DigestKind::sha256, std::as_bytes(std::span(text))));
}

/// A catalog in `folder`, whose items are added one by one.
class MadeCatalog {
 public:
  explicit MadeCatalog(fs::path folder) : folder_(std::move(folder)) {}

  /// `place` is the path of the item's document below the folder.
  void add(const std::string& place, const std::string& id, const Json& assets,
           const Json& more = Json::object()) {
    Json item = {{"type", "Feature"},
                 {"stac_version", "1.0.0"},
                 {"id", id},
                 {"geometry", nullptr},
                 {"properties", {{"datetime", "2022-01-15T00:00:00Z"}}},
                 {"links", Json::array()},
                 {"assets", assets}};
    item.update(more);
    const fs::path path = folder_ / place;
    fs::create_directories(path.parent_path());
    write_text_file(path, item.dump());
    links_.push_back({{"rel", "item"}, {"href", "./" + place}});
  }

  Catalog open() const {
    fs::create_directories(folder_);
    write_text_file(folder_ / "catalog.json", Json{{"type", "Catalog"},
                                                   {"stac_version", "1.0.0"},
                                                   {"id", "made"},
                                                   {"description", "made"},
                                                   {"links", links_}}
                                                  .dump());
    return Catalog::open(folder_ / "catalog.json");
  }

 private:
  fs::path folder_;
  Json links_ = Json::array();
};

/// Paths of all that is below a folder but folders, sorted.
std::vector<std::string> files_below(const fs::path& folder) {
  std::vector<std::string> out;
  if (!fs::exists(folder)) return out;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (!entry.is_directory()) out.push_back(entry.path().lexically_relative(folder));
  }
  std::sort(out.begin(), out.end());
  return out;
}

class CopyAssets : public testing::Test {
 protected:
  CopyAssets() : catalog_(folder_.path() / "catalog") {
    HttpOptions http;
    http.clock.wait = [](std::chrono::milliseconds, const std::stop_token&) {};
    client_ = std::make_shared<HttpClient>(http);
  }

  CopyAssetsOptions options() const {
    CopyAssetsOptions o;
    o.folder = folder_ / "out";
    o.n_workers = 3;
    o.client = client_;
    return o;
  }
  std::string out(const std::string& path) const { return folder_ / ("out/" + path); }
  static std::string text(const std::string& path) { return text_of(*read_file(path)); }
  static const CopiedAsset& asset_of(const CopyAssetsReport& report, const AssetName& name) {
    for (const CopiedAsset& a : report.assets) {
      if (a.name == name) return a;
    }
    throw std::out_of_range(name.item + " " + name.key);
  }
  /// Two items with two files each, behind the server.
  void add_years() {
    for (const std::string year : {"1980", "1981"}) {
      Json assets;
      for (const std::string key : {"tmin", "tmax"}) {
        const std::string path = "/" + key + "_" + year + ".nc";
        archive_.put(path, key + " of " + year);
        assets[key] = {{"href", archive_.url(path)}};
      }
      catalog_.add("hi-" + year + "/hi-" + year + ".json", "hi-" + year, assets);
    }
  }

  ScratchFolder folder_;
  Archive archive_;
  MadeCatalog catalog_;
  std::shared_ptr<HttpClient> client_;
};

TEST_F(CopyAssets, GoUnderTheIdOfTheirItemAndTheCatalogStaysAsItIs) {
  add_years();
  Catalog catalog = catalog_.open();
  CopyAssetsOptions o = options();
  o.keys = {"tmin"};
  const CopyAssetsReport report = copy_assets(catalog, o);
  EXPECT_TRUE(report.is_complete());
  EXPECT_EQ(report.count(CopyState::copied), 2);
  EXPECT_EQ(report.size_bytes(), 24);
  EXPECT_EQ(files_below(out("")),
            (std::vector<std::string>{"hi-1980/tmin_1980.nc", "hi-1981/tmin_1981.nc"}));
  EXPECT_EQ(text(out("hi-1981/tmin_1981.nc")), "tmin of 1981");
  EXPECT_EQ(catalog.item("hi-1980", true)->asset("tmin").href, archive_.url("/tmin_1980.nc"));
}

TEST_F(CopyAssets, OfOneItemOrOfSeveralKeysOrOfAll) {
  add_years();
  Catalog catalog = catalog_.open();
  CopyAssetsOptions o = options();
  o.items = {"hi-1981"};
  EXPECT_EQ(copy_assets(catalog, o).count(CopyState::copied), 2);
  EXPECT_EQ(files_below(out("")),
            (std::vector<std::string>{"hi-1981/tmax_1981.nc", "hi-1981/tmin_1981.nc"}));
  o.items.clear();
  o.keys = {"tmin", "tmax"};
  const CopyAssetsReport report = copy_assets(catalog, o);
  EXPECT_EQ(report.count(CopyState::copied), 2);
  EXPECT_EQ(report.count(CopyState::intact), 2);
}

TEST_F(CopyAssets, OfAChildAreThoseOfItsItemsAlone) {
  add_years();
  Collection document;
  document.id = "root";
  Catalog root = Catalog::create(document);
  root.normalise_hrefs(folder_ / "root");
  root.add_child(catalog_.open());
  Item other;
  other.id = "other";
  root.add_item(other);
  Catalog child = *root.child("made");
  EXPECT_EQ(copy_assets(child, options()).count(CopyState::copied), 4);
}

TEST_F(CopyAssets, UpdatesLinksToAbsolutePathsElsewhere) {
  add_years();
  Catalog catalog = catalog_.open();
  CopyAssetsOptions o = options();
  o.keys = {"tmin"};
  o.items = {"hi-1980"};
  o.updates_catalog = true;
  const CopyAssetsReport report = copy_assets(catalog, o);
  ASSERT_EQ(report.changed.size(), 1U);
  const std::string other = text(folder_ / "catalog/hi-1981/hi-1981.json");
  EXPECT_EQ(save_items(catalog, report.changed).n_written, 1);
  const Item saved = Catalog::open(folder_ / "catalog").find_item("hi-1980");
  EXPECT_EQ(saved.asset("tmin").href, out("hi-1980/tmin_1980.nc"));
  EXPECT_EQ(saved.asset("tmax").href, archive_.url("/tmax_1980.nc"));
  EXPECT_EQ(text(folder_ / "catalog/hi-1981/hi-1981.json"), other);
}

TEST_F(CopyAssets, BesideTheirItemAreNamesAlone) {
  add_years();
  Catalog catalog = catalog_.open();
  CopyAssetsOptions o = options();
  o.folder = "";
  o.keys = {"tmin"};
  o.updates_catalog = true;
  const CopyAssetsReport report = copy_assets(catalog, o);
  EXPECT_TRUE(report.is_complete());
  EXPECT_EQ(text(folder_ / "catalog/hi-1980/tmin_1980.nc"), "tmin of 1980");
  EXPECT_EQ(catalog.item("hi-1980", true)->asset("tmin").href, "tmin_1980.nc");
  save_items(catalog, report.changed);
  archive_.fetched();
  Catalog again = Catalog::open(folder_ / "catalog");
  EXPECT_EQ(copy_assets(again, o).count(CopyState::intact), 2);
  EXPECT_TRUE(archive_.fetched().empty());
}

TEST_F(CopyAssets, ANewCatalogWithItsFilesMayBeMovedAsAWhole) {
  add_years();
  Catalog catalog = catalog_.open();
  CopyAssetsOptions o = options();
  o.folder = "";
  o.new_root = folder_ / "new";
  o.updates_catalog = true;
  EXPECT_TRUE(copy_assets(catalog, o).is_complete());
  catalog.save();
  fs::rename(folder_ / "new", folder_ / "moved");
  const Item item = Catalog::open(folder_ / "moved").find_item("hi-1981");
  EXPECT_EQ(text(item.asset_path("tmax")), "tmax of 1981");
}

TEST_F(CopyAssets, WhatIsThereAndIntactIsNotFetchedAgain) {
  add_years();
  Catalog catalog = catalog_.open();
  copy_assets(catalog, options());
  archive_.fetched();
  EXPECT_EQ(copy_assets(catalog, options()).count(CopyState::intact), 4);
  EXPECT_TRUE(archive_.fetched().empty());
  write_text_file(out("hi-1980/tmin_1980.nc"), "tmin of 198!");
  archive_.put("/tmax_1981.nc", "changed");
  EXPECT_EQ(copy_assets(catalog, options()).count(CopyState::copied), 2);
  EXPECT_EQ(text(out("hi-1980/tmin_1980.nc")), "tmin of 1980");
  EXPECT_EQ(text(out("hi-1981/tmax_1981.nc")), "changed");
  archive_.fetched();
  CopyAssetsOptions o = options();
  o.if_there = IfThere::replace;
  EXPECT_EQ(copy_assets(catalog, o).count(CopyState::copied), 4);
  EXPECT_EQ(archive_.fetched().size(), 4U);
}

TEST_F(CopyAssets, FilesOfOthersStayAndThoseOfTheSameNameAreReplacedOrKept) {
  add_years();
  fs::create_directories(out("hi-1980"));
  write_text_file(out("mine.txt"), "mine");
  write_text_file(out("hi-1980/mine.nc"), "mine");
  write_text_file(out("hi-1980/tmin_1980.nc"), "mine, of the same name");
  Catalog catalog = catalog_.open();
  CopyAssetsOptions o = options();
  o.if_there = IfThere::keep;
  EXPECT_EQ(copy_assets(catalog, o).count(CopyState::intact), 1);
  EXPECT_EQ(text(out("hi-1980/tmin_1980.nc")), "mine, of the same name");
  EXPECT_EQ(copy_assets(catalog, options()).count(CopyState::copied), 1);
  EXPECT_EQ(text(out("hi-1980/tmin_1980.nc")), "tmin of 1980");
  EXPECT_EQ(text(out("mine.txt")), "mine");
  EXPECT_EQ(text(out("hi-1980/mine.nc")), "mine");
}

TEST_F(CopyAssets, AFailureEndsNoOtherCopyAndTheReportRunsItAgain) {
  add_years();
  archive_.put("/big.nc", std::string(10'000, 'x'));
  archive_.cut("/big.nc", true);
  archive_.put("/wrong.nc", "not these bytes");
  catalog_.add(
      "bad/bad.json", "bad",
      {{"absent", {{"href", archive_.url("/absent.nc")}}},
       {"cut", {{"href", archive_.url("/big.nc")}}},
       {"digest",
        {{"href", archive_.url("/wrong.nc")}, {"file:checksum", sha256_multihash("but these")}}},
       {"size", {{"href", archive_.url("/tmin_1980.nc")}, {"file:size", 5}}},
       {"nonsense", {{"href", archive_.url("/tmax_1980.nc")}, {"file:checksum", "zz"}}},
       {"good", {{"href", archive_.url("/tmin_1981.nc")}}}});
  Catalog catalog = catalog_.open();
  CopyAssetsOptions o = options();
  o.updates_catalog = true;
  const CopyAssetsReport report = copy_assets(catalog, o);
  EXPECT_EQ(report.count(CopyState::copied), 5);
  EXPECT_EQ(report.count(CopyState::failed), 5);
  EXPECT_EQ(asset_of(report, {"bad", "absent"}).code, Errc::not_found);
  for (const char* key : {"cut", "digest", "size", "nonsense"})
    EXPECT_EQ(asset_of(report, {"bad", key}).code, Errc::data_loss) << key;
  EXPECT_EQ(files_below(out("bad")), (std::vector<std::string>{"tmin_1981.nc"}));
  const auto item = catalog.item("bad", true);
  EXPECT_EQ(item->asset("absent").href, archive_.url("/absent.nc"));
  EXPECT_EQ(item->asset("good").href, out("bad/tmin_1981.nc"));

  archive_.put("/absent.nc", "here now");
  archive_.cut("/big.nc", false);
  archive_.put("/wrong.nc", "but these");
  archive_.fetched();
  o.only = parse_failed_assets(parse_json(report_to_json(report).dump(), "report"));
  EXPECT_EQ(o.only->size(), 5U);
  const CopyAssetsReport second = copy_assets(catalog, o);
  EXPECT_EQ(second.count(CopyState::copied), 3);
  EXPECT_EQ(second.count(CopyState::failed), 2);
  EXPECT_EQ(text(out("bad/absent.nc")), "here now");
  EXPECT_EQ(text(out("bad/wrong.nc")), "but these");
  EXPECT_EQ(text(out("bad/big.nc")), std::string(10'000, 'x'));
  o.only.emplace();
  EXPECT_TRUE(copy_assets(catalog, o).assets.empty()) << "where nothing failed nothing is to do";
}

TEST_F(CopyAssets, AReportIsReadAgainOrRefused) {
  for (const char* bad : {"[]", "{}", R"({"failed":1})", R"({"failed":[{"item":"a"}]})",
                          R"({"failed":[{"item":1,"asset":"b"}]})"})
    EXPECT_EQ(code_of([&] { parse_failed_assets(parse_json(bad, "report")); }), Errc::data_loss)
        << bad;
  const auto names =
      parse_failed_assets(parse_json(R"({"failed":[{"item":"a","asset":"b"}]})", "report"));
  EXPECT_EQ(names, (std::vector<AssetName>{{"a", "b"}}));
}

TEST_F(CopyAssets, AChecksumKnownIsEnoughToSeeThatAFileIsIntact) {
  archive_.put("/a.bin", "the bytes");
  catalog_.add("a/a.json", "a",
               {{"k",
                 {{"href", archive_.url("/a.bin")},
                  {"file:size", 9},
                  {"file:checksum", sha256_multihash("the bytes")}}}});
  Catalog catalog = catalog_.open();
  fs::create_directories(out("a"));
  write_text_file(out("a/a.bin"), "the bytes");
  EXPECT_EQ(copy_assets(catalog, options()).count(CopyState::intact), 1);
  write_text_file(out("a/a.bin"), "the bytez");
  EXPECT_EQ(copy_assets(catalog, options()).count(CopyState::copied), 1);
  EXPECT_EQ(archive_.fetched().size(), 1U);
}

TEST_F(CopyAssets, OfThisMachineAreCopiedAndCheckedToo) {
  catalog_.add("a/a.json", "a",
               {{"good", {{"href", "./good.bin"}, {"file:checksum", sha256_multihash("good")}}},
                {"bad", {{"href", "./bad.bin"}, {"file:checksum", sha256_multihash("good")}}},
                {"long", {{"href", "../long.bin"}, {"file:size", 3}}},
                {"absent", {{"href", "./absent.bin"}}}});
  write_text_file(folder_ / "catalog/a/good.bin", "good");
  write_text_file(folder_ / "catalog/a/bad.bin", "evil");
  write_text_file(folder_ / "catalog/long.bin", "long");
  Catalog catalog = catalog_.open();
  const CopyAssetsReport report = copy_assets(catalog, options());
  EXPECT_EQ(asset_of(report, {"a", "good"}).state, CopyState::copied);
  EXPECT_EQ(asset_of(report, {"a", "bad"}).code, Errc::data_loss);
  EXPECT_EQ(asset_of(report, {"a", "long"}).code, Errc::data_loss);
  EXPECT_EQ(asset_of(report, {"a", "absent"}).code, Errc::not_found);
  EXPECT_EQ(files_below(out("")), (std::vector<std::string>{"a/good.bin"}));
}

TEST_F(CopyAssets, HostileIdsAndHrefsWriteNothingOutsideOfTheFolder) {
  archive_.put("/x", "1");
  archive_.put("/%2e%2e%2f%2e%2e%2fevil", "2");
  archive_.put("/nul.txt", "3");
  archive_.put("/a%00b", "4");
  archive_.put("/.rastream-tmp", "5");
  const std::vector<std::string> ids = {"../../evil",
                                        "/etc/evil",
                                        "..",
                                        ".",
                                        "CON",
                                        "a\\..\\b",
                                        std::string("n\0l", 3),
                                        "https://evil/x",
                                        "new\nline",
                                        std::string(5000, 'l')};
  const Json assets = {{"a", {{"href", archive_.url("/x")}}},
                       {"b", {{"href", archive_.url("/%2e%2e%2f%2e%2e%2fevil")}}},
                       {"../../c", {{"href", archive_.url("/nul.txt")}}},
                       {"d", {{"href", archive_.url("/a%00b")}}},
                       {"e", {{"href", archive_.url("/.rastream-tmp")}}},
                       {"f", {{"href", archive_.url("/") + ".."}}}};
  for (std::size_t i = 0; i < ids.size(); ++i)
    catalog_.add("i" + std::to_string(i) + "/i.json", ids[i], assets);
  Catalog catalog = catalog_.open();
  const std::vector<std::string> before = files_below(folder_.path());
  const CopyAssetsReport report = copy_assets(catalog, options());
  EXPECT_EQ(report.count(CopyState::copied), static_cast<std::int64_t>(5 * ids.size()));
  std::vector<std::string> outside;
  for (const std::string& path : files_below(folder_.path())) {
    if (!path.starts_with("out/")) outside.push_back(path);
  }
  EXPECT_EQ(outside, before);
  EXPECT_EQ(files_below(out("")).size(), 5 * ids.size());
  EXPECT_FALSE(fs::exists("/etc/evil"));
}

TEST_F(CopyAssets, DocumentsOfTheCatalogAreNeverReplaced) {
  archive_.put("/a.json", "evil");
  archive_.put("/b.json", "evil");
  archive_.put("/catalog.json", "evil");
  catalog_.add("a.json", "a",
               {{"own", {{"href", archive_.url("/a.json")}}},
                {"sibling", {{"href", archive_.url("/b.json")}}},
                {"above", {{"href", archive_.url("/catalog.json")}}}});
  catalog_.add("b.json", "b", Json::object());
  Catalog catalog = catalog_.open();
  const std::string a = text(folder_ / "catalog/a.json");
  const std::string b = text(folder_ / "catalog/b.json");
  CopyAssetsOptions o = options();
  o.folder = "";
  const CopyAssetsReport report = copy_assets(catalog, o);
  EXPECT_EQ(asset_of(report, {"a", "sibling"}).code, Errc::permission_denied);
  EXPECT_EQ(asset_of(report, {"a", "above"}).code, Errc::permission_denied);
  EXPECT_EQ(asset_of(report, {"a", "own"}).state, CopyState::copied);
  EXPECT_EQ(text(folder_ / "catalog/a.json"), a);
  EXPECT_EQ(text(folder_ / "catalog/b.json"), b);
  EXPECT_EQ(text(folder_ / "catalog/own_a.json"), "evil");
}

TEST_F(CopyAssets, LinksBelowTheFolderAreNotFollowed) {
  add_years();
  Catalog catalog = catalog_.open();
  fs::create_directories(folder_ / "elsewhere");
  fs::create_directories(out("hi-1981"));
  fs::create_directory_symlink(folder_ / "elsewhere", out("hi-1980"));
  write_text_file(folder_ / "precious", "precious");
  fs::create_symlink(folder_ / "precious", out("hi-1981/tmin_1981.nc"));
  const CopyAssetsReport report = copy_assets(catalog, options());
  EXPECT_EQ(report.count(CopyState::failed), 2);
  EXPECT_EQ(asset_of(report, {"hi-1980", "tmin"}).code, Errc::permission_denied);
  EXPECT_TRUE(files_below(folder_ / "elsewhere").empty());
  EXPECT_EQ(text(folder_ / "precious"), "precious");
  EXPECT_EQ(text(out("hi-1981/tmin_1981.nc")), "tmin of 1981");
}

TEST_F(CopyAssets, BesideAnItemOutsideOfItsCatalogIsRefused) {
  archive_.put("/x", "1");
  catalog_.add("../outside/o.json", "o", {{"a", {{"href", archive_.url("/x")}}}});
  Catalog catalog = catalog_.open();
  CopyAssetsOptions o = options();
  o.folder = "";
  EXPECT_EQ(asset_of(copy_assets(catalog, o), {"o", "a"}).code, Errc::invalid_argument);
  EXPECT_EQ(files_below(folder_ / "outside"), (std::vector<std::string>{"o.json"}));
  EXPECT_EQ(copy_assets(catalog, options()).count(CopyState::copied), 1);
}

TEST_F(CopyAssets, OneNameOfSeveralFilesIsToldApartAndOneFileOfSeveralKeysIsCopiedOnce) {
  archive_.put("/a/p.png", "a");
  archive_.put("/b/p.png", "b");
  const Json assets = {{"k1", {{"href", archive_.url("/a/p.png")}}},
                       {"k2", {{"href", archive_.url("/b/p.png")}}},
                       {"k3", {{"href", archive_.url("/a/p.png")}}}};
  catalog_.add("i/i.json", "i", assets);
  catalog_.add("j/j.json", "i", {{"k1", {{"href", archive_.url("/b/p.png")}}}});
  Catalog catalog = catalog_.open();
  CopyAssetsOptions o = options();
  o.updates_catalog = true;
  const CopyAssetsReport report = copy_assets(catalog, o);
  EXPECT_EQ(text(out("i/p.png")), "a");
  EXPECT_EQ(text(out("i/k2_p.png")), "b");
  EXPECT_EQ(report.count(CopyState::copied), 3);
  EXPECT_EQ(report.count(CopyState::failed), 1) << "another item with the same id";
  EXPECT_EQ(report.assets.back().code, Errc::invalid_argument);
  EXPECT_EQ(catalog.item("i", true)->asset("k3").href, out("i/p.png"));
  EXPECT_EQ(archive_.fetched().size(), 2U);
}

TEST_F(CopyAssets, WhatIsNotThereIsNamed) {
  add_years();
  Catalog catalog = catalog_.open();
  CopyAssetsOptions o = options();
  o.items = {"hi-1980", "hi-1999"};
  expect_refused(Errc::not_found, "hi-1999", [&] { copy_assets(catalog, o); });
  o.items.clear();
  o.keys = {"tmin", "snow"};
  const CopyAssetsReport report = copy_assets(catalog, o);
  EXPECT_EQ(report.count(CopyState::copied), 2);
  EXPECT_EQ(asset_of(report, {"hi-1980", "snow"}).code, Errc::not_found);
}

TEST_F(CopyAssets, ARequestToStopBeginsNothing) {
  add_years();
  Catalog catalog = catalog_.open();
  std::stop_source stop;
  stop.request_stop();
  CopyAssetsOptions o = options();
  o.stop = stop.get_token();
  const CopyAssetsReport report = copy_assets(catalog, o);
  EXPECT_EQ(report.count(CopyState::not_begun), 4);
  EXPECT_FALSE(report.is_complete());
  EXPECT_EQ(parse_failed_assets(report_to_json(report)).size(), 4U);
}

TEST_F(CopyAssets, ToAServerAreNamedByItsUrl) {
  write_text_file(folder_ / "local file.txt", "of this machine");
  archive_.put("/tmin.nc", "tmin");
  catalog_.add(
      "a/a.json", "a b",
      {{"own", {{"href", "../../local file.txt"}}}, {"web", {{"href", archive_.url("/tmin.nc")}}}});
  Catalog catalog = catalog_.open();
  CopyAssetsOptions o = options();
  o.folder = archive_.url("/up/here");
  o.updates_catalog = true;
  const CopyAssetsReport report = copy_assets(catalog, o);
  EXPECT_EQ(report.count(CopyState::copied), 2)
      << report.assets[0].message << report.assets[1].message;
  EXPECT_EQ(archive_.body("/up/here/a%20b/local%20file.txt"), "of this machine");
  EXPECT_EQ(archive_.body("/up/here/a%20b/tmin.nc"), "tmin");
  EXPECT_EQ(catalog.item("a b", true)->asset("own").href,
            archive_.url("/up/here/a%20b/local%20file.txt"));
}

TEST_F(CopyAssets, ADocumentOfTheWebNamesNoFileOfThisMachineAndNoStoreOfItsChoice) {
  write_text_file(folder_ / "secret", "secret");
  archive_.put("/item.json", Json{{"type", "Feature"},
                                  {"stac_version", "1.0.0"},
                                  {"id", "i"},
                                  {"geometry", nullptr},
                                  {"properties", {{"datetime", "2022-01-15T00:00:00Z"}}},
                                  {"links", Json::array()},
                                  {"assets",
                                   {{"file", {{"href", "file://" + (folder_ / "secret")}}},
                                    {"dav", {{"href", "webdav://127.0.0.1:1/x"}}},
                                    {"memory", {{"href", "memory://x/y"}}},
                                    {"path", {{"href", folder_ / "secret"}}},
                                    {"good", {{"href", "item.json"}}}}}}
                                 .dump());
  ReadOptions read;
  read.client = client_;
  Catalog catalog = Catalog::open(archive_.url("/item.json"), read);
  const CopyAssetsReport report = copy_assets(catalog, options());
  for (const char* key : {"file", "dav", "memory"})
    EXPECT_EQ(asset_of(report, {"i", key}).code, Errc::permission_denied) << key;
  EXPECT_EQ(asset_of(report, {"i", "path"}).code, Errc::not_found) << "a path of the server";
  EXPECT_EQ(files_below(out("")), (std::vector<std::string>{"i/good_item.json"}));
}

TEST_F(CopyAssets, ACatalogOfTheWebThatIsLaidOutHereStillNamesNoFileOfThisMachine) {
  write_text_file(folder_ / "secret", "secret");
  archive_.put("/x.nc", "x");
  archive_.put("/i.json", Json{{"type", "Feature"},
                               {"stac_version", "1.0.0"},
                               {"id", "i"},
                               {"geometry", nullptr},
                               {"properties", {{"datetime", "2022-01-15T00:00:00Z"}}},
                               {"links", Json::array()},
                               {"assets",
                                {{"evil", {{"href", "file://" + (folder_ / "secret")}}},
                                 {"good", {{"href", "./x.nc"}}}}}}
                              .dump());
  archive_.put("/catalog.json", Json{{"type", "Catalog"},
                                     {"stac_version", "1.0.0"},
                                     {"id", "c"},
                                     {"description", "c"},
                                     {"links", {{{"rel", "item"}, {"href", "./i.json"}}}}}
                                    .dump());
  ReadOptions read;
  read.client = client_;
  Catalog catalog = Catalog::open(archive_.url("/catalog.json"), read);
  CopyAssetsOptions o = options();
  o.folder = "";
  o.updates_catalog = true;
  o.new_root = folder_ / "new";
  const CopyAssetsReport report = copy_assets(catalog, o);
  EXPECT_EQ(asset_of(report, {"i", "evil"}).code, Errc::permission_denied);
  EXPECT_EQ(asset_of(report, {"i", "good"}).state, CopyState::copied);
  catalog.save();
  EXPECT_EQ(files_below(folder_ / "new"),
            (std::vector<std::string>{"catalog.json", "i/i.json", "i/x.nc"}));
}

TEST_F(CopyAssets, AFolderIsCopiedWithWhatIsInIt) {
  fs::create_directories(folder_ / "cube.zarr/v");
  write_text_file(folder_ / "cube.zarr/.zgroup", "{}");
  write_text_file(folder_ / "cube.zarr/v/0.0", "cells");
  catalog_.add("a/a.json", "a", {{"cube", {{"href", "../../cube.zarr"}}}});
  Catalog catalog = catalog_.open();
  const CopyAssetsReport report = copy_assets(catalog, options());
  EXPECT_TRUE(report.is_complete()) << report.assets[0].message;
  EXPECT_EQ(files_below(out("a/cube.zarr")), (std::vector<std::string>{".zgroup", "v/0.0"}));
  EXPECT_EQ(copy_assets(catalog, options()).count(CopyState::intact), 1);
}

/// A cube of days, latitudes 50 to 59 and longitudes 0 to 9, whose cells are their own numbers.
void write_cube(const std::string& path) {
  std::vector<stores::Variable> all;
  const auto add_index = [&](const char* name, std::int64_t n, double first, double step) {
    all.push_back(stores::variable(name, {name}, {n}, {n}, DType::float64,
                                   [=](const Extents& i) { return first + step * double(i[0]); }));
  };
  add_index("time", 20, 0, 1);
  all.back().attributes.set("units", std::string("days since 2022-01-01"));
  add_index("lat", 10, 59, -1);
  all.back().attributes.set("units", std::string("degrees_north"));
  add_index("lon", 10, 0, 1);
  all.back().attributes.set("units", std::string("degrees_east"));
  all.push_back(stores::variable(
      "v", {"time", "lat", "lon"}, {20, 10, 10}, {1, 10, 10}, DType::float32,
      [](const Extents& i) { return double(i[0]) * 100 + double(i[1]) * 10 + double(i[2]); }));
  stores::write_store(path, all);
}

class CutAssets : public CopyAssets {
 protected:
  CutAssets() {
    write_cube(folder_ / "cube.nc");
    fs::create_directories(folder_ / "catalog");
    write_text_file(folder_ / "catalog/about.txt", "about");
    const Json cube = {
        {"href", "../../cube.nc"},
        {"file:size", fs::file_size(folder_ / "cube.nc")},
        {"file:checksum", to_multihash(digest_of_file(DigestKind::sha256, folder_ / "cube.nc"))}};
    const Json place = {{"bbox", {-0.5, 49.5, 9.5, 59.5}},
                        {"properties",
                         {{"datetime", nullptr},
                          {"start_datetime", "2022-01-01T00:00:00Z"},
                          {"end_datetime", "2022-01-20T00:00:00Z"}}}};
    catalog_.add("a/a.json", "a", {{"cube", cube}, {"about", {{"href", "../about.txt"}}}}, place);
    catalog_.add("far/far.json", "far", {{"cube", {{"href", "../absent.nc"}}}},
                 {{"bbox", {100, 10, 101, 11}}});
    part_ = options();
    part_.part.bbox = BBox{1.6, 52.6, 4.4, 55.4};
    part_.part.time = "2022-01-05/2022-01-07";
    part_.updates_catalog = true;
  }

  CopyAssetsOptions part_;
};

TEST_F(CutAssets, HoldTheWantedCellsAloneAndAreValidFiles) {
  Catalog catalog = catalog_.open();
  const CopyAssetsReport report = copy_assets(catalog, part_);
  ASSERT_TRUE(report.is_complete()) << report.assets[0].message;
  EXPECT_EQ(report.n_outside, 1);
  EXPECT_EQ(text(out("a/about.txt")), "about") << "what is no array is copied whole";
  const auto file = open_file(out("a/cube.nc"));
  const std::size_t v = file->find_variable("v");
  const Schema& schema = file->variables()[v].schema;
  EXPECT_EQ(schema.shape, (Extents{3, 3, 3}));
  OwnedBlock cells(schema.whole(), DType::float32);
  file->read(v, cells.view());
  EXPECT_EQ(*reinterpret_cast<const float*>(cells.view().at({0, 0, 0})), 442);
  EXPECT_EQ(*reinterpret_cast<const float*>(cells.view().at({2, 2, 2})), 664);
  EXPECT_LT(fs::file_size(out("a/cube.nc")), fs::file_size(folder_ / "cube.nc"));
}

TEST_F(CutAssets, ArePutBesideWhatTheItemSaysOfThem) {
  Catalog catalog = catalog_.open();
  copy_assets(catalog, part_);
  const Item item = *catalog.item("a", true);
  EXPECT_EQ(item.asset("cube").href, out("a/cube.nc"));
  EXPECT_EQ(item.asset_property("cube", "file:size"), fs::file_size(out("a/cube.nc")));
  EXPECT_EQ(item.asset_property("cube", "file:checksum"),
            to_multihash(digest_of_file(DigestKind::sha256, out("a/cube.nc"))));
}

TEST_F(CutAssets, AreIntactWhenTheirCellsAreThoseOfTheSource) {
  Catalog catalog = catalog_.open();
  part_.updates_catalog = false;
  part_.keys = {"cube"};
  copy_assets(catalog, part_);
  EXPECT_EQ(copy_assets(catalog, part_).count(CopyState::intact), 1);
  part_.part.time = "2022-01-05/2022-01-08";
  EXPECT_EQ(copy_assets(catalog, part_).count(CopyState::copied), 1);
  EXPECT_EQ(open_file(out("a/cube.nc"))->dimensions().size(), 3U);
  write_text_file(out("a/cube.nc"), "something else");
  EXPECT_EQ(copy_assets(catalog, part_).count(CopyState::copied), 1);
  CopyAssetsOptions whole = options();
  whole.keys = {"cube"};
  whole.items = {"a"};
  EXPECT_EQ(copy_assets(catalog, whole).count(CopyState::copied), 1);
  EXPECT_EQ(fs::file_size(out("a/cube.nc")), fs::file_size(folder_ / "cube.nc"));
}

TEST_F(CutAssets, GoToServersToo) {
  Catalog catalog = catalog_.open();
  part_.folder = archive_.url("/up");
  part_.keys = {"cube"};
  const CopyAssetsReport report = copy_assets(catalog, part_);
  ASSERT_TRUE(report.is_complete()) << report.assets[0].message;
  write_text_file(folder_ / "back.nc", archive_.body("/up/a/cube.nc"));
  const auto file = open_file(folder_ / "back.nc");
  EXPECT_EQ(file->variables()[file->find_variable("v")].schema.shape, (Extents{3, 3, 3}));
}

class GetAsset : public CopyAssets {};

TEST_F(GetAsset, GivesArraysTextAndBytes) {
  write_cube(folder_ / "cube.nc");
  archive_.put("/about.xml", "<über/>");
  archive_.put("/raw", std::string("\xff\x00\x01", 3));
  catalog_.add("a/a.json", "a",
               {{"cube", {{"href", "../../cube.nc"}}},
                {"about", {{"href", archive_.url("/about.xml")}, {"type", "application/xml"}}},
                {"raw", {{"href", archive_.url("/raw")}}}});
  const Catalog catalog = catalog_.open();
  GetAssetOptions o;
  o.client = client_;
  EXPECT_EQ(std::get<Dataset>(get_asset(catalog, "a", "cube", o)).size("time"), 20);
  EXPECT_EQ(std::get<std::string>(get_asset(catalog, "a", "about", o)), "<über/>");
  EXPECT_EQ(std::get<Bytes>(get_asset(catalog, "a", "raw", o)).size(), 3U);
  o.form = AssetForm::bytes;
  EXPECT_EQ(std::get<Bytes>(get_asset(catalog, "a", "cube", o)).size(),
            fs::file_size(folder_ / "cube.nc"));
  o.form = AssetForm::text;
  EXPECT_EQ(code_of([&] { get_asset(catalog, "a", "raw", o); }), Errc::data_loss);
}

TEST_F(GetAsset, RefusesWhatIsTooLongOrNotAsTheItemSays) {
  archive_.put("/a.txt", "0123456789");
  write_text_file(folder_ / "b.txt", "0123456789");
  const auto with = [&](const Json& more) {
    Json asset = {{"href", archive_.url("/a.txt")}};
    asset.update(more);
    return asset;
  };
  catalog_.add("a/a.json", "a",
               {{"a", with(Json::object())},
                {"b", {{"href", "../../b.txt"}}},
                {"size", with({{"file:size", 9}})},
                {"digest", with({{"file:checksum", sha256_multihash("other")}})},
                {"good", with({{"file:checksum", sha256_multihash("0123456789")}})},
                {"absent", {{"href", archive_.url("/absent.txt")}}},
                {"gone", {{"href", "../gone.txt"}}}});
  const Item item = catalog_.open().find_item("a");
  GetAssetOptions o;
  o.client = client_;
  o.max_bytes = 10;
  EXPECT_EQ(std::get<std::string>(get_asset(item, "good", o)), "0123456789");
  for (const char* key : {"size", "digest"})
    EXPECT_EQ(code_of([&] { get_asset(item, key, o); }), Errc::data_loss) << key;
  for (const char* key : {"absent", "gone", "nothing"})
    EXPECT_EQ(code_of([&] { get_asset(item, key, o); }), Errc::not_found) << key;
  o.max_bytes = 9;
  for (const char* key : {"a", "b"})
    EXPECT_EQ(code_of([&] { get_asset(item, key, o); }), Errc::data_loss) << key;
}

}  // namespace
}  // namespace rastream
