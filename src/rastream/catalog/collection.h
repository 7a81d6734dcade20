// SPDX-License-Identifier: Apache-2.0
// A STAC catalog or collection document: what it is and where its children and items are.
#pragma once

#include <string>
#include <vector>

#include "rastream/base/json.h"
#include "rastream/catalog/link.h"

namespace rastream {

struct Collection {
  std::string id;
  std::string stac_version;
  std::string title;
  std::string description;
  bool is_collection = false;  ///< false for a plain catalog
  std::vector<Link> links;
  Json document;     ///< the whole document, unknown members included
  std::string path;  ///< the file that it was read from
};

/// Throws data_loss, naming `path` and the member, for a missing id or stac_version.
Collection collection_from_json(Json document, const std::string& path);

}  // namespace rastream
