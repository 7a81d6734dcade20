// SPDX-License-Identifier: Apache-2.0
#include "rastream/exec/write_dataset.h"

#include <sys/resource.h>

#include <algorithm>
#include <chrono>

#include "rastream/base/progress.h"
#include "rastream/exec/chunk_assembler.h"
#include "rastream/format/format.h"
#include "rastream/ops/labelled.h"

namespace rastream {
namespace {

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + 1e-6 * static_cast<double>(t.tv_usec);
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

std::int64_t peak_resident_bytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return std::int64_t{1024} * usage.ru_maxrss;
}

/// Progress in cell-steps of the largest source, or in cells of the outputs.
double work_in(const Plan& plan) {
  double most = 0;
  for (const Array& array : arrays_of(plan)) {
    if (dynamic_cast<const Source*>(array.node().op.get())) {
      most = std::max(most, static_cast<double>(array.schema().n_cells()));
    }
  }
  return most > 0 ? most : static_cast<double>(plan.nest.n_tasks());
}

class ProgressObserver final : public Observer {
 public:
  ProgressObserver(const RunOptions& options, const Plan& plan, std::size_t n_tasks)
      : share_(static_cast<double>(n_tasks) /
               static_cast<double>(std::max<std::int64_t>(1, plan.nest.n_tasks()))),
        n_tasks_(static_cast<double>(std::max<std::size_t>(1, n_tasks))),
        work_(options.progress ? work_in(plan) * share_ : 0),
        progress_(options.label, work_, "cell-steps", options.progress) {}
  void on_progress(double tasks_done) override { progress_.update(work_ * tasks_done / n_tasks_); }

 private:
  double share_;
  double n_tasks_;
  double work_;
  Progress progress_;
};

/// Runs `tasks` of the plan into `sink`, and measures.
RunReport run_tasks(const Plan& plan, const Program& program,
                    const std::vector<std::int64_t>& tasks, CellSink& sink,
                    const RunOptions& options) {
  const auto begin = std::chrono::steady_clock::now();
  const double cpu = cpu_seconds();
  ProgressObserver observer(options, plan, tasks.size());
  RunReport report;
  report.is_complete = make_executor(options.executor, plan.n_threads)
                           ->run(program, tasks, sink, observer, options.stop);
  report.n_tasks = plan.nest.n_tasks();
  report.n_tasks_resumed = report.n_tasks - static_cast<std::int64_t>(tasks.size());
  report.wall_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  report.cpu_s = cpu_seconds() - cpu;
  return report;
}

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

/// Tasks of which some chunk is not yet stored.
std::vector<std::int64_t> open_tasks(const Program& program, const std::vector<Target>& targets,
                                     const DatasetWriter& writer,
                                     const std::vector<std::size_t>& variables) {
  std::vector<std::int64_t> tasks;
  for (std::int64_t task = 0; task < program.nest().n_tasks(); ++task) {
    bool is_done = true;
    for (std::size_t o = 0; o < targets.size() && is_done; ++o) {
      const Region region =
          program.node_region(program.plan().outputs[o].node, program.column(task));
      if (region.is_empty()) continue;
      for_each_index(targets[o].chunks.chunks_touching(region), [&](const Extents& index) {
        is_done =
            is_done && writer.is_committed(variables[o], targets[o].chunks.chunk_number(index));
      });
    }
    if (!is_done) tasks.push_back(task);
  }
  return tasks;
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
  Plan plan = make_plan(targets, options.run.plan);
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
  const Program program(plan);
  const std::vector<std::int64_t> tasks = open_tasks(program, targets, *writer, variables);
  ChunkAssembler assembler(
      std::move(grids),
      [&](std::size_t output, const Block& chunk) { writer->write(variables[output], chunk); },
      [&](std::size_t output, std::int64_t chunk) {
        return writer->is_committed(variables[output], chunk);
      });
  RunReport report = run_tasks(plan, program, tasks, assembler, options.run);
  if (report.is_complete) writer->finish();
  report.peak_bytes = peak_resident_bytes();
  report.plan = std::move(plan);
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
