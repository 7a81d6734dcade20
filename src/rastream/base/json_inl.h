// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <utility>
#include <vector>

#include "rastream/base/error.h"

namespace rastream {

template <std::integral T>
bool holds_integer(const Json& value) {
  if (value.is_number_unsigned()) return std::in_range<T>(value.get<std::uint64_t>());
  return value.is_number_integer() && std::in_range<T>(value.get<std::int64_t>());
}

template <typename T>
struct JsonConversion {
  static bool is_exact(const Json&) { return true; }
};
template <std::integral T>
requires(!std::same_as<T, bool>) struct JsonConversion<T> {
  static bool is_exact(const Json& value) { return holds_integer<T>(value); }
};
template <typename T>
struct JsonConversion<std::vector<T>> {
  static bool is_exact(const Json& value) {
    return std::all_of(value.begin(), value.end(), JsonConversion<T>::is_exact);
  }
};

template <typename T>
T json_member(const Json& object, const char* key, std::string_view what) {
  const auto it = object.is_object() ? object.find(key) : object.end();
  if (!object.is_object() || it == object.end()) {
    throw Error(Errc::data_loss, "{}: member '{}' is missing", what, key);
  }
  try {
    if (JsonConversion<T>::is_exact(*it)) return it->get<T>();
  } catch (const nlohmann::json::exception&) {
    // as for a number that does not fit
  }
  throw Error(Errc::data_loss, "{}: member '{}' has the wrong type ({})", what, key,
              it->type_name());
}

}  // namespace rastream
