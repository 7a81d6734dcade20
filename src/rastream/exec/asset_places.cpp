// SPDX-License-Identifier: Apache-2.0
#include "rastream/exec/asset_places.h"

#include "rastream/base/error.h"
#include "rastream/catalog/asset_location.h"
#include "rastream/catalog/href.h"
#include "rastream/catalog/layout.h"
#include "rastream/catalog/save_items.h"
#include "rastream/store/http/url.h"

namespace rastream {
namespace {

std::string joined(const std::string& folder, const std::string& name) {
  return folder.empty() ? name : name.empty() ? folder : fmt::format("{}/{}", folder, name);
}

/// The last part of a path or URL, of a folder too.
std::string last_part(std::string href) {
  const bool is_url = href.find("://") != std::string::npos;
  if (is_http_url(href)) href = parse_url(href).path;
  while (href.ends_with('/')) href.pop_back();
  const std::string name = href.substr(href.rfind('/') + 1);
  return is_url ? percent_decode(name).value_or(name) : name;
}

/// "" for an href that names nothing.
std::string href_or_empty(const Item& item, std::string_view key) {
  try {
    return locate_asset(item, key).href;
  } catch (const Error&) {
    return {};
  }
}

}  // namespace

std::map<std::string, std::string, std::less<>> asset_file_names(const Item& item) {
  FolderNames taken;
  if (!item.href.empty()) taken.claim(last_part(item.href));
  std::map<std::string, std::string> by_href;
  std::map<std::string, std::string, std::less<>> names;
  for (const auto& [key, asset] : item.assets) {
    const std::string href = href_or_empty(item, key);
    std::string& name = by_href[href];
    if (name.empty() && !href.empty()) {
      const std::string plain = name_of_id(last_part(href));
      name = taken.claim(plain);
      if (name != plain) name = taken.claim(name_of_id(fmt::format("{}_{}", key, plain)));
    }
    names.emplace(key, name);
  }
  return names;
}

std::string asset_href(const std::string& target, const Item& item) {
  const bool is_beside = !item.href.empty() && folder_of(target) == folder_of(item.href);
  return is_beside ? target.substr(target.rfind('/') + 1) : target;
}

AssetPlaces::AssetPlaces(Locations& locations, const Catalog& catalog, const std::string& folder)
    : locations_(locations), root_folder_(folder_of(catalog.root().path())) {
  if (!folder.empty()) to_ = locations.find(folder);
  catalog.for_each_collection([&](const Collection& document) {
    documents_.insert(document.href);
    for (const Link& link : document.links) {
      try {
        documents_.insert(absolute_href(link.href, document.href));
      } catch (const Error&) {
        continue;  // names nothing that could be replaced
      }
    }
    return true;
  });
}

AssetPlace AssetPlaces::place(const Item& item, const std::string& name) {
  if (to_) return place_in(*to_, name_of_id(item.id), name);
  if (item.href.empty())
    throw Error(Errc::invalid_argument,
                "item '{}' has no place that its files could lie beside: give a folder", item.id);
  const std::string below = path_below(item.href, root_folder_, "the item");
  Location top = locations_.find(root_folder_);
  const std::size_t slash = below.rfind('/');
  const std::string folder = slash == std::string::npos ? "" : below.substr(0, slash);
  // Paths of URLs are encoded as they are in hrefs.
  return place_in(top, top.is_local ? folder : percent_decode(folder).value_or(folder), name);
}

AssetPlace AssetPlaces::place_in(const Location& top, const std::string& below,
                                 const std::string& name) {
  check_links(top, below);
  AssetPlace at{top, joined(top.path, below), "", ""};
  at.path = joined(at.folder, name);
  at.href = top.href(at.path);
  if (documents_.contains(at.href))
    throw Error(Errc::permission_denied, "'{}' is a document of the catalog: it is not replaced",
                printable_url(at.href));
  return at;
}

void AssetPlaces::check_links(const Location& top, const std::string& below) {
  if (!top.is_local) return;
  for (std::size_t end = 0; end != std::string::npos && !below.empty();) {
    end = below.find('/', end + 1);
    const std::string folder = joined(top.path, below.substr(0, end));
    if (!checked_.insert(folder).second) continue;
    const auto there = top.files->stat(folder);
    if (!there || !there->is_link) continue;
    checked_.erase(folder);
    throw Error(Errc::permission_denied, "'{}' is a symbolic link: nothing is written through it",
                top.shown(folder));
  }
}

}  // namespace rastream
