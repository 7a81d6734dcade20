// SPDX-License-Identifier: Apache-2.0
// A link of a STAC document (STAC 1.1, commons/links.md).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "rastream/base/json.h"

namespace rastream {

struct Link {
  std::string rel;    ///< "child", "item", "self", "root", "parent", "collection", "license", ...
  std::string href;   ///< as written
  std::string type;   ///< media type; empty when absent
  std::string title;  ///< empty when absent
};

/// The member `links` of a document, none when it is absent. Throws data_loss, naming `source`.
std::vector<Link> links_from_json(const Json& document, std::string_view source);

}  // namespace rastream
