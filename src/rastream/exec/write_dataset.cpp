// SPDX-License-Identifier: Apache-2.0
#include "rastream/exec/write_dataset.h"

#include <algorithm>

#include "rastream/exec/run_plan.h"
#include "rastream/format/format.h"
#include "rastream/format/writer_memory.h"
#include "rastream/ops/labelled.h"

namespace rastream {
namespace {

Extents chunk_shape(const Schema& schema, const std::map<std::string, std::int64_t>& chunks) {
  Extents shape = schema.chunks.max_chunk_shape();
  for (std::size_t i = 0; i < schema.rank(); ++i) {
    if (const auto wanted = chunks.find(schema.dims[i]); wanted != chunks.end())
      shape[i] = wanted->second;
  }
  return shape;
}

void write_coordinate(DatasetWriter& writer, const std::string& name,
                      const Coordinate& coordinate) {
  VariableSpec spec;
  spec.name = name;
  spec.attributes = coordinate.attributes;
  if (coordinate.is_text()) {
    spec.schema =
        make_schema(coordinate.dims, Extents{static_cast<std::int64_t>(coordinate.labels.size())},
                    DType::string);
    writer.write_strings(writer.add(spec), coordinate.labels);
    return;
  }
  const Schema& schema = coordinate.cells.schema();
  Extents chunk = schema.chunks.max_chunk_shape();
  if (schema.rank() == 1) chunk = schema.shape;
  spec.schema =
      make_schema(schema.dims, schema.shape, schema.dtype, ChunkGrid::regular(schema.shape, chunk));
  const std::size_t variable = writer.add(spec);
  for (std::int64_t c = 0; c < spec.schema.chunks.n_chunks(); ++c) {
    if (writer.is_committed(variable, c)) continue;
    writer.write(variable, evaluate(coordinate.cells, spec.schema.chunks.chunk_region(c)).view());
  }
}

/// Coordinates of `variable` that no dimension names, as the CF attribute `coordinates` lists them.
std::string auxiliary_coordinates(const Dataset& dataset, const DataArray& variable,
                                  const std::string& grid_mapping) {
  std::vector<std::string> names;
  for (const auto& [name, c] : dataset.coords) {
    const bool is_index = c.dims == std::vector<std::string>{name};
    const bool fits = std::all_of(c.dims.begin(), c.dims.end(), [&](const std::string& dim) {
      return variable.schema().has(dim);
    });
    const bool is_word = name.find(' ') == std::string::npos;
    if (!is_index && fits && is_word && name != grid_mapping) names.push_back(name);
  }
  return fmt::format("{}", fmt::join(names, " "));
}

/// The variable's attributes, with the CF `grid_mapping` and `coordinates` that decoding took away:
/// without them no reader finds the CRS, and takes auxiliary coordinates for variables.
Attributes stored_attributes(const Dataset& dataset, const DataArray& variable) {
  Attributes attributes = variable.attributes;
  const std::string mapping = grid_mapping_of(dataset.coords);
  const std::string auxiliary = auxiliary_coordinates(dataset, variable, mapping);
  if (!auxiliary.empty()) attributes.set("coordinates", auxiliary);
  if (!mapping.empty() && variable.schema().rank() >= 2) attributes.set("grid_mapping", mapping);
  return attributes;
}

}  // namespace

std::vector<Target> targets_of(const Dataset& dataset, const WriteOptions& options) {
  std::vector<Target> targets;
  for (const DataArray& array : dataset.variables) {
    const Schema& schema = array.schema();
    targets.push_back({array.name, array.array,
                       ChunkGrid::regular(schema.shape, chunk_shape(schema, options.chunks))});
  }
  return targets;
}

RunReport write_dataset(const Dataset& dataset, const std::string& path,
                        const WriteOptions& options) {
  make_executor(options.run.executor, 1);  // refuses an unknown name before anything is written
  const std::vector<Target> targets = targets_of(dataset, options);
  PlanOptions plan_options = options.run.plan;
  for (const Target& t : targets) {
    const Schema& schema = t.array.schema();
    plan_options.writer_bytes += writer_bytes(path, schema, plan_options.n_threads);
  }
  Plan plan = make_plan(targets, plan_options);
  std::string id = plan_id(plan);
  for (const Target& t : targets)
    id += fmt::format("-{}", fmt::join(t.chunks.max_chunk_shape(), "x"));
  const auto writer = create_file(path, {.group = options.group,
                                         .overwrite = options.overwrite,
                                         .run_id = id,
                                         .zarr_format = options.zarr_format,
                                         .cloud_optimized = options.cloud_optimized,
                                         .resampling = options.resampling,
                                         .interleave = options.interleave});
  writer->set_attributes(dataset.attributes);
  for (const auto& [name, coordinate] : dataset.coords) write_coordinate(*writer, name, coordinate);
  std::vector<std::size_t> variables;
  std::vector<ChunkGrid> grids;
  for (std::size_t i = 0; i < targets.size(); ++i) {
    const Schema& schema = dataset.variables[i].schema();
    VariableSpec spec;
    spec.name = targets[i].name;
    spec.attributes = stored_attributes(dataset, dataset.variables[i]);
    spec.schema = make_schema(schema.dims, schema.shape, schema.dtype, targets[i].chunks);
    if (const auto fill = spec.attributes.number("_FillValue"))
      spec.fill_value = *fill;
    else if (is_floating(schema.dtype))
      spec.fill_value = std::numeric_limits<double>::quiet_NaN();
    spec.compressor = options.compressor;
    variables.push_back(writer->add(spec));
    grids.push_back(targets[i].chunks);
  }
  RunReport report = store_plan(plan, grids, *writer, variables, options.run);
  if (report.is_complete) writer->finish();
  report.peak_bytes = peak_resident_bytes();
  return report;
}

namespace {

/// Puts every cell into one block; tasks write different cells of it.
class BlockSink final : public CellSink {
 public:
  explicit BlockSink(const Block& target) : target_(target) {}
  void write(std::size_t, const Block& cells) override {
    copy_cells(cells, target_.sub(cells.region));
  }

 private:
  Block target_;
};

}  // namespace

OwnedBlock compute(const Array& array, const RunOptions& options) {
  const Plan plan = make_plan({{"cells", array, array.schema().chunks}}, options.plan);
  const Program program(plan);
  OwnedBlock cells(array.schema().whole(), array.schema().dtype);
  BlockSink sink(cells.view());
  std::vector<std::int64_t> tasks(static_cast<std::size_t>(plan.nest.n_tasks()));
  for (std::size_t i = 0; i < tasks.size(); ++i) tasks[i] = static_cast<std::int64_t>(i);
  run_tasks(plan, program, tasks, sink, options);
  return cells;
}

}  // namespace rastream
