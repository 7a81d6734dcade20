// SPDX-License-Identifier: Apache-2.0
// A variable as people read it: decoded cells, times as ISO dates, labels along its dimensions.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "rastream/geo/time_units.h"
#include "rastream/graph/data_array.h"

namespace rastream {

/// Which cells along a dimension: an index, or a half-open range.
struct IndexChoice {
  std::string dim;
  std::optional<std::int64_t> begin, end;
  bool is_index = false;
};

/// Parses "time=3,y=10:20"; negative numbers count from the end, ":" is all. Sizes are checked by
/// ShownVariable::choose. Throws invalid_argument.
std::vector<IndexChoice> parse_choices(const std::vector<std::string>& texts);

/// Cells of one variable with what they mean.
class ShownVariable {
 public:
  std::string name;
  Array cells;                     ///< null for text
  std::vector<std::string> texts;  ///< text cells in C order
  std::vector<std::string> dims;
  Extents shape;
  DType dtype = DType::float64;  ///< of the cells shown
  Attributes attributes;
  std::optional<TimeUnits> time;                 ///< when the cells are times
  std::vector<std::vector<std::string>> labels;  ///< along each dimension; {}: it has none

  /// The region that `choices` mean. Throws invalid_argument for an unknown dimension or an index
  /// outside of it.
  Region choose(const std::vector<IndexChoice>& choices) const;
  /// The label of index `i` along `axis`: the coordinate's, else the index.
  std::string label(std::size_t axis, std::int64_t i) const;
  /// Cells as text, in C order of `region`; `missing` stands for NaN and times that are none.
  std::vector<std::string> text_of(const Region& region, const std::string& missing) const;
};

/// A number as people write it: the shortest text that reads back as the same cell.
std::string number_text(const Block& cells, const Extents& index, const std::string& missing);

/// The variable `name`, decoded by CF unless `stored`. Throws what open_dataset throws.
ShownVariable open_shown(const std::string& path, const std::string& group, const std::string& name,
                         bool stored);

/// Names of the variables that are not coordinates, bounds or grid mappings; all where there is
/// none.
std::vector<std::string> data_variable_names(const std::string& path, const std::string& group);

/// Boxes of `region` in C order, of whole trailing dimensions, that hold at most `most_cells` cells
/// where chunks allow it: a box ends where a chunk ends, so that a chunk is seldom decoded twice.
std::vector<Region> boxes_in_order(const Region& region, const ChunkGrid& chunks,
                                   std::int64_t most_cells);

}  // namespace rastream
