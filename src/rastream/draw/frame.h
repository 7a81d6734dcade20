// SPDX-License-Identifier: Apache-2.0
// What every plot has around its data: a frame with ticks, labels of axes and titles.
#pragma once

#include <algorithm>
#include <string>

#include "rastream/draw/canvas.h"
#include "rastream/draw/ticks.h"

namespace rastream {

inline constexpr double kPageWidth = 800;
inline constexpr double kTickSize = 11.5;  ///< of text at ticks
inline constexpr double kLabelSize = 13;   ///< of an axis' label
inline constexpr double kTitleSize = 15;
inline constexpr double kTickLength = 4;
inline constexpr double kTickGap = 4;  ///< between a tick and its text
inline constexpr double kMargin = 14;  ///< between what is drawn and the page's edge
inline const LineStyle kFrameLine{kInk, 0.8, {}};

/// A line through the values of an axis onto the page.
struct Projection {
  double low = 0;  ///< axis value at `low_at`
  double high = 1;
  double low_at = 0;  ///< points
  double high_at = 1;
  double operator()(double v) const {
    return low_at + (v / 2 - low / 2) / (high / 2 - low / 2) * (high_at - low_at);
  }
};

/// Text of neighbouring ticks keeps a gap; text along x is measured, along y it needs a line's
/// height.
FitsFunction fits_along_x(const Projection& x);
FitsFunction fits_along_y(const Projection& y);

double widest_label(const std::vector<Tick>& ticks);

/// Ticks below `box`, their text only when `with_text` and where it sticks out of the box by no
/// more than `overhang`.
void draw_x_ticks(Canvas& canvas, const Box& box, const std::vector<Tick>& ticks,
                  const Projection& x, bool with_text, double overhang = 1e9);
/// Ticks to the left of `box`.
void draw_y_ticks(Canvas& canvas, const Box& box, const std::vector<Tick>& ticks,
                  const Projection& y, bool with_text);
/// Text in the middle of [begin, end], shifted where it would leave the page of length `page`, and
/// cut where it is longer. `base` is the y of its base line, or the x of it when `vertical`.
struct Label {
  double size = kLabelSize;
  bool vertical = false;
  double begin = 0;
  double end = 0;
  double page = 0;
  double base = 0;
};
void draw_label(Canvas& canvas, std::string_view text, const Label& label);
/// "no data" in the middle of `box`.
void draw_no_data(Canvas& canvas, const Box& box);

}  // namespace rastream
