// SPDX-License-Identifier: Apache-2.0
#include "rastream/catalog/link.h"

#include "rastream/base/error.h"
#include "rastream/catalog/members.h"

namespace rastream {

std::vector<Link> links_from_json(const Json& document, std::string_view source) {
  std::vector<Link> out;
  const auto links = document.find("links");
  if (links == document.end() || links->is_null()) return out;
  if (!links->is_array()) throw Error(Errc::data_loss, "{}: member 'links' is not a list", source);
  for (const Json& link : *links) {
    const std::string what = std::string(source) + ": a link";
    out.push_back({json_member<std::string>(link, "rel", what),
                   json_member<std::string>(link, "href", what), text_or_empty(link, "type"),
                   text_or_empty(link, "title")});
  }
  return out;
}

}  // namespace rastream
