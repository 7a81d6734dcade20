// SPDX-License-Identifier: Apache-2.0
// What a STAC API answers, from an index: STAC API 1.0.0 core, collections, features, item search
// with query, filter (CQL2 text and JSON), sort and fields. Without a network: the server is in
// stac_server.h.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "rastream/catalog/index/index.h"
#include "rastream/catalog/search/search.h"

namespace rastream {

struct ServeRequest {
  std::string method = "GET";
  std::vector<std::string> path;  ///< parts between '/', decoded: {"collections", "a", "items"}
  std::vector<std::pair<std::string, std::string>> query = {};  ///< decoded
  std::string body = {};
  std::string base;  ///< how the client calls this server: "http://127.0.0.1:8080"
};

struct ServeAnswer {
  int status = 200;
  std::string type = "application/json";
  std::string body;
};

/// Immutable; safe to use from many threads.
class StacAnswers {
 public:
  explicit StacAnswers(Index index);

  /// Never throws for what a client asks: 400, 404 and 405 are answers, with {"code",
  /// "description"}.
  ServeAnswer answer(const ServeRequest& request) const;

 private:
  struct Page;
  Json route(const ServeRequest& request, ServeAnswer& answer) const;
  Json landing(const std::string& base) const;
  Json api_description(const std::string& base) const;
  Json collections(const std::string& base) const;
  Json collection(const IndexedCollection& collection, const std::string& base) const;
  Json collection_path(const ServeRequest& request, ServeAnswer& answer) const;
  Json one_item(const ServeRequest& request) const;
  Json queryables(const std::string& base, const IndexedCollection* of) const;
  Json search(const ServeRequest& request, const std::string& only_collection) const;
  Page find(const Search& search, const std::string& token) const;
  Page find_sorted(const Search& search, const std::string& token) const;
  Json item_json(std::int64_t item, const std::string& base) const;
  const IndexedCollection& named_collection(const std::string& id) const;

  Index index_;
  std::vector<IndexedCollection> collections_;  ///< those that are shown
};

}  // namespace rastream
