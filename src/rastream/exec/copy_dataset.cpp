// SPDX-License-Identifier: Apache-2.0
#include "rastream/exec/copy_dataset.h"

#include <algorithm>
#include <atomic>
#include <chrono>

#include "rastream/array/cell_text.h"
#include "rastream/array/move_region.h"
#include "rastream/base/error.h"
#include "rastream/exec/convert_cells.h"
#include "rastream/exec/placement.h"
#include "rastream/format/writer_memory.h"
#include "rastream/ops/read.h"

namespace rastream {
namespace {

/// Variables up to this size are copied chunk by chunk without a plan.
constexpr std::int64_t kSmallBytes = std::int64_t{4} << 20;

class Copier {
 public:
  Copier(const std::string& in, const std::string& out, const CopyOptions& options,
         const RunOptions& run)
      : in_(in),
        out_(out),
        options_(options),
        run_(run),
        file_(in, options.in_group),
        selection_(select_copy(file_, out, options)) {
    if (is_placed(out, options.out_group, options.place)) {
      start_in_place(out);
    } else {
      writer_ = create_file(out, {.group = options.out_group,
                                  .overwrite = options.overwrite,
                                  .run_id = work_id(),
                                  .zarr_format = options.zarr_format,
                                  .cloud_optimized = true,
                                  .resampling = options.resampling,
                                  .unlimited = unlimited_dimensions()});
    }
    for (const CopiedVariable& v : selection_.variables) plans_.push_back(plan_of(v));
  }

  CopyReport run() {
    const auto begin = std::chrono::steady_clock::now();
    const double cpu = cpu_seconds();
    const ReadStatistics before = file_.statistics();
    if (!placement_) {
      writer_->set_attributes(selection_.attributes);
      for (const auto& [group, attributes] : selection_.groups)
        writer_->set_group_attributes(group, attributes);
    }
    for (const CopiedVariable& v : selection_.variables) variables_.push_back(writer_->add(v.spec));
    report_.is_complete = true;
    for (std::size_t i = 0; i < variables_.size() && report_.is_complete; ++i) copy(i);
    if (report_.is_complete) writer_->finish();
    const ReadStatistics after = file_.statistics();
    report_.read = {after.n_chunks - before.n_chunks, after.stored_bytes - before.stored_bytes,
                    after.decoded_bytes - before.decoded_bytes};
    report_.written_bytes = static_cast<double>(written_bytes_);
    report_.left_out = selection_.left_out;
    report_.refused = selection_.refused;
    report_.peak_bytes = peak_resident_bytes();
    report_.wall_s =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    report_.cpu_s = cpu_seconds() - cpu;
    return report_;
  }

 private:
  /// What goes into a dataset that exists is fitted, and the rest compared, before anything is
  /// staged.
  void start_in_place(const std::string& out) {
    writer_ = update_file(
        out, {.group = options_.out_group, .run_id = work_id() + " " + to_string(options_.place)});
    std::vector<CopiedVariable> all = std::move(selection_.variables);
    selection_.variables.clear();
    if (writer_->is_finished()) return;
    placement_.emplace(open_file(out, options_.out_group), options_.place);
    std::vector<std::string> names;
    for (CopiedVariable& v : all) {
      names.push_back(v.spec.name);
      const std::vector<std::string>& dims = v.spec.schema.dims;
      if (!placement_->touches(dims)) {
        check_untouched(v);
      } else if (placement_->is_label_of_region(v.spec.name, dims)) {
        if (!v.is_text()) placement_->check_same_labels(v.spec.name, stored_labels(v).view());
      } else {
        fit(v);
        selection_.variables.push_back(std::move(v));
      }
    }
    placement_->check_complete(names);
  }

  void fit(CopiedVariable& v) const {
    if (is_label(v)) {
      v.spec = placement_->fit_coordinate(v.spec.name, v.spec.schema);
      placement_->check_continues(v.spec.name, stored_labels(v).view());
    } else {
      v.spec = placement_->fit(v.spec.name, v.spec.schema, v.spec.attributes);
    }
  }

  /// Numbers along one dimension, whose units of time may differ from those that are stored.
  static bool is_label(const CopiedVariable& v) {
    return !v.is_text() && v.spec.schema.dims == std::vector<std::string>{v.spec.name};
  }

