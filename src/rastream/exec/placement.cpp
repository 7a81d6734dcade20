// SPDX-License-Identifier: Apache-2.0
#include "rastream/exec/placement.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <limits>

#include "rastream/base/error.h"
#include "rastream/exec/convert_cells.h"
#include "rastream/geo/time_units.h"

namespace rastream {
namespace {

bool holds(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

/// NaN in floating cells means missing with or without an attribute.
std::optional<double> missing_of(const Attributes& attributes, const char* key) {
  const auto value = attributes.number(key);
  return value && std::isnan(*value) ? std::nullopt : value;
}

std::string text_of(const std::optional<double>& value) {
  return value ? fmt::format("{}", *value) : "none";
}

/// Cells mean the same number in both.
void check_meaning(const std::string& name, const Attributes& mine, const Attributes& stored) {
  const auto check = [&](const char* key, std::optional<double> a, std::optional<double> b) {
    if (a == b) return;
    throw Error(Errc::invalid_argument, "variable '{}': {} is {}, the stored one is {}", name, key,
                text_of(a), text_of(b));
  };
  check("scale_factor", mine.number("scale_factor").value_or(1),
        stored.number("scale_factor").value_or(1));
  check("add_offset", mine.number("add_offset").value_or(0),
        stored.number("add_offset").value_or(0));
  for (const char* key : {"_FillValue", "missing_value"})
    check(key, missing_of(mine, key), missing_of(stored, key));
  const auto a = mine.text("units");
  const auto b = stored.text("units");
  if (a && b && a != b) {
    throw Error(Errc::invalid_argument, "variable '{}': units are '{}', the stored ones '{}'", name,
                *a, *b);
  }
}

std::string packing_of(const Attributes& attributes) {
  if (!attributes.contains("scale_factor") && !attributes.contains("add_offset")) return "";
  return ", packed by scale_factor and add_offset";
}

/// Throws unless one is the next of the other in the direction of the whole.
void check_order(const std::string& name, const std::vector<double>& values, std::size_t n_stored) {
  if (values.size() < 2 || n_stored == 0) return;
  const bool rises = values[1] > values[0];
  for (std::size_t i = 1; i < values.size(); ++i) {
    if (rises ? values[i] > values[i - 1] : values[i] < values[i - 1]) continue;
    if (i < n_stored) return;  // stored labels without an order ask for none
    throw Error(Errc::invalid_argument,
                "coordinate '{}': {} after {}: what is appended must go on where the stored one "
                "ends, {}",
                name, values[i], values[i - 1], rises ? "rising" : "falling");
  }
}

std::vector<double> doubles_of(const Block& cells) {
  std::vector<double> values;
  for_each_index(cells.region,
                 [&](const Extents& i) { values.push_back(cell_as_double(cells, i)); });
  return values;
}

}  // namespace

bool is_placed(const std::string& path, const std::string& group, const WritePlace& place) {
  return !place.is_new() &&
         (place.append.empty() || std::filesystem::exists(std::filesystem::path(path) / group));
}

std::string to_string(const WritePlace& place) {
  std::string text = place.append.empty() ? "region" : "append " + place.append;
  for (const auto& [dim, range] : place.region)
    text += fmt::format(" {}={}:{}", dim, range.begin, range.end);
  return text;
}

void check_equal_cells(const std::string& name, const Block& mine, const Block& stored,
                       const std::string& path) {
  if (mine.region.shape() != stored.region.shape()) {
    throw Error(Errc::invalid_argument, "'{}' has shape {}, and {} in '{}'", name,
                to_string(mine.region.shape()), to_string(stored.region.shape()), path);
  }
  const bool same_bits = mine.dtype == stored.dtype && is_complex(mine.dtype);
  for_each_index(mine.region, [&](const Extents& i) {
    Extents at = i;
    for (std::size_t axis = 0; axis < i.size(); ++axis)
      at[axis] += stored.region.begin[axis] - mine.region.begin[axis];
    const double a = cell_as_double(mine, i);
    const double b = cell_as_double(stored, at);
    if (same_bits ? std::equal(mine.at(i), mine.at(i) + item_size(mine.dtype), stored.at(at))
                  : a == b || (std::isnan(a) && std::isnan(b)))
      return;
    throw Error(Errc::invalid_argument,
                "'{}' at {} is {}, and {} in '{}': only what is written may differ", name,
                to_string(i), a, b, path);
  });
}

Placement::Placement(std::shared_ptr<DatasetFile> file, WritePlace place)
    : file_(std::move(file)), place_(std::move(place)) {
  if (!place_.append.empty() && !place_.region.empty())
    throw Error(Errc::invalid_argument, "'{}': append or a region, not both", file_->path());
  const auto check_dimension = [&](const std::string& dim) {
    for (const VariableInfo& v : file_->variables()) {
      if (v.schema.has(dim)) return v.schema.shape[*v.schema.find_axis(dim)];
    }
    throw Error(Errc::invalid_argument, "'{}' has no dimension '{}'", file_->path(), dim);
  };
  if (!place_.append.empty()) check_dimension(place_.append);
  for (const auto& [dim, range] : place_.region) {
    const std::int64_t size = check_dimension(dim);
    if (range.begin >= 0 && range.begin < range.end && range.end <= size) continue;
    throw Error(Errc::invalid_argument, "region {}={}:{}: '{}' has {} cells along it", dim,
                range.begin, range.end, file_->path(), size);
  }
}

const VariableInfo& Placement::stored(const std::string& name) const {
  for (const VariableInfo& v : file_->variables()) {
    if (v.name == name) return v;
  }
  throw Error(Errc::invalid_argument,
              "variable '{}' is not in '{}': cells can be written only into variables that it has",
              name, file_->path());
}

bool Placement::touches(const std::vector<std::string>& dims) const {
  return std::any_of(dims.begin(), dims.end(), [&](const std::string& dim) {
    return dim == place_.append || place_.region.contains(dim);
  });
}

bool Placement::is_label_of_region(const std::string& name,
                                   const std::vector<std::string>& dims) const {
  return place_.region.contains(name) && dims == std::vector<std::string>{name};
}

Region Placement::region_of(const VariableInfo& v, const Schema& schema) const {
  if (schema.dims != v.schema.dims) {
    throw Error(Errc::invalid_argument, "variable '{}' has dimensions ({}), the stored one ({})",
                v.name, fmt::join(schema.dims, ", "), fmt::join(v.schema.dims, ", "));
  }
  Region region = schema.whole();
  for (std::size_t i = 0; i < schema.rank(); ++i) {
    const std::string& dim = schema.dims[i];
    const auto range = place_.region.find(dim);
    std::int64_t expected = v.schema.shape[i];
    if (dim == place_.append) {
      region.begin[i] = v.schema.shape[i];
      expected = schema.shape[i];
    } else if (range != place_.region.end()) {
      region.begin[i] = range->second.begin;
      expected = range->second.end - range->second.begin;
    }
    if (schema.shape[i] != expected) {
      throw Error(Errc::invalid_argument, "variable '{}' has {} cells along '{}', expected {}",
                  v.name, schema.shape[i], dim, expected);
    }
    region.end[i] = region.begin[i] + schema.shape[i];
  }
  return region;
}

VariableSpec Placement::spec_of(const VariableInfo& v, const Schema& schema) const {
  const Region region = region_of(v, schema);
  if (v.object_shape.empty() && v.schema.rank() > 0)
    throw Error(Errc::unsupported, "'{}': a {} is not changed in place", file_->path(),
                file_->format_name());
  VariableSpec spec;
  spec.name = v.name;
  spec.begin = region.begin;
  spec.schema =
      make_schema(schema.dims, schema.shape, v.schema.dtype, update_grid(v.object_shape, region));
  return spec;
}

VariableSpec Placement::fit(const std::string& name, const Schema& schema,
                            const Attributes& attributes) const {
  const VariableInfo& v = stored(name);
  if (schema.dtype != v.schema.dtype) {
    throw Error(Errc::invalid_argument, "variable '{}' is {}, the stored one is {}{}", name,
                to_string(schema.dtype), to_string(v.schema.dtype), packing_of(v.attributes));
  }
  const VariableSpec spec = spec_of(v, schema);
  check_meaning(name, attributes, v.attributes);
  return spec;
}

VariableSpec Placement::fit_coordinate(const std::string& name, const Schema& schema) const {
  const VariableInfo& v = stored(name);
  if ((schema.dtype == DType::string) != (v.schema.dtype == DType::string)) {
    throw Error(Errc::invalid_argument, "coordinate '{}' is {}, the stored one is {}", name,
                to_string(schema.dtype), to_string(v.schema.dtype));
  }
  return spec_of(v, schema);
}

OwnedBlock Placement::as_stored(const std::string& name, const Block& cells,
                                const Attributes& attributes) const {
  const VariableInfo& v = stored(name);
  const auto mine = TimeUnits::of(attributes);
  const auto theirs = TimeUnits::of(v.attributes);
  const bool same_units = attributes.text("units") == v.attributes.text("units") &&
                          attributes.text("calendar").value_or("standard") ==
                              v.attributes.text("calendar").value_or("standard");
  const OwnedBlock moved(cells.region,
                         mine && theirs && !same_units ? DType::float64 : cells.dtype);
  copy_cells(cells, moved.view());
  if (mine && theirs && !same_units) {
    for_each_index(cells.region, [&](const Extents& i) {
      const double value = cell_as_double(cells, i);
      *reinterpret_cast<double*>(moved.view().at(i)) =
          std::isnan(value) ? value : theirs->encode(mine->decode(value));
    });
  } else if (!same_units) {
    check_meaning(name, attributes, v.attributes);
  }
  OwnedBlock out(cells.region, v.schema.dtype);
  if (const auto bad = convert_cells(moved.view(), out.view())) {
    throw Error(Errc::invalid_argument, "coordinate '{}': {} cannot be stored as {}{}", name,
                cell_as_double(moved.view(), *bad), to_string(v.schema.dtype),
                theirs ? fmt::format(" in '{}'", *v.attributes.text("units")) : "");
  }
  return out;
}

void Placement::check_continues(const std::string& name, const Block& cells) const {
  const VariableInfo& v = stored(name);
  if (name != place_.append || v.schema.rank() != 1) return;
  OwnedBlock all(v.schema.whole(), v.schema.dtype);
  file_->read(file_->find_variable(name), all.view());
  std::vector<double> values = doubles_of(all.view());
  const std::size_t n_stored = values.size();
  const std::vector<double> appended = doubles_of(cells);
  values.insert(values.end(), appended.begin(), appended.end());
  check_order(name, values, n_stored);
}

void Placement::check_same_labels(const std::string& name, const Block& cells) const {
  const VariableInfo& v = stored(name);
  const Region region = region_of(v, make_schema(v.schema.dims, cells.region.shape(), cells.dtype));
  OwnedBlock there(region, v.schema.dtype);
  file_->read(file_->find_variable(name), there.view());
  check_equal_cells(name, cells, there.view(), file_->path());
}

void Placement::check_complete(const std::vector<std::string>& names) const {
  for (const VariableInfo& v : file_->variables()) {
    if (place_.append.empty() || !v.schema.has(place_.append) || holds(names, v.name)) continue;
    if (v.name.find('/') != std::string::npos) continue;
    throw Error(Errc::invalid_argument,
                "variable '{}' of '{}' has dimension '{}': it must be in what is appended", v.name,
                file_->path(), place_.append);
  }
}

}  // namespace rastream
