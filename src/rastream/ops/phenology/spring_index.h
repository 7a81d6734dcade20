// SPDX-License-Identifier: Apache-2.0
// The extended spring index (SI-x, Schwartz et al. 2013, doi:10.1002/joc.3625) as RS-DAT computes
// it from Daymet: days of first leaf and first bloom of three plants and their mean.
#pragma once

#include <string>
#include <vector>

#include "rastream/graph/data_array.h"

namespace rastream {

/// Coefficients of one plant; see SpringOnset for the formulas.
struct Plant {
  std::string name;
  double leaf[4];
  double leaf_shift;
  double bloom[2];
};

/// lilac, arnold red, zabelli.
const std::vector<Plant>& known_plants();

struct SpringIndexOptions {
  std::int64_t n_days = 300;
  std::vector<std::string> plants;  ///< names; empty for all known
  std::int64_t coarsen = 0;         ///< mean over boxes of so many cells a side first; 0 for none
  bool exact = true;  ///< the reference program's mixed dtypes; false: hour terms in float32
};

/// Daily minimum and maximum temperature and day length of one year on one grid.
struct DailyWeather {
  DataArray tmin;
  DataArray tmax;
  DataArray dayl;
};

/// Checks that the three arrays fit together: dimensions (time, y, x), one shape, one grid, one
/// CRS, the same days, known units, at least `n_days` days. Throws invalid_argument, naming
/// variable, value and what was expected. `paths` name the files in messages, in the order tmin,
/// tmax, dayl.
void check_weather(const DailyWeather& weather, std::int64_t n_days,
                   const std::vector<std::string>& paths);

/// Calendar year of the first day.
std::int64_t year_of(const DataArray& daily);

/// Variables `first-leaf` and `first-bloom`, float64 (plant, y, x), 0-based days, NaN where never
/// reached; plants as asked and, last, their rounded `mean`. REQUIRES: check_weather passed.
Dataset spring_index(const DailyWeather& weather, const SpringIndexOptions& options);

}  // namespace rastream
