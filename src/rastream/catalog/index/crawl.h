// SPDX-License-Identifier: Apache-2.0
// Every document of a static catalog, read once, on several threads: for what looks at all of it.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "rastream/base/error.h"
#include "rastream/catalog/catalog_reader.h"
#include "rastream/store/http/http_client.h"

namespace rastream {

/// A document that an earlier crawl read.
struct KnownDocument {
  DocumentStamp stamp;
  bool is_collection = false;      ///< a collection, not a catalog or items
  std::string id;                  ///< of a catalog or collection; "" of items
  std::vector<std::string> links;  ///< hrefs of its children and items, resolved
};

struct CrawledDocument {
  std::string href;
  DocumentStamp stamp;
  /// Id of the nearest collection above it, or, where there is none, of the nearest catalog.
  std::string above;
  std::vector<std::string> links;  ///< hrefs of its children and items, resolved
  bool is_unchanged = false;       ///< since it became known; `document` is not set then
  std::string id;                  ///< of a catalog or collection; "" of items
  bool is_collection = false;
  std::optional<Document> document;
};

struct CrawlOptions {
  std::int64_t n_threads = 0;               ///< 0: one a core, and eight for one elsewhere
  std::shared_ptr<HttpClient> client = {};  ///< default_http_client() when null
  /// What is known of a document; nothing: read it.
  std::function<std::optional<KnownDocument>(const std::string& href)> known = {};
  /// Takes what is wrong with a document or link, which is left out then. Without it the crawl
  /// throws.
  std::function<void(const Error&)> problem = {};
  std::stop_token stop = {};
  std::int64_t max_documents = 20'000'000;
  int max_depth = 100;
};

/// How a crawl with these options reads documents.
ReadOptions reading_of(const CrawlOptions& options);

/// Calls visit with some documents at a time, in the order of their levels: the root, what it links
/// to in the order of its links, what these link to, ... A document that several links or names
/// lead to is visited once. Ends when visit returns false. `root` is a path, a folder with a
/// catalog.json or collection.json, or a URL. Documents are read as Catalog::open reads them: from
/// all stores, those of old versions as 1.1.0.
///
/// Throws as CatalogReader::read and link_location, and data_loss for more documents or levels than
/// the options allow; unavailable when stopped.
void crawl(const std::string& root, const CrawlOptions& options,
           const std::function<bool(std::span<CrawledDocument>)>& visit);

}  // namespace rastream
