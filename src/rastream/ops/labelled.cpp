// SPDX-License-Identifier: Apache-2.0
#include "rastream/ops/labelled.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>

#include "rastream/geo/clip_box.h"
#include "rastream/geo/time_units.h"
#include "rastream/ops/elementwise/functions.h"
#include "rastream/ops/sources/sources.h"
#include "rastream/ops/windows/windows.h"

namespace rastream {
namespace {

/// Coordinates with `change` applied to those that have `dim`; a coordinate that it answers with
/// nothing is dropped.
Coordinates change_coords(
    const Coordinates& coords, const std::string& dim,
    const std::function<std::optional<Coordinate>(const Coordinate&)>& change) {
  Coordinates out;
  for (const auto& [name, coordinate] : coords) {
    const bool has =
        std::find(coordinate.dims.begin(), coordinate.dims.end(), dim) != coordinate.dims.end();
    if (!has) {
      out.emplace_back(name, coordinate);
    } else if (auto changed = change(coordinate)) {
      out.emplace_back(name, std::move(*changed));
    }
  }
  return out;
}

Coordinates without_dim(const Coordinates& coords, const std::string& dim) {
  return change_coords(coords, dim, [](const Coordinate&) { return std::nullopt; });
}

/// The same coordinate with other cells.
Coordinate with_cells(const Coordinate& coordinate, Array cells) {
  Coordinate out = coordinate;
  out.cells = std::move(cells);
  out.dims = out.cells.schema().dims;
  return out;
}

/// 0, 1, ... for the labels of a text coordinate.
Array positions(const Coordinate& text, const std::string& dim) {
  return arange(dim, 0, 1, static_cast<std::int64_t>(text.labels.size()));
}

/// The text coordinate with the labels that stand at `positions` of it.
Coordinate with_labels_at(const Coordinate& text, const Array& positions) {
  Coordinate out = text;
  out.labels.clear();
  const OwnedBlock picked = evaluate(positions, positions.schema().whole());
  for (std::int64_t i = 0; i < positions.schema().n_cells(); ++i)
    out.labels.push_back(
        text.labels[static_cast<std::size_t>(picked.view().as<std::int64_t>()[i])]);
  return out;
}

DataArray with_array(const DataArray& a, Array array, Coordinates coords) {
  return {a.name, std::move(array), std::move(coords), {}};
}

DataArray take_cells(const DataArray& a, const std::string& dim,
                     const std::vector<std::int64_t>& indices) {
  const auto n = static_cast<std::int64_t>(indices.size());
  bool is_slice = n > 0;
  for (std::int64_t i = 0; i < n && is_slice; ++i)
    is_slice = indices[static_cast<std::size_t>(i)] == indices[0] + i;
  if (is_slice) return isel(a, dim, Slice{indices.front(), indices.front() + n});
  Coordinates coords =
      change_coords(a.coords, dim, [&](const Coordinate& c) -> std::optional<Coordinate> {
        if (!c.is_text()) return with_cells(c, take(c.cells, dim, indices));
        return with_labels_at(c, take(positions(c, dim), dim, indices));
      });
  DataArray out = with_array(a, take(a.array, dim, indices), std::move(coords));
  out.attributes = a.attributes;
  return out;
}

/// Keys of the labels along `dim`, of either kind; nothing when unlabelled.
std::optional<std::vector<std::string>> label_keys(const DataArray& a, const std::string& dim) {
  const Coordinate* c = a.coord(dim);
  if (!c || c->dims != std::vector<std::string>{dim}) return std::nullopt;
  if (c->is_text()) return c->labels;
  std::vector<std::string> keys;
  for (const double v : coordinate_values(*c)) keys.push_back(fmt::format("{}", v));
  return keys;
}

/// Inner join of two arrays along one dimension, in the order of the first.
void align_along(DataArray& a, DataArray& b, const std::string& dim) {
  const Coordinate* ca = a.coord(dim);
  const Coordinate* cb = b.coord(dim);
  if (!ca || !cb || (!ca->cells.is_null() && ca->cells.id() == cb->cells.id())) return;
  const auto keys_a = label_keys(a, dim);
  const auto keys_b = label_keys(b, dim);
  if (!keys_a || !keys_b || *keys_a == *keys_b) return;
  std::map<std::string, std::int64_t> place_b;
  for (std::size_t i = 0; i < keys_b->size(); ++i)
    place_b.emplace((*keys_b)[i], static_cast<std::int64_t>(i));
  std::vector<std::int64_t> in_a;
  std::vector<std::int64_t> in_b;
  for (std::size_t i = 0; i < keys_a->size(); ++i) {
    const auto found = place_b.find((*keys_a)[i]);
    if (found == place_b.end()) continue;
    in_a.push_back(static_cast<std::int64_t>(i));
    in_b.push_back(found->second);
  }
  if (in_a.empty()) {
    throw Error(Errc::invalid_argument, "'{}' and '{}' have no label in common along '{}'", a.name,
                b.name, dim);
  }
  a = take_cells(a, dim, in_a);
  b = take_cells(b, dim, in_b);
}

void align(std::vector<DataArray>& arrays) {
  for (std::size_t i = 0; i < arrays.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      const std::vector<std::string> dims = arrays[i].dims();
      for (const std::string& dim : dims) {
        if (arrays[j].schema().has(dim)) align_along(arrays[j], arrays[i], dim);
      }
    }
  }
}

template <typename F>
DataArray reduced(const DataArray& a, const Dims& dims, F&& reduce) {
  Coordinates coords = a.coords;
  for (const std::string& dim : dims) coords = without_dim(coords, dim);
  return with_array(a, reduce(a.array), std::move(coords));
}

}  // namespace

