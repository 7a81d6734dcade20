// SPDX-License-Identifier: Apache-2.0
// A filter in CQL2, as text or as JSON: it is refused, or the tree survives being written.
#include "rastream/catalog/search/cql2.h"

#include "rastream/catalog/search/evaluate.h"
#include "tests/fuzz/input.h"

using namespace rastream;

namespace {

Item some_item() {
  return parse_item(JsonText(R"({"type":"Feature","id":"a","stac_version":"1.1.0","links":[],
    "geometry":{"type":"Point","coordinates":[5,52]},"bbox":[5,52,5,52],"assets":{},
    "properties":{"datetime":"2020-01-01T00:00:00Z","a":1,"b":"text","c":["x",2]}})"), "fuzz");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Item item = some_item();
  fuzz::try_it([&] {
    const std::string_view text = fuzz::text_of(data, size);
    const bool is_json = text.starts_with('{');
    const Expression tree =
        is_json ? parse_cql2_json(parse_json(text, "fuzz")) : parse_cql2_text(text);
    fuzz::expect(parse_cql2_json(to_cql2_json(tree)) == tree, "JSON reads back as the tree");
    if (!is_json)
      fuzz::expect(parse_cql2_text(to_cql2_text(tree)) == tree, "text reads back as the tree");
    check_evaluable(tree);
    static_cast<void>(holds(tree, item));
  });
  return 0;
}
