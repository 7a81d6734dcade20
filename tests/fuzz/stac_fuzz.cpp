// SPDX-License-Identifier: Apache-2.0
// A STAC document: it is refused or comes back as it is.
#include "rastream/catalog/document.h"
#include "tests/fuzz/input.h"

using namespace rastream;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::try_it([&] {
    const JsonText text(fuzz::text_of(data, size));
    const Document document = parse_document(text, "/a/b/item.json");
    if (const auto* c = std::get_if<Collection>(&document))
      fuzz::expect(parse_json(collection_text(*c), "again") == text.parse("fuzz"), "an unchanged document is the same JSON");
    const auto* found = std::get_if<Item>(&document);
    if (!found) return;
    const Item& item = *found;
    fuzz::expect(parse_json(item_text(item), "again") == text.parse("fuzz"), "an unchanged document is the same JSON");
    for (const auto& asset : item.assets) {
      fuzz::try_it([&] { item.asset_path(asset.first); });
      fuzz::try_it([&] { item.asset_property(asset.first, "proj:code"); });
    }
  });
  return 0;
}
