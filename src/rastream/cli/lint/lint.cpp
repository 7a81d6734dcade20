// SPDX-License-Identifier: Apache-2.0
#include "rastream/cli/lint/lint.h"

#include <algorithm>

#include "rastream/base/error.h"
#include "rastream/exec/copy_selection.h"

namespace rastream::lint {

std::string_view to_string(Severity severity) {
  switch (severity) {
    case Severity::note: return "note";
    case Severity::warning: return "warning";
    case Severity::error: return "error";
  }
  return "";
}

Subject::Subject(const std::string& path, const std::string& group)
    : file_(open_file(path, group)), coordinates_(coordinate_names(*file_)) {}

const VariableInfo* Subject::find(std::string_view name) const {
  for (const VariableInfo& v : variables()) {
    if (v.name == name) return &v;
  }
  return nullptr;
}

std::vector<const VariableInfo*> Subject::data_variables() const {
  std::vector<const VariableInfo*> out;
  for (const VariableInfo& v : variables()) {
    const bool is_coordinate = std::binary_search(coordinates_.begin(), coordinates_.end(), v.name);
    if (!is_coordinate && v.schema.rank() > 0 && v.schema.dtype != DType::string) out.push_back(&v);
  }
  return out;
}

std::vector<const VariableInfo*> Subject::dimension_coordinates() const {
  std::vector<const VariableInfo*> out;
  for (const VariableInfo& v : variables()) {
    if (v.schema.rank() == 1 && v.schema.dims[0] == v.name && v.schema.dtype != DType::string)
      out.push_back(&v);
  }
  return out;
}

std::vector<double> Subject::values(const VariableInfo& v) const {
  constexpr std::int64_t kMostCells = 10'000'000;
  if (v.schema.rank() != 1 || v.schema.dtype == DType::string || v.schema.n_cells() > kMostCells)
    return {};
  const OwnedBlock cells(v.schema.whole(), v.schema.dtype);
  try {
    file_->read(static_cast<std::size_t>(&v - variables().data()), cells.view());
  } catch (const Error&) {
    return {};
  }
  const double scale = v.attributes.number("scale_factor").value_or(1);
  const double offset = v.attributes.number("add_offset").value_or(0);
  std::vector<double> out;
  for (std::int64_t i = 0; i < v.schema.n_cells(); ++i)
    out.push_back(cell_as_double(cells.view(), {i}) * scale + offset);
  return out;
}

Sample Subject::sample(const VariableInfo& v) const {
  constexpr std::int64_t kChunks = 8;
  constexpr std::int64_t kCellsOfChunk = 25'000;
  constexpr std::int64_t kLargestChunk = std::int64_t{256} << 20;
  Sample sample;
  const ChunkGrid& grid = v.schema.chunks;
  const std::int64_t n = v.schema.n_cells() == 0 ? 0 : grid.n_chunks();
  const std::int64_t item = static_cast<std::int64_t>(item_size(v.schema.dtype));
  if (v.schema.dtype == DType::string || product(grid.max_chunk_shape()) * item > kLargestChunk)
    return sample;
  for (std::int64_t i = 0; i < std::min(n, kChunks); ++i) {
    // A box in the middle of the chunk, as its edges are often empty.
    Region region = grid.chunk_region(n <= kChunks ? i : i * (n - 1) / (kChunks - 1));
    for (std::size_t axis = 0; region.n_cells() > kCellsOfChunk;
         axis = (axis + 1) % region.rank()) {
      const std::int64_t size = region.size(axis);
      if (size < 2) continue;
      region.begin[axis] += size / 4;
      region.end[axis] = region.begin[axis] + std::max<std::int64_t>(1, size / 2);
    }
    const OwnedBlock cells(region, v.schema.dtype);
    try {
      file_->read(static_cast<std::size_t>(&v - variables().data()), cells.view());
    } catch (const Error&) {
      continue;
    }
    for_each_index(
        region, [&](const Extents& i) { sample.cells.push_back(cell_as_double(cells.view(), i)); });
  }
  sample.is_whole = static_cast<std::int64_t>(sample.cells.size()) == v.schema.n_cells();
  return sample;
}

const std::vector<Check>& checks() {
  static const std::vector<Check> table = {
      geotransform_check(), crs_check(),     coordinates_check(), lonlat_check(),
      time_check(),         packing_check(), nodata_check(),      chunks_check(),
  };
  return table;
}

Findings run_checks(const std::string& path, const std::string& group,
                    const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    const bool is_known = std::any_of(checks().begin(), checks().end(),
                                      [&](const Check& c) { return c.name == name; });
    if (is_known) continue;
    std::vector<std::string_view> known;
    for (const Check& c : checks()) known.push_back(c.name);
    throw Error(Errc::invalid_argument, "lint: no check is called '{}': there are {}", name,
                fmt::join(known, ", "));
  }
  const Subject subject(path, group);
  Findings findings;
  for (const Check& check : checks()) {
    if (!names.empty() && std::find(names.begin(), names.end(), check.name) == names.end())
      continue;
    const std::size_t first = findings.size();
    check.run(subject, findings);
    for (std::size_t i = first; i < findings.size(); ++i) findings[i].check = check.name;
  }
  return findings;
}

}  // namespace rastream::lint
