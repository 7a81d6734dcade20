// SPDX-License-Identifier: Apache-2.0
// JSON that keeps the order of its keys, and a parser that answers hostile text with one clear
// error.
#pragma once

#include <concepts>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace rastream {

using Json = nlohmann::ordered_json;

/// Parses UTF-8 text. `what` names the source in errors. Accepts the bare NaN and Infinity that
/// real catalogs and Zarr v2 attributes contain (as null). Throws data_loss with line and column;
/// nesting deeper than 200 is refused.
Json parse_json(std::string_view text, std::string_view what);

/// True when `value` is an integer that T can hold. nlohmann's own conversion would cut a fraction
/// off and wrap around.
template <std::integral T>
bool holds_integer(const Json& value);

/// The member `key` of `object` as T. Throws data_loss, naming `what`, the key and the expected
/// type; also for an integer that T cannot hold, in a list too.
template <typename T>
T json_member(const Json& object, const char* key, std::string_view what);

}  // namespace rastream

#include "rastream/base/json_inl.h"
