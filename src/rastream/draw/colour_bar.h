// SPDX-License-Identifier: Apache-2.0
// A vertical colour bar with ticks, a label, and an arrow at each end beyond which there are
// values.
#pragma once

#include "rastream/draw/colormap.h"
#include "rastream/draw/frame.h"

namespace rastream {

struct ColourBar {
  ColourScale scale;
  std::string label;
  bool day_of_year_labels = false;

  /// Ticks that fit a bar of this height with its arrows.
  std::vector<Tick> choose_ticks(double height) const;
  /// The width of the bar with its text.
  double width(const std::vector<Tick>& ticks) const;
  /// Draws the bar, arrows included, in the height of `box` at its left edge, on a page of
  /// `page_height`.
  void draw(Canvas& canvas, const Box& box, const std::vector<Tick>& ticks,
            double page_height) const;
};

}  // namespace rastream
