// SPDX-License-Identifier: Apache-2.0
// A link of a STAC document (STAC 1.1, commons/links.md).
#pragma once

#include <string>

#include "rastream/base/json_text.h"

namespace rastream {

struct Link {
  std::string rel;    ///< "child", "item", "self", "root", "parent", "collection", "license", ...
  std::string href;   ///< as written
  std::string type;   ///< media type; empty when absent
  std::string title;  ///< empty when absent
  JsonText text;      ///< all members as read, `method` and `body` included; empty for a new link
};

}  // namespace rastream
