// SPDX-License-Identifier: Apache-2.0
// Finds a year of Daymet in a catalog, an index or a STAC API, reads the part of it that is wanted
// from wherever its links lead, and writes the mean of the year's minimum temperatures.
#include <iostream>

#include "rastream/catalog/href.h"
#include "rastream/catalog/search/search_items.h"
#include "rastream/exec/write_dataset.h"
#include "rastream/ops/labelled.h"
#include "rastream/ops/open_dataset.h"

using namespace rastream;

namespace {

/// The first item of `target` that lies in Hawaii and holds days of 1980.
Item find_year(const std::string& target) {
  Search search;
  set_parameter(search, "bbox", "-161,18,-154,23");
  set_parameter(search, "datetime", "1980");
  complete_search(search);
  std::optional<Item> item;
  search_items(target, search, {}, [&](const FoundItem& found) {
    item = parse_item(found.text, found.href);
    return false;
  });
  if (!item) throw Error(Errc::not_found, "'{}' has no such item", target);
  return *item;
}

void write_mean(const Item& item, const std::string& out) {
  const std::string url = absolute_href(item.asset("tmin").href, item.href);
  const DataArray tmin = clip_box(open_data_array(url, "tmin"), {-156.2, 18.8, -154.7, 20.4});
  write_dataset(make_dataset({rename(mean(tmin, {"time"}), "tmin")}), out, {});
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::cerr << "usage: find_and_fetch CATALOG OUT\n";
    return 2;
  }
  try {
    const Item item = find_year(argv[1]);
    write_mean(item, argv[2]);
    std::cout << item.id << "\n";
    return 0;
  } catch (const Error& e) {
    std::cerr << "find_and_fetch: " << e.what() << "\n";
    return exit_code(e.code());
  }
}
