// SPDX-License-Identifier: Apache-2.0
#include "rastream/catalog/collection.h"

#include <array>

#include "rastream/base/error.h"
#include "rastream/catalog/parts.h"

namespace rastream {
namespace {

constexpr std::array<std::string_view, 7> kMembers = {
    "type", "id", "stac_version", "title", "description", "links", "assets"};

}  // namespace

Json Collection::member(std::string_view name) const {
  const std::string_view value = text.empty() ? text.view() : find_member(text.view(), name);
  return value.empty() ? Json() : parse_json(value, href);
}

Collection parse_collection(JsonText text, const std::string& href) {
  const auto object = expect_document(text, href);
  return parse_collection(object, std::move(text), href);
}

Collection parse_collection(JsonObjectElement object, JsonText text, const std::string& href) {
  Collection c;
  c.href = href;
  c.id = expect_member<std::string_view>(object, "id", href);
  c.stac_version = expect_member<std::string_view>(object, "stac_version", href);
  // Before 1.0.0-rc.1 nothing but the extent told a collection from a catalog.
  c.is_collection = text_or_empty(object, "type") == "Collection" || has_member(object, "extent");
  KnownMembers known(kMembers);
  const auto take = [&](std::string_view key, JsonElement value, const JsonMember& member) {
    if (!known.take(key, member, href)) return;
    const JsonText part = text.part(member.value);
    if (key == "title") c.title = text_or_empty(value);
    if (key == "description") c.description = text_or_empty(value);
    if (key == "links") c.links = parse_links(value, part, href);
    if (key == "assets") c.assets = parse_assets(value, part, href);
  };
  for_each_with_text(object, text.view(), take);
  c.text = std::move(text);
  return c;
}

namespace {

std::string new_collection_text(const Collection& c) {
  JsonTextWriter w(kIndented);
  w.begin_object().key("type").text(c.is_collection ? "Collection" : "Catalog");
  w.key("id").text(c.id).key("stac_version").text(c.stac_version);
  if (!c.title.empty()) w.key("title").text(c.title);
  w.key("description").text(c.description);
  w.key("links").value(links_text(c.links, "", kIndented));
  if (!c.assets.empty()) w.key("assets").value(assets_text(c.assets, "", kIndented));
  return w.end_object().take();
}

}  // namespace

std::string collection_text(const Collection& c) {
  if (c.text.empty()) return new_collection_text(c);
  EditedObject object(c.text.view());
  const JsonStyle style = object.style();
  set_text(object, "id", c.id);
  set_text(object, "stac_version", c.stac_version);
  set_text(object, "title", c.title);
  set_text(object, "description", c.description);
  const std::string_view links = object.find("links");
  if (!c.links.empty() || !links.empty())
    set_value(object, "links", links_text(c.links, links, style));
  const std::string_view assets = object.find("assets");
  if (!c.assets.empty() || !assets.empty())
    set_value(object, "assets", assets_text(c.assets, assets, style));
  return object.text();
}

}  // namespace rastream
