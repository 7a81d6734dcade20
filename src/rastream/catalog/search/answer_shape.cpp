// SPDX-License-Identifier: Apache-2.0
#include "rastream/catalog/search/answer_shape.h"

#include "rastream/catalog/search/item_value.h"

namespace rastream {
namespace {

struct Path {
  std::string head;
  std::string rest;  ///< "": the member itself
};

/// A property's name alone is one of "properties", as for sorting.
Path path_in(const Json& object, const std::string& field) {
  const std::size_t dot = field.find('.');
  if (object.contains(field) || dot == std::string::npos) return {field, ""};
  return {field.substr(0, dot), field.substr(dot + 1)};
}

void include(const Json& from, Json& into, const std::string& field) {
  if (!from.is_object()) return;
  const Path path = path_in(from, field);
  if (!from.contains(path.head)) return;
  if (path.rest.empty())
    into[path.head] = from.at(path.head);
  else if (from.at(path.head).is_object()) {
    Json& inner = into[path.head];
    if (inner.is_null()) inner = Json::object();
    include(from.at(path.head), inner, path.rest);
  }
}

void exclude(Json& from, const std::string& field) {
  if (!from.is_object()) return;
  const Path path = path_in(from, field);
  if (!from.contains(path.head)) return;
  if (path.rest.empty())
    from.erase(path.head);
  else
    exclude(from.at(path.head), path.rest);
}

bool is_kept(const std::string& field) {
  return field == "id" || field == "type" || field == "collection";
}

/// "eo:cloud_cover" is "properties.eo:cloud_cover".
std::string in_item(const Json& item, const std::string& field) {
  const std::string head = field.substr(0, field.find('.'));
  const bool is_property = !item.contains(head) && item.contains("properties") &&
                           item.at("properties").is_object() &&
                           item.at("properties").contains(field);
  return is_property ? "properties." + field : field;
}

}  // namespace

std::vector<Value> sort_values(const Item& item, const std::vector<SortKey>& keys) {
  std::vector<Value> values;
  for (const SortKey& key : keys) values.push_back(item_value(item, key.field));
  return values;
}

bool sorts_before(const std::vector<Value>& a, const std::vector<Value>& b,
                  const std::vector<SortKey>& keys) {
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (a[i].is_unknown() != b[i].is_unknown()) return b[i].is_unknown();
    // Values of different kinds have an order too, or sorting would have no meaning.
    if (a[i].is.index() != b[i].is.index() && !a[i].get_if<TimeSpan>() && !b[i].get_if<TimeSpan>())
      return a[i].is.index() < b[i].is.index();
    const auto order = compare(a[i], b[i]);
    if (order < 0) return !keys[i].is_descending;
    if (order > 0) return keys[i].is_descending;
  }
  return false;
}

std::string chosen_fields(std::string_view item_text, const FieldChoice& fields) {
  const Json item = parse_json(item_text, "item");
  Json out = fields.include.empty() ? item : Json::object();
  if (!fields.include.empty()) {
    for (const char* name : {"type", "id", "collection"}) include(item, out, name);
    for (const std::string& field : fields.include) include(item, out, in_item(item, field));
  }
  for (const std::string& field : fields.exclude)
    if (!is_kept(field)) exclude(out, in_item(item, field));
  return out.dump();
}

}  // namespace rastream
