// SPDX-License-Identifier: Apache-2.0
// rastream plot: a variable of any file as a map, maps side by side, or lines.
#include <fmt/format.h>

#include "rastream/base/bytes.h"
#include "rastream/cli/box_words.h"
#include "rastream/cli/command.h"
#include "rastream/draw/plot_array.h"
#include "rastream/ops/labelled.h"
#include "rastream/ops/open_dataset.h"

namespace rastream {
namespace {

struct Arguments {
  std::string file, variable, group, out, bbox, lines, title, colormap = "viridis", facet,
                                                              memory = "2GiB";
  std::vector<std::string> isel;
  std::vector<std::string> sel;
  std::optional<double> vmin, vmax;
  bool days = false;
};

std::pair<std::string, std::string> split(const std::string& text, const char* option) {
  const auto at = text.find('=');
  if (at == std::string::npos || at == 0 || at + 1 == text.size()) {
    throw Error(Errc::invalid_argument, "{} '{}': expected DIMENSION=VALUE, such as time=0", option,
                text);
  }
  return {text.substr(0, at), text.substr(at + 1)};
}

DataArray chosen(const Arguments& a) {
  DataArray array = open_data_array(a.file, a.variable, a.group);
  for (const std::string& choice : a.isel) {
    const auto [dim, index] = split(choice, "--isel");
    try {
      array = isel(array, dim, std::stoll(index));
    } catch (const std::logic_error&) {
      throw Error(Errc::invalid_argument, "--isel '{}': expected a whole number after '='", choice);
    }
  }
  for (const std::string& choice : a.sel) {
    const auto [dim, label] = split(choice, "--sel");
    const Coordinate* c = array.coord(dim);
    const bool is_number = c && !c->is_text() &&
                           label.find_first_not_of("0123456789.+-eE") == std::string::npos &&
                           !c->attributes.contains("calendar");
    array = is_number ? sel(array, dim, std::stod(label), true) : sel(array, dim, label);
    if (array.schema().has(dim) && array.size(dim) == 1) array = isel(array, dim, std::int64_t{0});
  }
  if (!a.bbox.empty()) array = clip_box(array, parse_bbox(a.bbox));
  return array;
}

int run(const Arguments& a) {
  DataArray array = chosen(a);
  PlotOptions options;
  options.title = a.title;
  options.facet_dim = a.facet;
  options.colormap = a.colormap;
  options.vmin = a.vmin;
  options.vmax = a.vmax;
  options.day_of_year_labels = a.days;
  options.run.plan.memory_bytes = parse_bytes(a.memory);
  const bool is_map = array.schema().rank() >= 2 && a.lines.empty();
  if (is_map) {
    plot_map(array, options, a.out);
    return 0;
  }
  if (!a.lines.empty() && array.dims().front() != a.lines) {
    std::vector<std::string> order = {a.lines};
    for (const std::string& dim : array.dims()) {
      if (dim != a.lines) order.push_back(dim);
    }
    array = transpose(array, order);
  }
  plot_lines(array, options, a.out);
  return 0;
}

std::function<int()> set_up(CLI::App& app) {
  auto a = std::make_shared<Arguments>();
  app.description(
      "Draws a variable. With dimensions y and x (after --isel or --sel) a map with a colour bar; "
      "with --facet maps\n"
      "side by side; with one dimension, or --lines, lines. Cells without data stay white.");
  app.footer(
      "\nExamples:\n"
      "  rastream plot leaf.zarr --group 1980 --variable first-leaf --facet plant --days --out "
      "leaf.png\n"
      "  rastream plot tmin.nc --variable tmin --isel time=0 --out day.svg\n"
      "  rastream plot tmin.nc --variable tmin --isel y=100 --isel x=40 --out series.png");
  app.add_option("file", a->file, "file or store")->required();
  app.add_option("--out", a->out, "picture to write: .png or .svg")->required();
  app.add_option("--variable", a->variable, "variable; may be left out when there is one");
  app.add_option("--group", a->group, "group in the file");
  app.add_option("--isel", a->isel, "DIMENSION=INDEX: one cell along a dimension");
  app.add_option("--sel", a->sel,
                 "DIMENSION=LABEL: by label; numbers take the nearest, times may be 1980-05-03");
  app.add_option("--bbox", a->bbox, kBoxHelp);
  app.add_option("--facet", a->facet, "dimension with one map for each cell");
  app.add_option("--lines", a->lines, "dimension along which lines run");
  app.add_option("--title", a->title, "title");
  app.add_option("--colormap", a->colormap, "viridis, magma, RdYlBu, RdBu, spring")
      ->capture_default_str();
  app.add_option("--vmin", a->vmin, "value of the lowest colour");
  app.add_option("--vmax", a->vmax, "value of the highest colour");
  app.add_flag("--days", a->days,
               "values are 0-based days, as spring-index writes: show days of the year and dates");
  app.add_option("--memory", a->memory, "bound on memory")->capture_default_str();
  return [a] { return run(*a); };
}

}  // namespace

Command make_plot_command() { return {"plot", "Draw a variable as a map, maps or lines", &set_up}; }

}  // namespace rastream
