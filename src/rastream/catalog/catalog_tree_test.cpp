// SPDX-License-Identifier: Apache-2.0
// Catalogs that are made, changed and saved.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "rastream/base/error.h"
#include "rastream/catalog/catalog.h"
#include "rastream/catalog/href.h"
#include "tests/suites/errors.h"
#include "tests/suites/scratch_folder.h"

namespace rastream {
namespace {

namespace fs = std::filesystem;

const std::string kData = "../shared/data/stac";

Item new_item(const std::string& id, const std::string& datetime = "2020-03-01T00:00:00Z") {
  Item item;
  item.id = id;
  item.datetime = datetime;
  item.assets.emplace_back("tmin", Asset{"https://example.org/" + id + ".nc", "", "", {}, {}});
  return item;
}

Catalog new_catalog(const std::string& id, bool is_collection = false) {
  Collection document;
  document.id = id;
  document.description = "of " + id;
  document.is_collection = is_collection;
  return Catalog::create(document);
}

std::string text_of(const fs::path& path) {
  std::ifstream in(path);
  return std::string((std::istreambuf_iterator<char>(in)), {});
}

/// Every file below `folder` with its text.
std::map<std::string, std::string> files_below(const fs::path& folder) {
  std::map<std::string, std::string> out;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (!entry.is_directory())
      out[entry.path().lexically_relative(folder).string()] = text_of(entry.path());
  }
  return out;
}

std::vector<std::string> names_below(const fs::path& folder) {
  std::vector<std::string> out;
  for (const auto& [name, text] : files_below(folder)) out.push_back(name);
  return out;
}

const Link* link_of(const std::vector<Link>& links, std::string_view rel) {
  for (const Link& link : links) {
    if (link.rel == rel) return &link;
  }
  return nullptr;
}

class CatalogTree : public ::testing::Test {
 protected:
  fs::path folder() const { return scratch_.path() / "out"; }
  ScratchFolder scratch_;
};

/// catalog > collection "na" > items na-1980, na-1981; catalog > item "loose".
Catalog small_catalog() {
  Catalog catalog = new_catalog("all");
  Catalog na = new_catalog("na", true);
  na.add_item(new_item("na-1980", "1980-01-01T00:00:00Z"));
  na.add_item(new_item("na-1981", "1981-01-01T00:00:00Z"));
  catalog.add_child(na);
  catalog.add_item(new_item("loose"));
  return catalog;
}

TEST_F(CatalogTree, ASavedOneIsLaidOutAsBestPracticesSay) {
  Catalog catalog = small_catalog();
  catalog.normalise_hrefs(folder().string());
  EXPECT_EQ(catalog.save().n_written, 5);
  EXPECT_EQ(names_below(folder()),
            (std::vector<std::string>{"catalog.json", "loose/loose.json", "na/collection.json",
                                      "na/na-1980/na-1980.json", "na/na-1981/na-1981.json"}));
  const Catalog again = Catalog::open(folder().string());
  EXPECT_EQ(again.describe(),
            "* <Catalog id=all>\n    * <Collection id=na>\n      * <Item id=na-1980>\n"
            "      * <Item id=na-1981>\n  * <Item id=loose>\n");
  const Item item = again.find_item("na-1981", "na");
  EXPECT_EQ(link_of(item.links, "root")->href, "../../catalog.json");
  EXPECT_EQ(link_of(item.links, "parent")->href, "../collection.json");
  EXPECT_EQ(link_of(item.links, "collection")->href, "../collection.json");
  EXPECT_EQ(link_of(item.links, "self"), nullptr);
  EXPECT_EQ(item.stac_version, "1.1.0");
}

TEST_F(CatalogTree, SavingTwiceChangesNoFile) {
  Catalog catalog = small_catalog();
  catalog.normalise_hrefs(folder().string());
  catalog.save();
  const auto before = files_below(folder());
  EXPECT_EQ(catalog.save().n_unchanged, 5);
  Catalog again = Catalog::open(folder().string());
  again.normalise_hrefs(folder().string());
  const SaveReport report = again.save();
  EXPECT_EQ(report.n_written, 0);
  EXPECT_EQ(report.n_unchanged, 5);
  EXPECT_EQ(files_below(folder()), before);
}

TEST_F(CatalogTree, TheKindSaysWhichLinksAreAbsolute) {
  Catalog catalog = small_catalog();
  catalog.normalise_hrefs("https://example.org/stac");
  SaveOptions options;
  options.folder = folder().string();
  options.kind = CatalogKind::absolute_published;
  catalog.save(options);
  Item item = Catalog::open((folder() / "na/na-1980/na-1980.json").string()).items().at(0);
  EXPECT_EQ(link_of(item.links, "self")->href, "https://example.org/stac/na/na-1980/na-1980.json");
  EXPECT_EQ(link_of(item.links, "parent")->href, "https://example.org/stac/na/collection.json");
  options.kind = CatalogKind::relative_published;
  catalog.save(options);
  item = Catalog::open((folder() / "na/na-1980/na-1980.json").string()).items().at(0);
  EXPECT_EQ(link_of(item.links, "self"), nullptr);
  EXPECT_EQ(link_of(item.links, "parent")->href, "../collection.json");
  const Catalog root = Catalog::open(folder().string());
  EXPECT_EQ(link_of(root.document().links, "self")->href, "https://example.org/stac/catalog.json");
  EXPECT_EQ(root.items().size(), 3U);
}

TEST_F(CatalogTree, RealOnesComeBackWithTheirItemsAfterTheyMoved) {
  if (!fs::exists(kData)) GTEST_SKIP() << kData << " is absent";
  for (const char* name : {"pystac-client/data/test-case-1", "pystac/catalogs/test-case-4",
                           "stac2dcache/data/s2-catalog"}) {
    const fs::path to = folder() / fs::path(name).filename();
    Catalog catalog = Catalog::open(kData + "/" + name);
    catalog.normalise_hrefs(to.string());
    catalog.save();
    const Catalog again = Catalog::open(to.string());
    EXPECT_EQ(again.describe(), Catalog::open(kData + "/" + name).describe()) << name;
    const auto old_items = Catalog::open(kData + "/" + name).items();
    const auto items = again.items();
    ASSERT_EQ(items.size(), old_items.size());
    for (std::size_t i = 0; i < items.size(); ++i) {
      for (std::size_t a = 0; a < items[i].assets.size(); ++a) {
        EXPECT_EQ(absolute_href(items[i].assets[a].second.href, items[i].href),
                  absolute_href(old_items[i].assets[a].second.href, old_items[i].href));
      }
    }
  }
}

TEST_F(CatalogTree, WhatIsNotReadIsNotWritten) {
  Catalog catalog = small_catalog();
  catalog.normalise_hrefs(folder().string());
  catalog.save();
  Catalog again = Catalog::open(folder().string());
  again.item("na-1981", true)->assets[0].second.href = "./local.nc";
  const SaveReport report = again.save();
  EXPECT_EQ(report.n_written, 1);
  EXPECT_EQ(report.n_unchanged, 3) << "two catalogs on the way and the item that was looked at";
  EXPECT_EQ(Catalog::open(folder().string()).find_item("na-1981").asset("tmin").href, "./local.nc");
}

TEST_F(CatalogTree, NewItemsAreSavedBesideThoseThatAreThere) {
  Catalog catalog = small_catalog();
  catalog.normalise_hrefs(folder().string());
  catalog.save();
  Catalog again = Catalog::open(folder().string());
  again.child("na")->add_item(new_item("na-1982"));
  again.child("na")->add_item(new_item("NA-1981"));
  EXPECT_EQ(again.save().n_written, 3);
  EXPECT_TRUE(fs::exists(folder() / "na/na-1982/na-1982.json"));
  EXPECT_TRUE(fs::exists(folder() / "na/NA-1981-2/NA-1981-2.json")) << names_below(folder()).size();
  EXPECT_EQ(Catalog::open(folder().string()).items("na").size(), 4U);
}

TEST_F(CatalogTree, AChildThatIsSavedAloneStaysInItsTreeAndTheRestAsItIs) {
  Catalog catalog = small_catalog();
  Catalog years = new_catalog("years");
  years.add_item(new_item("y-1990"));
  catalog.child("na")->add_child(years);
  catalog.normalise_hrefs(folder().string());
  catalog.save();
  auto expected = files_below(folder());
  Catalog again = Catalog::open(folder().string());
  Catalog child = *again.child("years", true);
  child.item("y-1990")->assets[0].second.href = "/data/y-1990.nc";
  child.add_item(new_item("y-1991"));
  again.item("loose")->datetime = "1970-01-01T00:00:00Z";
  const SaveReport report = child.save();
  EXPECT_EQ(report.n_written, 3);
  const auto files = files_below(folder());
  for (const char* name :
       {"na/years/catalog.json", "na/years/y-1990/y-1990.json", "na/years/y-1991/y-1991.json"}) {
    ASSERT_TRUE(files.contains(name)) << name;
    expected[name] = files.at(name);
  }
  EXPECT_EQ(files, expected) << "what is above and beside it, changed in memory too, is as it was";

  const Catalog whole = Catalog::open(folder().string());
  EXPECT_EQ(whole.describe(), again.describe());
  const Collection document = whole.find_collection("years");
  EXPECT_EQ(link_of(document.links, "root")->href, "../../catalog.json");
  EXPECT_EQ(link_of(document.links, "parent")->href, "../collection.json");
  const Item changed = whole.find_item("y-1990");
  EXPECT_EQ(changed.asset("tmin").href, "/data/y-1990.nc");
  const Item added = whole.find_item("y-1991");
  for (const Item* item : {&changed, &added}) {
    EXPECT_EQ(link_of(item->links, "root")->href, "../../../catalog.json");
    EXPECT_EQ(link_of(item->links, "parent")->href, "../catalog.json");
  }
  EXPECT_EQ(child.save().n_written, 0);
}

TEST_F(CatalogTree, APartThatIsOpenedByItselfStaysPartOfItsTree) {
  Catalog catalog = small_catalog();
  catalog.normalise_hrefs(folder().string());
  catalog.save();
  const auto before = files_below(folder());
  Catalog part = Catalog::open((folder() / "na").string());
  part.load();
  EXPECT_EQ(part.save().n_written, 0);
  part.add_item(new_item("na-1982"));
  EXPECT_EQ(part.save().n_written, 2);
  Catalog whole = Catalog::open(folder().string());
  const Item added = whole.find_item("na-1982");
  EXPECT_EQ(link_of(added.links, "root")->href, "../../catalog.json");
  EXPECT_EQ(link_of(added.links, "parent")->href, "../collection.json");
  EXPECT_EQ(link_of(whole.find_collection("na").links, "root")->href, "../catalog.json");
  part.remove_item("na-1982");
  part.save();
  fs::remove_all(folder() / "na/na-1982");
  EXPECT_EQ(files_below(folder()), before);
}

TEST_F(CatalogTree, APartThatMovesAwayIsATreeOfItsOwn) {
  Catalog catalog = small_catalog();
  catalog.normalise_hrefs(folder().string());
  catalog.save();
  Catalog moved = Catalog::open((folder() / "na").string());
  Catalog above = Catalog::open(folder().string());
  Catalog removed = *above.child("na");
  above.remove_child("na");
  Catalog copy = *Catalog::open(folder().string()).child("na");
  copy.load();
  copy = copy.full_copy();
  for (Catalog* part : {&removed, &copy}) {
    SaveOptions elsewhere;
    elsewhere.folder = (scratch_.path() / "elsewhere").string();
    part->load();
    part->save(elsewhere);
    const Catalog again = Catalog::open(elsewhere.folder);
    EXPECT_EQ(link_of(again.document().links, "root")->href, "./collection.json");
    EXPECT_EQ(link_of(again.document().links, "parent"), nullptr);
    fs::remove_all(elsewhere.folder);
  }
  for (Catalog* part : {&moved, &removed}) {
    part->normalise_hrefs((scratch_.path() / "part").string());
    part->save();
    const Catalog again = Catalog::open((scratch_.path() / "part").string());
    EXPECT_EQ(link_of(again.document().links, "root")->href, "./collection.json");
    EXPECT_EQ(link_of(again.document().links, "parent"), nullptr);
    EXPECT_EQ(link_of(again.find_item("na-1980").links, "root")->href, "../collection.json");
    EXPECT_EQ(again.items().size(), 2U);
    fs::remove_all(scratch_.path() / "part");
  }
}

TEST_F(CatalogTree, ItemsAndChildrenAreFoundAddedAndRemoved) {
  Catalog catalog = small_catalog();
  EXPECT_EQ(catalog.children().size(), 1U);
  EXPECT_EQ(catalog.own_items().size(), 1U);
  EXPECT_EQ(catalog.child("na")->own_items().size(), 2U);
  EXPECT_EQ(catalog.item("na-1980"), nullptr);
  EXPECT_EQ(catalog.item("na-1980", true)->id, "na-1980");
  EXPECT_EQ(catalog.item("no", true), nullptr);
  EXPECT_FALSE(catalog.child("no", true).has_value());
  Catalog na = *catalog.child("na", true);
  EXPECT_EQ(na.parent()->document().id, "all");
  EXPECT_EQ(na.root().document().id, "all");
  na.remove_item("na-1980");
  EXPECT_EQ(catalog.items().size(), 2U);
  catalog.clear_items();
  EXPECT_EQ(catalog.items().size(), 1U);
  catalog.remove_child("na");
  EXPECT_EQ(catalog.items().size(), 0U);
  EXPECT_FALSE(na.parent().has_value());
  catalog.add_child(na);
  EXPECT_EQ(error_of([&] { catalog.add_child(na); }).code(), Errc::invalid_argument);
  EXPECT_EQ(error_of([&] { na.add_child(catalog); }).code(), Errc::invalid_argument);
  catalog.clear_children();
  EXPECT_EQ(catalog.describe(), "* <Catalog id=all>\n");
  EXPECT_EQ(error_of([&] { catalog.add_item({}); }).code(), Errc::invalid_argument);
}

TEST_F(CatalogTree, ACopyIsAnotherTree) {
  Catalog catalog = small_catalog();
  Catalog copy = catalog.full_copy();
  copy.item("na-1980", true)->id = "x";
  copy.child("na")->edit([](Collection& c) { c.title = "Copied"; });
  EXPECT_NE(catalog.item("na-1980", true), nullptr);
  EXPECT_EQ(catalog.child("na")->document().title, "");
  EXPECT_EQ(copy.child("na")->document().title, "Copied");
  EXPECT_EQ(error_of([&] { copy.edit([](Collection& c) { c.links.clear(); }); }).code(),
            Errc::invalid_argument);
}

TEST_F(CatalogTree, AssetHrefsBecomeRelativeAndAbsolute) {
  Catalog catalog = new_catalog("c");
  Item item = new_item("i");
  item.assets[0].second.href = (folder() / "data/x.nc").string();
  catalog.add_item(item);
  EXPECT_EQ(error_of([&] { catalog.make_all_asset_hrefs_relative(); }).code(),
            Errc::invalid_argument);
  catalog.normalise_hrefs(folder().string());
  catalog.make_all_asset_hrefs_relative();
  EXPECT_EQ(catalog.item("i")->assets[0].second.href, "../data/x.nc");
  catalog.make_all_asset_hrefs_absolute();
  EXPECT_EQ(catalog.item("i")->assets[0].second.href, (folder() / "data/x.nc").string());
}

TEST_F(CatalogTree, SubcatalogsFollowATemplate) {
  Catalog catalog = new_catalog("all");
  for (const char* id : {"a", "b"}) catalog.add_item(new_item(id, "2020-03-05T00:00:00Z"));
  catalog.add_item(new_item("c", "2021-11-05T00:00:00Z"));
  EXPECT_EQ(catalog.generate_subcatalogs("${year}/${month}").size(), 4U);
  EXPECT_EQ(catalog.describe(),
            "* <Catalog id=all>\n    * <Catalog id=2020>\n        * <Catalog id=3>\n"
            "          * <Item id=a>\n          * <Item id=b>\n    * <Catalog id=2021>\n"
            "        * <Catalog id=11>\n          * <Item id=c>\n");
  EXPECT_EQ(catalog.child("3", true)->document().description,
            "Catalog of items from 2020 with id 3");
  EXPECT_EQ(catalog.generate_subcatalogs("${year}/${month}").size(), 0U);
  EXPECT_EQ(error_of([&] { catalog.generate_subcatalogs("${region}"); }).code(),
            Errc::invalid_argument);
}

TEST_F(CatalogTree, NoIdLeavesTheFolder) {
  const std::vector<std::string> ids = {"../x",
                                        "/etc/passwd",
                                        "a/b",
                                        "..",
                                        ".",
                                        "a\\b",
                                        std::string("n\0l", 3),
                                        std::string(300, 'x'),
                                        std::string(300, 'x') + "y",
                                        "Case",
                                        "case",
                                        "CASE",
                                        "same",
                                        "same",
                                        "catalog.json",
                                        "nul",
                                        "COM1.txt",
                                        "C:x",
                                        "https://evil/x",
                                        "%2e%2e%2f",
                                        "end.",
                                        "line\nbreak",
                                        "x.rastream-tmp",
                                        "a?b#c"};
  Catalog catalog = new_catalog("..");
  for (const auto& id : ids) catalog.add_item(new_item(id));
  Catalog child = new_catalog("../../up", true);
  child.add_item(new_item("../../../item"));
  catalog.add_child(child);
  fs::create_directories(folder().parent_path());
  catalog.normalise_hrefs(folder().string());
  catalog.save();
  std::size_t n = 0;
  for (const auto& entry : fs::directory_iterator(folder().parent_path())) {
    EXPECT_EQ(entry.path(), folder());
    ++n;
  }
  EXPECT_EQ(n, 1U);
  EXPECT_EQ(names_below(folder()).size(), ids.size() + 3);
  std::multiset<std::string> got;
  for (const Item& item : Catalog::open(folder().string()).items()) got.insert(item.id);
  std::multiset<std::string> expected(ids.begin(), ids.end());
  expected.insert("../../../item");
  EXPECT_EQ(got, expected);
}

TEST_F(CatalogTree, ASymbolicLinkIsNotFollowedOut) {
  const fs::path outside = scratch_.path() / "outside";
  fs::create_directories(outside);
  fs::create_directories(folder());
  fs::create_directory_symlink(outside, folder() / "na");
  Catalog catalog = small_catalog();
  catalog.normalise_hrefs(folder().string());
  EXPECT_EQ(error_of([&] { catalog.save(); }).code(), Errc::invalid_argument);
  EXPECT_TRUE(fs::is_empty(outside));
  EXPECT_EQ(std::distance(fs::directory_iterator(folder()), fs::directory_iterator()), 1);
  fs::remove(folder() / "na");
  std::ofstream(outside / "secret") << "old";
  fs::create_symlink(outside / "secret", folder() / "catalog.json");
  catalog.save();
  EXPECT_EQ(text_of(outside / "secret"), "old");
  EXPECT_FALSE(fs::is_symlink(folder() / "catalog.json"));
}

TEST_F(CatalogTree, AFailedSaveLeavesTheOldOneWhole) {
  Catalog catalog = small_catalog();
  catalog.normalise_hrefs(folder().string());
  catalog.save();
  const auto before = files_below(folder());
  Catalog changed = Catalog::open(folder().string());
  changed.edit([](Collection& c) { c.title = "Other"; });
  Catalog child = new_catalog("new");
  child.add_item(new_item("x"));
  changed.add_child(child);
  fs::create_directory_symlink("/", folder() / "new");
  changed.load();
  EXPECT_THROW(changed.save(), Error);
  fs::remove(folder() / "new");
  EXPECT_EQ(files_below(folder()), before);
}

TEST_F(CatalogTree, ACircleAndATwinAreSavedAsLinksToOnePlace) {
  fs::create_directories(folder());
  std::ofstream(folder() / "catalog.json")
      << R"({"type":"Catalog","id":"r","stac_version":"1.1.0","description":"d","links":[)"
      << R"({"rel":"child","href":"./c.json"},{"rel":"item","href":"./i.json"}]})";
  std::ofstream(folder() / "c.json")
      << R"({"type":"Catalog","id":"c","stac_version":"1.1.0","description":"d","links":[)"
      << R"({"rel":"child","href":"catalog.json"},{"rel":"child","href":"c.json"},{"rel":"item","href":"i.json"}]})";
  std::ofstream(folder() / "i.json") << item_text(new_item("i"));
  Catalog catalog = Catalog::open(folder().string());
  const fs::path to = scratch_.path() / "to";
  catalog.normalise_hrefs(to.string());
  EXPECT_EQ(catalog.save().n_written, 3);
  const Catalog again = Catalog::open(to.string());
  EXPECT_EQ(again.items().size(), 1U);
  const Collection c = again.find_collection("c");
  EXPECT_EQ(c.links[0].href, "../catalog.json");
  EXPECT_EQ(c.links[1].href, "./catalog.json");
  EXPECT_EQ(again.document().links[1].href, "./c/i/i.json");
}

TEST_F(CatalogTree, TwoDocumentsOfOnePlaceAreAnError) {
  Catalog catalog = small_catalog();
  catalog.normalise_hrefs(folder().string());
  catalog.item("na-1980", true)->href = catalog.item("na-1981", true)->href;
  EXPECT_EQ(error_of([&] { catalog.save(); }).code(), Errc::invalid_argument);
  EXPECT_FALSE(fs::exists(folder()));
  catalog.item("na-1980", true)->href = (scratch_.path() / "else.json").string();
  EXPECT_EQ(error_of([&] { catalog.save(); }).code(), Errc::invalid_argument);
  EXPECT_EQ(error_of([&] { small_catalog().save(); }).code(), Errc::invalid_argument);
}

TEST(CatalogTrees, OfAMillionLevelsAreEndedWithoutRecursion) {
  Catalog top = new_catalog("0");
  Catalog at = top;
  for (int i = 1; i < 100'000; ++i) {
    Catalog child = new_catalog("c");
    child.add_child(at);
    at = child;
  }
  EXPECT_EQ(error_of([&] { (void)at.items(); }).code(), Errc::data_loss);
}

}  // namespace
}  // namespace rastream
