// SPDX-License-Identifier: Apache-2.0
#include <charconv>

#include "rastream/catalog/item.h"
#include "rastream/catalog/parts.h"

namespace rastream {
namespace {

std::optional<BBox> bbox_of(std::string_view text) {
  if (!text.starts_with('[')) return std::nullopt;
  std::vector<double> edges;
  for (const std::string_view element : elements_of(text)) {
    double edge = 0;
    if (std::from_chars(element.data(), element.data() + element.size(), edge).ec != std::errc())
      return std::nullopt;
    edges.push_back(edge);
  }
  const std::size_t half = edges.size() / 2;
  if (half < 2) return std::nullopt;
  return BBox{edges[0], edges[1], edges[half], edges[half + 1]};
}

std::string bbox_text(const BBox& b, JsonStyle style) {
  JsonTextWriter w(style, 1);
  w.begin_list();
  for (const double edge : {b.west, b.south, b.east, b.north}) w.number(edge);
  return w.end_list().take();
}

void set_bbox(EditedObject& object, const std::optional<BBox>& bbox) {
  if (bbox_of(object.find("bbox")) == bbox) return;
  if (bbox)
    object.set("bbox", bbox_text(*bbox, object.style()));
  else
    object.erase("bbox");
}

std::string properties_text(const Item& item, JsonStyle style) {
  if (item.properties.empty()) {
    JsonTextWriter w(style, 1);
    w.begin_object().key("datetime");
    item.datetime.empty() ? w.value("null") : w.text(item.datetime);
    if (!item.start_datetime.empty()) w.key("start_datetime").text(item.start_datetime);
    if (!item.end_datetime.empty()) w.key("end_datetime").text(item.end_datetime);
    return w.end_object().take();
  }
  EditedObject object(item.properties.view());
  // An item must have a datetime, null at least.
  if (item.datetime.empty() && object.find("datetime").starts_with('"'))
    object.set("datetime", "null");
  else if (!item.datetime.empty())
    set_text(object, "datetime", item.datetime);
  set_text(object, "start_datetime", item.start_datetime);
  set_text(object, "end_datetime", item.end_datetime);
  return object.text();
}

std::string new_item_text(const Item& item) {
  JsonTextWriter w(kIndented);
  w.begin_object().key("type").text("Feature");
  w.key("stac_version").text(item.stac_version).key("id").text(item.id);
  w.key("geometry").value(item.geometry.empty() ? "null" : item.geometry.view());
  if (item.bbox) w.key("bbox").value(bbox_text(*item.bbox, kIndented));
  w.key("properties").value(properties_text(item, kIndented));
  w.key("links").value(links_text(item.links, "", kIndented));
  w.key("assets").value(assets_text(item.assets, "", kIndented));
  if (!item.collection.empty()) w.key("collection").text(item.collection);
  return w.end_object().take();
}

}  // namespace

std::string item_text(const Item& item) {
  if (item.text.empty()) return new_item_text(item);
  EditedObject object(item.text.view());
  const JsonStyle style = object.style();
  set_text(object, "stac_version", item.stac_version);
  set_text(object, "id", item.id);
  if (!item.geometry.empty()) set_value(object, "geometry", std::string(item.geometry.view()));
  set_bbox(object, item.bbox);
  set_value(object, "properties", properties_text(item, style));
  const std::string_view links = object.find("links");
  if (!item.links.empty() || !links.empty())
    set_value(object, "links", links_text(item.links, links, style));
  const std::string_view assets = object.find("assets");
  if (!item.assets.empty() || !assets.empty())
    set_value(object, "assets", assets_text(item.assets, assets, style));
  set_text(object, "collection", item.collection);
  return object.text();
}

}  // namespace rastream
