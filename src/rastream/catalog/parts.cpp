// SPDX-License-Identifier: Apache-2.0
#include "rastream/catalog/parts.h"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace rastream {
namespace {

using simdjson::dom::array;

Link parse_link(JsonElement element, const JsonText& text, const std::string& what) {
  const auto object = expect<JsonObjectElement>(element, "links", what);
  Link link;
  link.rel = expect_member<std::string_view>(object, "rel", what);
  link.href = expect_member<std::string_view>(object, "href", what);
  link.type = text_or_empty(object, "type");
  link.title = text_or_empty(object, "title");
  link.text = text;
  return link;
}

Asset parse_asset(JsonElement element, const JsonText& text, const std::string& what) {
  Asset asset;
  for (const auto [key, value] : expect<JsonObjectElement>(element, "assets", what)) {
    if (key == "href")
      asset.href = expect<std::string_view>(value, key, what);
    else if (key == "type")
      asset.type = text_or_empty(value);
    else if (key == "title")
      asset.title = text_or_empty(value);
    else if (array roles; key == "roles" && value.get(roles) == simdjson::SUCCESS)
      for (const JsonElement role : roles) asset.roles.push_back(text_or_empty(role));
  }
  asset.text = text;
  return asset;
}

std::string roles_text(const std::vector<std::string>& roles) {
  JsonTextWriter w({-1, true});
  w.begin_list();
  for (const std::string& role : roles) w.text(role);
  return w.end_list().take();
}

void set_roles(EditedObject& object, const std::vector<std::string>& roles) {
  std::vector<std::string> old;
  const std::string_view list = object.find("roles");
  if (list.starts_with('[')) {
    for (const std::string_view role : elements_of(list))
      old.push_back(role.starts_with('"') ? from_json_string(role) : std::string());
  }
  if (roles != old) object.set("roles", roles_text(roles));
}

EditedObject edited(const Link& link) {
  EditedObject object(link.text.view());
  set_text(object, "rel", link.rel);
  set_text(object, "href", link.href);
  set_text(object, "type", link.type);
  set_text(object, "title", link.title);
  return object;
}

EditedObject edited(const Asset& asset) {
  EditedObject object(asset.text.view());
  set_text(object, "href", asset.href);
  set_text(object, "type", asset.type);
  set_text(object, "title", asset.title);
  set_roles(object, asset.roles);
  return object;
}

void write_text(JsonTextWriter& w, std::string_view name, const std::string& value) {
  if (!value.empty()) w.key(name).text(value);
}

void write_new(JsonTextWriter& w, const Link& link) {
  w.begin_object();
  write_text(w, "rel", link.rel);
  write_text(w, "href", link.href);
  write_text(w, "type", link.type);
  write_text(w, "title", link.title);
  w.end_object();
}

void write_new(JsonTextWriter& w, const Asset& asset) {
  w.begin_object();
  write_text(w, "href", asset.href);
  write_text(w, "type", asset.type);
  write_text(w, "title", asset.title);
  if (!asset.roles.empty()) w.key("roles").value(roles_text(asset.roles));
  w.end_object();
}

/// True for what was read as `old` and is as it was.
template <typename Part>
bool is_as_read(const Part& part, std::string_view old) {
  return part.text.view() == old && !edited(part).is_edited();
}

/// A name as it was read, with its quotes.
std::string_view quoted(const JsonMember& member) {
  return {member.name.data() - 1, member.name.size() + 2};
}

template <typename Part>
void write_part(JsonTextWriter& w, const Part& part) {
  if (part.text.empty())
    write_new(w, part);
  else
    w.value(edited(part).text());
}

}  // namespace

std::vector<Link> parse_links(JsonElement list, const JsonText& text, const std::string& what) {
  const auto elements = expect<array>(list, "links", what);
  const auto texts = elements_of(text.view());
  assert(texts.size() == elements.size());
  std::vector<Link> links;
  links.reserve(texts.size());
  for (const JsonElement element : elements)
    links.push_back(parse_link(element, text.part(texts[links.size()]), what));
  return links;
}

Assets parse_assets(JsonElement object, const JsonText& text, const std::string& what) {
  const auto members = expect<JsonObjectElement>(object, "assets", what);
  Assets assets;
  assets.reserve(members.size());
  const auto add = [&](std::string_view key, JsonElement value, const JsonMember& member) {
    assets.emplace_back(key, parse_asset(value, text.part(member.value), what));
  };
  for_each_with_text(members, text.view(), add);
  return assets;
}

std::optional<BBox> parse_bbox_element(JsonElement value) {
  array list;
  if (value.get(list) != simdjson::SUCCESS || (list.size() != 4 && list.size() != 6))
    return std::nullopt;
  std::vector<double> edges;
  for (const JsonElement element : list) {
    double edge = 0;
    if (element.get(edge) != simdjson::SUCCESS || !std::isfinite(edge)) return std::nullopt;
    edges.push_back(edge);
  }
  const std::size_t half = edges.size() / 2;
  return BBox{edges[0], edges[1], edges[half], edges[half + 1]};
}

void set_text(EditedObject& object, std::string_view name, std::string_view value) {
  const std::string_view old = object.find(name);
  const bool is_text = old.starts_with('"');
  if (is_text ? is_json_string_of(old, value) : value.empty()) return;
  if (value.empty())
    object.erase(name);
  else
    object.set(name, to_json_string(value));
}

void set_value(EditedObject& object, std::string_view name, std::string json) {
  if (object.find(name) != json) object.set(name, std::move(json));
}

std::string links_text(const std::vector<Link>& links, std::string_view old, JsonStyle style) {
  const auto read = old.empty() ? std::vector<std::string_view>() : elements_of(old);
  if (!old.empty() &&
      std::equal(links.begin(), links.end(), read.begin(), read.end(), is_as_read<Link>))
    return std::string(old);
  JsonTextWriter w(style, 1);
  w.begin_list();
  for (const Link& link : links) write_part(w, link);
  return w.end_list().take();
}

std::string assets_text(const Assets& assets, std::string_view old, JsonStyle style) {
  const auto read = old.empty() ? std::vector<JsonMember>() : members_of(old);
  const auto is_same = [](const auto& named, const JsonMember& member) {
    return is_json_string_of(quoted(member), named.first) && is_as_read(named.second, member.value);
  };
  if (!old.empty() && std::equal(assets.begin(), assets.end(), read.begin(), read.end(), is_same))
    return std::string(old);
  JsonTextWriter w(style, 1);
  w.begin_object();
  for (const auto& [key, asset] : assets) {
    w.key(key);
    write_part(w, asset);
  }
  return w.end_object().take();
}

}  // namespace rastream
