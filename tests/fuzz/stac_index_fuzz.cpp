// SPDX-License-Identifier: Apache-2.0
// An index of a catalog, without its checksums: it is refused, or can be searched.
#include "rastream/catalog/index/index.h"
#include "tests/fuzz/input.h"

using namespace rastream;

namespace {

std::vector<Search> searches() {
  std::vector<Search> all;
  for (const auto& [name, value] : std::vector<std::pair<const char*, const char*>>{
           {"bbox", "-180,-90,180,90"}, {"datetime", "1900/2100"}, {"ids", "a"}, {"filter", "a > 0"}}) {
    Search search;
    set_parameter(search, name, value);
    complete_search(search);
    all.push_back(search);
  }
  return all;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::vector<Search> all = searches();
  fuzz::try_it([&] {
    const Index index = Index::open(fuzz::as_file(fuzz::bytes_of(data, size)), false);
    for (const Search& search : all) {
      fuzz::try_it([&] {
        int n = 0;
        index.find(ItemMatcher(search), 0, [&](std::int64_t item) {
          index.item(item);
          return ++n < 100;
        });
      });
    }
    fuzz::try_it([&] { index.stored_document(index.root()); });
    fuzz::try_it([&] { index.find_document(index.root()); });
  });
  return 0;
}
