// SPDX-License-Identifier: Apache-2.0
#include "rastream/catalog/search/found_item.h"

#include <gtest/gtest.h>

namespace rastream {
namespace {

const std::string kFound =
    R"({"type": "Feature", "stac_version": "1.0.0", "id": "i", "geometry": null, "x": 1.50,
  "properties": {"datetime": null}, "links": [{"rel": "collection", "href": "../c.json"}],
  "assets": {"a": {"href": "./a.nc"}, "b": {"href": "/b.nc"}, "c": {"href": "file:///c.nc"},
             "d": {"href": "s3://bucket/d.nc"}, "e": {"href": ""}}})";

/// Hrefs of the link and the assets of kFound, found in `document`.
std::vector<std::string> hrefs_in(const std::string& document) {
  const CatalogReader as_it_is(ReadOptions{.migrates = false});
  const Item item = lasting_item({JsonText(kFound), document}, as_it_is);
  EXPECT_EQ(item.property("datetime"), Json());
  EXPECT_NE(item_text(item).find("\"x\": 1.50"), std::string::npos) << "the rest is as it was";
  std::vector<std::string> hrefs = {item.links.at(0).href};
  for (const auto& [key, asset] : item.assets) hrefs.push_back(asset.href);
  return hrefs;
}

TEST(FoundItem, OfThisMachineNamesItsFilesFromAnywhere) {
  EXPECT_EQ(hrefs_in("/data/stac/i.json"),
            (std::vector<std::string>{"/data/c.json", "/data/stac/a.nc", "/b.nc", "/c.nc",
                                      "s3://bucket/d.nc", ""}));
}

TEST(FoundItem, OfTheWebNamesNoFileOfThisMachine) {
  EXPECT_EQ(
      hrefs_in("https://h/stac/page?n=1"),
      (std::vector<std::string>{"https://h/c.json", "https://h/stac/a.nc", "https://h/b.nc",
                                "https://h/stac/file%3A%2F%2F%2Fc.nc", "s3://bucket/d.nc", ""}));
}

}  // namespace
}  // namespace rastream
