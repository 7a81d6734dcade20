// SPDX-License-Identifier: Apache-2.0
// The document of a Zarr array: `zarr.json`, or `.zarray` with `.zattrs` as its member
// "attributes".
#include "rastream/format/zarr/metadata.h"
#include "tests/fuzz/input.h"

using namespace rastream;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::try_it([&] {
    const Json document = parse_json(fuzz::text_of(data, size), "fuzz");
    if (!document.is_object()) return;
    const Json attributes =
        document.contains("attributes") ? document["attributes"] : Json::object();
    const auto metadata = document.contains("node_type")
                              ? zarr::parse_metadata_v3(document, "fuzz")
                              : zarr::parse_metadata_v2(document, attributes, "fuzz");
    fuzz::expect(metadata.chunk_bytes() >= 0, "a chunk has a size");
    fuzz::expect(metadata.signature() == metadata.signature(), "a signature is one");
    metadata.chunk_key(Extents(metadata.shape.size()));
  });
  return 0;
}
