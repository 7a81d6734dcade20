// SPDX-License-Identifier: Apache-2.0
#include "rastream/catalog/item.h"

#include <array>

#include "rastream/base/error.h"
#include "rastream/catalog/href.h"
#include "rastream/catalog/parts.h"

namespace rastream {
namespace {

std::string naming(const Item& item) { return fmt::format("{}: item '{}'", item.href, item.id); }

void parse_properties(JsonElement element, Item& item) {
  JsonObjectElement properties;
  if (element.get(properties) != simdjson::SUCCESS)
    throw Error(Errc::data_loss, "{}: it has no properties", naming(item));
  for (const auto [key, value] : properties) {
    if (key == "datetime") item.datetime = text_or_empty(value);
    if (key == "start_datetime") item.start_datetime = text_or_empty(value);
    if (key == "end_datetime") item.end_datetime = text_or_empty(value);
  }
}

Json json_member_of(const JsonText& object, std::string_view name, const std::string& what) {
  if (object.empty()) return nullptr;
  const std::string_view value = find_member(object.view(), name);
  return value.empty() ? Json() : parse_json(value, what);
}

/// A member that is there and not null.
bool is_given(JsonElement value) { return !value.is_null(); }

constexpr std::array<std::string_view, 9> kMembers = {"type",       "id",       "stac_version",
                                                      "collection", "geometry", "links",
                                                      "assets",     "bbox",     "properties"};

/// `what` names the item.
void parse_member(std::string_view key, JsonElement value, const JsonText& text,
                  const std::string& what, Item& item) {
  if (key == "stac_version") item.stac_version = text_or_empty(value);
  if (key == "collection") item.collection = text_or_empty(value);
  if (key == "geometry") item.geometry = text;
  if (key == "links") item.links = parse_links(value, text, what);
  if (key == "assets") item.assets = parse_assets(value, text, what);
  if (key == "bbox" && is_given(value)) {
    item.bbox = parse_bbox_element(value);
    if (!item.bbox)
      throw Error(Errc::data_loss, "{}: 'bbox' is not a list of four or six numbers", what);
  }
  if (key == "properties") {
    parse_properties(value, item);
    item.properties = text;
  }
}

}  // namespace

const Asset& Item::asset(std::string_view key) const {
  std::string names;
  for (const auto& [name, value] : assets) {
    if (name == key) return value;
    names += (names.empty() ? "" : ", ") + name;
  }
  throw Error(Errc::not_found, "item '{}' of '{}' has no asset '{}': it has {}", id, href, key,
              names.empty() ? "none" : names);
}

std::string Item::asset_path(std::string_view key) const {
  return resolve_href(asset(key).href, href);
}

Json Item::asset_property(std::string_view key, std::string_view name) const {
  const Json own = json_member_of(asset(key).text, name, naming(*this));
  return own.is_null() ? property(name) : own;
}

Json Item::property(std::string_view name) const {
  return json_member_of(properties, name, naming(*this));
}

Item parse_item(JsonText text, const std::string& href) {
  const auto object = expect_document(text, href);
  return parse_item(object, std::move(text), href);
}

Item parse_item(JsonObjectElement object, JsonText text, const std::string& href) {
  Item item;
  item.href = href;
  item.id = expect_member<std::string_view>(object, "id", href);
  if (text_or_empty(object, "type") != "Feature")
    throw Error(Errc::data_loss, "{}: expected a GeoJSON feature", naming(item));
  const std::string what = naming(item);
  KnownMembers known(kMembers);
  const auto take = [&](std::string_view key, JsonElement value, const JsonMember& member) {
    if (known.take(key, member, what))
      parse_member(key, value, text.part(member.value), what, item);
  };
  for_each_with_text(object, text.view(), take);
  if (item.properties.empty())
    throw Error(Errc::data_loss, "{}: it has no properties", naming(item));
  item.text = std::move(text);
  return item;
}

}  // namespace rastream
