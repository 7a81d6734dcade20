// SPDX-License-Identifier: Apache-2.0
#include "rastream/catalog/item_file.h"

#include <gtest/gtest.h>

#include <fstream>

#include "rastream/base/error.h"
#include "tests/suites/errors.h"
#include "tests/suites/scratch_folder.h"

namespace rastream {
namespace {

std::vector<Item> some_items() {
  std::vector<Item> items;
  for (const char* id : {"a", "b \"quoted\"\n", "c"}) {
    Item item;
    item.id = id;
    item.stac_version = "1.1.0";
    item.datetime = "2020-01-01T00:00:00Z";
    items.push_back(item);
  }
  return items;
}

TEST(ItemFile, ComesBackFromEitherFormat) {
  const ScratchFolder folder;
  for (const char* name : {"items.json", "items.ndjson"}) {
    write_item_collection(folder / name, some_items());
    const ItemCollection again = read_item_collection(folder / name);
    ASSERT_EQ(again.items.size(), 3U) << name;
    EXPECT_EQ(again.items[1].id, "b \"quoted\"\n");
    EXPECT_EQ(again.items[2].datetime, "2020-01-01T00:00:00Z");
    EXPECT_EQ(again.items[0].href, folder / name);
    write_item_collection(folder / (std::string("again_") + name), again.items);
    const auto bytes = [&](const std::string& file) {
      std::ifstream in(folder / file);
      return std::string((std::istreambuf_iterator<char>(in)), {});
    };
    EXPECT_EQ(bytes(std::string("again_") + name), bytes(name));
  }
  write_item_collection(folder / "none.json", {});
  EXPECT_EQ(read_item_collection(folder / "none.json").items.size(), 0U);
}

TEST(ItemFile, ABrokenLineIsNamed) {
  const ScratchFolder folder;
  write_item_collection(folder / "x.ndjson", some_items());
  std::ofstream(folder / "x.ndjson", std::ios::app) << "\n{\"type\":\"Feature\"\n";
  const Error e = error_of([&] { read_item_collection(folder / "x.ndjson"); });
  EXPECT_EQ(e.code(), Errc::data_loss);
  EXPECT_NE(e.message().find("line 5"), std::string::npos) << e.message();
  std::ofstream(folder / "c.json")
      << R"({"type":"Catalog","id":"c","stac_version":"1.1.0","description":"d","links":[]})";
  EXPECT_EQ(error_of([&] { read_item_collection(folder / "c.json"); }).code(), Errc::data_loss);
}

}  // namespace
}  // namespace rastream
