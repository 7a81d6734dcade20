// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "rastream/base/error.h"

namespace rastream {

template <typename T>
T json_member(const Json& object, const char* key, std::string_view what) {
  const auto it = object.is_object() ? object.find(key) : object.end();
  if (!object.is_object() || it == object.end()) {
    throw Error(Errc::data_loss, "{}: member '{}' is missing", what, key);
  }
  try {
    return it->get<T>();
  } catch (const nlohmann::json::exception&) {
    throw Error(Errc::data_loss, "{}: member '{}' has the wrong type ({})", what, key,
                it->type_name());
  }
}

}  // namespace rastream
