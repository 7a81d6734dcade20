// SPDX-License-Identifier: Apache-2.0
// Cells as parameters: JSON has no NaN, so it and the infinities are text ("NaN", "Infinity",
// "-Infinity"), as in Zarr metadata. All other numbers come back with the same bits.
#pragma once

#include <string_view>

#include "rastream/base/json.h"

namespace rastream {

Json number_to_json(double value);

/// Number, boolean or one of the three texts. Throws invalid_argument, naming `who`, for anything
/// else.
double number_from_json(const Json& value, std::string_view who);

}  // namespace rastream
