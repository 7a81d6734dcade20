// SPDX-License-Identifier: Apache-2.0
#include "rastream/catalog/search/search_items.h"

#include <algorithm>
#include <set>

#include "rastream/catalog/api/collection_match.h"
#include "rastream/catalog/catalog.h"
#include "rastream/catalog/index/index.h"
#include "rastream/catalog/item_file.h"
#include "rastream/catalog/search/answer_shape.h"
#include "rastream/catalog/search/item_matcher.h"

namespace rastream {
namespace {

using Visit = std::function<bool(const FoundItem&)>;

/// Calls visit for each item that matches, in the order of the catalog.
void find_in_index(const Index& index, const ItemMatcher& matcher, const Visit& visit) {
  index.find(matcher, 0, [&](std::int64_t i) {
    IndexedItem item = index.item(i);
    return visit({std::move(item.text), std::move(item.href)});
  });
}

void find_by_crawl(const std::string& target, const CrawlOptions& options,
                   const ItemMatcher& matcher, const Visit& visit) {
  const auto visit_document = [&](const CrawledDocument& document) {
    const auto visit_one = [&](const Item& item) {
      return !matcher.matches(item, document.above) || visit({item.text, document.href});
    };
    if (const auto* item = std::get_if<Item>(&*document.document)) return visit_one(*item);
    const auto* page = std::get_if<ItemCollection>(&*document.document);
    return page == nullptr || std::all_of(page->items.begin(), page->items.end(), visit_one);
  };
  crawl(target, options, [&](std::span<CrawledDocument> documents) {
    return std::all_of(documents.begin(), documents.end(), visit_document);
  });
}

/// A file with an item a line, which holds no collections.
bool is_item_lines(const std::string& target) {
  return !is_http_url(target) && item_format_of(target) == ItemFormat::lines;
}

void find_in_lines(const std::string& path, const ItemMatcher& matcher, const Visit& visit) {
  for (const Item& item : read_item_collection(path).items)
    if (matcher.matches(item, "") && !visit({item.text, item.href})) return;
}

void find_local(const std::string& target, const SearchOptions& options, const ItemMatcher& matcher,
                const Visit& visit) {
  if (!is_http_url(target) && is_index_file(target))
    find_in_index(Index::open(target), matcher, visit);
  else if (is_item_lines(target))
    find_in_lines(target, matcher, visit);
  else
    find_by_crawl(target, options.crawl, matcher, visit);
}

struct Sorted {
  FoundItem item;
  std::vector<Value> values;
};

SearchSummary search_local(const std::string& target, const Search& search,
                           const SearchOptions& options, const Visit& visit) {
  const ItemMatcher matcher(search);
  SearchSummary summary;
  const auto hand_over = [&](FoundItem item) {
    if (search.fields) item.text = JsonText(chosen_fields(item.text.view(), *search.fields));
    ++summary.n_items;
    return visit(item) && summary.n_items != search.max_items;
  };
  if (search.sortby.empty()) {
    find_local(target, options, matcher, hand_over);
    return summary;
  }
  std::vector<Sorted> all;
  find_local(target, options, matcher, [&](const FoundItem& item) {
    all.push_back({item, sort_values(parse_item(item.text, item.href), search.sortby)});
    return true;
  });
  std::stable_sort(all.begin(), all.end(), [&](const Sorted& a, const Sorted& b) {
    return sorts_before(a.values, b.values, search.sortby);
  });
  for (const Sorted& one : all)
    if (!hand_over(one.item)) break;
  return summary;
}

/// Nothing for a static catalog or a file.
std::optional<StacApi> open_api(const std::string& target, const SearchOptions& options) {
  if (!is_http_url(target)) return std::nullopt;
  auto api = StacApi::try_open(target, options.api);
  if (!api) return std::nullopt;
  const bool is_static = !api->has_conformance();
  if (options.conformance) options.conformance(api->conformance());
  if (is_static && !api->can_search()) return std::nullopt;
  return api;
}

SearchSummary search_api(const StacApi& api, const Search& search, ApiMethod method,
                         const Visit& visit) {
  ItemSearch found = api.search(search, method);
  SearchSummary summary;
  bool goes_on = true;
  for (auto page = found.next_page(); goes_on && !page.empty(); page = found.next_page()) {
    for (JsonText& text : page) {
      ++summary.n_items;
      goes_on = visit({std::move(text), found.url()});
      if (!goes_on) break;
    }
    if (!goes_on) break;
  }
  summary.matched = found.matched();
  summary.n_repeated = found.n_repeated();
  return summary;
}

std::optional<Collection> collection_if_there(const StacApi& api, const std::string& id) {
  try {
    return api.collection(id);
  } catch (const Error& e) {
    if (e.code() != Errc::not_found) throw;
    return std::nullopt;
  }
}

}  // namespace

SearchSummary search_items(const std::string& target, const Search& search,
                           const SearchOptions& options, const Visit& visit) {
  const auto api = open_api(target, options);
  return api ? search_api(*api, search, options.method, visit)
             : search_local(target, search, options, visit);
}

std::optional<std::int64_t> count_items(const std::string& target, const Search& search,
                                        const SearchOptions& options) {
  Search all = search;
  all.max_items.reset();
  if (const auto api = open_api(target, options)) return api->matched(all, options.method);
  if (!is_http_url(target) && is_index_file(target))
    return Index::open(target).count(ItemMatcher(all));
  all.sortby.clear();
  all.fields.reset();
  return search_local(target, all, options, [](const FoundItem&) { return true; }).n_items;
}

void search_collections(const std::string& target, const Search& search,
                        const SearchOptions& options,
                        const std::function<bool(const JsonText&)>& visit) {
  if (const auto api = open_api(target, options)) return api->for_each_collection(visit, search);
  if (search.filter || search.query.is_object() || search.intersects || !search.sortby.empty() ||
      search.fields)
    throw Error(Errc::unsupported,
                "collections of a catalog are found by bbox, datetime, ids and q alone");
  std::int64_t n = 0;
  const auto visit_one = [&](const JsonText& text) {
    if (!collection_matches(text.parse("collection"), search)) return true;
    return visit(text) && ++n != search.max_items;
  };
  if (!is_http_url(target) && is_index_file(target)) {
    const Index index = Index::open(target);
    for (const IndexedCollection& one : index.collections())
      if (one.is_collection && !visit_one(one.text)) return;
    return;
  }
  crawl(target, options.crawl, [&](std::span<CrawledDocument> documents) {
    return std::all_of(documents.begin(), documents.end(), [&](const CrawledDocument& document) {
      return !document.is_collection || visit_one(std::get<Collection>(*document.document).text);
    });
  });
}

std::vector<Collection> find_collections(const std::string& target,
                                         const std::vector<std::string>& ids,
                                         const SearchOptions& options) {
  std::vector<Collection> found;
  if (ids.empty() || is_item_lines(target)) return found;
  if (const auto api = open_api(target, options)) {
    for (const std::string& id : ids)
      if (auto one = collection_if_there(*api, id)) found.push_back(std::move(*one));
    return found;
  }
  std::set<std::string_view> wanted(ids.begin(), ids.end());
  if (!is_http_url(target) && is_index_file(target)) {
    const Index index = Index::open(target);
    for (const IndexedCollection& one : index.collections())
      if (one.is_collection && wanted.erase(one.id) > 0)
        found.push_back(parse_collection(one.text, one.href));
    return found;
  }
  Catalog::open(target, reading_of(options.crawl)).for_each_collection([&](const Collection& one) {
    if (one.is_collection && wanted.erase(one.id) > 0) found.push_back(one);
    return !wanted.empty();
  });
  return found;
}

}  // namespace rastream
