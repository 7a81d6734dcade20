// SPDX-License-Identifier: Apache-2.0
// Where a point lies on a Hilbert curve over the globe: points that are near on the curve are near.
#pragma once

#include <algorithm>
#include <cstdint>

#include "rastream/geo/bbox.h"

namespace rastream {

/// Of the centre of `box`, on a curve of order 16 over longitudes -180 to 180 and latitudes -90
/// to 90 (J. Skilling, Programming the Hilbert curve, 2004, for two axes).
inline std::uint32_t hilbert_value(const BBox& box) {
  const auto cell = [](double share) {
    return static_cast<std::uint32_t>(std::clamp(share, 0.0, 1.0) * 65535.0);
  };
  std::uint32_t x = cell(((box.west + box.east) / 2 + 180) / 360);
  std::uint32_t y = cell(((box.south + box.north) / 2 + 90) / 180);
  std::uint32_t value = 0;
  for (std::uint32_t side = 1U << 15; side > 0; side /= 2) {
    const std::uint32_t right = (x & side) ? 1 : 0;
    const std::uint32_t up = (y & side) ? 1 : 0;
    value += side * side * ((3 * right) ^ up);
    if (up == 0) {
      if (right == 1) {
        x = 65535 - x;
        y = 65535 - y;
      }
      std::swap(x, y);
    }
  }
  return value;
}

}  // namespace rastream
