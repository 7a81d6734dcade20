// SPDX-License-Identifier: Apache-2.0
#include "rastream/catalog/search/item_value.h"

#include "rastream/base/error.h"

namespace rastream {
namespace {

/// The member with the whole name, or the one that its parts between dots lead to. Names have
/// dots themselves, so each way to cut is tried, the longest front first.
Json find_path(std::string_view object, std::string_view path, int depth = 0) {
  if (!object.starts_with('{') || depth > 8) return nullptr;
  if (const auto found = find_member(object, path); !found.empty())
    return parse_json(found, "property");
  for (std::size_t dot = path.rfind('.'); dot != std::string_view::npos && dot > 0;
       dot = path.rfind('.', dot - 1)) {
    const std::string_view inner = find_member(object, path.substr(0, dot));
    if (inner.starts_with('{')) return find_path(inner, path.substr(dot + 1), depth + 1);
  }
  return nullptr;
}

constexpr std::string_view kProperties = "properties.";

}  // namespace

std::optional<TimeSpan> time_of(const Item& item) {
  const auto begin = parse_instant(item.start_datetime);
  const auto end = parse_instant(item.end_datetime);
  if (begin && end) return TimeSpan{*begin, *end};
  if (const auto at = parse_instant(item.datetime)) return TimeSpan{*at, *at};
  if (begin || end) return TimeSpan{begin.value_or(kBeforeAll), end.value_or(kAfterAll)};
  return std::nullopt;
}

std::optional<Geometry> geometry_of(const Item& item) {
  if (!item.geometry.view().starts_with('{')) return std::nullopt;
  try {
    return Geometry::from_geojson(item.geometry.parse(item.id));
  } catch (const Error&) {
    return std::nullopt;  // the item is damaged: it lies nowhere
  }
}

Json item_member(const Item& item, std::string_view name) {
  if (name == "id") return item.id;
  if (name == "collection") return item.collection.empty() ? Json() : Json(item.collection);
  if (name.starts_with(kProperties)) name.remove_prefix(kProperties.size());
  if (Json found = find_path(item.properties.view(), name); !found.is_null()) return found;
  return find_path(item.text.view(), name);
}

Value item_value(const Item& item, std::string_view name) {
  if (name == "datetime" && item.datetime.empty()) {
    const auto span = time_of(item);
    return span ? Value{*span} : Value{};
  }
  return value_of(item_member(item, name));
}

}  // namespace rastream
