// SPDX-License-Identifier: Apache-2.0
// draw_map: a grid of panels over the same axes, one colour bar to the right.
#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "rastream/base/error.h"
#include "rastream/draw/canvas.h"
#include "rastream/draw/map_layout.h"
#include "rastream/draw/picture_file.h"
#include "rastream/draw/plot.h"
#include "rastream/draw/resample.h"

namespace rastream {
namespace {

constexpr double kLongestAspect = 10;

void check(const MapPlot& plot) {
  const auto n_labels_fit = [](const Axis& a) {
    return a.tick_labels.empty() || a.tick_labels.size() == a.values.size();
  };
  if (!n_labels_fit(plot.x) || !n_labels_fit(plot.y)) {
    throw Error(Errc::invalid_argument,
                "draw_map: expected one tick label for each value of an axis, or none");
  }
  const std::size_t n_cells = plot.x.values.size() * plot.y.values.size();
  for (const MapPanel& panel : plot.panels) {
    if (panel.cells.size() == n_cells) continue;
    throw Error(Errc::invalid_argument,
                "draw_map: panel '{}' has {} cells: expected y times x = {} x {}", panel.title,
                panel.cells.size(), plot.y.values.size(), plot.x.values.size());
  }
  for (const auto& limit : {plot.vmin, plot.vmax}) {
    if (limit && !std::isfinite(*limit))
      throw Error(Errc::invalid_argument, "draw_map: vmin and vmax must be finite");
  }
  if (plot.vmin && plot.vmax && !(*plot.vmin < *plot.vmax)) {
    throw Error(Errc::invalid_argument, "draw_map: vmin {} is not below vmax {}", *plot.vmin,
                *plot.vmax);
  }
}

/// Nothing when no cell is finite.
std::optional<ColourScale> make_scale(const MapPlot& plot) {
  ColourScale scale;
  scale.table = colour_table(plot.colormap);
  double least = std::numeric_limits<double>::infinity();
  double greatest = -least;
  bool has_infinity = false;
  for (const MapPanel& panel : plot.panels) {
    for (const double v : panel.cells) {
      has_infinity |= std::isinf(v);
      if (!std::isfinite(v)) continue;
      least = std::min(least, v);
      greatest = std::max(greatest, v);
    }
  }
  if (least > greatest) return std::nullopt;
  scale.vmin = plot.vmin.value_or(least);
  scale.vmax = plot.vmax.value_or(greatest);
  if (!(scale.vmin < scale.vmax)) {
    const double pad = std::max(0.5, std::abs(scale.vmin) * 1e-6);
    if (!plot.vmin) scale.vmin = scale.vmax - pad;
    if (!plot.vmax) scale.vmax = scale.vmin + 2 * pad;
  }
  scale.has_below = least < scale.vmin || has_infinity;
  scale.has_above = greatest > scale.vmax || has_infinity;
  return scale;
}

bool is_in_degrees(const Axis& axis) {
  return axis.label.ends_with("[degrees_north]") || axis.label.ends_with("[degrees_east]");
}

/// Height of a panel over its width.
double aspect_of(const MapPlot& plot, const Extent& x, const Extent& y) {
  double aspect = (y.high - y.low) / (x.high - x.low);
  if (is_in_degrees(plot.x) && is_in_degrees(plot.y)) {
    const double middle = std::clamp((y.low + y.high) / 2, -80.0, 80.0);
    aspect /= std::cos(middle * std::numbers::pi / 180);
  }
  return std::clamp(aspect, 1 / kLongestAspect, kLongestAspect);
}

class Map {
 public:
  explicit Map(const MapPlot& plot) : plot_(plot), scale_(make_scale(plot)) {
    MapSpace space;
    has_axes_ = !plot.x.values.empty() && !plot.y.values.empty();
    if (has_axes_) {
      // A lone row or column is as wide as a cell of the other axis.
      space.x = axis_extent(plot.x.values, "draw_map: x axis", half_cell(plot.y));
      space.y = axis_extent(plot.y.values, "draw_map: y axis", half_cell(plot.x));
      space.aspect = aspect_of(plot, space.x, space.y);
    }
    if (scale_) space.bar = ColourBar{*scale_, plot.colour_bar_label, plot.day_of_year_labels};
    space_ = space;
    layout_ = choose_layout(plot, space);
  }