  OwnedBlock stored_labels(const CopiedVariable& v) const {
    return placement_->as_stored(v.spec.name, window_cells(v, v.window).view(),
                                 source(v).attributes);
  }

  /// The source's cells in `window`, in the copy's index space.
  OwnedBlock window_cells(const CopiedVariable& v, const Region& window) const {
    OwnedBlock cells(window, source(v).schema.dtype);
    file_.read(v.source, cells.view());
    cells.view().region = moved_back(window, v.window.begin);
    return cells;
  }

  void check_untouched(const CopiedVariable& v) const {
    const VariableInfo& stored = placement_->stored(v.spec.name);
    const DatasetFile& there = placement_->file();
    const std::size_t at = there.find_variable(stored.name);
    if (v.is_text() || stored.schema.dtype == DType::string) {
      if (v.is_text() && there.read_strings(at) == text_of(v)) return;
      throw Error(Errc::invalid_argument, "'{}' differs from the one in '{}'", v.spec.name,
                  there.path());
    }
    if (stored.schema.shape != v.window.shape()) {
      throw Error(Errc::invalid_argument, "'{}' has shape {}, and {} in '{}'", v.spec.name,
                  to_string(v.window.shape()), to_string(stored.schema.shape), there.path());
    }
    for (std::int64_t c = 0; c < stored.schema.chunks.n_chunks(); ++c) {
      const Region region = stored.schema.chunks.chunk_region(c);
      const Region window = moved(region, v.window.begin);
      OwnedBlock cells(region, stored.schema.dtype);
      there.read(at, cells.view());
      check_equal_cells(v.spec.name, window_cells(v, window).view(), cells.view(), there.path());
    }
  }

  std::vector<std::string> unlimited_dimensions() const {
    std::vector<std::string> names;
    for (const DimensionInfo& d : file_.dimensions()) {
      if (d.is_unlimited) names.push_back(d.name);
    }
    return names;
  }

  const VariableInfo& source(const CopiedVariable& v) const { return file_.variables()[v.source]; }

  static bool is_small(const CopiedVariable& v) {
    return v.is_text() || is_label(v) || v.spec.schema.rank() == 0 || v.window.n_cells() == 0 ||
           v.spec.schema.size_bytes() <= static_cast<double>(kSmallBytes);
  }

  std::optional<Plan> plan_of(const CopiedVariable& v) const {
    if (is_small(v)) return std::nullopt;
    PlanOptions plan = run_.plan;
    plan.writer_bytes = writer_bytes(out_, v.spec.schema, plan.n_threads) + conversion_bytes(v);
    Read::Params params;
    params.path = in_;
    const DatasetTree::Place place = file_.place(v.source);
    params.group = place.group;
    params.variable = place.variable;
    if (!(v.window == source(v).schema.whole())) {
      params.begin.assign(v.window.begin.begin(), v.window.begin.end());
      params.end.assign(v.window.end.begin(), v.window.end.end());
    }
    return make_plan(
        {{v.spec.name, apply<Read>("read", {}, std::move(params)), v.spec.schema.chunks}}, plan);
  }

  /// Each thread converts one chunk at a time into another dtype.
  std::int64_t conversion_bytes(const CopiedVariable& v) const {
    const Schema& schema = v.spec.schema;
    if (schema.dtype == source(v).schema.dtype) return 0;
    return run_.plan.n_threads * product(schema.chunks.max_chunk_shape()) *
           static_cast<std::int64_t>(item_size(schema.dtype));
  }

  /// Everything that decides the bytes of the copy.
  std::string work_id() const {
    Plan all;
    for (const CopiedVariable& v : selection_.variables) {
      const VariableSpec& spec = v.spec;
      all.nodes.push_back({"copy",
                           {{"path", in_},
                            {"group", options_.in_group},
                            {"variable", spec.name},
                            {"window", to_string(v.window)},
                            {"dtype", to_string(spec.schema.dtype)},
                            {"chunks", to_string(spec.schema.chunks.max_chunk_shape())},
                            {"inner", to_string(spec.inner_chunks)},
                            {"codec", spec.compressor},
                            {"level", spec.level},
                            {"resampling", options_.resampling}},
                           {}});
    }
    return plan_id(all);
  }

