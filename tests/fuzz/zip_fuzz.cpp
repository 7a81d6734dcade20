// SPDX-License-Identifier: Apache-2.0
// A zip archive as a store: its directory, and every entry whole and in part.
#include "rastream/store/indexed.h"
#include "tests/fuzz/input.h"

using namespace rastream;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::try_it([&] {
    const auto store = open_zip_store(fuzz::as_file(fuzz::bytes_of(data, size)));
    for (const std::string& key : store->list("")) {
      fuzz::try_it([&] {
        const auto value = store->get(key);
        fuzz::expect(value && static_cast<std::int64_t>(value->size()) == store->size(key),
                     "a value is as long as the store says");
      });
      fuzz::try_it([&] { store->get(key, {1, 3}); });
      fuzz::try_it([&] { store->children(key + "/"); });
    }
  });
  return 0;
}
