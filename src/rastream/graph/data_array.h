// SPDX-License-Identifier: Apache-2.0
// Labelled lazy arrays: a name, an array with named dimensions, coordinates and attributes, as in
// Xarray. Values: cheap to copy, safe to share between threads. Operations on them are free
// functions in ops/.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "rastream/array/attributes.h"
#include "rastream/graph/array.h"

namespace rastream {

/// The labels along one or more dimensions: numbers as an array, or text. A coordinate whose name
/// is its only dimension is that dimension's index; one without dimensions is a scalar, such as a
/// CF grid mapping.
struct Coordinate {
  std::vector<std::string> dims;
  Array cells;                      ///< null for text
  std::vector<std::string> labels;  ///< text, in C order
  Attributes attributes;
  bool is_text() const { return cells.is_null(); }
};

/// In the order in which they were added; names are unique.
using Coordinates = std::vector<std::pair<std::string, Coordinate>>;

const Coordinate* find_coordinate(const Coordinates& coords,
                                  std::string_view name);  ///< nullptr when absent
void set_coordinate(Coordinates& coords, const std::string& name, Coordinate coordinate);

struct DataArray {
  std::string name;
  Array array;
  Coordinates coords;
  Attributes attributes;

  const Schema& schema() const { return array.schema(); }
  const std::vector<std::string>& dims() const { return schema().dims; }
  DType dtype() const { return schema().dtype; }
  /// Size along `dim`; throws invalid_argument when there is no such dimension.
  std::int64_t size(std::string_view dim) const;
  const Coordinate* coord(std::string_view coord_name) const {
    return find_coordinate(coords, coord_name);
  }
};

/// Numbers of the index coordinate of `dim`. Throws invalid_argument when `array` has none, or it
/// is text.
std::vector<double> index_values(const DataArray& array, std::string_view dim);

/// Variables that share dimensions, with the coordinates of all of them.
struct Dataset {
  std::vector<DataArray> variables;
  Coordinates coords;
  Attributes attributes;

  /// The variable with the coordinates that fit its dimensions. Throws not_found naming those that
  /// are there.
  DataArray operator[](std::string_view variable) const;
  /// Size of `dim` in any variable or coordinate; throws invalid_argument when none has it.
  std::int64_t size(std::string_view dim) const;
};

/// A dataset of these variables; coordinates of one name must be equal in dimensions, the first one
/// is taken.
Dataset make_dataset(std::vector<DataArray> variables, Attributes attributes = {});

/// The array of doubles behind a coordinate, made at once. REQUIRES: not text.
std::vector<double> coordinate_values(const Coordinate& coordinate);

}  // namespace rastream
