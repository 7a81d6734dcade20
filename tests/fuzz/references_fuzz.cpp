// SPDX-License-Identifier: Apache-2.0
// A file of references (kerchunk) as a store.
#include "rastream/store/indexed.h"
#include "tests/fuzz/input.h"

using namespace rastream;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::try_it([&] {
    const auto store = open_reference_store(fuzz::as_file(fuzz::bytes_of(data, size)));
    for (const std::string& key : store->list("")) {
      fuzz::try_it([&] { store->size(key); });
      fuzz::try_it([&] { store->get(key, {0, 64}); });
    }
  });
  return 0;
}
