// SPDX-License-Identifier: Apache-2.0
// The static fields of a Daymet-like set: where land is, how high, and at what latitude.
#pragma once

#include <cstdint>
#include <vector>

#include "rastream/format/daymet_like_grid.h"

namespace rastream {

/// One entry a cell, C order (y, x).
struct Land {
  static constexpr std::int16_t kSea = -32768;
  static constexpr float kLatitudeStep = 0.002F;
  std::vector<std::uint16_t> latitude;  ///< degrees north in steps of kLatitudeStep
  std::vector<std::int16_t> height;     ///< metres; kSea where there is no data
};

/// `fill_share` < 0 keeps the hand-drawn coast; else the coast is moved until that share is sea.
Land make_land(const DaymetGrid& grid, double fill_share, std::uint64_t seed, int n_threads);

}  // namespace rastream
