// SPDX-License-Identifier: Apache-2.0
// How fast STAC catalogs are made, saved and read: bench_stac_io FOLDER N [THREADS [sync]].
// Makes the new FOLDER, a catalog of N items in the lecture's kind (seven assets each, sub-catalogs
// by year), saves it to FOLDER/catalog and, as one file, to FOLDER/items.json, and reads both
// again. Prints a JSON line.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <exception>
#include <filesystem>

#include "rastream/base/error.h"
#include "rastream/catalog/catalog.h"
#include "rastream/catalog/daymet_catalog.h"
#include "rastream/catalog/item_file.h"

namespace rastream {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr std::size_t kMostItemsOfAFile = 100'000;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

/// The items of one year again and again, under other ids.
std::vector<Item> some_items(int n) {
  DaymetCatalogOptions options;
  options.is_flat = true;
  options.regions = {"hi"};
  const std::vector<Item> years = daymet_catalog(options).items();
  std::vector<Item> out;
  out.reserve(static_cast<std::size_t>(n));
  for (int i = 0; i < n; ++i) {
    Item item = years[static_cast<std::size_t>(i) % years.size()];
    item.id = fmt::format("hi-{:07}", i);
    out.push_back(std::move(item));
  }
  return out;
}

Catalog new_catalog() {
  Collection document;
  document.id = "bench";
  document.description = "made by a benchmark";
  return Catalog::create(document);
}

void run(const fs::path& folder, int n, int n_threads, bool syncs) {
  // A file system makes new files slowly where many were just removed.
  if (!fs::create_directories(folder))
    throw Error(Errc::invalid_argument, "'{}' is there", folder.string());
  auto start = Clock::now();
  std::vector<Item> items = some_items(n);
  const double make_s = seconds_since(start);
  start = Clock::now();
  Catalog catalog = new_catalog();
  catalog.add_items(items);
  catalog.generate_subcatalogs("${year}");
  catalog.normalise_hrefs((folder / "catalog").string());
  const double build_s = seconds_since(start);
  start = Clock::now();
  SaveOptions options;
  options.n_threads = n_threads;
  options.syncs = syncs;
  catalog.save(options);
  const double save_s = seconds_since(start);
  // A document has at most 1 GiB.
  items.resize(std::min(items.size(), kMostItemsOfAFile));
  start = Clock::now();
  write_item_collection((folder / "items.json").string(), items);
  const double write_s = seconds_since(start);
  ReadOptions read;
  read.n_threads = n_threads;
  start = Clock::now();
  std::int64_t n_walked = 0;
  Catalog::open((folder / "catalog").string(), read)
      .for_each_item([&](const Item&, const Collection*) { return ++n_walked > 0; });
  const double walk_s = seconds_since(start);
  start = Clock::now();
  const ItemCollection found = read_item_collection((folder / "items.json").string(), read);
  const double read_s = seconds_since(start);
  fmt::print(
      "{{\"n\": {}, \"threads\": {}, \"make_s\": {:.4f}, \"build_s\": {:.4f}, \"save_s\": {:.4f}, "
      "\"write_s\": {:.4f}, \"walk_s\": {:.4f}, \"read_s\": {:.4f}, \"n_walked\": {}, "
      "\"n_read\": {}}}\n",
      n, n_threads, make_s, build_s, save_s, write_s, walk_s, read_s, n_walked, found.items.size());
}

}  // namespace
}  // namespace rastream

int main(int argc, char** argv) {
  if (argc < 3) {
    fmt::print(stderr, "usage: bench_stac_io FOLDER N [THREADS [sync]]\n");
    return 2;
  }
  try {
    rastream::run(argv[1], std::atoi(argv[2]), argc > 3 ? std::atoi(argv[3]) : 0, argc > 4);
    return 0;
  } catch (const std::exception& e) {
    fmt::print(stderr, "{}\n", e.what());
    return 1;
  }
}
