// SPDX-License-Identifier: Apache-2.0
// Static STAC catalogs on this machine: JSON files that link to each other (STAC 0.8 to 1.1). A
// document is read when the walk reaches it, and once.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "rastream/catalog/collection.h"
#include "rastream/catalog/item.h"

namespace rastream {

/// A walk reads at most this many documents, and follows links at most this deep; more is
/// data_loss.
inline constexpr int kMaxCatalogDocuments = 100'000;
inline constexpr int kMaxCatalogDepth = 100;

/// Immutable; every call reads the files anew, so it is safe to use from many threads.
///
/// All walks throw, naming the file: not_found for a missing file, data_loss for broken JSON (with
/// its line), for a document that is no STAC and for a walk without an end, unsupported for a link
/// that is not a local path. A link back to a document that was seen is not followed.
class Catalog {
 public:
  /// Opens a catalog, a collection, an item or an item collection by path or file:// URL, or the
  /// catalog.json or collection.json of a folder. Throws as walks do.
  static Catalog open(const std::string& href_or_path);

  /// The file that was opened.
  const std::string& path() const { return path_; }

  /// Calls visit(item, collection) in the order of the links, depth first; `collection` is the
  /// nearest collection above the item, or nullptr. Stops when visit returns false.
  using VisitItem = std::function<bool(const Item&, const Collection*)>;
  void for_each_item(const VisitItem& visit) const;
  /// The same for catalogs and collections, the opened one first; items are not read.
  using VisitCollection = std::function<bool(const Collection&)>;
  void for_each_collection(const VisitCollection& visit) const;

  /// The first item with this id; with `collection`, only of the collection with that id. Throws
  /// not_found, naming up to ten ids that are there.
  Item find_item(std::string_view id, std::string_view collection = "") const;
  /// All items; with `collection`, those of that collection alone. Throws not_found when there is
  /// no such collection.
  std::vector<Item> items(std::string_view collection = "") const;
  /// The first collection (or, if there is none, catalog) with this id. Throws not_found likewise.
  Collection find_collection(std::string_view id) const;

 private:
  explicit Catalog(std::string path) : path_(std::move(path)) {}
  std::string path_;
};

}  // namespace rastream
