// SPDX-License-Identifier: Apache-2.0
#include "rastream/catalog/search/found_catalog.h"

#include <map>

#include "rastream/base/error.h"
#include "rastream/catalog/search/found_item.h"
#include "rastream/store/http/url.h"

namespace rastream {
namespace {

Catalog new_root(const std::string& id, const std::string& target) {
  Collection document;
  document.id = id;
  document.description = "Items found in " + printable_url(target);
  return Catalog::create(std::move(document));
}

}  // namespace

FoundCatalog find_as_catalog(const std::string& target, const Search& search,
                             const SearchOptions& options, const std::string& id,
                             const std::function<void(std::int64_t)>& progress) {
  if (search.fields)
    throw Error(Errc::invalid_argument, "a catalog has whole items: expected no choice of fields");
  const CatalogReader reader(reading_of(options.crawl));
  FoundCatalog found{new_root(id, target)};
  std::vector<std::string> ids;  // of collections, in the order in which items name them
  std::map<std::string, std::vector<Item>> items;
  std::int64_t n = 0;
  found.summary = search_items(target, search, options, [&](const FoundItem& one) {
    Item item = lasting_item(one, reader);
    auto& of_collection = items[item.collection];
    if (of_collection.empty() && !item.collection.empty()) ids.push_back(item.collection);
    of_collection.push_back(std::move(item));
    if (progress) progress(++n);
    return true;
  });
  for (const Collection& document : find_collections(target, ids, options)) {
    auto of_collection = items.extract(document.id);
    if (of_collection.empty()) continue;
    Catalog child =
        Catalog::create(std::get<Collection>(reader.parse(document.text, document.href, nullptr)));
    child.add_items(std::move(of_collection.mapped()));
    found.catalog.add_child(child);
  }
  for (auto& [name, rest] : items) found.catalog.add_items(std::move(rest));
  return found;
}

}  // namespace rastream
