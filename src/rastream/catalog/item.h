// SPDX-License-Identifier: Apache-2.0
// A STAC item: one scene or year with its files (STAC 1.1, item-spec; read back to 0.8).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "rastream/base/json_text.h"
#include "rastream/catalog/link.h"
#include "rastream/geo/bbox.h"

namespace rastream {

/// A file of an item or a collection.
struct Asset {
  std::string href;   ///< as written
  std::string type;   ///< media type; empty when absent
  std::string title;  ///< empty when absent
  std::vector<std::string> roles;
  JsonText text;  ///< all members as read, those of extensions included; empty for a new asset
};

/// The fields are what the item is; of all else, `text` is. item_text() brings them together.
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
  JsonText geometry;    ///< a GeoJSON geometry or null; empty when absent
  JsonText properties;  ///< an object: all of them, proj:* and unknown ones included
  JsonText text;        ///< the whole item as read; empty for a new one
  std::string href;     ///< where it was read from or saved: a path or a URL; empty when nowhere

  /// Throws not_found, naming the assets that are there.
  const Asset& asset(std::string_view key) const;
  /// The path of an asset on this machine. Throws unsupported for a remote one.
  std::string asset_path(std::string_view key) const;
  /// A property such as "proj:code", looked for in the asset and then in the item; null when
  /// absent.
  Json asset_property(std::string_view key, std::string_view property) const;
  /// A property of the item; null when absent.
  Json property(std::string_view name) const;
};

/// `text` is an item that was read from `href`. Throws data_loss, naming `href` and the member,
/// when a needed member is missing or of a wrong type. What this does not look at may be anything
/// that is JSON.
Item parse_item(JsonText text, const std::string& href);

/// The item as JSON. Fields that are as they were read keep their bytes, all else that was read is
/// kept; a new item is written as kIndented.
std::string item_text(const Item& item);

}  // namespace rastream
