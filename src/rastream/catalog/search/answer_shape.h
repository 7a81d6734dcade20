// SPDX-License-Identifier: Apache-2.0
// How found items are handed over: in which order, and with which of their members.
#pragma once

#include <string>
#include <vector>

#include "rastream/catalog/item.h"
#include "rastream/catalog/search/search.h"
#include "rastream/catalog/search/value.h"

namespace rastream {

/// The members that an item is sorted by.
std::vector<Value> sort_values(const Item& item, const std::vector<SortKey>& keys);

/// Whether one stands before the other. An item without the member stands behind all that have it,
/// whatever the direction.
bool sorts_before(const std::vector<Value>& a, const std::vector<Value>& b,
                  const std::vector<SortKey>& keys);

/// The item with the members of `fields` alone (fields extension): those of `include`, or all when
/// that is empty, without those of `exclude`. "a.b" is a member of a member. `type`, `id` and
/// `collection` stay, which an item is found again by.
std::string chosen_fields(std::string_view item_text, const FieldChoice& fields);

}  // namespace rastream
