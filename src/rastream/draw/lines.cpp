// SPDX-License-Identifier: Apache-2.0
// draw_lines: series over one x axis, with the names of the lines in rows above the frame, where
// they hide no data.
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "rastream/base/error.h"
#include "rastream/draw/canvas.h"
#include "rastream/draw/frame.h"
#include "rastream/draw/picture_file.h"
#include "rastream/draw/plot.h"
#include "rastream/draw/resample.h"

namespace rastream {
namespace {

constexpr double kPlotHeight = 340;
constexpr double kSwatch = 22;  ///< length of a line's sample in the legend
constexpr double kLegendRow = 18;
constexpr double kLineWidth = 1.5;
constexpr double kDotRadius = 1.8;

/// Tableau's ten, in an order in which neighbours differ; later rounds are dashed.
constexpr std::array<Colour, 10> kColours = {{{31, 119, 180},
                                              {214, 39, 40},
                                              {44, 160, 44},
                                              {255, 127, 14},
                                              {148, 103, 189},
                                              {140, 86, 75},
                                              {23, 190, 207},
                                              {227, 119, 194},
                                              {127, 127, 127},
                                              {188, 189, 34}}};

LineStyle style_of(std::size_t i) {
  const std::array<std::vector<double>, 4> dashes = {{{}, {6, 3}, {2, 2}, {8, 3, 2, 3}}};
  return {kColours[i % kColours.size()], kLineWidth, dashes[i / kColours.size() % dashes.size()]};
}

void check(const LinePlot& plot) {
  const std::size_t n = plot.x.values.size();
  if (!plot.x.tick_labels.empty() && plot.x.tick_labels.size() != n) {
    throw Error(Errc::invalid_argument,
                "draw_lines: expected one tick label for each value of x, or none");
  }
  for (const Series& s : plot.series) {
    if (s.values.size() == n) continue;
    throw Error(Errc::invalid_argument,
                "draw_lines: series '{}' has {} values: expected one for each of the {} of x",
                s.name, s.values.size(), n);
  }
}

/// The range of all finite values with a margin; nothing when there is none.
std::optional<Extent> y_extent(const LinePlot& plot) {
  Extent y{std::numeric_limits<double>::infinity(), -std::numeric_limits<double>::infinity()};
  for (const Series& s : plot.series) {
    for (const double v : s.values) {
      if (!std::isfinite(v)) continue;
      y = {std::min(y.low, v), std::max(y.high, v)};
    }
  }
  if (y.low > y.high) return std::nullopt;
  const double pad =
      y.low < y.high ? y.high / 20 - y.low / 20 : std::max(0.5, std::abs(y.low) / 20);
  return Extent{std::max(y.low - pad, std::numeric_limits<double>::lowest()),
                std::min(y.high + pad, std::numeric_limits<double>::max())};
}

/// Unbroken runs of finite values as points on the page, at most four a pixel column: the first,
/// the last and the extremes, in their order.
class Runs {
 public:
  Runs(const std::vector<double>& x_values, const std::vector<double>& y_values,
       const Projection& x, const Projection& y) {
    for (std::size_t i = 0; i < y_values.size(); ++i) {
      std::isfinite(y_values[i]) ? add({x(x_values[i]), y(y_values[i])}) : end_run();
    }
    end_run();
  }
  const std::vector<std::vector<Point>>& all() const { return runs_; }

 private:
  void add(Point p) {
    const double column = std::floor(p.x * kPixelsPerPoint);
    if (column != column_) flush();
    column_ = column;
    pending_.push_back(p);
    if (pending_.size() > 64) thin();
  }

  /// Keeps the first, the last and the extremes of what is pending.
  void thin() {
    if (pending_.size() <= 4) return;
    const auto [low, high] = std::minmax_element(
        pending_.begin(), pending_.end(), [](const Point& a, const Point& b) { return a.y < b.y; });
    const auto early = std::min(low, high);
    const auto late = std::max(low, high);
    pending_ = {pending_.front(), *early, *late, pending_.back()};
  }

  void flush() {
    thin();
    run_.insert(run_.end(), pending_.begin(), pending_.end());
    pending_.clear();
  }

  void end_run() {
    flush();
    if (!run_.empty()) runs_.push_back(std::move(run_));
    run_.clear();
  }

