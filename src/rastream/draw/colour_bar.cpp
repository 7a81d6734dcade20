// SPDX-License-Identifier: Apache-2.0
#include "rastream/draw/colour_bar.h"

#include <algorithm>
#include <array>

namespace rastream {
namespace {

constexpr double kBarWidth = 16;
constexpr double kArrow = 12;

void draw_arrow(Canvas& canvas, const Box& bar, double base, double tip, Colour colour) {
  const std::array<Point, 3> corners = {
      {{bar.x, base}, {bar.x + bar.width / 2, tip}, {bar.right(), base}}};
  canvas.fill(std::span<const Point>(corners), colour);
  canvas.line(std::span<const Point>(corners), kFrameLine);
}

}  // namespace

std::vector<Tick> ColourBar::choose_ticks(double height) const {
  const double length = height - (scale.has_above ? kArrow : 0) - (scale.has_below ? kArrow : 0);
  return choose_colour_ticks(scale.vmin, scale.vmax, day_of_year_labels,
                             fits_along_y({scale.vmin, scale.vmax, length, 0}));
}

double ColourBar::width(const std::vector<Tick>& ticks) const {
  const double label_width = label.empty() ? 0 : kTickGap * 2 + kLabelSize * 1.2;
  return kBarWidth + kTickLength + kTickGap + widest_label(ticks) + label_width;
}

void ColourBar::draw(Canvas& canvas, const Box& box, const std::vector<Tick>& ticks,
                     double page_height) const {
  Box bar{box.x, box.y, kBarWidth, box.height};
  if (scale.has_above) bar = {bar.x, bar.y + kArrow, bar.width, bar.height - kArrow};
  if (scale.has_below) bar.height -= kArrow;
  Image gradient{1, static_cast<int>(scale.table.size()), {}};
  for (auto c = scale.table.rbegin(); c != scale.table.rend(); ++c) {
    gradient.pixels.push_back(0xFF000000U | static_cast<std::uint32_t>(c->red) << 16 |
                              static_cast<std::uint32_t>(c->green) << 8 | c->blue);
  }
  canvas.image(bar, gradient);
  canvas.frame(bar, kFrameLine);
  if (scale.has_above) draw_arrow(canvas, bar, bar.y, box.y, scale.table.back());
  if (scale.has_below) draw_arrow(canvas, bar, bar.bottom(), box.bottom(), scale.table.front());

  const Projection y{scale.vmin, scale.vmax, bar.bottom(), bar.y};
  for (const Tick& t : ticks) {
    const double at = y(t.value);
    canvas.line({bar.right(), at}, {bar.right() + kTickLength, at}, kFrameLine);
    canvas.text({bar.right() + kTickLength + kTickGap, at + kTickSize * 0.36}, t.label,
                {.size = kTickSize});
  }
  const double label_at =
      bar.right() + kTickLength + kTickGap * 3 + widest_label(ticks) + kLabelSize * 0.9;
  draw_label(canvas, label,
             {.vertical = true,
              .begin = box.y,
              .end = box.bottom(),
              .page = page_height,
              .base = label_at});
}

}  // namespace rastream
