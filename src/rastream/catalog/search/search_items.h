// SPDX-License-Identifier: Apache-2.0
// One search for whatever has items: a STAC API, an index file, a static catalog on this machine or
// the web, or a file of items.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "rastream/catalog/api/stac_api.h"
#include "rastream/catalog/catalog_reader.h"
#include "rastream/catalog/index/crawl.h"
#include "rastream/catalog/search/search.h"

namespace rastream {

struct SearchOptions {
  ApiOptions api = {};
  ApiMethod method = ApiMethod::post;  ///< of an API
  CrawlOptions crawl = {};             ///< of a static catalog
  /// Changes what the API is taken to be able to do.
  std::function<void(Conformance&)> conformance = {};
};

struct FoundItem {
  JsonText text;     ///< with search.fields alone where these are given
  std::string href;  ///< of its document or page, which relative hrefs count from
};

struct SearchSummary {
  std::int64_t n_items = 0;             ///< that were visited
  std::optional<std::int64_t> matched;  ///< as a server says
  std::int64_t n_repeated = 0;          ///< that a server sent twice and were left out
};

/// Calls visit for each item of `target` that matches, until it returns false or search.max_items
/// are visited. Sorted as search.sortby says, else in the order of the server or the catalog's
/// links. Of a catalog or file without sorting a few thousand items are held at a time, of a
/// server a page.
///
/// Throws as StacApi, Index and crawl do; unsupported for a URL that is an API without item search.
SearchSummary search_items(const std::string& target, const Search& search,
                           const SearchOptions& options,
                           const std::function<bool(const FoundItem&)>& visit);

/// How many match, whatever max_items is; nothing when a server does not say.
std::optional<std::int64_t> count_items(const std::string& target, const Search& search,
                                        const SearchOptions& options);

/// Calls visit for each collection of `target`, until it returns false or search.max_items are
/// visited: of an API as StacApi::for_each_collection does; of a catalog or an index those whose
/// bbox, datetime, ids and q match. Throws unsupported for other conditions on them.
void search_collections(const std::string& target, const Search& search,
                        const SearchOptions& options,
                        const std::function<bool(const JsonText&)>& visit);

/// The collections of `target` with these ids, each once, in the order of `ids` or of the catalog;
/// those that there are.
std::vector<Collection> find_collections(const std::string& target,
                                         const std::vector<std::string>& ids,
                                         const SearchOptions& options);

}  // namespace rastream
