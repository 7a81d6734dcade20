// SPDX-License-Identifier: Apache-2.0
// Maps and line plots as files: plain numbers in, a PNG or SVG out. Knows nothing of arrays, plans
// or formats. Thread safety: every function may be called from many threads at once.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rastream {

/// One axis of a picture. `values` must be finite and rise or fall strictly.
struct Axis {
  /// Shown beside the axis. A unit at its end chooses how ticks are written: "[m]" is shown in km
  /// when the axis is long, "[degrees_north]" and "[degrees_east]" as 40°N and 120°W; any other
  /// unit is left as it is.
  std::string label;
  std::vector<double> values;  ///< cell centres, one per cell
  /// Optional, one per value: shown instead of numbers. ISO dates ("2000-03-01") get ticks at
  /// firsts of months and years where these fit.
  std::vector<std::string> tick_labels;
};

/// One field of a map plot.
struct MapPanel {
  std::string title;
  std::vector<double> cells;  ///< row-major (y, x); NaN is left unpainted
};

/// One map, or several over the same axes (facets) with one colour bar.
///
/// y rises upwards and x to the right, whatever the order of `values`. One unit of y is as long as
/// one of x, except for degrees, where y is stretched by 1 / cos(middle latitude), and for grids
/// more than ten times as long as wide.
///
/// Where a picture's pixel covers several cells it shows the lower median of those that are not
/// NaN, or nothing when most of them are NaN. So every colour stands for a value that is in the
/// data (no means), a class that covers more than half of a pixel is the one drawn, and regular
/// patterns in the data do not alias; lines thinner than half a pixel vanish. Where a cell covers
/// several pixels it is drawn as a flat rectangle.
struct MapPlot {
  std::string title;
  Axis x;
  Axis y;
  std::vector<MapPanel> panels;
  std::string colour_bar_label;
  std::optional<double> vmin;  ///< default: the least finite value of all panels
  std::optional<double>
      vmax;  ///< default: the greatest; values outside take the end colours, marked by arrows
  std::string colormap =
      "viridis";      ///< one of colormap_names(), or that with "_r" appended for the reverse
  int n_columns = 0;  ///< of facets; 0 chooses the largest panels
  bool day_of_year_labels =
      false;  ///< colour bar ticks at whole days, as "60 (1 Mar)"; days of a year without 29 Feb
  bool transparent = false;  ///< PNG, SVG: no white page below, so NaN cells have alpha 0
};

/// One line of a line plot.
struct Series {
  std::string name;
  std::vector<double> values;  ///< one per value of the x axis; NaN is a gap
};

/// Lines over one common x axis.
struct LinePlot {
  std::string title;
  Axis x;
  std::vector<Series> series;
  std::string y_label;
};

/// "viridis", "magma", "RdYlBu", "RdBu", "spring".
std::vector<std::string_view> colormap_names();

/// Writes `plot` to `path`, whose suffix is .png (1600 pixels wide, less for tall grids) or .svg
/// (text stays text, cells are an embedded PNG). The file appears whole or not at all. Without a
/// finite value the picture says "no data". Throws invalid_argument for an unknown suffix or
/// colormap, for axes that are not monotonic and for a panel whose size is not y times x;
/// not_found, permission_denied or unavailable when `path` cannot be written.
void draw_map(const MapPlot& plot, const std::string& path);

/// The same for lines. More points than fit are drawn by their extremes per pixel column, so no
/// peak is lost.
void draw_lines(const LinePlot& plot, const std::string& path);

}  // namespace rastream
