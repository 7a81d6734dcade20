// SPDX-License-Identifier: Apache-2.0
// Looks in a file for what its writer probably did not mean. Checks are a table: one file a check.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rastream/format/format.h"
#include "rastream/geo/crs.h"
#include "rastream/graph/data_array.h"

namespace rastream::lint {

enum class Severity {
  note,     ///< correct, but readers differ in how they take it
  warning,  ///< probably not meant
  error,    ///< contradicts itself or the conventions
};
std::string_view to_string(Severity severity);

struct Finding {
  std::string check;  ///< its name in the table
  Severity severity = Severity::warning;
  std::string place;     ///< "variable 'tmin'"
  std::string found;     ///< what is there, with numbers
  std::string expected;  ///< what was expected
  std::string mend;      ///< how to mend it
};

/// Some stored cells of a variable, from chunks spread over it.
struct Sample {
  std::vector<double> cells;
  bool is_whole = false;  ///< all cells of the variable
};

/// A file and what all checks ask of it.
class Subject {
 public:
  /// Throws what opening throws.
  Subject(const std::string& path, const std::string& group);

  const DatasetFile& file() const { return *file_; }
  const std::vector<VariableInfo>& variables() const { return file_->variables(); }
  const VariableInfo* find(std::string_view name) const;  ///< nullptr when absent
  /// Variables of numbers that are no coordinate, bounds or grid mapping.
  std::vector<const VariableInfo*> data_variables() const;
  /// One-dimensional variables of numbers with the name of their dimension.
  std::vector<const VariableInfo*> dimension_coordinates() const;
  /// All stored cells of a variable of one dimension, decoded by scale and offset. Nothing for
  /// text, more than ten million cells, and cells that cannot be read.
  std::vector<double> values(const VariableInfo& v) const;
  /// At most some 200,000 stored cells; none of text or of what cannot be read.
  Sample sample(const VariableInfo& v) const;

 private:
  std::shared_ptr<DatasetFile> file_;
  std::vector<std::string> coordinates_;
};

using Findings = std::vector<Finding>;

/// A row of the table of checks.
struct Check {
  std::string_view name;
  std::string_view what;  ///< what is wrong when it finds something
  std::string_view how;   ///< how it is found
  void (*run)(const Subject&, Findings&);
};

Check packing_check();
Check nodata_check();
Check crs_check();
Check geotransform_check();
Check coordinates_check();
Check lonlat_check();
Check time_check();
Check chunks_check();

const std::vector<Check>& checks();

/// Runs all checks, or those named. Findings are in the order of the table. Throws invalid_argument
/// for an unknown name, and what opening throws.
Findings run_checks(const std::string& path, const std::string& group,
                    const std::vector<std::string>& names = {});

inline std::string place_of(const VariableInfo& v) { return "variable '" + v.name + "'"; }

}  // namespace rastream::lint
