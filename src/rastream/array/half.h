// SPDX-License-Identifier: Apache-2.0
// Float16, which is read from files and nowhere computed with.
#pragma once

#include <bit>
#include <cstdint>

namespace rastream {

/// The value of a binary16 (IEEE 754-2019, 3.4), every one of which is a binary32; NaN keeps its
/// bits.
inline float widened_half(std::uint16_t half) {
  const std::uint32_t sign = (half & 0x8000U) << 16;
  const std::uint32_t exponent = half >> 10 & 0x1fU;
  const std::uint32_t fraction = half & 0x3ffU;
  if (exponent == 0) {
    const float size = static_cast<float>(fraction) * 0x1p-24F;
    return sign != 0 ? -size : size;
  }
  const std::uint32_t wide = exponent == 0x1f ? 0xffU : exponent + 112;
  return std::bit_cast<float>(sign | wide << 23 | fraction << 13);
}

}  // namespace rastream
