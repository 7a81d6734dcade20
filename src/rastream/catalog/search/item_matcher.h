// SPDX-License-Identifier: Apache-2.0
// Whether an item is what a search looks for.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "rastream/catalog/item.h"
#include "rastream/catalog/search/search.h"

namespace rastream {

/// `box` as one or two boxes that do not cross the antimeridian, within longitudes -180 to 180.
std::vector<BBox> flat_parts(const BBox& box);

inline bool overlap(const BBox& a, const BBox& b) {
  return a.west <= b.east && b.west <= a.east && a.south <= b.north && b.south <= a.north;
}
inline bool is_within(const BBox& inner, const BBox& outer) {
  return outer.west <= inner.west && inner.east <= outer.east && outer.south <= inner.south &&
         inner.north <= outer.north;
}

/// The conditions of a search, made ready. One thread at a time.
class ItemMatcher {
 public:
  /// Throws unsupported for a filter in a language or with a function that is not known.
  explicit ItemMatcher(const Search& search);

  /// `collection` is the id of the nearest collection or catalog above the item; "" when there is
  /// none: an item that names no collection is of that one.
  bool matches(const Item& item, std::string_view collection = "") const;

  /// The parts of it, for those that know some of the answers already.
  bool has_id(std::string_view id) const;
  bool has_collection(std::string_view collection) const;
  bool has_time(const std::optional<TimeSpan>& time) const;
  /// Box, geometry and heights.
  bool has_place(const Item& item) const;
  bool has_properties(const Item& item) const;

  /// Where it may be, as boxes; empty: everywhere.
  const std::vector<BBox>& places() const { return places_; }
  bool has_heights() const { return search_.bbox.size() == 6; }
  /// The condition is places() itself, not a shape within them.
  bool is_box() const { return !search_.intersects; }
  const std::optional<Expression>& filter() const { return filter_; }
  const Search& search() const { return search_; }

 private:
  Search search_;
  std::unordered_set<std::string> ids_;
  std::unordered_set<std::string> collections_;
  std::vector<BBox> places_;
  std::optional<Geometry> shape_;
  std::optional<Expression> filter_;  ///< filter and query
};

}  // namespace rastream
