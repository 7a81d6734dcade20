// SPDX-License-Identifier: Apache-2.0
// A number as a cell of another type, only where it stays that number: the one rule by which cells
// are converted and fill values and marks of missing data are accepted.
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <type_traits>
#include <utility>

#include "rastream/array/attributes.h"

namespace rastream {

/// True when `v` lies where To has values, so that a cast is defined.
template <typename To, typename From>
bool is_in_range(From v) {
  if constexpr (std::is_floating_point_v<From>) {
    const From most = std::ldexp(From{1}, std::numeric_limits<To>::digits);
    return v >= static_cast<From>(std::numeric_limits<To>::lowest()) && v < most;
  } else {
    return std::in_range<To>(v);
  }
}

/// Sets `out` to `v` and returns whether it fits; what does not fit leaves some cell in `out`, so
/// that a loop over cells needs no branch. Real types only. What fits:
///  - floating to floating: every value, rounded to nearest, unless it becomes infinite;
///  - integer or bool to floating: a value that comes back unchanged;
///  - floating to integer: a whole number in the range; NaN does not fit;
///  - integer to integer: a value in the range. To bool: 0 and 1.
template <typename To, typename From>
bool convert_cell(From v, To& out) {
  if constexpr (std::is_same_v<From, To>) {
    out = v;
    return true;
  } else if constexpr (std::is_same_v<From, bool>) {
    out = static_cast<To>(v ? 1 : 0);
    return true;
  } else if constexpr (std::is_same_v<To, bool>) {
    out = v == From{1};
    return v == From{0} || v == From{1};
  } else if constexpr (std::is_floating_point_v<To> && std::is_floating_point_v<From>) {
    out = static_cast<To>(v);
    return std::isinf(out) == std::isinf(v);
  } else if constexpr (std::is_floating_point_v<To>) {
    out = static_cast<To>(v);
    return is_in_range<From>(out) && static_cast<From>(out) == v;
  } else {
    if (!is_in_range<To>(v)) return false;
    out = static_cast<To>(v);
    return static_cast<From>(out) == v;
  }
}

/// `v` as a cell of To by the rules of convert_cell; nothing when it does not fit.
template <typename To, typename From>
std::optional<To> exact_cell(From v) {
  To out{};
  return convert_cell(v, out) ? std::optional(out) : std::nullopt;
}

/// Calls f with a number of an attribute in a type that holds it exactly: double, uint64 or int64.
template <typename F>
decltype(auto) visit_number(const Numbers& numbers, std::size_t i, F&& f) {
  if (is_floating(numbers.dtype)) return f(numbers.floats[i]);
  if (numbers.dtype == DType::uint64) return f(static_cast<std::uint64_t>(numbers.integers[i]));
  return f(numbers.integers[i]);
}

}  // namespace rastream
