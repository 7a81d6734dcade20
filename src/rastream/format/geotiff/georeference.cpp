// SPDX-License-Identifier: Apache-2.0
#include "rastream/format/geotiff/georeference.h"

#include <cmath>

#include "rastream/base/error.h"

namespace rastream::geotiff {

EvenAxis even_axis(const std::vector<double>& centres, std::optional<double> lone_step,
                   const std::string& name, const std::string& path) {
  const std::size_t n = centres.size();
  if (n == 1 && !lone_step) {
    throw Error(Errc::invalid_argument,
                "'{}': the size of the only cell along '{}' is not known: expected a GeoTransform "
                "attribute of the grid mapping",
                path, name);
  }
  const double step =
      n == 1 ? *lone_step : (centres[n - 1] - centres[0]) / static_cast<double>(n - 1);
  for (std::size_t i = 0; i < n; ++i) {
    // Coordinates are often float32 or rounded decimals: a thousandth of a cell is no shift that
    // shows.
    const bool is_even = std::abs(centres[i] - (centres[0] + step * static_cast<double>(i))) <=
                         1e-3 * std::abs(step);
    if (is_even && step != 0) continue;
    throw Error(Errc::invalid_argument,
                "'{}': coordinate '{}' is not evenly spaced at index {}: GeoTIFF needs equal steps",
                path, name, i);
  }
  return {centres[0] - step / 2, step};
}

}  // namespace rastream::geotiff
