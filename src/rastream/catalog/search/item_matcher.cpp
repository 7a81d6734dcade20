// SPDX-License-Identifier: Apache-2.0
#include "rastream/catalog/search/item_matcher.h"

#include <algorithm>
#include <cmath>

#include "rastream/base/error.h"
#include "rastream/catalog/search/evaluate.h"
#include "rastream/catalog/search/item_value.h"

namespace rastream {
namespace {

double within_180(double longitude) {
  while (longitude > 180) longitude -= 360;
  while (longitude < -180) longitude += 360;
  return longitude;
}

bool overlap_any(const std::vector<BBox>& a, const std::vector<BBox>& b) {
  return std::any_of(a.begin(), a.end(), [&](const BBox& one) {
    return std::any_of(b.begin(), b.end(), [&](const BBox& other) { return overlap(one, other); });
  });
}

/// The filter and what the query extension means, both of which must hold.
std::optional<Expression> whole_filter(const Search& search) {
  std::optional<Expression> filter;
  if (search.filter) {
    if (!search.filter->expression)
      throw Error(Errc::unsupported, "filter: the language '{}' is known to servers alone",
                  search.filter->language);
    filter = search.filter->expression;
  }
  if (search.query.is_object()) {
    Expression query = expression_of_query(search.query);
    filter =
        filter ? Expression::call("and", {std::move(*filter), std::move(query)}) : std::move(query);
  }
  if (filter) check_evaluable(*filter);
  return filter;
}

std::optional<BBox> box_of(const Item& item) {
  if (item.bbox) return item.bbox;
  const auto geometry = geometry_of(item);
  return geometry ? geometry->bounds() : std::nullopt;
}

/// Lowest and highest of an item that says so with a bbox of six numbers.
std::optional<std::pair<double, double>> heights_of(const Item& item) {
  const std::string_view text = find_member(item.text.view(), "bbox");
  if (!text.starts_with('[')) return std::nullopt;
  const Json bbox = parse_json(text, "bbox");
  if (bbox.size() != 6 || !bbox[2].is_number() || !bbox[5].is_number()) return std::nullopt;
  return std::pair{bbox[2].get<double>(), bbox[5].get<double>()};
}

}  // namespace

std::vector<BBox> flat_parts(const BBox& box) {
  if (box.east - box.west >= 360) return {{-180, box.south, 180, box.north}};
  const bool is_flat = box.west >= -180 && box.east <= 180 && box.west <= box.east;
  if (is_flat) return {box};
  const double west = within_180(box.west);
  const double east = within_180(box.east);
  if (west <= east) return {{west, box.south, east, box.north}};
  return {{west, box.south, 180, box.north}, {-180, box.south, east, box.north}};
}

ItemMatcher::ItemMatcher(const Search& search)
    : search_(search),
      ids_(search.ids.begin(), search.ids.end()),
      collections_(search.collections.begin(), search.collections.end()),
      filter_(whole_filter(search)) {
  if (!search.bbox.empty()) {
    const BBox box = flat_box(search.bbox);
    places_ = flat_parts(box);
    shape_ = Geometry::from_box(places_.size() == 1
                                    ? places_[0]
                                    : BBox{places_[0].west, box.south, places_[1].east, box.north});
  } else if (search.intersects) {
    shape_ = search.intersects;
    if (const auto bounds = shape_->bounds()) places_ = flat_parts(*bounds);
  }
}

bool ItemMatcher::matches(const Item& item, std::string_view collection) const {
  return has_id(item.id) &&
         (has_collection(item.collection) || (!collection.empty() && has_collection(collection))) &&
         has_time(time_of(item)) && has_place(item) && has_properties(item);
}

bool ItemMatcher::has_id(std::string_view id) const {
  return ids_.empty() || ids_.contains(std::string(id));
}

bool ItemMatcher::has_collection(std::string_view collection) const {
  return collections_.empty() || collections_.contains(std::string(collection));
}

bool ItemMatcher::has_time(const std::optional<TimeSpan>& time) const {
  return !search_.datetime || (time && intersects(*time, search_.datetime->span));
}

bool ItemMatcher::has_place(const Item& item) const {
  if (!shape_) return true;
  const auto box = box_of(item);
  if (!box) return false;
  const auto parts = flat_parts(*box);
  if (!overlap_any(parts, places_)) return false;
  if (has_heights()) {
    const auto heights = heights_of(item);
    if (heights && (heights->first > search_.bbox[5] || heights->second < search_.bbox[2]))
      return false;
  }
  const bool is_inside = is_box() && parts.size() == 1 &&
                         std::any_of(places_.begin(), places_.end(),
                                     [&](const BBox& place) { return is_within(parts[0], place); });
  if (is_inside) return true;
  const auto geometry = geometry_of(item);
  if (!geometry && is_box()) return true;
  const bool answer_when_unknown = is_box();
  return shape_
      ->relates(SpatialRelation::intersects, geometry ? *geometry : Geometry::from_box(*box))
      .value_or(answer_when_unknown);
}

bool ItemMatcher::has_properties(const Item& item) const {
  return !filter_ || holds(*filter_, item) == true;
}

}  // namespace rastream
