// SPDX-License-Identifier: Apache-2.0
#include "rastream/exec/dataset_tree.h"

#include <algorithm>

#include "rastream/base/error.h"
#include "rastream/ops/read.h"

namespace rastream {
namespace {

constexpr int kMaxDepth = 32;

bool has_groups(const DatasetFile& file) {
  return file.format_name() == "netcdf4" || file.format_name() == "zarr";
}

std::string joined(const std::string& group, const std::string& below) {
  std::string path = group;
  while (path.ends_with('/')) path.pop_back();
  if (below.empty()) return group;
  return (path.empty() ? "" : path + "/") + below.substr(0, below.size() - 1);
}

}  // namespace

DatasetTree::DatasetTree(const std::string& path, const std::string& group) : group_(group) {
  add(path, "", 0);
}

void DatasetTree::add(const std::string& path, const std::string& below, int depth) {
  if (depth > kMaxDepth)
    throw Error(Errc::unsupported, "'{}': groups are nested deeper than {}: '{}'", path, kMaxDepth,
                below);
  members_.push_back({below, open_shared(path, joined(group_, below))});
  const std::shared_ptr<DatasetFile> file = members_.back().file;
  add_dimensions(*file);
  add_variables(members_.size() - 1);
  if (!below.empty()) groups_below_[below.substr(0, below.size() - 1)] = file->attributes();
  if (!has_groups(*file)) return;
  for (const std::string& name : file->groups()) add(path, below + name + "/", depth + 1);
}

void DatasetTree::add_dimensions(const DatasetFile& file) {
  for (const DimensionInfo& d : file.dimensions()) {
    const bool is_known = std::any_of(dimensions_.begin(), dimensions_.end(),
                                      [&](const DimensionInfo& k) { return k.name == d.name; });
    if (!is_known) dimensions_.push_back(d);
  }
}

/// A driver that lists groups below has given their variables already.
void DatasetTree::add_variables(std::size_t member) {
  const Member& m = members_[member];
  for (std::size_t i = 0; i < m.file->variables().size(); ++i) {
    VariableInfo info = m.file->variables()[i];
    info.name = m.below + info.name;
    if (!names_.insert(info.name).second) continue;
    variables_.push_back(std::move(info));
    sources_.push_back({member, i});
  }
}

void DatasetTree::read(std::size_t variable, const Block& out) const {
  file_of(variable).read(sources_.at(variable).variable, out);
}

std::vector<std::string> DatasetTree::read_strings(std::size_t variable) const {
  return file_of(variable).read_strings(sources_.at(variable).variable);
}

ReadStatistics DatasetTree::statistics() const {
  ReadStatistics all;
  for (const Member& m : members_) {
    const ReadStatistics one = m.file->statistics();
    all.n_chunks += one.n_chunks;
    all.stored_bytes += one.stored_bytes;
    all.decoded_bytes += one.decoded_bytes;
  }
  return all;
}

std::optional<std::int64_t> DatasetTree::stored_bytes(std::size_t variable,
                                                      const Region& region) const {
  return file_of(variable).stored_bytes(sources_.at(variable).variable, region);
}

std::vector<RefusedVariable> DatasetTree::refused() const {
  std::vector<RefusedVariable> all;
  for (const Member& m : members_) {
    for (const RefusedVariable& r : m.file->refused()) all.push_back({m.below + r.name, r.reason});
  }
  return all;
}

DatasetTree::Place DatasetTree::place(std::size_t variable) const {
  const Source& source = sources_.at(variable);
  const Member& m = members_[source.member];
  return {joined(group_, m.below), m.file->variables()[source.variable].name};
}

}  // namespace rastream
