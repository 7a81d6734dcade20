// SPDX-License-Identifier: Apache-2.0
// What filters, conditions and sorting see of an item.
#pragma once

#include <optional>
#include <string_view>

#include "rastream/catalog/item.h"
#include "rastream/catalog/search/geometry.h"
#include "rastream/catalog/search/value.h"

namespace rastream {

/// When it is: from start_datetime to end_datetime where it has both, else its datetime. Nothing
/// when it has neither.
std::optional<TimeSpan> time_of(const Item& item);

/// Nothing when it has none, or what it has is no GeoJSON.
std::optional<Geometry> geometry_of(const Item& item);

/// The member that `name` means: "id", "collection", a property ("eo:cloud_cover", also written
/// "properties.eo:cloud_cover"), or a member below one ("proj:centroid.lat", "assets.B1.href").
/// "datetime" is the time of an item that has a null there. Unknown when there is none.
Value item_value(const Item& item, std::string_view name);

/// The same as JSON; null when there is none.
Json item_member(const Item& item, std::string_view name);

}  // namespace rastream
