// SPDX-License-Identifier: Apache-2.0
// A variable as people read it: decoded cells, times as ISO dates, labels along its dimensions.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "rastream/format/format.h"
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

class ShownVariable;

/// Cells of a variable in memory; `index` is one of the variable.
class ShownCells {
 public:
  /// `missing` stands for NaN and times that are none.
  std::string text(const Extents& index, const std::string& missing) const;
  /// A number, null where it is missing, "Infinity"; [real, imaginary]; times and text as strings,
  /// in which bytes that are not UTF-8 are replaced.
  std::string json(const Extents& index) const;

 private:
  friend class ShownVariable;
  ShownCells(const ShownVariable& variable, OwnedBlock block)
      : variable_(&variable), block_(std::move(block)) {}
  std::string json_of_text(const Extents& index) const;

  const ShownVariable* variable_;
  OwnedBlock block_;  ///< empty for text
};

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
  std::optional<TimeUnits> time;  ///< when the cells are times
  std::vector<std::shared_ptr<const std::vector<std::string>>> labels;  ///< along each dimension

  /// The region that `choices` mean. Throws invalid_argument for an unknown dimension or an index
  /// outside of it.
  Region choose(const std::vector<IndexChoice>& choices) const;
  bool has_labels(std::size_t axis) const { return !labels[axis]->empty(); }
  /// The label of index `i` along `axis`: the coordinate's, else the index.
  std::string label(std::size_t axis, std::int64_t i) const;
  /// The cells of `region`, which refer to this variable.
  ShownCells read(const Region& region) const;
  /// Bytes of a cell in memory.
  std::int64_t item_bytes() const;
};

/// Variables of a file that is opened, and whose labels are read and written as text, once.
class ShownFile {
 public:
  /// `names`: what variable() will be asked for; {}: the variables that are not coordinates, bounds
  /// or grid mappings, or all where there is none. Throws what open_dataset throws.
  ShownFile(std::string path, std::string group, std::vector<std::string> names);

  const std::vector<std::string>& names() const { return names_; }
  /// Decoded by CF unless `stored`.
  ShownVariable variable(const std::string& name, bool stored);

 private:
  const std::shared_ptr<const std::vector<std::string>>& labels_of(const std::string& dim);

  std::string path_;
  std::string group_;
  std::vector<std::string> names_;
  std::shared_ptr<DatasetFile> file_;
  Dataset dataset_;
  std::map<std::string, std::shared_ptr<const std::vector<std::string>>> labels_;
};

/// How many cells of `item_bytes` are read at once in this memory, beside what they are decoded
/// from.
std::int64_t cells_at_once(std::int64_t memory_bytes, std::int64_t item_bytes);

/// Boxes of `region` in C order, of whole trailing dimensions, that hold at most `most_cells` cells
/// where chunks allow it. A box ends where a chunk ends; a chunk that is deeper than a box is
/// decoded again for each box that it reaches into.
std::vector<Region> boxes_in_order(const Region& region, const ChunkGrid& chunks,
                                   std::int64_t most_cells);

}  // namespace rastream
