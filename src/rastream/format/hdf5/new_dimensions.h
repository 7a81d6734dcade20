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

/// A variable's name in its group and its schema.
struct NamedSchema {
  std::string name;
  const Schema* schema;
};

/// In the order in which the variables name them first. A dimension of a group above is taken where
/// it has the same length and the group has no coordinate variable of its own for it.
class NewDimensions {
 public:
  /// `above`, if any, are the dimensions of the group above, which must live longer. Throws
  /// invalid_argument when a dimension has two lengths.
  NewDimensions(const std::vector<NamedSchema>& variables,
                const std::vector<std::string>& unlimited, const NewDimensions* above);

  bool is_unlimited(const std::string& dim) const { return dimension(dim).is_unlimited; }
  /// The variable's name in the file: one that has a dimension's name and is not its coordinate
  /// goes by another.
  std::string stored_name(std::size_t variable) const;
  /// Makes the scales of dimensions without a coordinate variable.
  void make_missing_scales(hid_t group, hid_t dataset_properties);
  /// Turns the coordinate variables among `datasets` into scales and numbers all scales from
  /// `first_id`. Returns the next number. REQUIRES: `datasets` live as long as this.
  int number_scales(std::span<const Handle* const> datasets, int first_id);
  /// Attaches the scales to the other variables. REQUIRES: number_scales() of all groups above.
  void attach(std::span<const Handle* const> datasets) const;

 private:
  struct Dimension {
    std::string name;
    std::int64_t size = 0;
    bool is_unlimited = false;
    std::optional<std::size_t> coordinate;  ///< index of its variable
    Handle scale;                           ///< when it has none
    hid_t id = H5I_INVALID_HID;             ///< of the scale, whichever it is
  };
  const Dimension* find(const std::string& name) const;
  const Dimension& dimension(const std::string& name) const;
  bool is_taken_from_above(const std::string& name, std::int64_t size) const;
  const NewDimensions* above_;
  std::vector<NamedSchema> variables_;
  std::vector<Dimension> dimensions_;
};

/// One more than the largest id of a dimension anywhere in the file.
int next_dimension_id(hid_t file);

}  // namespace rastream
