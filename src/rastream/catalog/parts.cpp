// SPDX-License-Identifier: Apache-2.0
#include "rastream/catalog/parts.h"

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

void set_roles(EditedObject& object, const std::vector<std::string>& roles) {
  std::vector<std::string> old;
  const std::string_view list = object.find("roles");
  if (list.starts_with('[')) {
    for (const std::string_view role : elements_of(list))
      old.push_back(role.starts_with('"') ? from_json_string(role) : std::string());
  }
  if (roles == old) return;
  JsonTextWriter w({-1, true});
  w.begin_list();
  for (const std::string& role : roles) w.text(role);
  object.set("roles", w.end_list().take());
}

constexpr std::string_view kEmptyObject = "{}";

std::string link_text(const Link& link) {
  const JsonText text = link.text.empty() ? JsonText(kEmptyObject) : link.text;
  EditedObject object(text.view());
  set_text(object, "rel", link.rel);
  set_text(object, "href", link.href);
  set_text(object, "type", link.type);
  set_text(object, "title", link.title);
  return object.text();
}

std::string asset_text(const Asset& asset) {
  const JsonText text = asset.text.empty() ? JsonText(kEmptyObject) : asset.text;
  EditedObject object(text.view());
  set_text(object, "href", asset.href);
  set_text(object, "type", asset.type);
  set_text(object, "title", asset.title);
  set_roles(object, asset.roles);
  return object.text();
}

/// A new object over several lines, as the style of its document asks for.
std::string laid_out(const std::string& text, const JsonText& read, JsonStyle style) {
  if (!read.empty() || style.indent < 0) return text;
  const JsonText padded(text);
  JsonTextWriter w(style, 2);
  w.begin_object();
  for (const JsonMember& m : members_of(padded.view()))
    w.key(from_json_string(fmt::format("\"{}\"", m.name))).value(m.value);
  return w.end_object().take();
}

}  // namespace

std::vector<Link> parse_links(JsonElement list, const JsonText& text, const std::string& what) {
  const auto elements = expect<array>(list, "links", what);
  const auto texts = elements_of(text.view());
  std::vector<Link> links;
  links.reserve(texts.size());
  for (const JsonElement element : elements)
    links.push_back(parse_link(element, text.part(texts[links.size()]), what));
  return links;
}

Assets parse_assets(JsonElement object, const JsonText& text, const std::string& what) {
  const auto members = expect<JsonObjectElement>(object, "assets", what);
  const auto texts = members_of(text.view());
  Assets assets;
  assets.reserve(texts.size());
  for (const auto [key, value] : members)
    assets.emplace_back(key, parse_asset(value, text.part(texts[assets.size()].value), what));
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
  if (is_text ? from_json_string(old) == value : value.empty()) return;
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
  bool is_same = !old.empty() && read.size() == links.size();
  JsonTextWriter w(style, 1);
  w.begin_list();
  for (std::size_t i = 0; i < links.size(); ++i) {
    const std::string text = link_text(links[i]);
    is_same = is_same && text == read[i];
    w.value(laid_out(text, links[i].text, style));
  }
  return is_same ? std::string(old) : w.end_list().take();
}

std::string assets_text(const Assets& assets, std::string_view old, JsonStyle style) {
  const auto read = old.empty() ? std::vector<JsonMember>() : members_of(old);
  bool is_same = !old.empty() && read.size() == assets.size();
  JsonTextWriter w(style, 1);
  w.begin_object();
  for (std::size_t i = 0; i < assets.size(); ++i) {
    const auto& [key, asset] = assets[i];
    const std::string text = asset_text(asset);
    is_same = is_same && text == read[i].value &&
              to_json_string(key) == fmt::format("\"{}\"", read[i].name);
    w.key(key).value(laid_out(text, asset.text, style));
  }
  return is_same ? std::string(old) : w.end_object().take();
}

}  // namespace rastream
