// SPDX-License-Identifier: Apache-2.0
// Which horizontal coordinate a variable holds, by what files call it.
#pragma once

#include <cstdint>
#include <string_view>

#include "rastream/array/attributes.h"

namespace rastream {

enum class AxisKind : std::uint8_t { other, x, y, longitude, latitude };

/// By the attribute `standard_name` (CF appendix "Standard names": projection_x_coordinate,
/// longitude, ...), else by the last part of `name`: x, easting, lon, longitude and the like.
AxisKind axis_kind_by_name(std::string_view name, const Attributes& attributes);

/// By the attribute `units`: degrees_east, degree_N and so on (CF 4.1 and 4.2).
AxisKind axis_kind_by_units(const Attributes& attributes);

/// By name, else by units.
AxisKind axis_kind(std::string_view name, const Attributes& attributes);

}  // namespace rastream
