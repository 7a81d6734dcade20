// SPDX-License-Identifier: Apache-2.0
#include "rastream/graph/data_array.h"

#include <algorithm>

namespace rastream {
namespace {

bool is_subset(const std::vector<std::string>& part, const std::vector<std::string>& whole) {
  return std::all_of(part.begin(), part.end(), [&](const auto& dim) {
    return std::find(whole.begin(), whole.end(), dim) != whole.end();
  });
}

}  // namespace

const Coordinate* find_coordinate(const Coordinates& coords, std::string_view name) {
  for (const auto& [known, coordinate] : coords) {
    if (known == name) return &coordinate;
  }
  return nullptr;
}

void set_coordinate(Coordinates& coords, const std::string& name, Coordinate coordinate) {
  for (auto& [known, old] : coords) {
    if (known == name) {
      old = std::move(coordinate);
      return;
    }
  }
  coords.emplace_back(name, std::move(coordinate));
}

std::int64_t DataArray::size(std::string_view dim) const {
  return schema().shape[schema().axis(dim, name.empty() ? "array" : name)];
}

std::vector<double> coordinate_values(const Coordinate& coordinate) {
  const Schema& schema = coordinate.cells.schema();
  const OwnedBlock cells = evaluate(coordinate.cells, schema.whole());
  OwnedBlock doubles(schema.whole(), DType::float64);
  copy_cells(cells.view(), doubles.view());
  const double* first = doubles.view().as<double>();
  return {first, first + schema.n_cells()};
}

std::vector<double> index_values(const DataArray& array, std::string_view dim) {
  const Coordinate* coordinate = array.coord(dim);
  if (!coordinate || coordinate->is_text() || coordinate->dims.size() != 1) {
    throw Error(Errc::invalid_argument, "'{}' has no numeric coordinate along dimension '{}'",
                array.name, dim);
  }
  return coordinate_values(*coordinate);
}

DataArray Dataset::operator[](std::string_view variable) const {
  std::string known;
  for (const DataArray& array : variables) {
    if (array.name != variable) {
      known += (known.empty() ? "" : ", ") + array.name;
      continue;
    }
    DataArray found = array;
    for (const auto& [name, coordinate] : coords) {
      if (is_subset(coordinate.dims, array.dims())) set_coordinate(found.coords, name, coordinate);
    }
    return found;
  }
  throw Error(Errc::not_found, "no variable '{}': there are {}", variable, known);
}

std::int64_t Dataset::size(std::string_view dim) const {
  for (const DataArray& array : variables) {
    if (const auto axis = array.schema().find_axis(dim)) return array.schema().shape[*axis];
  }
  for (const auto& [name, coordinate] : coords) {
    const auto at = std::find(coordinate.dims.begin(), coordinate.dims.end(), dim);
    if (at == coordinate.dims.end()) continue;
    if (coordinate.is_text()) return static_cast<std::int64_t>(coordinate.labels.size());
    return coordinate.cells.schema().shape[static_cast<std::size_t>(at - coordinate.dims.begin())];
  }
  throw Error(Errc::invalid_argument, "dataset: no dimension '{}'", dim);
}

Dataset make_dataset(std::vector<DataArray> variables, Attributes attributes) {
  Dataset dataset;
  dataset.attributes = std::move(attributes);
  for (DataArray& array : variables) {
    for (const auto& [name, coordinate] : array.coords) {
      const Coordinate* known = find_coordinate(dataset.coords, name);
      if (known && known->dims != coordinate.dims) {
        throw Error(Errc::invalid_argument,
                    "dataset: coordinate '{}' has different dimensions in '{}'", name, array.name);
      }
      if (!known) dataset.coords.emplace_back(name, coordinate);
    }
    dataset.variables.push_back(std::move(array));
  }
  return dataset;
}

}  // namespace rastream
