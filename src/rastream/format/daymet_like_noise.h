// SPDX-License-Identifier: Apache-2.0
// Noise that is a function of place and seed alone: a lattice of hashed numbers, smoothed. So a
// cell has the same value in every window, stride, chunk and thread.
#pragma once

#include <cmath>
#include <cstdint>

namespace rastream {

/// SplitMix64's finaliser (Steele, Lea and Flood 2014) over the coordinates.
inline std::uint64_t hash_of(std::uint64_t seed, std::int64_t a, std::int64_t b) {
  std::uint64_t z = seed + static_cast<std::uint64_t>(a) * 0x9E3779B97F4A7C15U +
                    static_cast<std::uint64_t>(b) * 0xC2B2AE3D27D4EB4FU;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9U;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBU;
  return z ^ (z >> 31);
}

/// Uniform within [-1, 1).
inline float uniform_of(std::uint64_t seed, std::int64_t a, std::int64_t b) {
  return static_cast<float>(static_cast<std::int32_t>(hash_of(seed, a, b) >> 32)) * 0x1p-31F;
}

/// About normal with variance 1: the sum of four uniforms.
inline float normal_of(std::uint64_t seed, std::int64_t a, std::int64_t b) {
  const std::uint64_t h = hash_of(seed, a, b);
  float sum = 0;
  for (int i = 0; i < 4; ++i)
    sum += static_cast<float>(static_cast<std::int16_t>(h >> (16 * i))) * 0x1p-15F;
  return sum * 0.8660254F;
}

/// Value noise within [-1, 1]: hashed numbers `spacing` apart with smooth steps between.
inline float value_noise(std::uint64_t seed, float x, float y, float spacing) {
  const float u = x / spacing;
  const float v = y / spacing;
  const float iu = std::floor(u);
  const float iv = std::floor(v);
  const auto a = static_cast<std::int64_t>(iu);
  const auto b = static_cast<std::int64_t>(iv);
  const auto smooth = [](float t) { return t * t * (3 - 2 * t); };
  const float fu = smooth(u - iu);
  const float fv = smooth(v - iv);
  const float low = uniform_of(seed, a, b) * (1 - fu) + uniform_of(seed, a + 1, b) * fu;
  const float high = uniform_of(seed, a, b + 1) * (1 - fu) + uniform_of(seed, a + 1, b + 1) * fu;
  return low * (1 - fv) + high * fv;
}

}  // namespace rastream
