// SPDX-License-Identifier: Apache-2.0
// What a search finds as a catalog of its own, files where they are.
#pragma once

#include <functional>
#include <string>

#include "rastream/catalog/catalog.h"
#include "rastream/catalog/search/search_items.h"

namespace rastream {

struct FoundCatalog {
  Catalog catalog;
  SearchSummary summary = {};
};

/// A catalog `id` with the items of `target` that match, all in memory, in the order in which they
/// were found. Those that name a collection which `target` has stand in it, all others at the root;
/// documents of older versions become 1.1.0. Hrefs of assets are absolute. `progress` is told how
/// many items there are so far.
///
/// Throws as search_items does; invalid_argument when search.fields leaves parts of items out.
FoundCatalog find_as_catalog(const std::string& target, const Search& search,
                             const SearchOptions& options, const std::string& id,
                             const std::function<void(std::int64_t)>& progress = {});

}  // namespace rastream
