// SPDX-License-Identifier: Apache-2.0
// What a part of a filter is for one item, and how two such values compare.
#pragma once

#include <compare>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "rastream/base/json.h"
#include "rastream/catalog/search/time_span.h"

namespace rastream {

/// Empty: unknown, as a property that the item does not have (SQL's NULL).
struct Value {
  std::variant<std::monostate, bool, double, std::string, TimeSpan, std::vector<Value>> is = {};

  bool is_unknown() const { return is.index() == 0; }
  template <typename T>
  const T* get_if() const {
    return std::get_if<T>(&is);
  }
};

/// An object, which nothing can be compared with, is unknown.
Value value_of(const Json& json);

/// A time, or a text that is one.
std::optional<TimeSpan> time_of(const Value& value);

/// Numbers by size, texts by bytes, but texts that are instants by time; times by when they begin;
/// lists element by element. Unordered when one is unknown or they are of different kinds.
std::partial_ordering compare(const Value& a, const Value& b);

}  // namespace rastream
