// SPDX-License-Identifier: Apache-2.0
// rastream dump: all cells of variables as CSV, JSON or CDL, streamed.
#include <fmt/format.h>

#include <algorithm>

#include "rastream/base/bytes.h"
#include "rastream/base/error.h"
#include "rastream/cli/cdl.h"
#include "rastream/cli/command.h"
#include "rastream/cli/shown_variable.h"
#include "rastream/cli/text_out.h"

namespace rastream {
namespace {

struct Arguments {
  std::string file, group, format = "csv", memory = "512MiB";
  std::vector<std::string> variables, at;
  bool stored = false, header_only = false;
};

constexpr const char* kFooter = R"(
Examples:
  rastream dump tmin.nc tmin --at y=10,x=20            one cell's series as CSV
  rastream dump out.zarr first-leaf first-bloom > maps.csv
  rastream dump tmin.nc tmin --format json --at time=0
  rastream dump tmin.nc --format cdl | ncgen -o copy.nc    stored values with all metadata, as ncdump writes

CSV has a row a cell: the labels of its dimensions, then a column a variable; missing values are empty, times are
ISO dates. JSON has dims, coords, attrs and nested data, as Xarray's to_dict. CDL is always of stored values.)";

/// RFC 4180: quoted where it holds a comma, a quote or a line break.
std::string csv_field(const std::string& text) {
  if (text.find_first_of(",\"\n\r") == std::string::npos) return text;
  std::string out = "\"";
  for (const char c : text) {
    out += c;
    if (c == '"') out += c;
  }
  return out + "\"";
}

const ChunkGrid& chunks_of(const ShownVariable& v, ChunkGrid& whole) {
  if (!v.cells.is_null()) return v.cells.schema().chunks;
  return whole = ChunkGrid::whole(v.shape);
}

void dump_csv(TextOut& out, const std::vector<ShownVariable>& variables, const Region& region,
              std::int64_t memory_bytes) {
  const ShownVariable& first = variables.front();
  std::string header;
  for (const std::string& dim : first.dims) header += csv_field(dim) + ",";
  for (std::size_t i = 0; i < variables.size(); ++i)
    header += (i ? "," : "") + csv_field(variables[i].name);
  if (!out.write(header + "\n")) return;
  ChunkGrid whole;
  std::int64_t row_bytes = 0;
  for (const ShownVariable& v : variables) row_bytes += v.item_bytes();
  const std::int64_t most_cells = cells_at_once(memory_bytes, row_bytes);
  for (const Region& box : boxes_in_order(region, chunks_of(first, whole), most_cells)) {
    std::vector<ShownCells> columns;
    for (const ShownVariable& v : variables) columns.push_back(v.read(box));
    bool is_open = true;
    std::string line;
    for_each_index(box, [&](const Extents& at) {
      if (!is_open) return;
      line.clear();
      for (std::size_t axis = 0; axis < at.size(); ++axis)
        line += csv_field(first.label(axis, at[axis])) + ",";
      for (std::size_t i = 0; i < columns.size(); ++i)
        line += (i ? "," : "") + csv_field(columns[i].text(at, ""));
      line += '\n';
      is_open = out.write(line);
    });
    if (!is_open) return;
  }
}

/// Opening and closing brackets between the cells before and at `at` of nested lists.
std::string brackets(const Region& region, const Extents& at, bool is_first) {
  std::size_t n_begun = 0;  // axes, from the last, along which a new list begins
  while (n_begun < at.size() &&
         at[at.size() - 1 - n_begun] == region.begin[at.size() - 1 - n_begun])
    ++n_begun;
  if (is_first) return std::string(at.size(), '[');
  return std::string(n_begun, ']') + "," + (n_begun > 0 ? "\n" : "") + std::string(n_begun, '[');
}

bool dump_json_variable(TextOut& out, const ShownVariable& v, const Region& region,
                        std::int64_t memory_bytes) {
  Json head = {{"name", v.name}, {"dims", v.dims}, {"dtype", to_string(v.dtype)}};
  const Extents shape = region.shape();
  head["shape"] = std::vector<std::int64_t>(shape.begin(), shape.end());
  head["attrs"] = to_json(v.attributes);
  head["coords"] = Json::object();
  for (std::size_t axis = 0; axis < v.dims.size(); ++axis) {
    if (!v.has_labels(axis)) continue;
    Json labels = Json::array();
    for (std::int64_t i = region.begin[axis]; i < region.end[axis]; ++i)
      labels.push_back(v.label(axis, i));
    head["coords"][v.dims[axis]] = labels;
  }
  std::string text = head.dump(-1, ' ', false, Json::error_handler_t::replace);
  text.pop_back();
  if (!out.write(text + ",\n\"data\":")) return false;
  ChunkGrid whole;
  bool is_first = true;
  bool is_open = true;
  const std::int64_t most_cells = cells_at_once(memory_bytes, v.item_bytes());
  for (const Region& box : boxes_in_order(region, chunks_of(v, whole), most_cells)) {
    const ShownCells cells = v.read(box);
    for_each_index(box, [&](const Extents& at) {
      is_open = is_open && out.write(brackets(region, at, is_first) + cells.json(at));
      is_first = false;
    });
    if (!is_open) return false;
  }
  if (is_first) out.write("[");
  return out.write(std::string(is_first ? 1 : region.rank(), ']') + "}");
}

std::vector<ShownVariable> open_variables(const Arguments& a) {
  ShownFile file(a.file, a.group, a.variables);
  std::vector<ShownVariable> variables;
  for (const std::string& name : file.names()) variables.push_back(file.variable(name, a.stored));
  return variables;
}

void check_dims(const std::vector<ShownVariable>& variables) {
  for (const ShownVariable& v : variables) {
    const ShownVariable& first = variables.front();
    if (v.dims == first.dims && v.shape == first.shape) continue;
    throw Error(Errc::invalid_argument,
                "dump: '{}' has dimensions ({}) and '{}' has ({}): CSV has one table, so name "
                "variables that share them",
                first.name, fmt::join(first.dims, ", "), v.name, fmt::join(v.dims, ", "));
  }
}

int run(const Arguments& a) {
  TextOut out;
  const std::int64_t memory_bytes = parse_bytes(a.memory);
  if (a.format == "cdl") {
    dump_cdl(out, a.file, a.group, a.variables, a.header_only, memory_bytes);
    out.flush();
    return 0;
  }
  const std::vector<ShownVariable> variables = open_variables(a);
  if (variables.empty()) throw Error(Errc::invalid_argument, "{}: no variables", a.file);
  const auto choices = parse_choices(a.at);
  if (a.format == "csv") {
    check_dims(variables);
    dump_csv(out, variables, variables.front().choose(choices), memory_bytes);
  } else {
    out.write("[");
    for (std::size_t i = 0; i < variables.size(); ++i) {
      if (i > 0) out.write(",\n");
      if (!dump_json_variable(out, variables[i], variables[i].choose(choices), memory_bytes)) break;
    }
    out.write("]\n");
  }
  out.flush();
  return 0;
}

std::function<int()> set_up(CLI::App& app) {
  auto a = std::make_shared<Arguments>();
  app.description(
      "All cells of variables as text, in the order of the index, without holding them in memory.");
  app.footer(kFooter);
  app.add_option("file", a->file, "file or store")->required();
  app.add_option("variables", a->variables,
                 "variables; default: each that is no coordinate (CDL: all)");
  app.add_option("--group", a->group, "group in the file");
  app.add_option(
         "--at", a->at,
         "cells: DIMENSION=INDEX or DIMENSION=FIRST:END, such as time=3,y=10:20 (CSV, JSON)")
      ->delimiter(',');
  app.add_option("--format", a->format, "csv, json or cdl")
      ->capture_default_str()
      ->check(CLI::IsMember({"csv", "json", "cdl"}));
  app.add_flag("--stored", a->stored, "stored values instead of decoded ones");
  app.add_flag("--header", a->header_only, "CDL without cells");
  app.add_option("--memory", a->memory, "about how much memory cells may take")
      ->capture_default_str();
  return [a] { return run(*a); };
}

}  // namespace

Command make_dump_command() { return {"dump", "Write cells as CSV, JSON or CDL", &set_up}; }

}  // namespace rastream
