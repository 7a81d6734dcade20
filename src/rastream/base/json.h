// SPDX-License-Identifier: Apache-2.0
// JSON that keeps the order of its keys, and a parser that answers hostile text with one clear
// error.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace rastream {

using Json = nlohmann::ordered_json;

/// Parses UTF-8 text. `what` names the source in errors. Accepts the bare NaN and Infinity that
/// real catalogs and Zarr v2 attributes contain (as null). Throws data_loss with line and column;
/// nesting deeper than 200 is refused.
Json parse_json(std::string_view text, std::string_view what);

/// The member `key` of `object` as T. Throws data_loss, naming `what`, the key and the expected
/// type.
template <typename T>
T json_member(const Json& object, const char* key, std::string_view what);

}  // namespace rastream

#include "rastream/base/json_inl.h"
