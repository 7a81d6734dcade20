// SPDX-License-Identifier: Apache-2.0
// Files of a catalog's items, whole or the wanted part, copied to a folder of this machine or any
// store, many at a time; what stac2dcache's copy_asset does.
#pragma once

#include <cstdio>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "rastream/base/error.h"
#include "rastream/base/json.h"
#include "rastream/catalog/catalog.h"
#include "rastream/exec/cut_asset.h"

namespace rastream {

class HttpClient;

/// What becomes of a file that is there under the name of a copy.
enum class IfThere {
  replace_unless_intact,  ///< left alone when its bytes are known to be right: CopyFileOptions
  keep,                   ///< left alone, whatever it is
  replace,
};

struct AssetName {
  std::string item;
  std::string key;
  friend auto operator<=>(const AssetName&, const AssetName&) = default;
};

struct CopyAssetsOptions {
  std::vector<std::string> keys = {};   ///< of assets; empty: all
  std::vector<std::string> items = {};  ///< ids; empty: all
  /// Of these alone; nothing: all. See parse_failed_assets.
  std::optional<std::vector<AssetName>> only = {};
  /// Path or URL of the folder: copies are FOLDER/ITEM/NAME. "": beside the items.
  std::string folder = {};
  /// Assets in memory get the place of their copies: a name when it is in the item's folder, else
  /// an absolute path or URL. Saving is the caller's: Catalog::save, save_items.
  bool updates_catalog = false;
  /// With updates_catalog: a folder of this machine below which the catalog is laid out anew first,
  /// as by Catalog::normalise_hrefs. What the items of the web may name is decided before that.
  std::string new_root = {};
  IfThere if_there = IfThere::replace_unless_intact;
  /// Files of dCache that are on tape alone are brought to disk first, all at once, and waited for;
  /// else they fail. Through http(s) URLs nobody can tell.
  bool stages = false;
  /// Items that do not touch it are left out; NetCDF, GeoTIFF and Zarr files are cut to it.
  AssetPart part = {};
  int n_workers = 8;
  std::int64_t memory_bytes = std::int64_t{2} << 30;  ///< bound on what cuts hold
  std::FILE* progress = nullptr;
  std::stop_token stop = {};
  std::shared_ptr<HttpClient> client = {};  ///< null: default_http_client()
};

enum class CopyState { copied, intact, failed, not_begun };

struct CopiedAsset {
  AssetName name;
  std::string from;  ///< fit to be printed
  std::string to;    ///< likewise; "" when it has no place
  CopyState state = CopyState::not_begun;
  std::int64_t size_bytes = 0;
  Errc code = Errc::internal;  ///< of a failure
  std::string message = {};    ///< likewise
};

struct CopyAssetsReport {
  std::vector<CopiedAsset> assets;             ///< in the order of the catalog
  std::vector<std::shared_ptr<Item>> changed;  ///< items with an asset that was updated
  std::int64_t n_outside = 0;                  ///< items that the part leaves out
  double seconds = 0;

  std::int64_t count(CopyState state) const;
  std::int64_t size_bytes() const;  ///< of all copies that are there now
  bool is_complete() const;         ///< nothing failed, and all was begun
};

/// Copies assets of the items of `catalog` and of all below it. Folders are made. A copy gets its
/// name when it is whole and was compared with every checksum that catalog and server give. A
/// failure ends no other copy: it is in the report.
///
/// A folder (Zarr) is copied with what is in it, where its store lists that. Keys and ids of items
/// are part of names only as name_of_id() makes them, so that no byte goes outside of the folder;
/// documents of the catalog are never replaced, and no symbolic link below the folder is followed.
///
/// Throws what reading the catalog throws; not_found for an id that no item has, and when no item
/// is left; invalid_argument for a folder that is none, and a part that is none.
CopyAssetsReport copy_assets(Catalog& catalog, const CopyAssetsOptions& options);

/// {"copied", "intact", "not_begun", "bytes", "seconds", "failed": [{"item", "asset", "from", "to",
/// "code", "error"}], "done": [{"item", "asset", "from", "to", "size", "result"}]}. URLs are
/// without queries, for tokens hide in them.
Json report_to_json(const CopyAssetsReport& report);

/// The assets that a report says have failed or were not begun. Throws data_loss for what is no
/// report.
std::vector<AssetName> parse_failed_assets(const Json& report);

}  // namespace rastream
