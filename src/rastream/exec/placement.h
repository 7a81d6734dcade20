// SPDX-License-Identifier: Apache-2.0
// Puts variables into a dataset that exists, and tells in words why they do not fit.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "rastream/exec/place.h"
#include "rastream/format/format.h"

namespace rastream {

/// True when something goes into what exists: appending to what does not makes it.
bool is_placed(const std::string& path, const std::string& group, const WritePlace& place);
/// "append time", "region time=0:31 y=5:9": part of a run's id, and for people.
std::string to_string(const WritePlace& place);

/// Immutable. All its errors are invalid_argument and name the variable, what it is and what is
/// stored.
class Placement {
 public:
  /// Throws when `place` names a dimension that the dataset lacks, or both kinds of change.
  Placement(std::shared_ptr<DatasetFile> file, WritePlace place);

  const DatasetFile& file() const { return *file_; }
  /// The stored variable.
  const VariableInfo& stored(const std::string& name) const;
  /// True when a variable of these dims has cells that are written; others must be equal to what
  /// is stored.
  bool touches(const std::vector<std::string>& dims) const;
  /// True when it labels a dimension of the region: then it must be equal to what is stored there.
  bool is_label_of_region(const std::string& name, const std::vector<std::string>& dims) const;

  /// What update_file is told of a variable that touches(). Throws when dims, sizes, dtype or the
  /// meaning of cells (packing, missing cells, units) are not those that are stored.
  VariableSpec fit(const std::string& name, const Schema& schema,
                   const Attributes& attributes) const;
  /// The same of a coordinate, whose dtype and units of time may differ: see as_stored.
  VariableSpec fit_coordinate(const std::string& name, const Schema& schema) const;
  /// A coordinate's cells in the dtype and the units of time that are stored. Throws when one
  /// cannot be.
  OwnedBlock as_stored(const std::string& name, const Block& cells,
                       const Attributes& attributes) const;

  /// Throws when `cells`, as they will be stored, do not go on where the coordinate of the appended
  /// dimension ends, rising or falling as it does.
  void check_continues(const std::string& name, const Block& cells) const;
  /// Throws unless `cells` are those stored in the region.
  void check_same_labels(const std::string& name, const Block& cells) const;
  /// Throws when a stored variable would grow and is not among `names`.
  void check_complete(const std::vector<std::string>& names) const;

 private:
  Region region_of(const VariableInfo& stored, const Schema& schema) const;
  VariableSpec spec_of(const VariableInfo& stored, const Schema& schema) const;

  std::shared_ptr<DatasetFile> file_;
  WritePlace place_;
};

/// Throws invalid_argument, naming the first cell that differs, unless both blocks have one shape
/// and equal cells. NaN is equal to NaN.
void check_equal_cells(const std::string& name, const Block& mine, const Block& stored,
                       const std::string& path);

}  // namespace rastream
