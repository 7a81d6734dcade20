// SPDX-License-Identifier: Apache-2.0
#include "rastream/draw/map_layout.h"

namespace rastream {
namespace {

// A page does not grow beyond this; its width shrinks instead.
constexpr double kHighestMap = 900;
constexpr double kHighestFacets = 720;

class Placement {
 public:
  Placement(const MapPlot& plot, const MapSpace& space, int n_columns)
      : plot_(plot), space_(space) {
    l_.n_columns = n_columns;
    l_.n_rows = (n_panels(plot) + n_columns - 1) / n_columns;
    const bool has_titles = std::any_of(plot.panels.begin(), plot.panels.end(),
                                        [](const MapPanel& p) { return !p.title.empty(); });
    const double title_height = has_titles ? kLabelSize * 1.5 : 0;
    l_.row_gap = std::ceil(kPanelGap + title_height);
    l_.top = std::ceil(kMargin + (plot.title.empty() ? 0 : kTitleSize * 1.8) + title_height);
    l_.label_offset = kTickLength + kTickGap + kTickSize +
                      (plot.x.label.empty() ? 0 : kTickGap * 1.5 + kLabelSize);
    l_.y_label_at = kMargin + kLabelSize * 0.9;
    l_.panel_width = kPageWidth / n_columns;
    l_.panel_height = l_.panel_width * space.aspect;
    // Text needs room that depends on the size of the panels, which depends on that room: this
    // settles quickly, and the ticks are kept from the round that made room for them.
    for (int round = 0; round < 3; ++round) fit_panels();
    l_.x_ticks = choose_ticks(plot.x, space.x.low, space.x.high,
                              fits_along_x({space.x.low, space.x.high, 0, l_.panel_width}));
    fit_page();
  }

  const MapLayout& layout() const { return l_; }

 private:
  double bar_space() const { return space_.bar ? kBarGap + l_.bar_width : 0; }

  void fit_panels() {
    const Extent& y = space_.y;
    l_.y_ticks =
        choose_ticks(plot_.y, y.low, y.high, fits_along_y({y.low, y.high, l_.panel_height, 0}));
    const double y_label = plot_.y.label.empty() ? 0 : kLabelSize * 1.2 + kTickGap * 2;
    l_.left =
        std::ceil(kMargin + y_label + widest_label(l_.y_ticks.ticks) + kTickGap + kTickLength);
    if (space_.bar) {
      l_.bar_ticks = space_.bar->choose_ticks(l_.bar_height());
      l_.bar_width = std::ceil(space_.bar->width(l_.bar_ticks));
    }
    const double highest = n_panels(plot_) > 1 ? kHighestFacets : kHighestMap;
    const double room_x =
        kPageWidth - l_.left - bar_space() - kMargin - (l_.n_columns - 1) * kPanelGap;
    const double room_y =
        highest - l_.top - l_.label_offset - kMargin - (l_.n_rows - 1) * l_.row_gap;
    const double width = std::min(room_x / l_.n_columns, room_y / l_.n_rows / space_.aspect);
    l_.panel_width = std::max(8.0, std::floor(width));
    l_.panel_height = std::max(8.0, std::round(l_.panel_width * space_.aspect));
  }

  /// A page narrowed by tall panels stays wide enough for its title.
  void fit_page() {
    const double needed = l_.left + l_.panels_width() + bar_space() + kMargin;
    const double title =
        std::min(kPageWidth, text_width(plot_.title, kTitleSize) + 2 * kMargin + 1);
    l_.page_width = std::ceil(std::max(needed, title));
    const double shift = std::floor((l_.page_width - needed) / 2);
    l_.left += shift;
    l_.y_label_at += shift;
    l_.page_height = std::ceil(l_.top + l_.panels_height() + l_.label_offset + kMargin);
  }

  const MapPlot& plot_;
  const MapSpace& space_;
  MapLayout l_;
};

}  // namespace

int n_panels(const MapPlot& plot) { return std::max<int>(1, static_cast<int>(plot.panels.size())); }

Box MapLayout::panel(int i) const {
  const double column = i % n_columns;
  const double row = i / n_columns;
  return {left + column * (panel_width + kPanelGap), top + row * (panel_height + row_gap),
          panel_width, panel_height};
}

Box MapLayout::bar() const {
  return {left + panels_width() + kBarGap, std::round(top + (panels_height() - bar_height()) / 2),
          bar_width, bar_height()};
}

MapLayout choose_layout(const MapPlot& plot, const MapSpace& space) {
  if (plot.n_columns > 0)
    return Placement(plot, space, std::min(plot.n_columns, n_panels(plot))).layout();
  MapLayout best = Placement(plot, space, 1).layout();
  for (int n = 2; n <= std::min(n_panels(plot), 8); ++n) {
    const MapLayout other = Placement(plot, space, n).layout();
    if (other.panel_width > best.panel_width * 1.02) best = other;
  }
  return best;
}

}  // namespace rastream
