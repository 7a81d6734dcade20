// SPDX-License-Identifier: Apache-2.0
// An index file of a static catalog: all its items, found by place, time, id, collection and
// properties without reading the catalog.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "rastream/base/json_text.h"
#include "rastream/catalog/index/crawl.h"
#include "rastream/catalog/search/item_matcher.h"

namespace rastream {

struct IndexOptions {
  CrawlOptions crawl = {};
  bool is_new = false;  ///< read every document, whatever the file holds already
};

struct IndexReport {
  std::int64_t n_documents = 0;
  std::int64_t n_items = 0;
  std::int64_t n_read = 0;      ///< documents that were new or changed
  std::int64_t n_problems = 0;  ///< documents that could not be read
};

/// Makes the index `file` of `catalog`, a path or a URL. With an index there already, documents
/// that are unchanged by their size and time, or ETag, are not read again. The file appears whole
/// or not at all; the same catalog gives the same bytes. Throws as crawl(), and as writing does.
/// `progress` is told how many documents are done.
IndexReport build_index(const std::string& catalog, const std::string& file,
                        const IndexOptions& options = {},
                        const std::function<void(std::int64_t)>& progress = {});

/// True when the file begins as an index does.
bool is_index_file(const std::string& path);

struct IndexedItem {
  JsonText text;      ///< as in its document
  std::string href;   ///< of the document
  std::string above;  ///< id of the nearest collection or catalog; "" when there is none
};

struct IndexedCollection {
  std::string id;
  JsonText text;      ///< of the document; empty for an id that only items name
  std::string href;
  bool is_collection = false;
  std::int64_t n_items = 0;  ///< that name it or, naming none, lie nearest below it
  BBox box = {-180, -90, 180, 90};  ///< around them; the globe when none has a place
  std::optional<TimeSpan> time = {};  ///< from the first to the last of them
};

/// An opened index. Immutable; safe to use from many threads, each with its own ItemMatcher.
///
/// Everything throws data_loss for a file that is damaged, whatever bytes it has: nothing outside
/// the file is read, and no part of it is believed whose checksum is wrong.
class Index {
 public:
  /// Maps the file. `is_checked` is false for tests of damaged files alone.
  static Index open(const std::string& path, bool is_checked = true);

  std::int64_t n_items() const;
  /// In the order in which the catalog has them.
  const std::vector<IndexedCollection>& collections() const;
  /// Properties that are numbers and have a table of their own.
  std::vector<std::string> columns() const;
  /// The document that was indexed.
  std::string root() const;

  /// Calls visit with the numbers of all items that match, ascending from `from`, until it
  /// returns false. Items are in the order of crawl().
  void find(const ItemMatcher& matcher, std::int64_t from,
            const std::function<bool(std::int64_t)>& visit) const;
  std::int64_t count(const ItemMatcher& matcher) const;
  /// REQUIRES: item < n_items().
  IndexedItem item(std::int64_t item) const;

  /// What an update needs: the document with this href, and the texts of its items or of itself.
  struct StoredDocument {
    KnownDocument known;
    std::vector<JsonText> items;
    JsonText text;
  };
  std::optional<KnownDocument> find_document(const std::string& href) const;
  StoredDocument stored_document(const std::string& href) const;

 private:
  class File;
  class Finder;
  explicit Index(std::shared_ptr<const File> file) : file_(std::move(file)) {}
  std::shared_ptr<const File> file_;
};

}  // namespace rastream