DataArray apply_elementwise(const std::string& name, std::vector<Term> terms) {
  std::vector<DataArray> arrays;
  for (const Term& t : terms) {
    if (t.array()) arrays.push_back(*t.array());
  }
  align(arrays);
  std::vector<Operand> operands;
  DataArray out;
  std::size_t next = 0;
  for (const Term& t : terms) {
    if (!t.array()) {
      operands.push_back(t.literal());
      continue;
    }
    const DataArray& a = arrays[next++];
    operands.emplace_back(a.array);
    if (next == 1) out.name = a.name;
    for (const auto& [coord_name, c] : a.coords) {
      if (!out.coord(coord_name)) out.coords.emplace_back(coord_name, c);
    }
  }
  out.array = elementwise(name, std::move(operands));
  return out;
}

DataArray operator+(const Term& a, const Term& b) { return apply_elementwise("add", {a, b}); }
DataArray operator-(const Term& a, const Term& b) { return apply_elementwise("subtract", {a, b}); }
DataArray operator*(const Term& a, const Term& b) { return apply_elementwise("multiply", {a, b}); }
DataArray operator/(const Term& a, const Term& b) { return apply_elementwise("divide", {a, b}); }
DataArray operator-(const DataArray& a) { return apply_elementwise("negative", {a}); }
DataArray operator>(const Term& a, const Term& b) { return apply_elementwise("greater", {a, b}); }
DataArray operator>=(const Term& a, const Term& b) {
  return apply_elementwise("greater_equal", {a, b});
}
DataArray operator<(const Term& a, const Term& b) { return apply_elementwise("less", {a, b}); }
DataArray operator<=(const Term& a, const Term& b) {
  return apply_elementwise("less_equal", {a, b});
}
DataArray operator&&(const DataArray& a, const DataArray& b) {
  return apply_elementwise("logical_and", {a, b});
}
DataArray operator||(const DataArray& a, const DataArray& b) {
  return apply_elementwise("logical_or", {a, b});
}
DataArray operator!(const DataArray& a) { return apply_elementwise("logical_not", {a}); }
DataArray sin(const DataArray& a) { return apply_elementwise("sin", {a}); }
DataArray cos(const DataArray& a) { return apply_elementwise("cos", {a}); }
DataArray exp(const DataArray& a) { return apply_elementwise("exp", {a}); }
DataArray log(const DataArray& a) { return apply_elementwise("log", {a}); }
DataArray sqrt(const DataArray& a) { return apply_elementwise("sqrt", {a}); }
DataArray absolute(const DataArray& a) { return apply_elementwise("absolute", {a}); }
DataArray real(const DataArray& a) { return apply_elementwise("real", {a}); }
DataArray imag(const DataArray& a) { return apply_elementwise("imag", {a}); }
DataArray conj(const DataArray& a) { return apply_elementwise("conj", {a}); }
DataArray angle(const DataArray& a) { return apply_elementwise("angle", {a}); }
DataArray floor(const DataArray& a) { return apply_elementwise("floor", {a}); }
DataArray round(const DataArray& a) { return apply_elementwise("round", {a}); }
DataArray isfinite(const DataArray& a) { return apply_elementwise("isfinite", {a}); }
DataArray isnan(const DataArray& a) { return apply_elementwise("isnan", {a}); }

