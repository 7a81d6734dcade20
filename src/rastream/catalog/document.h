// SPDX-License-Identifier: Apache-2.0
// A STAC document of any kind, and a page of items.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "rastream/catalog/collection.h"
#include "rastream/catalog/item.h"

namespace rastream {

/// A GeoJSON FeatureCollection of items: a file of them, or a page of a search.
struct ItemCollection {
  std::vector<Item> items;
  std::vector<Link> links;
  JsonText text;     ///< the whole document as read; empty for a new one
  std::string href;  ///< where it was read from: a path or a URL
};

using Document = std::variant<Item, Collection, ItemCollection>;

/// Makes a document of an older version, valid JSON, one of the newest.
using Renewal = std::function<JsonText(const JsonText&)>;

/// What `text` says that it is. `renew`, unless it is null, is called with each document of an
/// older version, the items of a collection of them included. Throws data_loss, naming `href`: for
/// broken JSON with its line, for what is no STAC, and as parse_item and parse_collection do.
Document parse_document(JsonText text, const std::string& href, const Renewal& renew = {});

/// Reads a file of this machine. Throws not_found, permission_denied; data_loss as parse_document
/// does. Only regular files are read: a catalog that points at a pipe must not hang.
JsonText read_document(const std::string& path);
/// The same; `identity` becomes what is equal for all names of the file, links included.
JsonText read_document(const std::string& path, std::string& identity);

/// What is known of a file without reading it.
struct FileState {
  std::string identity;
  std::int64_t mtime_ns = 0;  ///< of its bytes or its status, the later
  std::int64_t size_bytes = 0;
};

/// Nothing when there is no such file.
std::optional<FileState> file_state(const std::string& path);

}  // namespace rastream
