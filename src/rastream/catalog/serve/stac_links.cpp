// SPDX-License-Identifier: Apache-2.0
#include "rastream/catalog/serve/stac_links.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "rastream/catalog/href.h"
#include "rastream/store/http/url.h"

namespace rastream {

Json link_json(std::string_view rel, const std::string& href, const char* type) {
  return {{"rel", rel}, {"href", href}, {"type", type}};
}

std::string served_href(const std::string& href, const std::string& from) {
  // What names no file and no place of the web, but for GDAL's paths, is what it is.
  for (const std::string_view prefix : {"doi:", "mailto:", "data:", "urn:", "/vsi"})
    if (href.starts_with(prefix)) return href;
  const std::string lasting = lasting_href(href, from);
  return lasting.starts_with('/')
             ? fmt::format("file://{}", percent_encode(lasting, "/!$&'()*+,;=:@"))
             : lasting;
}

Json other_links(const Json& document, const std::string& href) {
  static constexpr std::array<std::string_view, 8> kOwn = {
      "self", "root", "parent", "collection", "item", "items", "child", kQueryablesRel};
  Json out = Json::array();
  const auto links = document.find("links");
  if (links == document.end() || !links->is_array()) return out;
  for (Json link : *links) {
    const bool is_link = link.is_object() && link.contains("rel") && link.at("rel").is_string() &&
                         link.contains("href") && link.at("href").is_string();
    if (!is_link) continue;
    const auto& rel = link.at("rel").get_ref<const std::string&>();
    if (std::find(kOwn.begin(), kOwn.end(), rel) != kOwn.end()) continue;
    link["href"] = served_href(link.at("href").get<std::string>(), href);
    out.push_back(std::move(link));
  }
  return out;
}

void make_assets_absolute(Json& document, const std::string& href) {
  const auto assets = document.find("assets");
  if (assets == document.end() || !assets->is_object()) return;
  for (auto& [key, asset] : assets->items()) {
    if (asset.is_object() && asset.contains("href") && asset.at("href").is_string())
      asset["href"] = served_href(asset.at("href").get<std::string>(), href);
  }
}

}  // namespace rastream
