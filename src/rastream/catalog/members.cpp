// SPDX-License-Identifier: Apache-2.0
#include "rastream/catalog/members.h"

#include <cmath>

namespace rastream {

std::string text_or_empty(const Json& object, const char* key) {
  if (!object.is_object()) return {};
  const auto it = object.find(key);
  return it != object.end() && it->is_string() ? it->get<std::string>() : std::string();
}

std::optional<BBox> bbox_from_json(const Json& value) {
  if (!value.is_array() || (value.size() != 4 && value.size() != 6)) return std::nullopt;
  for (const Json& v : value) {
    if (!v.is_number() || !std::isfinite(v.get<double>())) return std::nullopt;
  }
  const std::size_t half = value.size() / 2;
  return BBox{value[0].get<double>(), value[1].get<double>(), value[half].get<double>(),
              value[half + 1].get<double>()};
}

}  // namespace rastream