DataArray where(const DataArray& condition, const Term& x, const Term& y) {
  return apply_elementwise("where", {condition, x, y});
}

DataArray where(const DataArray& a, const DataArray& condition) {
  DataArray out = apply_elementwise("where", {condition, a, std::nan("")});
  out.name = a.name;
  // Xarray keeps the order of the array's dimensions, not the condition's.
  std::vector<std::string> dims = a.dims();
  for (const std::string& dim : out.dims()) {
    if (!a.schema().has(dim)) dims.push_back(dim);
  }
  return dims == out.dims() ? out : transpose(out, dims);
}

DataArray clip(const DataArray& a, std::optional<double> least, std::optional<double> greatest) {
  const auto bound = [](std::optional<double> v) {
    return v ? std::optional<Operand>(*v) : std::nullopt;
  };
  return with_array(a, clip(a.array, bound(least), bound(greatest)), a.coords);
}

DataArray astype(const DataArray& a, DType dtype) {
  return with_array(a, astype(a.array, dtype), a.coords);
}

DataArray isel(const DataArray& a, const std::string& dim, const Slice& slice) {
  Coordinates coords =
      change_coords(a.coords, dim, [&](const Coordinate& c) -> std::optional<Coordinate> {
        if (!c.is_text()) return with_cells(c, isel(c.cells, dim, slice));
        return with_labels_at(c, isel(positions(c, dim), dim, slice));
      });
  DataArray out = with_array(a, isel(a.array, dim, slice), std::move(coords));
  out.attributes = a.attributes;
  return out;
}

DataArray isel(const DataArray& a, const std::string& dim, std::int64_t index) {
  Coordinates coords =
      change_coords(a.coords, dim, [&](const Coordinate& c) -> std::optional<Coordinate> {
        if (!c.is_text()) return with_cells(c, isel(c.cells, dim, index));
        return std::nullopt;
      });
  DataArray out = with_array(a, isel(a.array, dim, index), std::move(coords));
  out.attributes = a.attributes;
  return out;
}

DataArray sel(const DataArray& a, const std::string& dim, double label, bool nearest) {
  const std::vector<double> labels = index_values(a, dim);
  std::size_t best = labels.size();
  for (std::size_t i = 0; i < labels.size(); ++i) {
    if (!nearest && labels[i] == label) best = std::min(best, i);
    if (nearest &&
        (best == labels.size() || std::abs(labels[i] - label) < std::abs(labels[best] - label)))
      best = i;
  }
  if (best == labels.size()) {
    throw Error(Errc::not_found, "'{}' has no label {} along '{}': labels go from {} to {}", a.name,
                label, dim, labels.empty() ? 0.0 : labels.front(),
                labels.empty() ? 0.0 : labels.back());
  }
  return isel(a, dim, static_cast<std::int64_t>(best));
}

