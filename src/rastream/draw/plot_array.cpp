// SPDX-License-Identifier: Apache-2.0
#include "rastream/draw/plot_array.h"

#include "rastream/draw/plot.h"
#include "rastream/geo/time_units.h"
#include "rastream/ops/labelled.h"

namespace rastream {
namespace {

/// Label with its unit, as in "x [m]".
std::string axis_label(const std::string& name, const Attributes& attributes) {
  const auto units = attributes.text("units");
  return units && *units != "1" ? fmt::format("{} [{}]", name, *units) : name;
}

Axis axis_of(const DataArray& array, const std::string& dim) {
  Axis axis;
  const Coordinate* c = array.coord(dim);
  axis.label = c ? axis_label(dim, c->attributes) : dim;
  if (!c || c->is_text() || c->dims.size() != 1) {
    for (std::int64_t i = 0; i < array.size(dim); ++i)
      axis.values.push_back(static_cast<double>(i));
    if (c && c->is_text()) axis.tick_labels = c->labels;
    return axis;
  }
  axis.values = coordinate_values(*c);
  const auto time = TimeUnits::of(c->attributes);
  if (!time) return axis;
  axis.label = dim;
  for (const double v : axis.values)
    axis.tick_labels.push_back(to_iso(time->decode(v)).substr(0, 10));
  return axis;
}

std::vector<std::string> panel_titles(const DataArray& array, const std::string& dim) {
  const Axis axis = axis_of(array, dim);
  if (!axis.tick_labels.empty()) return axis.tick_labels;
  std::vector<std::string> titles;
  for (const double v : axis.values) titles.push_back(fmt::format("{} = {}", dim, v));
  return titles;
}

std::vector<double> cells_of(const DataArray& array, const RunOptions& options) {
  const OwnedBlock cells = compute(astype(array.array, DType::float64), options);
  const double* first = cells.view().as<double>();
  return {first, first + array.schema().n_cells()};
}

}  // namespace

void plot_map(const DataArray& array, const PlotOptions& options, const std::string& path) {
  const std::string y = array.schema().has("y") ? "y" : "lat";
  const std::string x = array.schema().has("x") ? "x" : "lon";
  std::vector<std::string> order = {y, x};
  if (!options.facet_dim.empty()) order.insert(order.begin(), options.facet_dim);
  const auto& dims = array.dims();
  if (dims.size() != order.size() ||
      !std::is_permutation(dims.begin(), dims.end(), order.begin())) {
    throw Error(
        Errc::invalid_argument,
        "plot: '{}' has dimensions ({}): a map needs ({}); choose one cell of the others with "
        "--isel, or panels with --facet",
        array.name, fmt::join(dims, ", "), fmt::join(order, ", "));
  }
  const DataArray ordered = dims == order ? array : transpose(array, order);
  MapPlot plot;
  plot.title = options.title.empty() ? array.name : options.title;
  plot.x = axis_of(array, x);
  plot.y = axis_of(array, y);
  plot.colormap = options.colormap;
  plot.vmin = options.vmin;
  plot.vmax = options.vmax;
  plot.day_of_year_labels = options.day_of_year_labels;
  plot.colour_bar_label =
      axis_label(array.attributes.text("long_name").value_or(array.name), array.attributes);
  std::vector<double> cells = cells_of(ordered, options.run);
  if (options.day_of_year_labels) {
    for (double& day : cells) day += 1;
    plot.colour_bar_label =
        array.attributes.text("long_name").value_or(array.name) + " [day of year]";
  }
  const auto area = static_cast<std::size_t>(array.size(y) * array.size(x));
  const std::vector<std::string> titles = options.facet_dim.empty()
                                              ? std::vector<std::string>{""}
                                              : panel_titles(array, options.facet_dim);
  for (std::size_t i = 0; i < titles.size(); ++i) {
    const auto begin = cells.begin() + static_cast<std::ptrdiff_t>(i * area);
    plot.panels.push_back({titles[i], {begin, begin + static_cast<std::ptrdiff_t>(area)}});
  }
  draw_map(plot, path);
}

void plot_lines(const DataArray& array, const PlotOptions& options, const std::string& path) {
  const auto& dims = array.dims();
  if (dims.empty() || dims.size() > 2) {
    throw Error(
        Errc::invalid_argument,
        "plot: '{}' has dimensions ({}): lines need one or two; choose one cell of the others "
        "with --isel",
        array.name, fmt::join(dims, ", "));
  }
  LinePlot plot;
  plot.title = options.title.empty() ? array.name : options.title;
  plot.x = axis_of(array, dims[0]);
  plot.y_label =
      axis_label(array.attributes.text("long_name").value_or(array.name), array.attributes);
  const std::vector<double> cells = cells_of(array, options.run);
  const std::vector<std::string> names =
      dims.size() == 2 ? panel_titles(array, dims[1]) : std::vector<std::string>{array.name};
  for (std::size_t s = 0; s < names.size(); ++s) {
    Series series{names[s], {}};
    for (std::size_t i = s; i < cells.size(); i += names.size()) series.values.push_back(cells[i]);
    plot.series.push_back(std::move(series));
  }
  draw_lines(plot, path);
}

}  // namespace rastream
