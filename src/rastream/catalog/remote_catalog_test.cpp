// SPDX-License-Identifier: Apache-2.0
// Catalogs of the web, from a server on loopback.
#include <gtest/gtest.h>

#include <fstream>
#include <map>

#include "rastream/base/error.h"
#include "rastream/catalog/catalog.h"
#include "rastream/store/http/http_client.h"
#include "tests/servers/loopback_server.h"
#include "tests/suites/errors.h"
#include "tests/suites/scratch_folder.h"

namespace rastream {
namespace {

std::string catalog_text(const std::string& id, const std::string& links) {
  return R"({"type":"Catalog","stac_version":"1.1.0","description":"d","id":")" + id +
         R"(","links":[)" + links + "]}";
}

std::string link_text(const std::string& rel, const std::string& href) {
  return R"({"rel":")" + rel + R"(","href":")" + href + R"("})";
}

std::string item_text_of(const std::string& id) {
  return R"({"type":"Feature","stac_version":"1.1.0","geometry":null,"id":")" + id +
         R"(","properties":{"datetime":null},"links":[],"assets":{"a":{"href":"./a.nc"}}})";
}

/// Serves documents by path.
class RemoteCatalog : public ::testing::Test {
 protected:
  std::string url(const std::string& path) const { return server_.url(path); }

  std::map<std::string, std::string> documents_;
  LoopbackServer server_{[this](const ServedRequest& request, ServedConnection& connection) {
    const auto at = documents_.find(request.target);
    if (at == documents_.end())
      connection.answer(404, "no such document");
    else
      connection.answer(200, at->second);
  }};
};

TEST_F(RemoteCatalog, IsReadByTheRulesOfUrls) {
  documents_ = {
      {"/stac/catalog.json", catalog_text("root", link_text("child", "./a/catalog.json?x=1") + "," +
                                                      link_text("item", "/top.json") + "," +
                                                      link_text("item", url("/far/b.json")))},
      {"/stac/a/catalog.json?x=1", catalog_text("a", link_text("item", "../one.json"))},
      {"/stac/one.json", item_text_of("one")},
      {"/top.json", item_text_of("top")},
      {"/far/b.json", item_text_of("b")}};
  const Catalog catalog = Catalog::open(url("/stac/catalog.json"));
  EXPECT_EQ(catalog.describe(),
            "* <Catalog id=root>\n    * <Catalog id=a>\n      * <Item id=one>\n  * <Item id=top>\n"
            "  * <Item id=b>\n");
  EXPECT_EQ(catalog.find_item("one").href, url("/stac/one.json"));
}

TEST_F(RemoteCatalog, IsSavedWithAssetsThatStayWhereTheyAre) {
  documents_ = {{"/stac/catalog.json", catalog_text("root", link_text("item", "./i/i.json"))},
                {"/stac/i/i.json", item_text_of("i")}};
  const ScratchFolder folder;
  Catalog catalog = Catalog::open(url("/stac/catalog.json"));
  catalog.normalise_hrefs(folder / "copy");
  catalog.save();
  EXPECT_EQ(Catalog::open(folder / "copy").find_item("i").asset("a").href, url("/stac/i/a.nc"));
}

TEST_F(RemoteCatalog, NamesNoFileOfThisMachine) {
  documents_ = {{"/c.json", catalog_text("c", link_text("item", "file:///etc/hostname"))}};
  EXPECT_EQ(error_of([&] { (void)Catalog::open(url("/c.json")).items(); }).code(),
            Errc::permission_denied);
}

TEST_F(RemoteCatalog, AMissingOrBrokenDocumentIsNamed) {
  documents_ = {{"/c.json", catalog_text("c", link_text("item", "gone.json"))},
                {"/d.json", catalog_text("d", link_text("item", "bad.json"))},
                {"/bad.json", "{\"type\": \"Feature\", \n oh"}};
  const Error gone = error_of([&] { (void)Catalog::open(url("/c.json")).items(); });
  EXPECT_EQ(gone.code(), Errc::not_found);
  EXPECT_NE(gone.message().find("gone.json"), std::string::npos) << gone.message();
  const Error bad = error_of([&] { (void)Catalog::open(url("/d.json")).items(); });
  EXPECT_EQ(bad.code(), Errc::data_loss);
  EXPECT_NE(bad.message().find("bad.json"), std::string::npos) << bad.message();
}

TEST_F(RemoteCatalog, CirclesEnd) {
  documents_ = {
      {"/c.json",
       catalog_text("c", link_text("child", "c.json") + "," + link_text("child", "d.json"))},
      {"/d.json",
       catalog_text("d", link_text("child", "c.json") + "," + link_text("child", "./d.json"))}};
  EXPECT_EQ(Catalog::open(url("/c.json")).describe(), "* <Catalog id=c>\n    * <Catalog id=d>\n");
}

TEST(RemoteCatalogs, CanBeSwitchedOff) {
  ReadOptions options;
  options.reads_urls = false;
  EXPECT_EQ(error_of([&] { Catalog::open("https://example.org/catalog.json", options); }).code(),
            Errc::unsupported);
}

TEST_F(RemoteCatalog, APathThatItsAssetsNameIsNeverOneOfThisMachine) {
  const auto with_asset = [&](const std::string& href) {
    std::string text = item_text_of("one");
    return text.replace(text.find("./a.nc"), 6, href);
  };
  documents_ = {
      {"/stac/catalog.json", catalog_text("root", link_text("item", "./one.json") + "," +
                                                      link_text("license", "/etc/hostname") + "," +
                                                      link_text("about", "file:///etc/hostname"))},
      {"/stac/one.json", with_asset("/etc/passwd")}};
  const ScratchFolder folder;
  const auto saved_href = [&] {
    Catalog catalog = Catalog::open(url("/stac/catalog.json"));
    catalog.normalise_hrefs(folder / "copy");
    catalog.save();
    return Catalog::open(folder / "copy").item("one")->assets[0].second.href;
  };
  EXPECT_EQ(saved_href(), url("/etc/passwd"));
  Catalog absolute = Catalog::open(url("/stac/catalog.json"));
  absolute.make_all_asset_hrefs_absolute();
  EXPECT_EQ(absolute.item("one")->assets[0].second.href, url("/etc/passwd"));
  documents_["/stac/one.json"] = with_asset("file:///etc/passwd");
  EXPECT_EQ(saved_href(), url("/stac/file%3A%2F%2F%2Fetc%2Fpasswd"));
  const auto href_of = [](const Catalog& catalog, std::string_view rel) {
    for (const Link& link : catalog.document().links)
      if (link.rel == rel) return link.href;
    return std::string();
  };
  const Catalog saved = Catalog::open(folder / "copy");
  EXPECT_EQ(href_of(saved, "license"), url("/etc/hostname"));
  EXPECT_EQ(href_of(saved, "about"), url("/stac/file%3A%2F%2F%2Fetc%2Fhostname"));
  documents_["/stac/one.json"] = with_asset("");
  EXPECT_EQ(saved_href(), "") << "the name of nothing, and not of the item";
}

}  // namespace
}  // namespace rastream
