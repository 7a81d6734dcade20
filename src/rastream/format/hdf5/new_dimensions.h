// SPDX-License-Identifier: Apache-2.0
// The dimensions of a group that is written, as HDF5 dimension scales. Callers hold LibraryLock.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "rastream/array/schema.h"
#include "rastream/format/hdf5/library.h"

namespace rastream {

/// A variable's name and schema.
struct NamedSchema {
  std::string name;
  const Schema* schema;
};

/// In the order in which the variables name them first.
class NewDimensions {
 public:
  /// Throws invalid_argument when a dimension has two lengths.
  NewDimensions(const std::vector<NamedSchema>& variables,
                const std::vector<std::string>& unlimited);

  bool is_unlimited(const std::string& dim) const { return dimension(dim).is_unlimited; }
  /// The variable's name in the file: one that has a dimension's name and is not its coordinate
  /// goes by another.
  std::string stored_name(std::size_t variable) const;
  /// Makes the scales of dimensions without a coordinate variable.
  void make_missing_scales(hid_t group, hid_t dataset_properties);
  /// Turns the coordinate variables among `datasets` into scales, numbers all scales from
  /// `first_id`, and attaches them to the other variables.
  void attach(std::span<const Handle> datasets, int first_id) const;

 private:
  struct Dimension {
    std::string name;
    std::int64_t size = 0;
    bool is_unlimited = false;
    std::optional<std::size_t> coordinate;  ///< index of its variable
    Handle scale;                           ///< when it has none
  };
  const Dimension& dimension(const std::string& name) const;
  std::vector<NamedSchema> variables_;
  std::vector<Dimension> dimensions_;
};

/// One more than the largest id of a dimension anywhere in the file.
int next_dimension_id(hid_t file);

}  // namespace rastream
