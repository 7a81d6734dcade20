// SPDX-License-Identifier: Apache-2.0
// Where copies of assets go, so that no id, key or href of a catalog leads elsewhere.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "rastream/catalog/catalog.h"
#include "rastream/store/location.h"

namespace rastream {

/// A place for the copy of one asset.
struct AssetPlace {
  Location to;
  std::string folder;  ///< in the store of `to`; "" is its root
  std::string path;    ///< in the store of `to`
  std::string href;    ///< how a document names it: an absolute path or a URL
};

/// Names of files as stac2dcache gives them: FOLDER/ITEM/NAME, or NAME beside the item, where ITEM
/// and NAME are name_of_id() of the item's id and of the last part of the asset's href. Assets of
/// one item with one name and several hrefs are told apart by their keys: NAME, KEY_NAME. One
/// thread at a time.
class AssetPlaces {
 public:
  /// `folder` is a path or the URL of a store; "" puts copies beside the items.
  AssetPlaces(Locations& locations, const Catalog& catalog, const std::string& folder);

  /// Throws invalid_argument for a copy beside an item that has no place or lies outside of the
  /// folder of its catalog; permission_denied where the copy would replace a document of the
  /// catalog, or go through a symbolic link below the folder.
  /// `name` is that of asset_file_names.
  AssetPlace place(const Item& item, const std::string& name);

 private:
  AssetPlace place_in(const Location& top, const std::string& below, const std::string& name);
  void check_links(const Location& top, const std::string& below);

  Locations& locations_;
  std::string root_folder_;  ///< of the catalog, with its '/'
  std::optional<Location> to_;
  std::set<std::string> documents_;  ///< hrefs of all that are known
  std::set<std::string> checked_;    ///< folders without links
};

/// The name for each asset of an item, by its key; for one whose href is broken it is "".
std::map<std::string, std::string, std::less<>> asset_file_names(const Item& item);

/// `target` as it is written in the item: its name when it lies in the item's folder.
std::string asset_href(const std::string& target, const Item& item);

}  // namespace rastream
