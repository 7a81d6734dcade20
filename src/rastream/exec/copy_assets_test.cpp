// SPDX-License-Identifier: Apache-2.0
#include "rastream/exec/copy_assets.h"

#include "rastream/catalog/save_items.h"
#include "rastream/exec/asset_test_support.h"

namespace rastream {
namespace {

namespace fs = std::filesystem;

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

}  // namespace
}  // namespace rastream
