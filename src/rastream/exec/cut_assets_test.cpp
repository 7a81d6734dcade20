// SPDX-License-Identifier: Apache-2.0
// Of each file the wanted part alone.
#include "rastream/exec/asset_test_support.h"

namespace rastream {
namespace {

namespace fs = std::filesystem;

class CutAssets : public AssetTest {
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

}  // namespace
}  // namespace rastream