DataArray sel(const DataArray& a, const std::string& dim, const std::string& label) {
  const Coordinate* c = a.coord(dim);
  if (c && c->is_text()) {
    const auto at = std::find(c->labels.begin(), c->labels.end(), label);
    if (at == c->labels.end()) {
      throw Error(Errc::not_found, "'{}' has no label '{}' along '{}': there are {}", a.name, label,
                  dim, fmt::join(c->labels, ", "));
    }
    return isel(a, dim, static_cast<std::int64_t>(at - c->labels.begin()));
  }
  const auto time = c ? TimeUnits::of(c->attributes) : std::nullopt;
  if (!time) {
    throw Error(Errc::invalid_argument, "'{}' has neither text nor times along '{}'", a.name, dim);
  }
  const TimeRange range = parse_partial_date(label, time->calendar());
  std::vector<std::int64_t> inside;
  const std::vector<double> labels = coordinate_values(*c);
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const DateTime t = time->decode(labels[i]);
    if (t >= range.begin && t < range.end) inside.push_back(static_cast<std::int64_t>(i));
  }
  if (inside.empty())
    throw Error(Errc::not_found, "'{}' has no time in {} along '{}'", a.name, label, dim);
  return take_cells(a, dim, inside);
}

DataArray sel(const DataArray& a, const std::string& dim, double first, double last) {
  const std::vector<double> labels = index_values(a, dim);
  const bool descends = labels.size() > 1 && labels.front() > labels.back();
  std::int64_t begin = 0;
  std::int64_t end = 0;
  for (const double v : labels) {
    begin += descends ? v > first : v < first;
    end += descends ? v >= last : v <= last;
  }
  return isel(a, dim, Slice{begin, std::max(begin, end)});
}

std::string grid_mapping_of(const Coordinates& coords) {
  for (const auto& [name, c] : coords) {
    for (const char* key : {"grid_mapping_name", "crs_wkt", "spatial_ref"}) {
      if (c.attributes.contains(key)) return name;
    }
  }
  return "";
}

std::optional<Crs> crs_of(const Coordinates& coords) {
  const std::string name = grid_mapping_of(coords);
  if (name.empty()) return std::nullopt;
  return Crs::from_cf(find_coordinate(coords, name)->attributes);
}

DataArray clip_box(const DataArray& a, const BBox& lonlat) {
  const GeoBox grid =
      GeoBox::from_coordinates(index_values(a, "x"), index_values(a, "y"), crs_of(a.coords));
  const ClipBox box = clip_box(grid, lonlat, Crs::from_user_input("EPSG:4326"));
  return isel(isel(a, "x", Slice{box.x_begin, box.x_end}), "y", Slice{box.y_begin, box.y_end});
}

DataArray pad(const DataArray& a, const std::string& dim, std::int64_t before, std::int64_t after,
              PadMode mode) {
  Coordinates coords =
      change_coords(a.coords, dim, [&](const Coordinate& c) -> std::optional<Coordinate> {
        if (!c.is_text()) return with_cells(c, pad(c.cells, dim, before, after, mode));
        if (mode == PadMode::constant) return std::nullopt;
        return with_labels_at(c, pad(positions(c, dim), dim, before, after, mode));
      });
  return with_array(a, pad(a.array, dim, before, after, mode), std::move(coords));
}

DataArray rolling_sum(const DataArray& a, const std::string& dim, std::int64_t window) {
  return with_array(a, rolling_sum(a.array, dim, window), a.coords);
}

DataArray cumsum(const DataArray& a, const std::string& dim, bool skipna) {
  return with_array(a, cumsum(a.array, dim, skipna), a.coords);
}

DataArray argmax(const DataArray& a, const std::string& dim, bool skipna) {
  return reduced(a, {dim}, [&](const Array& x) { return argmax(x, dim, skipna); });
}

DataArray sum(const DataArray& a, const Dims& dims, bool skipna) {
  return reduced(a, dims, [&](const Array& x) { return sum(x, dims, skipna); });
}

