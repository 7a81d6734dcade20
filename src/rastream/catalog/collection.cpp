// SPDX-License-Identifier: Apache-2.0
#include "rastream/catalog/collection.h"

#include "rastream/base/error.h"
#include "rastream/catalog/members.h"

namespace rastream {

Collection collection_from_json(Json document, const std::string& path) {
  Collection c;
  c.id = json_member<std::string>(document, "id", path);
  c.stac_version = json_member<std::string>(document, "stac_version", path);
  c.title = text_or_empty(document, "title");
  c.description = text_or_empty(document, "description");
  // Before 1.0.0-rc.1 nothing but the extent told a collection from a catalog.
  c.is_collection = text_or_empty(document, "type") == "Collection" || document.contains("extent");
  c.links = links_from_json(document, path);
  c.path = path;
  c.document = std::move(document);
  return c;
}

}  // namespace rastream