  void copy(std::size_t i) {
    const CopiedVariable& v = selection_.variables[i];
    report_.n_variables += 1;
    report_.n_cells += v.window.n_cells();
    try {
      if (v.is_text()) {
        copy_text(i);
      } else if (plans_[i]) {
        copy_by_plan(i);
      } else {
        copy_small(i);
      }
    } catch (Error& e) {
      throw std::move(e.add_context(fmt::format("copying variable '{}'", v.spec.name)));
    }
  }

  void copy_text(std::size_t i) {
    writer_->write_strings(variables_[i], text_of(selection_.variables[i]));
  }

  std::vector<std::string> text_of(const CopiedVariable& v) const {
    const std::vector<std::string> all = file_.read_strings(v.source);
    std::vector<std::string> cells;
    const ChunkGrid whole = ChunkGrid::regular(source(v).schema.shape, Extents(v.window.rank(), 1));
    for_each_index(v.window, [&](const Extents& index) {
      cells.push_back(all.at(static_cast<std::size_t>(whole.chunk_number(index))));
    });
    return cells;
  }

  void copy_small(std::size_t i) {
    const CopiedVariable& v = selection_.variables[i];
    if (v.window.n_cells() == 0) return;
    const OwnedBlock cells =
        placement_ && is_label(v) ? stored_labels(v) : window_cells(v, v.window);
    count_source(v);
    const ChunkGrid& grid = v.spec.schema.chunks;
    for (std::int64_t c = 0; c < grid.n_chunks(); ++c) {
      if (!writer_->is_committed(variables_[i], c))
        store(i, cells.view().sub(grid.chunk_region(c)));
    }
  }

  void copy_by_plan(std::size_t i) {
    const CopiedVariable& v = selection_.variables[i];
    RunOptions run = run_;
    run.label = v.spec.name;
    count_source(v);
    const RunReport report =
        store_plan(*plans_[i], {v.spec.schema.chunks}, *writer_, {variables_[i]}, run,
                   [&](std::size_t, const Block& chunk) { store(i, chunk); });
    report_.is_complete = report.is_complete;
    report_.n_tasks_resumed += report.n_tasks_resumed;
    report_.scratch_bytes += report.scratch_bytes;
    report_.bound_bytes = std::max(report_.bound_bytes, plans_[i]->bound.total());
  }

  /// Adds what the variable's chunks hold.
  void count_source(const CopiedVariable& v) {
    const Schema& schema = source(v).schema;
    double cells = 1;
    for (std::size_t axis = 0; axis < schema.rank(); ++axis) {
      const Cuts& cuts = schema.chunks.cuts(axis);
      const std::int64_t first = cuts.chunk_of(v.window.begin[axis]);
      const std::int64_t last = cuts.chunk_of(v.window.end[axis] - 1);
      cells *= static_cast<double>(cuts.end_of(last) - cuts.begin_of(first));
    }
    report_.wanted_bytes += cells * static_cast<double>(item_size(schema.dtype));
    report_.target_bytes += v.spec.schema.size_bytes();
  }

  void store(std::size_t i, const Block& chunk) {
    const CopiedVariable& v = selection_.variables[i];
    const DType dtype = v.spec.schema.dtype;
    written_bytes_ += chunk.n_cells() * static_cast<std::int64_t>(item_size(dtype));
    if (chunk.dtype == dtype) return writer_->write(variables_[i], chunk);
    const OwnedBlock converted(chunk.region, dtype);
    if (const auto bad = convert_cells(chunk, converted.view())) {
      throw Error(Errc::invalid_argument,
                  "variable '{}': cell {} is {}, which does not fit {}: choose a wider --dtype",
                  v.spec.name, to_string(*bad), cell_text(chunk, *bad), to_string(dtype));
    }
    writer_->write(variables_[i], converted.view());
  }

  std::string in_;
  std::string out_;
  const CopyOptions& options_;
  const RunOptions& run_;
  DatasetTree file_;
  CopySelection selection_;
  std::optional<Placement> placement_;  ///< when the copy goes into what exists
  std::vector<std::optional<Plan>> plans_;
  std::unique_ptr<DatasetWriter> writer_;
  std::vector<std::size_t> variables_;
  std::atomic<std::int64_t> written_bytes_ = 0;
  CopyReport report_;
};

}  // namespace

CopyReport copy_dataset(const std::string& in, const std::string& out, const CopyOptions& options,
                        const RunOptions& run) {
  return Copier(in, out, options, run).run();
}

}  // namespace rastream
