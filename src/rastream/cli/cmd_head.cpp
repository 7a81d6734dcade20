// SPDX-License-Identifier: Apache-2.0
// rastream head: the first cells of variables as aligned tables.
#include <fmt/format.h>

#include <algorithm>

#include "rastream/base/error.h"
#include "rastream/cli/command.h"
#include "rastream/cli/shown_variable.h"
#include "rastream/cli/text_out.h"

namespace rastream {
namespace {

constexpr std::size_t kWidth = 110;
constexpr const char* kMissing = "--";
/// Of files with more, the rest is counted.
constexpr std::size_t kMostVariables = 20;

struct Arguments {
  std::string file, variable, group;
  std::vector<std::string> at;
  std::int64_t n_cells = 8;
  bool stored = false;
};

constexpr const char* kFooter = R"(
Examples:
  rastream head tmin.nc                                the first cells of each variable
  rastream head tmin.nc tmin --at time=180             one day: rows y, columns x
  rastream head tmin.nc tmin --at y=10,x=20 --cells 365  the series of one cell
  rastream head tmin.nc tmin --at time=-3:,y=10:14,x=20:24 --stored

Values are decoded (scale, offset, no data as --, times as dates); --stored shows what is in the file.)";

/// Columns in characters, for UTF-8.
std::size_t width_of(const std::string& text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

std::string right(const std::string& text, std::size_t width) {
  const std::size_t own = width_of(text);
  return std::string(own < width ? width - own : 0, ' ') + text;
}

/// Rows of cells; the first row and the first column are labels. Columns beyond kWidth are left
/// out; returns how many.
std::size_t print_table(TextOut& out, const std::vector<std::vector<std::string>>& rows) {
  const std::size_t n_columns = rows.front().size();
  std::vector<std::size_t> widths(n_columns);
  for (const auto& row : rows) {
    for (std::size_t c = 0; c < n_columns; ++c) widths[c] = std::max(widths[c], width_of(row[c]));
  }
  std::size_t n_shown = 0;
  for (std::size_t width = 0; n_shown < n_columns; ++n_shown) {
    width += widths[n_shown] + 2;
    if (width > kWidth && n_shown >= 2) break;
  }
  for (const auto& row : rows) {
    std::string line;
    for (std::size_t c = 0; c < n_shown; ++c) line += "  " + right(row[c], widths[c]);
    out.write(line + "\n");
  }
  return n_columns - n_shown;
}

class HeadPrinter {
 public:
  HeadPrinter(TextOut& out, const ShownVariable& v, const Arguments& a)
      : out_(out), v_(v), n_cells_(a.n_cells), choices_(parse_choices(a.at)) {}

  void print(bool skips_unknown) {
    std::vector<IndexChoice> own;
    for (const IndexChoice& c : choices_) {
      const bool has = std::find(v_.dims.begin(), v_.dims.end(), c.dim) != v_.dims.end();
      if (has || !skips_unknown) own.push_back(c);
    }
    const Region region = v_.choose(own);
    for (std::size_t axis = 0; axis < v_.dims.size(); ++axis) {
      const bool is_index = std::any_of(own.begin(), own.end(), [&](const IndexChoice& c) {
        return c.dim == v_.dims[axis] && c.is_index;
      });
      if (!is_index) free_.push_back(axis);
    }
    print_title();
    if (region.is_empty()) {
      out_.write("  no cells\n");
      return;
    }
    // Tables are of the last two dimensions; of those before, the first index unless some are asked
    // for.
    Region outer = region;
    for (std::size_t axis = 0; axis < v_.dims.size(); ++axis) {
      const bool is_table = in_table(axis);
      const bool is_asked = std::any_of(
          own.begin(), own.end(), [&](const IndexChoice& c) { return c.dim == v_.dims[axis]; });
      if (is_table || !is_asked) outer.end[axis] = outer.begin[axis] + 1;
    }
    // Each table is flushed, so that a reader that has seen enough spares the cells of the rest.
    bool is_open = true;
    for_each_index(outer, [&](const Extents& at) {
      if (!is_open) return;
      print_tables(region, at);
      is_open = out_.flush();
    });
  }

 private:
  bool in_table(std::size_t axis) const {
    return std::find(
               free_.end() - static_cast<std::ptrdiff_t>(std::min<std::size_t>(2, free_.size())),
               free_.end(), axis) != free_.end();
  }

  void print_title() {
    std::string dims;
    for (std::size_t i = 0; i < v_.dims.size(); ++i)
      dims += fmt::format("{}{} {}", i ? ", " : "", v_.dims[i], v_.shape[i]);
    std::string line = fmt::format("{} ({}) {}", v_.name, dims, to_string(v_.dtype));
    if (const auto units = v_.attributes.text("units"); units && !v_.time) line += " " + *units;
    if (const auto name = v_.attributes.text("long_name")) line += ", " + *name;
    out_.write(line + "\n");
  }

  void print_tables(const Region& region, const Extents& at) {
    std::string place;
    for (std::size_t axis = 0; axis < v_.dims.size(); ++axis) {
      if (in_table(axis)) continue;
      place += fmt::format("{}{} = {}{}", place.empty() ? "" : ", ", v_.dims[axis],
                           v_.label(axis, at[axis]),
                           v_.has_labels(axis) ? fmt::format(" [{}]", at[axis]) : "");
    }
    if (!place.empty()) out_.write("  at " + place + "\n");
    Region box = region;
    for (std::size_t axis = 0; axis < v_.dims.size(); ++axis) {
      if (in_table(axis)) {
        box.end[axis] = std::min(box.end[axis], box.begin[axis] + n_cells_);
      } else {
        box.begin[axis] = at[axis];
        box.end[axis] = at[axis] + 1;
      }
    }
    const ShownCells cells = v_.read(box);
    if (free_.empty()) {
      out_.write("  " + cells.text(box.begin, kMissing) + "\n");
      return;
    }
    const std::size_t row_axis = free_.size() == 1 ? free_[0] : free_[free_.size() - 2];
    std::vector<std::vector<std::string>> rows(1);
    rows[0] = {v_.dims[row_axis]};
    const bool has_columns = free_.size() > 1;
    const std::size_t column_axis = free_.back();
    if (has_columns) {
      rows[0][0] += " \\ " + v_.dims[column_axis];
      for (std::int64_t c = box.begin[column_axis]; c < box.end[column_axis]; ++c)
        rows[0].push_back(v_.label(column_axis, c));
    } else {
      rows[0].push_back(v_.name);
    }
    const std::int64_t n_columns = has_columns ? box.size(column_axis) : 1;
    for (std::int64_t r = 0; r < box.size(row_axis); ++r) {
      rows.push_back({v_.label(row_axis, box.begin[row_axis] + r)});
      for (std::int64_t c = 0; c < n_columns; ++c) {
        Extents at = box.begin;
        at[row_axis] += r;
        if (has_columns) at[column_axis] += c;
        rows.back().push_back(cells.text(at, kMissing));
      }
    }
    const auto hidden = static_cast<std::int64_t>(print_table(out_, rows));
    const std::int64_t more_rows = region.end[row_axis] - box.end[row_axis];
    const std::int64_t more_columns =
        has_columns ? region.end[column_axis] - box.end[column_axis] + hidden : 0;
    std::string more;
    if (more_rows > 0) more = fmt::format("{} more along {}", more_rows, v_.dims[row_axis]);
    if (more_columns > 0) {
      more += fmt::format("{}{} more along {}", more.empty() ? "" : ", ", more_columns,
                          v_.dims[column_axis]);
    }
    if (!more.empty()) out_.write("  ... " + more + "\n");
  }

  TextOut& out_;
  const ShownVariable& v_;
  std::int64_t n_cells_;
  std::vector<IndexChoice> choices_;
  std::vector<std::size_t> free_;
};

int run(const Arguments& a) {
  TextOut out;
  ShownFile file(a.file, a.group,
                 a.variable.empty() ? std::vector<std::string>{} : std::vector{a.variable});
  std::vector<std::string> names = file.names();
  const std::size_t n_hidden = names.size() - std::min(names.size(), kMostVariables);
  names.resize(names.size() - n_hidden);
  for (const std::string& name : names) {
    const ShownVariable v = file.variable(name, a.stored);
    if (&name != &names.front()) out.write("\n");
    HeadPrinter(out, v, a).print(a.variable.empty());
    if (!out.flush()) return 0;
  }
  if (n_hidden > 0) out.write(fmt::format("\n... {} more variables: name one\n", n_hidden));
  out.flush();
  return 0;
}

std::function<int()> set_up(CLI::App& app) {
  auto a = std::make_shared<Arguments>();
  app.description("The first cells of a variable, or of each, as a table with its labels.");
  app.footer(kFooter);
  app.add_option("file", a->file, "file or store")->required();
  app.add_option("variable", a->variable, "variable; default: each that is no coordinate");
  app.add_option("--group", a->group, "group in the file");
  app.add_option("--at", a->at,
                 "cells to show: DIMENSION=INDEX or DIMENSION=FIRST:END, such as time=3,y=10:20")
      ->delimiter(',');
  app.add_option("--cells", a->n_cells, "most rows and columns")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  app.add_flag("--stored", a->stored, "stored values instead of decoded ones");
  return [a] { return run(*a); };
}

}  // namespace

Command make_head_command() { return {"head", "Show the first cells of a variable", &set_up}; }

}  // namespace rastream
