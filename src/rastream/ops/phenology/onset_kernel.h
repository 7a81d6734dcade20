// SPDX-License-Identifier: Apache-2.0
// First leaf and first bloom of rows of cells on raw pointers: the arithmetic of SpringOnset.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace rastream {

/// Days of growing degree hours that the next day's predictors look back on.
inline constexpr std::int64_t kOnsetMemory = 7;

/// The regressions of one plant. Leaf: weights of MDS0, SYNOP, DDE2, DD57; bloom: of days and
/// degree hours since leaf.
struct OnsetPlant {
  std::array<double, 4> leaf{};
  double leaf_shift = 0;  ///< whole days added to the day of first leaf once it is found; >= 0
  std::array<double, 2> bloom{};
};

/// Values of n cells in levels (days, plants or history): the address of the first, and the
/// distances in bytes.
struct OnsetColumn {
  std::byte* data = nullptr;
  std::int64_t level_stride = 0;
  std::int64_t cell_stride = 0;
};

/// What a walk carries. Days are 0-based indices, exact in float32 up to 2^24.
struct OnsetState {
  OnsetColumn recent;  ///< growing degree hours of the last 7 days, oldest first; their own dtype
  OnsetColumn synop;   ///< float32: days with DDE2 >= 637
  OnsetColumn leaf;    ///< float32, a level a plant: day of first leaf with its shift, NaN before
  OnsetColumn bloom;   ///< float32, a level a plant: day of first bloom, NaN before
  OnsetColumn accumulated;  ///< float64, a level a plant: degree hours since leaf
};

/// Walks `n_steps` days of `n_cells` cells from day `first_step` on. T is float or double. Bits do
/// not depend on how days or cells are cut. Safe to call from many threads on different cells.
void push_onset(const std::vector<OnsetPlant>& plants, std::int64_t first_step,
                std::int64_t n_steps, std::int64_t n_cells, bool is_float64, const OnsetColumn& gdh,
                const OnsetState& state);

}  // namespace rastream
