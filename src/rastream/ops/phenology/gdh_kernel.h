// SPDX-License-Identifier: Apache-2.0
// Growing degree hours of rows of cells on raw pointers: the arithmetic of GrowingDegreeHours.
#pragma once

#include <cstdint>
#include <limits>

namespace rastream {

/// Degrees of the input as Fahrenheit, in float32: (v - minus) * times + plus.
struct ToFahrenheit {
  float minus = 0.0F;
  float times = 1.8F;
  float plus = 32.0F;
  float operator()(float v) const { return (v - minus) * times + plus; }
};

/// n cells: daily minimum and maximum temperature and day length in seconds. A cell where any of
/// them is NaN or equals `missing` has no value. The arrays must not overlap the result.
struct GdhCells {
  std::int64_t n = 0;
  const float* tmin = nullptr;
  const float* tmax = nullptr;
  const float* dayl_s = nullptr;
  ToFahrenheit fahrenheit;
  float missing = std::numeric_limits<float>::quiet_NaN();
};

/// Growing degree hours above 31 degrees Fahrenheit (Schwartz et al. 2013, doi:10.1002/joc.3625),
/// in degrees F x hours, NaN where the cell has no value. A cell's bits depend on its own inputs
/// alone. Safe to call from many threads.
///
/// `exact` follows NumPy's types of the RS-DAT notebook: float32 inputs, float32 sine at sunset and
/// logarithm of the night's length, float64 hour terms and sum. It agrees with NumPy up to the last
/// bits of float64 sine and sum.
void gdh_exact(const GdhCells& cells, double* out);

/// The same with float32 hour terms; within 3e-4 degree hours of gdh_exact for weather of this
/// world.
void gdh_fast(const GdhCells& cells, float* out);

}  // namespace rastream
