// SPDX-License-Identifier: Apache-2.0
// Whether a filter holds for an item.
#pragma once

#include "rastream/catalog/item.h"
#include "rastream/catalog/search/expression.h"

namespace rastream {

/// Throws unsupported, naming it, for a function that the standard does not define.
void check_evaluable(const Expression& filter);

/// Nothing when that is unknown, for example because the item lacks a property: such an item does
/// not match. AND, OR and NOT are those of three-valued logic. Dates are their first instant where
/// times are compared by size, and a whole day for the t_ predicates. REQUIRES: check_filter and
/// check_evaluable.
std::optional<bool> holds(const Expression& filter, const Item& item);

}  // namespace rastream
