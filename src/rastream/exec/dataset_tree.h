// SPDX-License-Identifier: Apache-2.0
// A group of a file together with all groups below it, as one file: a driver may list the variables
// of the opened group only.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "rastream/format/format.h"

namespace rastream {

/// Variables of groups below are called by their path: "sub/tmin". Immutable after opening; safe to
/// use from many threads.
class DatasetTree final : public DatasetFile {
 public:
  /// Throws what open_file throws, and unsupported for groups nested deeper than 32 (a link to
  /// itself). The overviews of a raster are no groups below it, for they follow from its cells.
  DatasetTree(const std::string& path, const std::string& group);

  const std::string& path() const override { return root().path(); }
  std::string_view format_name() const override { return root().format_name(); }
  /// Those of the opened group, then others that groups below add.
  const std::vector<DimensionInfo>& dimensions() const override { return dimensions_; }
  const std::vector<VariableInfo>& variables() const override { return variables_; }
  const Attributes& attributes() const override { return root().attributes(); }
  std::vector<std::string> groups() const override { return root().groups(); }
  void read(std::size_t variable, const Block& out) const override;
  std::vector<std::string> read_strings(std::size_t variable) const override;
  ReadStatistics statistics() const override;
  std::optional<std::int64_t> stored_bytes(std::size_t variable,
                                           const Region& region) const override;
  std::vector<RefusedVariable> refused() const override;

  /// The group of the file, and the name in it, by which open_file finds the variable.
  struct Place {
    std::string group;
    std::string variable;
  };
  Place place(std::size_t variable) const;
  /// Attributes of each group below by its path: "sub/more". Groups come before those in them.
  const std::map<std::string, Attributes>& groups_below() const { return groups_below_; }

 private:
  /// A group that was opened. Invariant: the first one is the root.
  struct Member {
    std::string below;  ///< its path below the opened group, with '/' at its end; "" the root
    std::shared_ptr<DatasetFile> file;
  };
  struct Source {
    std::size_t member;
    std::size_t variable;
  };
  const DatasetFile& root() const { return *members_.front().file; }
  const DatasetFile& file_of(std::size_t variable) const {
    return *members_[sources_[variable].member].file;
  }
  void add(const std::string& path, const std::string& below, int depth);
  void add_dimensions(const DatasetFile& file);
  void add_variables(std::size_t member);

  std::string group_;
  std::vector<Member> members_;
  std::vector<DimensionInfo> dimensions_;
  std::vector<VariableInfo> variables_;
  std::vector<Source> sources_;  ///< of the variables
  std::set<std::string> names_;  ///< of the variables
  std::map<std::string, Attributes> groups_below_;
};

}  // namespace rastream
