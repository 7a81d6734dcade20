// SPDX-License-Identifier: Apache-2.0
// Where the panels, ticks, labels and the colour bar of a map plot go. Sizes of panels are whole
// points, so that cells meet the pixels of a PNG.
#pragma once

#include <algorithm>
#include <cmath>
#include <optional>

#include "rastream/draw/colour_bar.h"
#include "rastream/draw/resample.h"

namespace rastream {

inline constexpr double kPanelGap = 14;
inline constexpr double kBarGap = 18;
inline constexpr double kHighestBar = 460;

/// What a map plot shows, before anything is placed.
struct MapSpace {
  Extent x;
  Extent y;
  double aspect = 0.6;  ///< height of a panel over its width
  std::optional<ColourBar> bar;
};

struct MapLayout {
  int n_columns = 1;
  int n_rows = 1;
  double panel_width = 0;
  double panel_height = 0;
  double left = 0;  ///< x of the first panel
  double top = 0;   ///< y of the first panel
  double row_gap = 0;
  double label_offset = 0;  ///< from the lowest panels to the base line of x's label
  double y_label_at = 0;
  double page_width = 0;
  double page_height = 0;
  double bar_width = 0;
  AxisTicks x_ticks;
  AxisTicks y_ticks;
  std::vector<Tick> bar_ticks;

  Box panel(int i) const;
  Box bar() const;
  double bar_height() const { return std::min(kHighestBar, panels_height()); }
  double panels_width() const { return n_columns * panel_width + (n_columns - 1) * kPanelGap; }
  double panels_height() const { return n_rows * panel_height + (n_rows - 1) * row_gap; }
};

/// At least one: a plot without panels shows an empty one.
int n_panels(const MapPlot& plot);

/// The layout with plot.n_columns, or with the number of columns that makes the panels largest.
MapLayout choose_layout(const MapPlot& plot, const MapSpace& space);

}  // namespace rastream
