// SPDX-License-Identifier: Apache-2.0
#include "rastream/exec/write_dataset.h"

#include <algorithm>

#include "rastream/base/error.h"
#include "rastream/exec/placement.h"
#include "rastream/exec/run_plan.h"
#include "rastream/format/format.h"
#include "rastream/format/writer_memory.h"
#include "rastream/ops/labelled.h"
#include "rastream/ops/open_dataset.h"

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

OwnedBlock whole(const Array& array) { return evaluate(array, array.schema().whole()); }

/// Stores the chunks of `cells` that are not there.
void write_chunks(DatasetWriter& writer, const VariableSpec& spec, const Block& cells) {
  const std::size_t variable = writer.add(spec);
  const ChunkGrid& grid = spec.schema.chunks;
  for (std::int64_t c = 0; c < grid.n_chunks(); ++c) {
    if (!writer.is_committed(variable, c)) writer.write(variable, cells.sub(grid.chunk_region(c)));
  }
}

Schema schema_of(const Coordinate& coordinate) {
  if (!coordinate.is_text()) return coordinate.cells.schema();
  return make_schema(coordinate.dims, Extents{static_cast<std::int64_t>(coordinate.labels.size())},
                     DType::string);
}

void write_coordinate(DatasetWriter& writer, const std::string& name,
                      const Coordinate& coordinate) {
  VariableSpec spec;
  spec.name = name;
  spec.attributes = coordinate.attributes;
  if (coordinate.is_text()) {
    spec.schema = schema_of(coordinate);
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

/// Throws unless the coordinate is what is stored; where that means other numbers than it holds,
/// such as kilometres, what it means counts.
void check_coordinate(const Placement& placement, const std::string& name,
                      const Coordinate& coordinate, const Coordinates& existing) {
  const DatasetFile& file = placement.file();
  const std::size_t stored = file.find_variable(placement.stored(name).name);
  if (coordinate.is_text()) {
    if (file.read_strings(stored) == coordinate.labels) return;
    throw Error(Errc::invalid_argument, "coordinate '{}' differs from the one in '{}'", name,
                file.path());
  }
  const OwnedBlock cells = whole(coordinate.cells);
  const Coordinate* decoded = find_coordinate(existing, name);
  if (decoded && !decoded->is_text() &&
      decoded->attributes.text("units") == coordinate.attributes.text("units")) {
    return check_equal_cells(name, cells.view(), whole(decoded->cells).view(), file.path());
  }
  OwnedBlock there(file.variables()[stored].schema.whole(), file.variables()[stored].schema.dtype);
  file.read(stored, there.view());
  const OwnedBlock mine = placement.as_stored(name, cells.view(), coordinate.attributes);
  check_equal_cells(name, mine.view(), there.view(), file.path());
}

void place_coordinate(DatasetWriter& writer, const Placement& placement, const std::string& name,
                      const Coordinate& coordinate) {
  const VariableSpec spec = placement.fit_coordinate(name, schema_of(coordinate));
  if (coordinate.is_text()) return writer.write_strings(writer.add(spec), coordinate.labels);
  const OwnedBlock cells =
      placement.as_stored(name, whole(coordinate.cells).view(), coordinate.attributes);
  if (placement.is_label_of_region(name, coordinate.dims))
    return placement.check_same_labels(name, cells.view());
  placement.check_continues(name, cells.view());
  write_chunks(writer, spec, cells.view());
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

namespace {

/// A dataset on its way into a file: what each variable is to be, and the plan that makes it.
struct Writing {
  std::vector<Target> targets;
  std::vector<VariableSpec> specs;
  std::unique_ptr<DatasetWriter> writer;
  Plan plan;
  bool is_done = false;  ///< by a run that died before it had tidied up
};

Writing start_new(const Dataset& dataset, const std::string& path, const WriteOptions& options) {
  Writing w;
  w.targets = targets_of(dataset, options);
  PlanOptions plan_options = options.run.plan;
  for (const Target& t : w.targets)
    plan_options.writer_bytes += writer_bytes(path, t.array.schema(), plan_options.n_threads);
  w.plan = make_plan(w.targets, plan_options);
  std::string id = plan_id(w.plan);
  for (const Target& t : w.targets)
    id += fmt::format("-{}", fmt::join(t.chunks.max_chunk_shape(), "x"));
  w.writer = create_file(path, {.group = options.group,
                                .overwrite = options.overwrite,
                                .run_id = id,
                                .zarr_format = options.zarr_format,
                                .cloud_optimized = options.cloud_optimized,
                                .resampling = options.resampling,
                                .interleave = options.interleave});
  w.writer->set_attributes(dataset.attributes);
  for (const auto& [name, coordinate] : dataset.coords)
    write_coordinate(*w.writer, name, coordinate);
  for (std::size_t i = 0; i < w.targets.size(); ++i) {
    const Schema& schema = dataset.variables[i].schema();
    VariableSpec spec;
    spec.name = w.targets[i].name;
    spec.attributes = stored_attributes(dataset, dataset.variables[i]);
    spec.schema = make_schema(schema.dims, schema.shape, schema.dtype, w.targets[i].chunks);
    if (const auto fill = spec.attributes.number("_FillValue"))
      spec.fill_value = *fill;
    else if (is_floating(schema.dtype))
      spec.fill_value = std::numeric_limits<double>::quiet_NaN();
    spec.compressor = options.compressor;
    w.specs.push_back(std::move(spec));
  }
  return w;
}

/// The work is known by what is written and how, not by what it is written into, so that a run that
/// died after its exchange is not done twice.
std::string place_id(const Dataset& dataset, const WriteOptions& options) {
  const Plan plan = make_plan(targets_of(dataset, options), options.run.plan);
  return plan_id(plan) + " " + to_string(options.place);
}

/// Variables and coordinates, each fitted or compared, before anything is staged.
Writing start_in_place(const Dataset& dataset, const std::string& path,
                       const WriteOptions& options) {
  Writing w;
  w.writer = update_file(path, {.group = options.group, .run_id = place_id(dataset, options)});
  w.is_done = w.writer->is_finished();
  if (w.is_done) return w;
  const Placement placement(open_file(path, options.group), options.place);
  OpenOptions open;
  open.group = options.group;
  const Coordinates existing = open_dataset(path, open).coords;
  std::vector<std::string> names;
  std::vector<std::pair<std::string, Coordinate>> placed;
  for (const auto& [name, coordinate] : dataset.coords) {
    names.push_back(name);
    if (placement.touches(coordinate.dims)) {
      placed.emplace_back(name, coordinate);
    } else {
      check_coordinate(placement, name, coordinate, existing);
    }
  }
  for (const DataArray& array : dataset.variables) {
    names.push_back(array.name);
    if (!placement.touches(array.dims())) {
      throw Error(Errc::invalid_argument,
                  "variable '{}' has no dimension of '{}': leave it out, it is there already",
                  array.name, to_string(options.place));
    }
    w.specs.push_back(placement.fit(array.name, array.schema(), stored_attributes(dataset, array)));
    w.targets.push_back({array.name, array.array, w.specs.back().schema.chunks});
  }
  placement.check_complete(names);
  w.plan = make_plan(w.targets, options.run.plan);
  for (const auto& [name, coordinate] : placed)
    place_coordinate(*w.writer, placement, name, coordinate);
  return w;
}

}  // namespace

RunReport write_dataset(const Dataset& dataset, const std::string& path,
                        const WriteOptions& options) {
  make_executor(options.run.executor, 1);  // refuses an unknown name before anything is written
  Writing w = is_placed(path, options.group, options.place) ? start_in_place(dataset, path, options)
                                                            : start_new(dataset, path, options);
  RunReport report;
  report.is_complete = w.is_done;
  if (!w.is_done) {
    std::vector<std::size_t> variables;
    std::vector<ChunkGrid> grids;
    for (const VariableSpec& spec : w.specs) {
      variables.push_back(w.writer->add(spec));
      grids.push_back(spec.schema.chunks);
    }
    report = store_plan(w.plan, grids, *w.writer, variables, options.run);
  }
  if (report.is_complete) w.writer->finish();
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
  if (!run_tasks(plan, program, tasks, sink, options).is_complete)
    throw Error(Errc::unavailable, "compute: stopped before all cells were made");
  return cells;
}

}  // namespace rastream
