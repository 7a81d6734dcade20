// SPDX-License-Identifier: Apache-2.0
#include "rastream/draw/frame.h"

#include <cmath>

namespace rastream {
namespace {

constexpr double kGapAlongX = 14;
constexpr double kGapAlongY = 26;
/// From the middle of a digit to its base line, as a part of the text size.
constexpr double kHalfDigit = 0.36;

}  // namespace

FitsFunction fits_along_x(const Projection& x) {
  return [x](const std::vector<Tick>& ticks) {
    // Long lists are refused before their text is measured.
    if (static_cast<double>(ticks.size()) * kGapAlongX > std::abs(x.high_at - x.low_at))
      return false;
    for (std::size_t i = 1; i < ticks.size(); ++i) {
      const double room = std::abs(x(ticks[i].value) - x(ticks[i - 1].value));
      const double needed =
          (text_width(ticks[i].label, kTickSize) + text_width(ticks[i - 1].label, kTickSize)) / 2;
      if (needed + kGapAlongX > room) return false;
    }
    return true;
  };
}

FitsFunction fits_along_y(const Projection& y) {
  return [y](const std::vector<Tick>& ticks) {
    for (std::size_t i = 1; i < ticks.size(); ++i) {
      if (std::abs(y(ticks[i].value) - y(ticks[i - 1].value)) < kGapAlongY) return false;
    }
    return true;
  };
}

double widest_label(const std::vector<Tick>& ticks) {
  double widest = 0;
  for (const Tick& t : ticks) widest = std::max(widest, text_width(t.label, kTickSize));
  return widest;
}

void draw_x_ticks(Canvas& canvas, const Box& box, const std::vector<Tick>& ticks,
                  const Projection& x, bool with_text, double overhang) {
  const double base = box.bottom() + kTickLength + kTickGap + kTickSize * 2 * kHalfDigit;
  for (const Tick& t : ticks) {
    const double at = x(t.value);
    canvas.line({at, box.bottom()}, {at, box.bottom() + kTickLength}, kFrameLine);
    if (!with_text) continue;
    const double half = text_width(t.label, kTickSize) / 2;
    if (at - half < box.x - overhang || at + half > box.right() + overhang) continue;
    canvas.text({at, base}, t.label, {.size = kTickSize, .anchor = Anchor::middle});
  }
}

void draw_y_ticks(Canvas& canvas, const Box& box, const std::vector<Tick>& ticks,
                  const Projection& y, bool with_text) {
  for (const Tick& t : ticks) {
    const double at = y(t.value);
    canvas.line({box.x, at}, {box.x - kTickLength, at}, kFrameLine);
    const Point base = {box.x - kTickLength - kTickGap, at + kTickSize * kHalfDigit};
    if (with_text) canvas.text(base, t.label, {.size = kTickSize, .anchor = Anchor::end});
  }
}

void draw_label(Canvas& canvas, std::string_view text, const Label& label) {
  const double room = label.page - 2 * kMargin;
  const std::string fitting = fit_text(text, label.size, room);
  const double half = std::min(text_width(fitting, label.size), room) / 2;
  const double middle =
      std::clamp((label.begin + label.end) / 2, kMargin + half, label.page - kMargin - half);
  canvas.text(label.vertical ? Point{label.base, middle} : Point{middle, label.base}, fitting,
              {.size = label.size, .anchor = Anchor::middle, .vertical = label.vertical});
}

void draw_no_data(Canvas& canvas, const Box& box) {
  const Point middle = {box.x + box.width / 2, box.y + box.height / 2 + kLabelSize * kHalfDigit};
  canvas.text(middle, "no data",
              {.size = kLabelSize, .anchor = Anchor::middle, .colour = kPaleInk});
}

}  // namespace rastream
