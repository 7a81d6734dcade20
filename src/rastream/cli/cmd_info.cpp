// SPDX-License-Identifier: Apache-2.0
// rastream info: what is in a file, without reading its cells.
#include <fmt/format.h>

#include <iostream>

#include "rastream/base/bytes.h"
#include "rastream/cli/command.h"
#include "rastream/cli/text_out.h"
#include "rastream/format/format.h"
#include "rastream/geo/axis_kind.h"
#include "rastream/geo/geobox.h"
#include "rastream/geo/time_units.h"
#include "rastream/ops/labelled.h"
#include "rastream/ops/number_json.h"
#include "rastream/ops/open_dataset.h"

namespace rastream {
namespace {

std::string shape_text(const Schema& schema) {
  std::string text;
  for (std::size_t i = 0; i < schema.rank(); ++i)
    text += fmt::format("{}{} {}", i ? ", " : "", schema.dims[i], schema.shape[i]);
  return "(" + text + ")";
}

std::string attribute_text(const Attribute& attribute) {
  if (const auto* text = std::get_if<std::string>(&attribute)) return "\"" + *text + "\"";
  if (const auto* list = std::get_if<std::vector<std::string>>(&attribute))
    return fmt::format("\"{}\"", fmt::join(*list, "\", \""));
  const Numbers& n = std::get<Numbers>(attribute);
  std::string text;
  for (std::size_t i = 0; i < n.size(); ++i) {
    text += i ? ", " : "";
    if (!is_floating(n.dtype))
      text += fmt::format("{}", n.integers[i]);
    else if (n.dtype == DType::float32)
      text += fmt::format("{}", static_cast<float>(n.floats[i]));
    else
      text += fmt::format("{}", n.floats[i]);
  }
  return fmt::format("{} ({})", text, to_string(n.dtype));
}

/// First and last time of a coordinate with time units; nothing for others.
std::optional<std::pair<std::string, std::string>> time_range(const Coordinate& c) try {
  if (c.is_text() || c.dims.size() != 1) return std::nullopt;
  const auto time = TimeUnits::of(c.attributes);
  if (!time) return std::nullopt;
  const std::vector<double> values = coordinate_values(c);
  if (values.empty()) return std::nullopt;
  return std::pair{to_iso(time->decode(values.front())), to_iso(time->decode(values.back()))};
} catch (const Error&) {
  return std::nullopt;  // shown as numbers
}

Json variable_json(const VariableInfo& v) {
  Json json = {{"name", v.name},
               {"dims", v.schema.dims},
               {"shape", std::vector<std::int64_t>(v.schema.shape.begin(), v.schema.shape.end())},
               {"dtype", to_string(v.schema.dtype)}};
  const Extents chunk = v.schema.chunks.max_chunk_shape();
  json["chunks"] = std::vector<std::int64_t>(chunk.begin(), chunk.end());
  json["n_chunks"] = v.schema.chunks.n_chunks();
  json["codecs"] = v.codecs;
  json["fill_value"] = nullptr;
  if (v.fill_value) json["fill_value"] = number_to_json(*v.fill_value);
  json["size_bytes"] = v.schema.size_bytes();
  json["attributes"] = to_json(v.attributes);
  return json;
}

/// What a file is beyond its variables, as far as it can be understood.
struct Meaning {
  Dataset dataset;
  std::optional<Crs> crs;
  std::vector<std::string> problems;  ///< why some of it cannot be
};

Meaning meaning_of(const DatasetFile& file, const std::string& group) {
  Meaning m;
  for (const RefusedVariable& v : file.refused())
    m.problems.push_back(fmt::format("variable '{}' {}, and is not read", v.name, v.reason));
  const auto attempt = [&](auto&& f) {
    try {
      f();
    } catch (const Error& e) {
      m.problems.emplace_back(e.what());
    }
  };
  OpenOptions options;
  options.group = group;
  attempt([&] { m.dataset = open_dataset(file.path(), options); });
  attempt([&] { m.crs = crs_of(m.dataset.coords); });
  return m;
}

/// The one-dimensional coordinate of numbers of this kind; nullptr when there is none.
const Coordinate* find_axis(const Coordinates& coords, AxisKind kind) {
  for (const auto& [name, c] : coords) {
    if (!c.is_text() && c.dims.size() == 1 && axis_kind(name, c.attributes) == kind) return &c;
  }
  return nullptr;
}

/// The grid of x and y in its CRS, or that of longitudes and latitudes.
std::optional<GeoBox> grid_of(const Meaning& m) {
  const Coordinates& coords = m.dataset.coords;
  const Coordinate* x = find_axis(coords, AxisKind::x);
  const Coordinate* y = find_axis(coords, AxisKind::y);
  std::optional<Crs> crs = m.crs;
  if (!x || !y) {
    x = find_axis(coords, AxisKind::longitude);
    y = find_axis(coords, AxisKind::latitude);
    if (!crs) crs = Crs::from_user_input("EPSG:4326");
  }
  if (!x || !y) return std::nullopt;
  try {
    return GeoBox::from_coordinates(coordinate_values(*x), coordinate_values(*y), crs);
  } catch (const Error&) {
    return std::nullopt;
  }
}

Json box_json(const BBox& box) { return {box.west, box.south, box.east, box.north}; }

Json info_json(const DatasetFile& file, const Meaning& meaning) {
  const Dataset& dataset = meaning.dataset;
  Json json = {{"path", file.path()}, {"format", file.format_name()}};
  json["dimensions"] = Json::array();
  for (const DimensionInfo& d : file.dimensions()) {
    json["dimensions"].push_back(
        {{"name", d.name}, {"size", d.size}, {"unlimited", d.is_unlimited}});
  }
  json["variables"] = Json::array();
  for (const VariableInfo& v : file.variables()) json["variables"].push_back(variable_json(v));
  json["coordinates"] = Json::array();
  for (const auto& [name, c] : dataset.coords) json["coordinates"].push_back(name);
  json["groups"] = file.groups();
  json["attributes"] = to_json(file.attributes());
  json["crs"] = nullptr;
  if (const auto& crs = meaning.crs) {
    json["crs"] = {{"name", crs->name()}, {"wkt", crs->wkt()}, {"epsg", nullptr}};
    if (const auto epsg = crs->epsg()) json["crs"]["epsg"] = *epsg;
  }
  json["extent"] = nullptr;
  json["lonlat_extent"] = nullptr;
  json["resolution"] = nullptr;
  if (const auto grid = grid_of(meaning)) {
    json["extent"] = box_json(grid->extent());
    json["resolution"] = {grid->step_x(), grid->step_y()};
    if (const auto box = grid->lonlat_extent()) json["lonlat_extent"] = box_json(*box);
  }
  json["time_range"] = nullptr;
  for (const auto& [name, c] : dataset.coords) {
    if (const auto range = time_range(c)) json["time_range"] = {range->first, range->second};
  }
  json["problems"] = meaning.problems;
  return json;
}

void print_variables(const DatasetFile& file, bool attributes) {
  std::cout << "variables\n";
  for (const VariableInfo& v : file.variables()) {
    const Extents chunk = v.schema.chunks.max_chunk_shape();
    std::cout << fmt::format("  {:<26} {:<8} {:<36} chunks {:<18} {}\n", v.name,
                             to_string(v.schema.dtype), shape_text(v.schema), to_string(chunk),
                             fmt::join(v.codecs, ", "));
    if (!attributes) continue;
    for (const auto& [name, value] : v.attributes)
      std::cout << fmt::format("      {} = {}\n", name, attribute_text(value));
  }
}

void print_info(const DatasetFile& file, const Meaning& meaning, bool attributes) {
  const Dataset& dataset = meaning.dataset;
  std::cout << fmt::format("{} ({})\n", file.path(), file.format_name());
  std::cout << "dimensions\n";
  for (const DimensionInfo& d : file.dimensions()) {
    std::cout << fmt::format("  {:<26} {}{}\n", d.name, d.size,
                             d.is_unlimited ? " (unlimited)" : "");
  }
  print_variables(file, attributes);
  std::cout << "coordinates\n";
  for (const auto& [name, c] : dataset.coords) {
    std::string range;
    if (const auto times = time_range(c))
      range = times->first + " to " + times->second;
    else if (!c.is_text() && c.dims.size() == 1 && c.cells.schema().n_cells() > 0) {
      const auto values = coordinate_values(c);
      range = fmt::format("{} to {} {}", values.front(), values.back(),
                          c.attributes.text("units").value_or(""));
    } else if (c.is_text()) {
      range = fmt::format("{}", fmt::join(c.labels, ", ")).substr(0, 72);
    }
    std::cout << fmt::format("  {:<26} ({}) {}\n", name, fmt::join(c.dims, ", "), range);
  }
  if (const auto& crs = meaning.crs)
    std::cout << fmt::format("crs\n  {}\n  {}\n", crs->name(), crs->wkt());
  if (const auto groups = file.groups(); !groups.empty())
    std::cout << fmt::format("groups\n  {}\n", fmt::join(groups, "\n  "));
  if (!meaning.problems.empty())
    std::cout << fmt::format("problems\n  {}\n", fmt::join(meaning.problems, "\n  "));
  if (!attributes) return;
  std::cout << "attributes\n";
  for (const auto& [name, value] : file.attributes())
    std::cout << fmt::format("  {} = {}\n", name, attribute_text(value));
}

std::function<int()> set_up(CLI::App& app) {
  struct Arguments {
    std::string file, group;
    bool json = false, brief = false;
  };
  auto a = std::make_shared<Arguments>();
  app.description(
      "Dimensions, variables with dtypes, chunks and codecs, coordinates, CRS and time range of a "
      "file of any format.\nCells are not read. What cannot be understood is listed under "
      "problems.");
  app.footer(R"(
Examples:
  rastream info tmin.nc
  rastream info --brief leaf.zarr --group 1980
  rastream info --json scene.tif | jq .crs.epsg

JSON has besides: fill values, sizes, extent, resolution and longitude-latitude extent (west, south, east, north).)");
  app.add_option("file", a->file, "file or store")->required();
  app.add_option("--group", a->group, "group in the file");
  app.add_flag("--json", a->json, "as JSON");
  app.add_flag("--brief", a->brief, "without attributes");
  return [a] {
    const auto file = open_file(a->file, a->group);
    const Meaning meaning = meaning_of(*file, a->group);
    if (a->json)
      std::cout << json_lines(info_json(*file, meaning));
    else
      print_info(*file, meaning, !a->brief);
    return 0;
  };
}

}  // namespace

Command make_info_command() { return {"info", "Show what is in a file", &set_up}; }

}  // namespace rastream
