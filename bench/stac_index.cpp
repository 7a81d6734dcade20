// SPDX-License-Identifier: Apache-2.0
// Searches in an opened index: bench_stac_index INDEX prints the median milliseconds of each as
// JSON.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

#include "rastream/catalog/index/index.h"

namespace {

using namespace rastream;

struct Case {
  const char* name;
  std::vector<std::pair<const char*, const char*>> parameters;
};

const std::vector<Case> kCases = {
    {"bbox", {{"bbox", "5,50,7,52"}}},
    {"bbox and datetime", {{"bbox", "-10,35,30,60"}, {"datetime", "2020-06"}}},
    {"ids", {{"ids", "item-500000,item-7"}}},
    {"cloud and bbox", {{"bbox", "0,40,20,60"}, {"filter", "eo:cloud_cover < 5"}}},
    {"datetime", {{"datetime", "2020-06-01"}}},
};

/// The first hundred items of a search with their texts, as a page of a server has them.
std::size_t page(const Index& index, const Search& search) {
  std::size_t n_bytes = 0;
  int n = 0;
  index.find(ItemMatcher(search), 0, [&](std::int64_t item) {
    n_bytes += index.item(item).text.view().size();
    return ++n < 100;
  });
  return n_bytes;
}

double median_ms(const Index& index, const Case& one) {
  Search search;
  for (const auto& [name, value] : one.parameters) set_parameter(search, name, value);
  complete_search(search);
  std::vector<double> times;
  for (int i = 0; i < 21; ++i) {
    const auto begin = std::chrono::steady_clock::now();
    page(index, search);
    const auto end = std::chrono::steady_clock::now();
    times.push_back(std::chrono::duration<double, std::milli>(end - begin).count());
  }
  std::nth_element(times.begin(), times.begin() + 10, times.end());
  return times[10];
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  const Index index = Index::open(argv[1]);
  fmt::print("{{\"items\": {}", index.n_items());
  for (const Case& one : kCases) fmt::print(", \"{}\": {:.3f}", one.name, median_ms(index, one));
  fmt::print("}}\n");
}
