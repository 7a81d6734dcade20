// SPDX-License-Identifier: Apache-2.0
// Sine and logarithm of float32 with the bits that NumPy's vectorised loops give on x86 with FMA,
// so that --exact does not differ from the notebook by their rounding. Algorithms: NumPy,
// loops_trigonometric and loops_exponent_log (Cody-Waite reduction and T. Myklebust's polynomials;
// Remez rational approximation). std::fma is exact on every machine, so the bits do not depend on
// the machine; inlined, so that it becomes an instruction where there is one.
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

namespace rastream {

/// sin(x) as numpy.sin gives it for float32.
[[gnu::always_inline]] inline float numpy_sin(float x) {
  if (!(std::fabs(x) <= 117435.992F)) return std::sin(x);
  constexpr float kRound = 0x1.8p+23F;
  const float quadrant = (x * 0x1.45f306p-1F + kRound) - kRound;
  float r = std::fma(quadrant, -0x1.921fb0p+00F, x);
  r = std::fma(quadrant, -0x1.5110b4p-22F, r);
  r = std::fma(quadrant, -0x1.846988p-48F, r);
  const float r2 = r * r;
  const auto q = static_cast<std::int32_t>(quadrant);
  float y = 0;
  if (q & 1) {
    y = std::fma(0x1.98e616p-16F, r2, -0x1.6c06dcp-10F);
    y = std::fma(y, r2, 0x1.55553cp-05F);
    y = std::fma(y, r2, -0.5F);
    y = std::fma(y, r2, 1.0F);
  } else {
    y = std::fma(0x1.7d3bbcp-19F, r2, -0x1.a06bbap-13F);
    y = std::fma(y, r2, 0x1.11119ap-07F);
    y = std::fma(y, r2, -0x1.555556p-03F);
    y = std::fma(y * r2, r, r);
  }
  return (q & 2) ? -y : y;
}

/// ln(x) as numpy.log gives it for float32.
[[gnu::always_inline]] inline float numpy_log(float x) {
  if (!(x > 0))
    return x == 0 ? -std::numeric_limits<float>::infinity()
                  : std::numeric_limits<float>::quiet_NaN();
  if (!(x < std::numeric_limits<float>::infinity())) return x;
  int exponent = 0;
  float m = std::frexp(x, &exponent);
  if (m <= 0.70710678118654752440F) {
    m += m;
    --exponent;
  }
  const float z = m - 1.0F;
  float p = std::fma(2.589979117907922693523e-02F, z, 3.808837741388407920751e-01F);
  p = std::fma(p, z, 1.480000633576506585156F);
  p = std::fma(p, z, 2.112677543073053063722F);
  p = std::fma(p, z, 9.999999999999998702752e-01F);
  p = std::fma(p, z, 0.0F);
  float q = std::fma(5.875095403124574342950e-03F, z, 1.546476374983906719538e-01F);
  q = std::fma(q, z, 9.864942958519418960339e-01F);
  q = std::fma(q, z, 2.453006071784736363091F);
  q = std::fma(q, z, 2.612677543073109236779F);
  q = std::fma(q, z, 1.0F);
  return std::fma(static_cast<float>(exponent), 0.693147180559945309417F, p / q);
}

}  // namespace rastream
