// SPDX-License-Identifier: Apache-2.0
// A STAC API as a client sees it (STAC API 1.0.0: core, collections, features, item search, and the
// extensions query, filter, sort, fields, free text).
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "rastream/catalog/api/api_pages.h"
#include "rastream/catalog/api/conformance.h"
#include "rastream/catalog/collection.h"
#include "rastream/catalog/item.h"
#include "rastream/catalog/search/search.h"

namespace rastream {

enum class ApiMethod { get, post };

/// The items of a search, page by page. One thread.
class ItemSearch {
 public:
  /// The texts of the next page's items; empty behind the last. A choice of fields may make them
  /// too little for parse_item.
  std::vector<JsonText> next_page();
  /// The next item; nothing behind the last. Throws as parse_item does.
  std::optional<Item> next();
  /// Of the first page; nothing before it, or when the server does not say.
  std::optional<std::int64_t> matched() const { return matched_; }
  /// Of the last page.
  const std::string& url() const { return url_; }
  std::int64_t n_pages() const { return pages_.n_pages(); }
  std::int64_t n_repeated() const { return pages_.n_repeated(); }

 private:
  friend class StacApi;
  ItemSearch(ApiPages pages, std::optional<std::int64_t> max_items)
      : pages_(std::move(pages)), n_left_(max_items) {}

  ApiPages pages_;
  std::optional<std::int64_t> n_left_;
  std::optional<std::int64_t> matched_;
  std::vector<JsonText> page_;
  std::string url_;  ///< of page_
  std::size_t at_ = 0;
};

/// Safe to use from many threads as long as nobody changes conformance().
class StacApi {
 public:
  /// Reads the landing page. Throws as ApiSession::fetch, and data_loss when it is no STAC catalog.
  static StacApi open(const std::string& url, ApiOptions options = {});
  /// The same, but nothing for a STAC document that is no catalog, as a file of items.
  static std::optional<StacApi> try_open(const std::string& url, ApiOptions options = {});

  const Collection& landing() const { return landing_; }
  /// Whether the landing page says what it conforms to; a static catalog does not.
  bool has_conformance() const { return has_conformance_; }
  Conformance& conformance() { return conformance_; }
  const Conformance& conformance() const { return conformance_; }
  /// True for one that can be searched: it conforms to item search.
  bool can_search() const { return conformance_.has("ITEM_SEARCH"); }

  /// The items that match. By POST, unless the server answers that with 405. Throws unsupported
  /// when the API has no item search.
  ItemSearch search(const Search& search, ApiMethod method = ApiMethod::post) const;
  /// How many match; nothing when the server does not say.
  std::optional<std::int64_t> matched(const Search& search,
                                      ApiMethod method = ApiMethod::post) const;

  /// Each collection, until `visit` returns false. With conditions (q, bbox, datetime, and where
  /// the server searches collections itself filter, query, sortby and fields) those that match; what
  /// the server does not know is looked at here. search.max_items is the most to visit. Throws
  /// unsupported for other conditions, and for an API without collections.
  using VisitCollection = std::function<bool(const JsonText&)>;
  void for_each_collection(const VisitCollection& visit, const Search& search = {}) const;
  std::vector<Collection> collections(const Search& search = {}) const;
  /// Throws not_found.
  Collection collection(const std::string& id) const;
  /// All items of a collection, by its "items" link. Throws not_found likewise.
  ItemSearch items(const Collection& collection, const Search& search = {}) const;
  /// One item of it. Throws not_found.
  Item item(const Collection& collection, const std::string& id) const;

  /// JSON Schema of what a filter may name. Throws unsupported when the API has no filter.
  Json queryables() const;
  Json queryables(const std::string& collection) const;
  /// Those of all of them; a property that two define differently is left out. REQUIRES: at least
  /// one.
  Json merged_queryables(const std::vector<std::string>& collections) const;

 private:
  StacApi() = default;
  std::string search_url() const;
  std::string collections_url() const;
  ApiRequest search_request(const Search& search, ApiMethod method) const;
  ApiPages search_pages(const Search& search, ApiMethod method) const;
  void visit_children(const VisitCollection& visit) const;
  Collection child(const std::string& id) const;
  Json queryables_at(const std::string& url) const;
  bool has_collections() const;

  std::shared_ptr<const ApiSession> session_;
  Collection landing_;
  Conformance conformance_;
  bool has_conformance_ = false;
};

}  // namespace rastream
