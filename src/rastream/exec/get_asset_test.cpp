// SPDX-License-Identifier: Apache-2.0
#include "rastream/exec/get_asset.h"

#include "rastream/exec/asset_test_support.h"

namespace rastream {
namespace {

namespace fs = std::filesystem;

class GetAsset : public AssetTest {};

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
