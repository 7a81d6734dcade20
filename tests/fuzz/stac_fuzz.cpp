// SPDX-License-Identifier: Apache-2.0
// A STAC document, as an item and as a collection.
#include "rastream/catalog/collection.h"
#include "rastream/catalog/item.h"
#include "tests/fuzz/input.h"

using namespace rastream;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::try_it([&] {
    const Json document = parse_json(fuzz::text_of(data, size), "fuzz");
    fuzz::try_it([&] { collection_from_json(document, "/a/collection.json"); });
    const Item item = item_from_json(document, "/a/b/item.json");
    for (const auto& asset : item.assets) {
      fuzz::try_it([&] { item.asset_path(asset.first); });
      fuzz::try_it([&] { item.asset_property(asset.first, "proj:code"); });
    }
  });
  return 0;
}