DataArray mean(const DataArray& a, const Dims& dims, bool skipna) {
  return reduced(a, dims, [&](const Array& x) { return mean(x, dims, skipna); });
}

DataArray min(const DataArray& a, const Dims& dims, bool skipna) {
  return reduced(a, dims, [&](const Array& x) { return min(x, dims, skipna); });
}

DataArray max(const DataArray& a, const Dims& dims, bool skipna) {
  return reduced(a, dims, [&](const Array& x) { return max(x, dims, skipna); });
}

DataArray any(const DataArray& a, const Dims& dims) {
  return reduced(a, dims, [&](const Array& x) { return any(x, dims); });
}

DataArray coarsen_mean(const DataArray& a, const std::vector<std::string>& dims,
                       const std::vector<std::int64_t>& factors) {
  Coordinates coords = a.coords;
  for (std::size_t i = 0; i < dims.size(); ++i) {
    coords = change_coords(coords, dims[i], [&](const Coordinate& c) -> std::optional<Coordinate> {
      if (c.is_text()) return std::nullopt;
      return with_cells(c, coarsen_mean(c.cells, {dims[i]}, {factors[i]}));
    });
  }
  return with_array(a, coarsen_mean(a.array, dims, factors), std::move(coords));
}

DataArray expand_dims(const DataArray& a, const std::string& dim, const std::string& label) {
  DataArray out = with_array(a, expand_dims(a.array, dim), a.coords);
  Coordinate c;
  c.dims = {dim};
  c.labels = {label};
  set_coordinate(out.coords, dim, std::move(c));
  return out;
}

DataArray concat(const std::vector<DataArray>& arrays, const std::string& dim) {
  if (arrays.empty()) throw Error(Errc::invalid_argument, "concat: no arrays");
  std::vector<Array> cells;
  for (const DataArray& a : arrays) cells.push_back(a.array);
  Coordinates coords;
  for (const auto& [name, first] : arrays.front().coords) {
    const bool runs_along =
        std::find(first.dims.begin(), first.dims.end(), dim) != first.dims.end();
    Coordinate joined = first;
    std::vector<Array> parts;
    for (std::size_t i = 0; i < arrays.size() && runs_along; ++i) {
      const Coordinate* c = arrays[i].coord(name);
      if (!c || c->is_text() != first.is_text()) {
        throw Error(Errc::invalid_argument, "concat: '{}' lacks the coordinate '{}'",
                    arrays[i].name, name);
      }
      if (c->is_text() && i > 0)
        joined.labels.insert(joined.labels.end(), c->labels.begin(), c->labels.end());
      if (!c->is_text()) parts.push_back(c->cells);
    }
    if (!parts.empty()) joined.cells = concat(parts, dim);
    coords.emplace_back(name, std::move(joined));
  }
  return with_array(arrays.front(), concat(cells, dim), std::move(coords));
}

DataArray transpose(const DataArray& a, const std::vector<std::string>& dims) {
  DataArray out = with_array(a, transpose(a.array, dims), a.coords);
  out.attributes = a.attributes;
  return out;
}

DataArray rechunk(const DataArray& a, const std::vector<std::string>& dims,
                  const std::vector<std::int64_t>& chunks) {
  DataArray out = with_array(a, rechunk(a.array, dims, chunks), a.coords);
  out.attributes = a.attributes;
  return out;
}

DataArray rename(DataArray a, std::string name) {
  a.name = std::move(name);
  return a;
}

DataArray from_values(const std::vector<double>& cells, const std::string& dim, DType dtype,
                      std::vector<std::string> labels) {
  DataArray out;
  out.name = dim;
  out.array = values(cells, dim, dtype);
  if (labels.empty()) return out;
  Coordinate c;
  c.dims = {dim};
  c.labels = std::move(labels);
  set_coordinate(out.coords, dim, std::move(c));
  return out;
}

}  // namespace rastream
