// SPDX-License-Identifier: Apache-2.0
// The small grammars: sizes, boxes, links, type strings, base64. Each gets the whole text.
#include "rastream/base/base64.h"
#include "rastream/base/bytes.h"
#include "rastream/catalog/href.h"
#include "rastream/catalog/link.h"
#include "rastream/format/zarr/type_string.h"
#include "rastream/geo/bbox.h"
#include "rastream/store/store.h"
#include "tests/fuzz/input.h"

using namespace rastream;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(fuzz::text_of(data, size));
  const auto bytes = fuzz::bytes_of(data, size);
  const auto back = base64_decode(base64_encode(bytes));
  fuzz::expect(back && std::equal(back->begin(), back->end(), bytes.begin(), bytes.end()),
               "base64_decode(base64_encode(x)) == x");
  base64_decode(text);
  is_valid_key(text);
  zarr::split_type(text);
  fuzz::try_it([&] { fuzz::expect(parse_bytes(text) >= 0, "a size is not negative"); });
  fuzz::try_it([&] { fuzz::expect(to_string(parse_dtype(text)) == text, "dtypes round trip"); });
  for (const bool is_geographic : {false, true}) {
    fuzz::try_it([&] {
      const BBox box = parse_bbox(text, is_geographic);
      fuzz::expect(parse_bbox(to_string(box), is_geographic) == box, "boxes round trip");
    });
  }
  fuzz::try_it([&] {
    const std::string target = resolve_href(text, "/a/b/c.json");
    resolve_href(relative_href(target, "/a/d/e.json"), "/a/d/e.json");
  });
  return 0;
}
