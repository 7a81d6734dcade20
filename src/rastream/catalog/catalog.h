// SPDX-License-Identifier: Apache-2.0
// STAC catalogs (0.8 to 1.1): documents that link to each other, read from files or the web when
// they are reached, changed in memory, and saved as a tree of files.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rastream/catalog/catalog_reader.h"
#include "rastream/catalog/save_options.h"

namespace rastream {

struct CatalogNode;

/// A walk reads at most this many documents, and follows links at most this deep; more is
/// data_loss.
inline constexpr std::size_t kMaxCatalogDocuments = 10'000'000;
inline constexpr int kMaxCatalogDepth = 100;

/// A handle: copies mean the same catalog, as do handles that children() and child() give.
///
/// What a link leads to is read when it is reached. Const calls keep nothing of what they read and
/// are safe from many threads; all others keep it in the tree, and are for one thread at a time.
///
/// Calls that read throw, naming the document with the link: not_found, data_loss for broken JSON
/// (with its line), for what is no STAC and for a walk without an end, permission_denied for what
/// a document of the web must not name, unavailable for the network, unsupported for other schemes.
/// A link to a document that was seen before in a walk, itself included, is not followed again.
class Catalog {
 public:
  /// Opens a catalog, a collection, an item or an item collection by path, file:// or http(s) URL,
  /// or the catalog.json or collection.json of a folder.
  static Catalog open(const std::string& href_or_path, const ReadOptions& options = {});
  /// A new catalog or, by `document.is_collection`, collection; its child and item links count for
  /// nothing. stac_version is 1.1.0 when empty. Throws invalid_argument without an id.
  static Catalog create(Collection document);

  /// Where it was read from or saved: an absolute path or a URL; empty for a new one.
  const std::string& path() const;
  const Collection& document() const;
  /// Changes title, description, assets, text or links that are not of the tree. Throws
  /// invalid_argument when child or item links change.
  void edit(const std::function<void(Collection&)>& change);

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
  /// The tree as text, a line each, children before items:
  ///     * <Catalog id=daymet-daily-v4>
  ///         * <Collection id=region-na>
  ///           * <Item id=na-1980>
  /// With `with_hrefs` each line ends in where the document is.
  std::string describe(bool with_hrefs = false) const;

  /// Of this catalog alone, in the order of its links.
  std::vector<Catalog> children();
  /// Items are shared: changing one changes the tree, but its links of the tree are the tree's.
  std::vector<std::shared_ptr<Item>> own_items();
  /// The first with this id, of this catalog alone or of all below it; nothing when there is none.
  std::optional<Catalog> child(std::string_view id, bool recursive = false);
  std::shared_ptr<Item> item(std::string_view id, bool recursive = false);
  /// Nothing when it was not reached through one.
  std::optional<Catalog> parent() const;
  Catalog root() const;
  /// Reads all that is below.
  void load();

  /// Adds at the end. An item that is added to a collection is of it. Throws invalid_argument
  /// without an id.
  std::shared_ptr<Item> add_item(Item item, std::string_view title = "");
  void add_items(std::vector<Item> items);
  /// Throws invalid_argument when `child` has a parent already, or is above this catalog.
  void add_child(const Catalog& child, std::string_view title = "");
  /// All with this id, of this catalog alone; no error when there is none.
  void remove_item(std::string_view id);
  void remove_child(std::string_view id);
  void clear_items();
  void clear_children();

  /// Moves the items of this catalog and of all below into sub-catalogs that `layout` names from
  /// each item, such as "${year}/${month}" (LayoutTemplate); items that stand in such catalogs
  /// already stay. Returns the new catalogs. Throws as LayoutTemplate does.
  std::vector<Catalog> generate_subcatalogs(
      const std::string& layout, const std::map<std::string, std::string>& defaults = {});

  /// Reads all, and gives every document its place below `root`, a folder or URL:
  /// catalog.json or collection.json there, {id}/catalog.json, {id}/{id}.json. What stands for an
  /// id: see name_of_id. Relative hrefs of assets and of links that are not of the tree go on
  /// naming what they named.
  void normalise_hrefs(const std::string& root);
  void make_all_asset_hrefs_relative();
  void make_all_asset_hrefs_absolute();
  /// A catalog of its own, with copies of all that is in memory.
  Catalog full_copy() const;

  /// Writes all that is in memory to its place, or with `options.folder` as it stands to this
  /// catalog below that folder. New documents without a place get one beside their parent, as
  /// normalise_hrefs gives it. Each file is the old or the whole new one at any moment; a link
  /// never leads to a file that is not there yet; a file that would not change is left alone; no
  /// byte goes outside of the folder, and no symbolic link below it is followed. Throws
  /// invalid_argument when the root has no place or a document's place is outside its folder,
  /// unsupported for a URL, unavailable (disk full), permission_denied.
  SaveReport save(const SaveOptions& options = {});

 private:
  Catalog(std::shared_ptr<CatalogNode> node, std::shared_ptr<const CatalogReader> reader)
      : node_(std::move(node)), reader_(std::move(reader)) {}
  Catalog handle(std::shared_ptr<CatalogNode> node) const { return {std::move(node), reader_}; }

  std::shared_ptr<CatalogNode> node_;
  std::shared_ptr<const CatalogReader> reader_;
};

}  // namespace rastream
