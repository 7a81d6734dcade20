// SPDX-License-Identifier: Apache-2.0
#include "rastream/cli/shown_variable.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "rastream/array/cell_text.h"
#include "rastream/exec/copy_selection.h"
#include "rastream/ops/open_dataset.h"
#include "rastream/ops/read.h"

namespace rastream {
namespace {

/// "T00:00:00" tells nothing when all times are midnights.
void drop_midnights(std::vector<std::string>& times) {
  constexpr std::string_view kMidnight = "T00:00:00";
  const bool all = std::all_of(times.begin(), times.end(),
                               [&](const auto& t) { return t.ends_with(kMidnight); });
  if (!all) return;
  for (std::string& t : times) t.resize(t.size() - kMidnight.size());
}

std::optional<TimeUnits> time_of(const Attributes& attributes) try {
  return TimeUnits::of(attributes);
} catch (const Error&) {
  return std::nullopt;  // shown as numbers
}

std::string time_text(const TimeUnits& time, double value, const std::string& missing) {
  if (!std::isfinite(value)) return missing;
  try {
    return to_iso(time.decode(value));
  } catch (const Error&) {
    return fmt::format("{}", value);
  }
}

/// The labels of the dimension coordinate `dim`; nothing when there is none.
std::vector<std::string> read_labels(const Coordinates& coords, const std::string& dim) {
  const Coordinate* c = find_coordinate(coords, dim);
  if (!c || c->dims != std::vector<std::string>{dim}) return {};
  if (c->is_text()) return c->labels;
  const auto time = time_of(c->attributes);
  const OwnedBlock cells = evaluate(c->cells, c->cells.schema().whole());
  std::vector<std::string> labels;
  for (std::int64_t i = 0; i < cells.view().n_cells(); ++i) {
    labels.push_back(time ? time_text(*time, cell_as_double(cells.view(), {i}), "--")
                          : cell_text(cells.view(), {i}, "--"));
  }
  if (time) drop_midnights(labels);
  return labels;
}

template <typename T>
std::string json_number(T value) {
  if constexpr (std::is_floating_point_v<T>) {
    if (std::isnan(value)) return "null";
    if (std::isinf(value)) return value > 0 ? "\"Infinity\"" : "\"-Infinity\"";
  }
  return fmt::format("{}", value);
}

std::vector<std::string> data_variable_names(const DatasetFile& file) {
  const std::vector<std::string> coordinates = coordinate_names(file);
  std::vector<std::string> all;
  std::vector<std::string> data;
  for (const VariableInfo& v : file.variables()) {
    all.push_back(v.name);
    if (!std::binary_search(coordinates.begin(), coordinates.end(), v.name)) data.push_back(v.name);
  }
  return data.empty() ? all : data;
}

std::optional<std::int64_t> parse_index(const std::string& text, const std::string& whole) {
  if (text.empty()) return std::nullopt;
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc() && end == text.data() + text.size()) return value;
  throw Error(Errc::invalid_argument,
              "--at '{}': expected DIMENSION=INDEX or DIMENSION=FIRST:END, such as time=3,y=10:20",
              whole);
}

}  // namespace

std::vector<IndexChoice> parse_choices(const std::vector<std::string>& texts) {
  std::vector<IndexChoice> out;
  for (const std::string& text : texts) {
    const auto equals = text.find('=');
    const std::string value = equals == std::string::npos ? "" : text.substr(equals + 1);
    if (equals == 0 || value.empty()) {
      throw Error(Errc::invalid_argument,
                  "--at '{}': expected DIMENSION=INDEX or DIMENSION=FIRST:END, such as "
                  "time=3,y=10:20",
                  text);
    }
    const auto colon = value.find(':');
    IndexChoice choice;
    choice.dim = text.substr(0, equals);
    choice.is_index = colon == std::string::npos;
    choice.begin = parse_index(value.substr(0, colon), text);
    if (!choice.is_index) choice.end = parse_index(value.substr(colon + 1), text);
    out.push_back(std::move(choice));
  }
  return out;
}

Region ShownVariable::choose(const std::vector<IndexChoice>& choices) const {
  Region region = Region::whole(shape);
  for (const IndexChoice& choice : choices) {
    const auto at = std::find(dims.begin(), dims.end(), choice.dim);
    if (at == dims.end()) {
      throw Error(Errc::invalid_argument, "--at: variable '{}' has no dimension '{}': it has {}",
                  name, choice.dim, fmt::join(dims, ", "));
    }
    const auto axis = static_cast<std::size_t>(at - dims.begin());
    const std::int64_t size = shape[axis];
    const auto absolute = [&](std::int64_t i) { return i < 0 ? i + size : i; };
    const std::int64_t begin = absolute(choice.begin.value_or(0));
    const std::int64_t end = choice.is_index ? begin + 1 : absolute(choice.end.value_or(size));
    if (begin < 0 || end > size || begin >= end) {
      throw Error(
          Errc::invalid_argument, "--at: {} {} lies outside dimension '{}' of {} cells",
          choice.is_index ? "index" : "range",
          choice.is_index ? fmt::format("{}", *choice.begin) : fmt::format("{}:{}", begin, end),
          choice.dim, size);
    }
    region.begin[axis] = begin;
    region.end[axis] = end;
  }
  return region;
}