  std::vector<std::vector<Point>> runs_;
  std::vector<Point> run_;
  std::vector<Point> pending_;  ///< all in the pixel column column_
  double column_ = -1;
};

void draw_dot(Canvas& canvas, Point at, Colour colour) {
  std::array<Point, 8> corners;
  for (std::size_t k = 0; k < corners.size(); ++k) {
    const double angle = 0.7853981633974483 * (static_cast<double>(k) + 0.5);
    corners[k] = {at.x + kDotRadius * std::cos(angle), at.y + kDotRadius * std::sin(angle)};
  }
  canvas.fill(std::span<const Point>(corners), colour);
}

struct LegendEntry {
  std::size_t series;
  double x;
  int row;
  std::string name;
};

/// Entries side by side from `left`, wrapped before `right`.
std::vector<LegendEntry> lay_out_legend(const LinePlot& plot, double left, double right) {
  std::vector<LegendEntry> entries;
  double x = left;
  int row = 0;
  for (std::size_t i = 0; i < plot.series.size(); ++i) {
    const std::string name = fit_text(plot.series[i].name, kTickSize, right - left - kSwatch - 20);
    const double width = kSwatch + 6 + text_width(name, kTickSize) + 18;
    if (x + width > right && x > left) {
      x = left;
      ++row;
    }
    entries.push_back({i, x, row, name});
    x += width;
  }
  return entries;
}

class Lines {
 public:
  explicit Lines(const LinePlot& plot) : plot_(plot), y_(y_extent(plot)) {
    if (plot.x.values.empty()) y_.reset();
    if (y_) {
      const Extent outer = axis_extent(plot.x.values, "draw_lines: x axis");
      const auto [low, high] = std::minmax(plot.x.values.front(), plot.x.values.back());
      const double pad = low < high ? (high - low) / 50 : 0.5;
      x_ = {std::max(outer.low, low - pad), std::min(outer.high, high + pad)};
      y_ticks_ = choose_ticks({plot.y_label, {y_->low, y_->high}, {}}, y_->low, y_->high,
                              fits_along_y({y_->low, y_->high, kPlotHeight, 0}));
    }
    place();
  }

  std::string draw(CanvasMaker make_canvas) const {
    const double height =
        std::ceil(box_.bottom() + 30 + (plot_.x.label.empty() ? 0 : kLabelSize * 1.3) + 6);
    const auto canvas = make_canvas(kPageWidth, height, false);
    draw_label(*canvas, plot_.title,
               {.size = kTitleSize,
                .begin = box_.x,
                .end = box_.right(),
                .page = kPageWidth,
                .base = kMargin + kTitleSize});
    for (const LegendEntry& e : legend_) draw_entry(*canvas, e);
    if (y_) {
      draw_data(*canvas);
    } else {
      draw_no_data(*canvas, box_);
    }
    canvas->frame(box_, kFrameLine);
    draw_label(*canvas, y_ ? y_ticks_.label : plot_.y_label,
               {.vertical = true,
                .begin = box_.y,
                .end = box_.bottom(),
                .page = height,
                .base = kMargin + kLabelSize * 0.9});
    return canvas->encode();
  }

 private:
  void place() {
    const double y_text = widest_label(y_ticks_.ticks);
    const double left =
        std::ceil(kMargin + kLabelSize * 1.2 + kTickGap * 2 + y_text + kTickGap + kTickLength);
    if (plot_.series.size() > 1) legend_ = lay_out_legend(plot_, left, kPageWidth - kMargin * 1.5);
    legend_top_ = kMargin + (plot_.title.empty() ? 0 : kTitleSize * 1.8);
    const double legend_height = legend_.empty() ? 0 : (legend_.back().row + 1) * kLegendRow + 4;
    box_ = {left, std::ceil(legend_top_ + legend_height), kPageWidth - left - kMargin * 1.5,
            kPlotHeight};
  }

  void draw_entry(Canvas& canvas, const LegendEntry& e) const {
    const double y = legend_top_ + (e.row + 0.5) * kLegendRow;
    LineStyle style = style_of(e.series);
    style.width = 2;
    canvas.line({e.x, y}, {e.x + kSwatch, y}, style);
    canvas.text({e.x + kSwatch + 6, y + kTickSize * 0.36}, e.name, {.size = kTickSize});
  }

  void draw_data(Canvas& canvas) const {
    const Projection x{x_.low, x_.high, box_.x, box_.right()};
    const Projection y{y_->low, y_->high, box_.bottom(), box_.y};
    const AxisTicks x_ticks = choose_ticks(plot_.x, x_.low, x_.high, fits_along_x(x));
    const LineStyle grid{{225, 225, 225}, 0.7, {}};
    for (const Tick& t : y_ticks_.ticks)
      canvas.line({box_.x, y(t.value)}, {box_.right(), y(t.value)}, grid);
    for (const Tick& t : x_ticks.ticks)
      canvas.line({x(t.value), box_.y}, {x(t.value), box_.bottom()}, grid);
    for (std::size_t i = 0; i < plot_.series.size(); ++i) draw_series(canvas, i, x, y);
    draw_x_ticks(canvas, box_, x_ticks.ticks, x, true);
    draw_y_ticks(canvas, box_, y_ticks_.ticks, y, true);
    draw_label(canvas, x_ticks.label,
               {.begin = box_.x,
                .end = box_.right(),
                .page = kPageWidth,
                .base = box_.bottom() + 30 + kLabelSize});
  }

  void draw_series(Canvas& canvas, std::size_t i, const Projection& x, const Projection& y) const {
    const LineStyle style = style_of(i);
    const Runs runs(plot_.x.values, plot_.series[i].values, x, y);
    for (const auto& run : runs.all()) {
      if (run.size() > 1) canvas.line(std::span<const Point>(run), style);
      if (run.size() == 1) draw_dot(canvas, run[0], style.colour);
    }
  }

  const LinePlot& plot_;
  std::optional<Extent> y_;
  Extent x_;
  AxisTicks y_ticks_;
  std::vector<LegendEntry> legend_;
  double legend_top_ = 0;
  Box box_;
};

}  // namespace

void draw_lines(const LinePlot& plot, const std::string& path) {
  const CanvasMaker make_canvas = canvas_for(path);
  check(plot);
  write_picture(path, Lines(plot).draw(make_canvas));
}

}  // namespace rastream
