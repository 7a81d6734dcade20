// SPDX-License-Identifier: Apache-2.0
// From coordinates of cell centres to GDAL's geotransform.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "rastream/geo/geotransform.h"

namespace rastream::geotiff {

struct EvenAxis {
  double corner = 0;  ///< of the first cell
  double step = 0;
};

/// `centres` as an even axis; `lone_step` is the step of a single cell. Throws invalid_argument
/// naming `path` and `name` for a single cell without it, and for centres that are off by more than
/// a thousandth of a step.
EvenAxis even_axis(const std::vector<double>& centres, std::optional<double> lone_step,
                   const std::string& name, const std::string& path);

}  // namespace rastream::geotiff
