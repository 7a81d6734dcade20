// SPDX-License-Identifier: Apache-2.0
// Members that a STAC document may leave out, and the box that all of its documents share.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "rastream/base/json.h"
#include "rastream/geo/bbox.h"

namespace rastream {

/// The text of `object[key]`; empty when absent, null or not text.
std::string text_or_empty(const Json& object, const char* key);

/// A list of four numbers, or of six with heights. Nothing when `value` is neither.
std::optional<BBox> bbox_from_json(const Json& value);

}  // namespace rastream
