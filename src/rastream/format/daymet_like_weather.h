// SPDX-License-Identifier: Apache-2.0
// The values of a Daymet-like set, day by day and chunk by chunk.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "rastream/array/region.h"
#include "rastream/format/daymet_like_grid.h"
#include "rastream/format/daymet_like_land.h"

namespace rastream {

/// Three scales of weather, 256, 64 and 16 km, each a lattice of numbers that remembers yesterday;
/// their sum is kept on the finest lattice. Safe to use from many threads.
class Weather {
 public:
  /// One day on the 16 km lattice. Node (0, 0) is (first_x, first_y) in units of 16 km.
  struct Day {
    std::int64_t first_x = 0, first_y = 0, nx = 0, ny = 0;
    std::vector<float> celsius;
    std::vector<float> day_lengths_s;  ///< by band of 0.06 degrees of latitude
  };
  /// `n_kept` days stay available behind the newest that was asked for.
  Weather(const DaymetGrid& grid, int year, std::uint64_t seed, int n_kept);
  /// Day of the year from 0.
  std::shared_ptr<const Day> day(int day);

 private:
  struct Scale {
    std::int64_t spacing_km, first_x, first_y, nx, ny;
    float memory, celsius;
    std::uint64_t seed;
    std::vector<float> state;
  };
  void advance();
  std::shared_ptr<const Day> sum() const;

  std::mutex mutex_;
  std::vector<Scale> scales_;
  int n_days_ = 0;
  std::size_t n_kept_;
  std::deque<std::shared_ptr<const Day>> days_;
};

/// Cells of one chunk of one day. Memory has the chunk's full shape; cells outside the grid hold
/// fill.
struct DailyChunk {
  std::span<float> tmin, tmax, dayl;
};

inline constexpr float kDaymetFill = -9999;

/// Fills the chunk of `cells` (a region of the grid, (y, x)) whose rows are `row_length` cells long
/// in memory. Returns false, leaving the memory alone, when no cell of it is land.
bool make_daily_chunk(const DaymetGrid& grid, const Land& land, const Weather::Day& weather,
                      int day, const Region& cells, std::int64_t row_length, const DailyChunk& out);

}  // namespace rastream
