// SPDX-License-Identifier: Apache-2.0
// A STAC item: one scene or year with its files (STAC 1.1, item-spec; read back to 0.8).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "rastream/base/json.h"
#include "rastream/catalog/link.h"
#include "rastream/geo/bbox.h"

namespace rastream {

/// A file of an item.
struct Asset {
  std::string href;  ///< as written
  std::string type;  ///< media type; empty when absent
  std::string title;
  std::vector<std::string> roles;
  Json members;  ///< all members, those of extensions included
};

struct Item {
  std::string id;
  std::string stac_version;
  std::string collection;    ///< id of its collection; empty when it has none
  std::optional<BBox> bbox;  ///< longitude and latitude; west > east across the antimeridian
  std::string datetime;      ///< RFC 3339 text; empty when null or absent
  std::string start_datetime;
  std::string end_datetime;
  std::vector<Link> links;
  std::vector<std::pair<std::string, Asset>> assets;  ///< in the order of the document
  Json properties;   ///< all of them, proj:* and unknown ones included
  Json document;     ///< the whole item as read
  std::string path;  ///< the file that it was read from

  /// Throws not_found, naming the assets that are there.
  const Asset& asset(std::string_view key) const;
  /// The path of an asset on this machine. Throws unsupported for a remote one.
  std::string asset_path(std::string_view key) const;
  /// A property such as "proj:code", looked for in the asset and then in the item; null when
  /// absent.
  Json asset_property(std::string_view key, const char* property) const;
};

/// Throws data_loss, naming `path` and the member, when a needed member is missing or of a wrong
/// type.
Item item_from_json(Json document, const std::string& path);

}  // namespace rastream
