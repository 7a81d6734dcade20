// SPDX-License-Identifier: Apache-2.0
// A whole Zarr store as one JSON document: references whose values stand in it ("base64:..." for
// chunks). Opening, hierarchy, manifests, shards, cells and texts.
#include "rastream/format/zarr/zarr_file.h"
#include "tests/fuzz/input.h"

using namespace rastream;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string& path = fuzz::as_file(fuzz::bytes_of(data, size));
  fuzz::try_it([&] { fuzz::read_some(*reference_format().open(path, "")); });
  return 0;
}
