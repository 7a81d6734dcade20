// SPDX-License-Identifier: Apache-2.0
// A STAC catalog or collection document: what it is and where its children and items are.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "rastream/base/json_text.h"
#include "rastream/catalog/item.h"
#include "rastream/catalog/link.h"

namespace rastream {

/// As for Item: the fields are what the document is; of all else, `text` is.
struct Collection {
  std::string id;
  std::string stac_version;
  std::string title;
  std::string description;
  bool is_collection = false;  ///< false for a plain catalog
  std::vector<Link> links;
  std::vector<std::pair<std::string, Asset>> assets;
  JsonText text;     ///< the whole document as read; empty for a new one
  std::string href;  ///< where it was read from or saved: a path or a URL; empty when nowhere

  /// A member such as "extent" or "summaries"; null when absent.
  Json member(std::string_view name) const;
};

/// Throws data_loss, naming `href` and the member, for a missing id or stac_version.
Collection parse_collection(JsonText text, const std::string& href);

/// The document as JSON, as item_text() does.
std::string collection_text(const Collection& collection);

}  // namespace rastream
