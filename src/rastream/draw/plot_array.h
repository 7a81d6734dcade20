// SPDX-License-Identifier: Apache-2.0
// Pictures of labelled arrays: a map, maps side by side over one more dimension, or lines.
#pragma once

#include <string>

#include "rastream/exec/write_dataset.h"
#include "rastream/graph/data_array.h"

namespace rastream {

struct PlotOptions {
  std::string title;  ///< default: the variable's name
  std::string
      facet_dim;  ///< one panel for each cell along it; the array must have it when it is named
  std::string colormap = "viridis";
  std::optional<double> vmin, vmax;
  bool day_of_year_labels =
      false;  ///< cells are 0-based days: show days of the year, which start at 1, and dates
  RunOptions run;
};

/// A map of an array with dimensions y and x (or lat and lon), and no other but the facets'. Throws
/// invalid_argument for other dimensions, naming them, and what drawing throws.
void plot_map(const DataArray& array, const PlotOptions& options, const std::string& path);

/// Lines over the array's first dimension, one for each cell of a second one.
void plot_lines(const DataArray& array, const PlotOptions& options, const std::string& path);

}  // namespace rastream