std::string ShownVariable::label(std::size_t axis, std::int64_t i) const {
  const auto at = static_cast<std::size_t>(i);
  return at < labels[axis]->size() ? (*labels[axis])[at] : fmt::format("{}", i);
}

ShownCells ShownVariable::read(const Region& region) const {
  return {*this, cells.is_null() ? OwnedBlock() : evaluate(cells, region)};
}

std::int64_t ShownVariable::item_bytes() const {
  return std::max<std::int64_t>(1, static_cast<std::int64_t>(item_size(dtype)));
}

std::string ShownCells::text(const Extents& index, const std::string& missing) const {
  const ShownVariable& v = *variable_;
  if (v.cells.is_null()) {
    const ChunkGrid order = ChunkGrid::regular(v.shape, Extents(v.shape.size(), 1));
    return v.texts.at(static_cast<std::size_t>(order.chunk_number(index)));
  }
  return v.time ? time_text(*v.time, cell_as_double(block_.view(), index), missing)
                : cell_text(block_.view(), index, missing);
}

std::string ShownCells::json_of_text(const Extents& index) const {
  return Json(text(index, "")).dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string ShownCells::json(const Extents& index) const {
  const ShownVariable& v = *variable_;
  if (v.cells.is_null()) return json_of_text(index);
  const Block& cells = block_.view();
  if (v.time && std::isfinite(cell_as_double(cells, index))) return json_of_text(index);
  return visit_cell(cells.dtype, [&]<typename T>(T) {
    const T value = *reinterpret_cast<const T*>(cells.at(index));
    if constexpr (requires { value.imag(); })
      return fmt::format("[{},{}]", json_number(value.real()), json_number(value.imag()));
    else
      return v.time ? std::string("null") : json_number(value);
  });
}

ShownFile::ShownFile(std::string path, std::string group, std::vector<std::string> names)
    : path_(std::move(path)),
      group_(std::move(group)),
      names_(std::move(names)),
      file_(open_shared(path_, group_)) {
  if (names_.empty()) names_ = data_variable_names(*file_);
  OpenOptions options;
  options.group = group_;
  options.variables = names_;
  dataset_ = open_dataset(path_, options);
}

const std::shared_ptr<const std::vector<std::string>>& ShownFile::labels_of(
    const std::string& dim) {
  auto& labels = labels_[dim];
  if (!labels)
    labels = std::make_shared<const std::vector<std::string>>(read_labels(dataset_.coords, dim));
  return labels;
}

ShownVariable ShownFile::variable(const std::string& name, bool stored) {
  const VariableInfo& info = file_->variables()[file_->find_variable(name)];
  ShownVariable v;
  v.name = name;
  v.dims = info.schema.dims;
  v.shape = info.schema.shape;
  v.dtype = info.schema.dtype;
  v.attributes = info.attributes;
  const auto none = std::make_shared<const std::vector<std::string>>();
  for (const std::string& dim : v.dims) v.labels.push_back(name == dim ? none : labels_of(dim));
  if (info.schema.dtype == DType::string) {
    v.texts = file_->read_strings(file_->find_variable(name));
    return v;
  }
  const Coordinate* coordinate = find_coordinate(dataset_.coords, name);
  v.cells = coordinate ? coordinate->cells : dataset_[name].array;
  if (stored) {
    Read::Params params;
    params.path = path_;
    params.group = group_;
    params.variable = name;
    v.cells = apply<Read>("read", {}, std::move(params));
  } else {
    v.time = time_of(info.attributes);
  }
  v.dtype = v.cells.schema().dtype;
  return v;
}

std::int64_t cells_at_once(std::int64_t memory_bytes, std::int64_t item_bytes) {
  return std::max<std::int64_t>(1024, memory_bytes / (4 * item_bytes));
}

std::vector<Region> boxes_in_order(const Region& region, const ChunkGrid& chunks,
                                   std::int64_t most_cells) {
  if (region.is_empty()) return {};
  std::size_t axis = 0;
  std::int64_t below = region.n_cells();
  // The first axis along which single steps are small enough.
  while (axis < region.rank()) {
    below /= region.size(axis);
    if (below <= most_cells) break;
    ++axis;
  }
  if (axis == region.rank()) return {region};
  std::vector<Region> out;
  Region outer = region;
  for (std::size_t i = axis; i < region.rank(); ++i) outer.end[i] = outer.begin[i] + 1;
  const Cuts& cuts = chunks.cuts(axis);
  for_each_index(outer, [&](const Extents& at) {
    for (std::int64_t begin = region.begin[axis]; begin < region.end[axis];) {
      std::int64_t end = std::min(
          region.end[axis],
          begin + std::max<std::int64_t>(1, most_cells / std::max<std::int64_t>(1, below)));
      const std::int64_t edge = end < cuts.size() ? cuts.begin_of(cuts.chunk_of(end)) : end;
      if (edge > begin) end = std::min(end, edge);
      Region box = region;
      for (std::size_t i = 0; i < axis; ++i) box.begin[i] = at[i], box.end[i] = at[i] + 1;
      box.begin[axis] = begin;
      box.end[axis] = end;
      out.push_back(box);
      begin = end;
    }
  });
  return out;
}

}  // namespace rastream
