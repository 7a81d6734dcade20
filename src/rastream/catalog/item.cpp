// SPDX-License-Identifier: Apache-2.0
#include "rastream/catalog/item.h"

#include "rastream/base/error.h"
#include "rastream/catalog/href.h"
#include "rastream/catalog/members.h"

namespace rastream {
namespace {

Asset asset_from_json(const Json& value, const std::string& what) {
  Asset a;
  a.href = json_member<std::string>(value, "href", what);
  a.type = text_or_empty(value, "type");
  a.title = text_or_empty(value, "title");
  if (const auto roles = value.find("roles"); roles != value.end() && roles->is_array()) {
    for (const Json& role : *roles) {
      if (role.is_string()) a.roles.push_back(role.get<std::string>());
    }
  }
  a.members = value;
  return a;
}

std::vector<std::pair<std::string, Asset>> assets_from_json(const Json& document,
                                                            const std::string& what) {
  std::vector<std::pair<std::string, Asset>> out;
  const auto assets = document.find("assets");
  if (assets == document.end()) return out;
  if (!assets->is_object())
    throw Error(Errc::data_loss, "{}: member 'assets' is not an object", what);
  for (const auto& [key, value] : assets->items()) {
    out.emplace_back(key, asset_from_json(value, fmt::format("{}: asset '{}'", what, key)));
  }
  return out;
}

const Json* member(const Json& object, const char* key) {
  if (!object.is_object()) return nullptr;
  const auto it = object.find(key);
  return it == object.end() || it->is_null() ? nullptr : &*it;
}

}  // namespace

const Asset& Item::asset(std::string_view key) const {
  std::string names;
  for (const auto& [name, value] : assets) {
    if (name == key) return value;
    names += (names.empty() ? "" : ", ") + name;
  }
  throw Error(Errc::not_found, "item '{}' of '{}' has no asset '{}': it has {}", id, path, key,
              names.empty() ? "none" : names);
}

std::string Item::asset_path(std::string_view key) const {
  return resolve_href(asset(key).href, path);
}

Json Item::asset_property(std::string_view key, const char* property) const {
  if (const Json* own = member(asset(key).members, property)) return *own;
  if (const Json* shared = member(properties, property)) return *shared;
  return nullptr;
}

Item item_from_json(Json document, const std::string& path) {
  Item item;
  item.id = json_member<std::string>(document, "id", path);
  const std::string what = fmt::format("{}: item '{}'", path, item.id);
  if (text_or_empty(document, "type") != "Feature") {
    throw Error(Errc::data_loss, "{}: expected a GeoJSON feature", what);
  }
  item.stac_version = text_or_empty(document, "stac_version");
  item.collection = text_or_empty(document, "collection");
  if (const Json* box = member(document, "bbox")) {
    item.bbox = bbox_from_json(*box);
    if (!item.bbox)
      throw Error(Errc::data_loss, "{}: 'bbox' is not a list of four or six numbers", what);
  }
  if (const Json* properties = member(document, "properties")) item.properties = *properties;
  if (!item.properties.is_object()) throw Error(Errc::data_loss, "{}: it has no properties", what);
  item.datetime = text_or_empty(item.properties, "datetime");
  item.start_datetime = text_or_empty(item.properties, "start_datetime");
  item.end_datetime = text_or_empty(item.properties, "end_datetime");
  item.links = links_from_json(document, what);
  item.assets = assets_from_json(document, what);
  item.path = path;
  item.document = std::move(document);
  return item;
}

}  // namespace rastream