  std::string draw(CanvasMaker make_canvas) const {
    const auto canvas = make_canvas(layout_.page_width, layout_.page_height, plot_.transparent);
    draw_labels(*canvas);
    const std::vector<CellRange> columns = ranges(plot_.x, space_.x, layout_.panel_width);
    const std::vector<CellRange> rows = ranges(plot_.y, space_.y, layout_.panel_height);
    for (int i = 0; i < n_panels(plot_); ++i) draw_panel(*canvas, i, columns, rows);
    if (space_.bar)
      space_.bar->draw(*canvas, layout_.bar(), layout_.bar_ticks, layout_.page_height);
    return canvas->encode();
  }

 private:
  static double half_cell(const Axis& a) {
    return a.values.size() > 1 ? std::abs(a.values[1] - a.values[0]) / 2 : 0.5;
  }

  std::vector<CellRange> ranges(const Axis& axis, const Extent& extent, double length) const {
    if (!has_axes_) return {};
    return cells_of_pixels(axis.values, extent, static_cast<int>(length) * kPixelsPerPoint);
  }

  void draw_labels(Canvas& canvas) const {
    const MapLayout& l = layout_;
    const double right = l.left + l.panels_width();
    const double bottom = l.top + l.panels_height();
    draw_label(canvas, plot_.title,
               {.size = kTitleSize,
                .begin = l.left,
                .end = right,
                .page = l.page_width,
                .base = kMargin + kTitleSize});
    if (!has_axes_) return;
    draw_label(
        canvas, l.x_ticks.label,
        {.begin = l.left, .end = right, .page = l.page_width, .base = bottom + l.label_offset});
    draw_label(canvas, l.y_ticks.label,
               {.vertical = true,
                .begin = l.top,
                .end = bottom,
                .page = l.page_height,
                .base = l.y_label_at});
  }

  void draw_panel(Canvas& canvas, int i, std::span<const CellRange> columns,
                  std::span<const CellRange> rows) const {
    const Box box = layout_.panel(i);
    const bool is_there = has_axes_ && static_cast<std::size_t>(i) < plot_.panels.size();
    const MapPanel* panel = is_there ? &plot_.panels[static_cast<std::size_t>(i)] : nullptr;
    const bool has_data = panel && scale_ &&
                          std::any_of(panel->cells.begin(), panel->cells.end(),
                                      [](double v) { return !std::isnan(v); });
    if (has_data)
      canvas.image(box, paint_cells(panel->cells, plot_.x.values.size(), columns, rows, *scale_));
    canvas.frame(box, kFrameLine);
    if (!has_data) draw_no_data(canvas, box);
    if (panel) {
      canvas.text({box.x + box.width / 2, box.y - kLabelSize * 0.5},
                  fit_text(panel->title, kLabelSize, box.width + kPanelGap / 2),
                  {.size = kLabelSize, .anchor = Anchor::middle});
    }
    if (has_axes_) draw_ticks(canvas, i, box);
  }

  /// Text only along the left and lower sides of the whole.
  void draw_ticks(Canvas& canvas, int i, const Box& box) const {
    const bool is_lowest = i + layout_.n_columns >= n_panels(plot_);
    const bool is_leftmost = i % layout_.n_columns == 0;
    // Texts of neighbouring panels must not meet.
    const double overhang = layout_.n_columns > 1 ? kPanelGap / 2 - 3 : 2 * kMargin;
    const Projection x{space_.x.low, space_.x.high, box.x, box.right()};
    draw_x_ticks(canvas, box, layout_.x_ticks.ticks, x, is_lowest, overhang);
    draw_y_ticks(canvas, box, layout_.y_ticks.ticks,
                 {space_.y.low, space_.y.high, box.bottom(), box.y}, is_leftmost);
  }

  const MapPlot& plot_;
  std::optional<ColourScale> scale_;
  bool has_axes_ = false;
  MapSpace space_;
  MapLayout layout_;
};

}  // namespace

void draw_map(const MapPlot& plot, const std::string& path) {
  const CanvasMaker make_canvas = canvas_for(path);
  check(plot);
  write_picture(path, Map(plot).draw(make_canvas));
}

}  // namespace rastream
