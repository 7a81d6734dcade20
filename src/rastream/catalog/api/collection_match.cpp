// SPDX-License-Identifier: Apache-2.0
#include "rastream/catalog/api/collection_match.h"

#include <algorithm>

#include "rastream/catalog/api/free_text.h"
#include "rastream/catalog/search/item_matcher.h"

namespace rastream {
namespace {

/// extent[kind][list], when it is a list.
const Json* extent_list(const Json& collection, const char* kind, const char* list) {
  const Json* at = &collection;
  for (const char* name : {"extent", kind, list}) {
    if (!at->is_object() || !at->contains(name)) return nullptr;
    at = &at->at(name);
  }
  return at->is_array() ? at : nullptr;
}

std::optional<BBox> box_of(const Json& edges) {
  const bool is_box = edges.is_array() && (edges.size() == 4 || edges.size() == 6) &&
                      std::all_of(edges.begin(), edges.end(),
                                  [](const Json& edge) { return edge.is_number(); });
  if (!is_box) return std::nullopt;
  return flat_box(edges.get<std::vector<double>>());
}

bool overlaps(const BBox& a, const BBox& b) {
  for (const BBox& one : flat_parts(a))
    for (const BBox& other : flat_parts(b))
      if (overlap(one, other)) return true;
  return false;
}

bool has_place(const Json& collection, const Search& search) {
  if (search.bbox.empty()) return true;
  const Json* boxes = extent_list(collection, "spatial", "bbox");
  if (boxes == nullptr) return true;
  return std::any_of(boxes->begin(), boxes->end(), [&](const Json& edges) {
    const auto box = box_of(edges);
    return !box || overlaps(*box, flat_box(search.bbox));
  });
}

std::optional<TimeSpan> span_of(const Json& interval) {
  if (!interval.is_array() || interval.size() != 2) return std::nullopt;
  TimeSpan span;
  const auto read = [](const Json& json, Ticks open) {
    const auto at = json.is_string() ? parse_instant(json.get<std::string>()) : std::nullopt;
    return at.value_or(open);
  };
  return TimeSpan{read(interval[0], kBeforeAll), read(interval[1], kAfterAll)};
}

bool has_time(const Json& collection, const Search& search) {
  if (!search.datetime) return true;
  const Json* intervals = extent_list(collection, "temporal", "interval");
  if (intervals == nullptr) return true;
  return std::any_of(intervals->begin(), intervals->end(), [&](const Json& interval) {
    const auto span = span_of(interval);
    return !span || intersects(*span, search.datetime->span);
  });
}

std::vector<std::string> texts_of(const Json& collection) {
  std::vector<std::string> texts;
  for (const char* name : {"title", "description", "keywords"}) {
    const Json value = collection.value(name, Json());
    if (value.is_string()) texts.push_back(value.get<std::string>());
    if (!value.is_array()) continue;
    for (const Json& word : value)
      if (word.is_string()) texts.push_back(word.get<std::string>());
  }
  return texts;
}

}  // namespace

bool collection_matches(const Json& collection, const Search& search) {
  if (!collection.is_object()) return false;
  const auto& ids = search.ids;
  if (!ids.empty() && std::find(ids.begin(), ids.end(), collection.value("id", "")) == ids.end())
    return false;
  return has_place(collection, search) && has_time(collection, search) &&
         (search.q.empty() || has_words(search.q, texts_of(collection)));
}

}  // namespace rastream
