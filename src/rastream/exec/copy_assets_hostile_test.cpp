// SPDX-License-Identifier: Apache-2.0
// Ids, hrefs and links that would lead copies out of their folder, or copy what is not theirs.
#include "rastream/exec/asset_test_support.h"

namespace rastream {
namespace {

namespace fs = std::filesystem;

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

TEST_F(CopyAssets, ADocumentOfTheWebNamesNoFileOfThisMachineAndNoStoreOfItsChoice) {
  write_text_file(folder_ / "secret", "secret");
  const Json assets = {{"file", {{"href", "file://" + (folder_ / "secret")}}},
                       {"dav", {{"href", "webdav://127.0.0.1:1/x"}}},
                       {"memory", {{"href", "memory://x/y"}}},
                       {"path", {{"href", folder_ / "secret"}}},
                       {"good", {{"href", "item.json"}}}};
  archive_.put("/item.json", item_json("i", assets).dump());
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
  const Json assets = {{"evil", {{"href", "file://" + (folder_ / "secret")}}},
                       {"good", {{"href", "./x.nc"}}}};
  const Json links = Json::array({{{"rel", "item"}, {"href", "./i.json"}}});
  archive_.put("/i.json", item_json("i", assets).dump());
  archive_.put("/catalog.json", catalog_json("c", links).dump());
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

}  // namespace
}  // namespace rastream
