// SPDX-License-Identifier: Apache-2.0
// A STAC document: it is refused or comes back as it is; migrated it is one of the newest version.
#include "rastream/catalog/document.h"
#include "rastream/catalog/extensions/datacube.h"
#include "rastream/catalog/extensions/eo.h"
#include "rastream/catalog/extensions/file.h"
#include "rastream/catalog/extensions/projection.h"
#include "rastream/catalog/extensions/raster.h"
#include "rastream/catalog/extensions/sar.h"
#include "rastream/catalog/extensions/view.h"
#include "rastream/catalog/layout_template.h"
#include "rastream/catalog/migrate.h"
#include "rastream/catalog/validate/validate.h"
#include "tests/fuzz/input.h"

using namespace rastream;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::try_it([&] {
    const JsonText text(fuzz::text_of(data, size));
    const Document document = parse_document(text, "/a/b/item.json");
    if (const auto* c = std::get_if<Collection>(&document))
      fuzz::expect(parse_json(collection_text(*c), "again") == text.parse("fuzz"), "an unchanged document is the same JSON");
    fuzz::try_it([&] { validate_document(text, "fuzz"); });
    const JsonText newest = migrated(text, JsonText(R"({"shared": 1})"));
    fuzz::expect(newest.parse("migrated").is_object(), "a migrated document is an object");
    fuzz::expect(migrated(newest).view() == newest.view() || newest.view() == text.view(), "migrating twice changes nothing");
    const auto* found = std::get_if<Item>(&document);
    if (!found) return;
    const Item& item = *found;
    fuzz::expect(parse_json(item_text(item), "again") == text.parse("fuzz"), "an unchanged document is the same JSON");
    for (const auto& asset : item.assets) {
      fuzz::try_it([&] { item.asset_path(asset.first); });
      fuzz::try_it([&] { item.asset_property(asset.first, "proj:code"); });
      fuzz::try_it([&] { read_projection(item, asset.first); });
      fuzz::try_it([&] { read_eo(item, asset.first); });
      fuzz::try_it([&] { read_raster_bands(item, asset.first); });
      fuzz::try_it([&] { read_view(item, asset.first); });
      fuzz::try_it([&] { read_sar(item, asset.first); });
      fuzz::try_it([&] { read_datacube(item, asset.first); });
      fuzz::try_it([&] { read_file_fields(item, asset.first); });
    }
    fuzz::try_it([&] { LayoutTemplate("${year}/${month}/${a.b}-${id}").substitute(item); });
  });
  return 0;
}
