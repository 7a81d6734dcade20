// SPDX-License-Identifier: Apache-2.0
#include "rastream/plan/explain.h"

#include "rastream/base/bytes.h"
#include "rastream/plan/program.h"
#include "rastream/plan/read_totals.h"

namespace rastream {
namespace {

std::string dims_text(const Schema& schema) {
  std::string text = "(";
  for (std::size_t i = 0; i < schema.rank(); ++i) {
    text += fmt::format("{}{} {}", i ? ", " : "", schema.dims[i], schema.shape[i]);
  }
  return text + ")";
}

std::string cuts_text(const Cuts& cuts) {
  if (const auto chunk = cuts.regular_chunk())
    return fmt::format("{}", std::min(*chunk, cuts.size()));
  return fmt::format("up to {}", cuts.max_chunk());
}

std::string level_text(const ProgramNode& n) {
  if (n.is_uniform) return "once";
  std::string text =
      n.has_stream() ? fmt::format("walk {}", n.level) : fmt::format("rest {}", n.level);
  if (n.loop_axis >= 0) text += ", loop";
  if (n.space >= 0) text += ", by runs";
  if (n.remembered > 0) text += fmt::format(", remembers {}", n.remembered);
  if (n.kept >= 0) text += ", kept";
  return text;
}

std::string inputs_text(const ProgramNode& n) {
  std::string text;
  for (const int input : n.inputs) text += fmt::format("{}#{}", text.empty() ? "" : " ", input);
  return text;
}

std::string nest_text(const Program& program) {
  const Nest& nest = program.nest();
  std::string columns;
  for (std::size_t i = 0; i < nest.cell_dims.size(); ++i) {
    columns +=
        fmt::format("{}{} {}", i ? " x " : "", nest.cell_dims[i], cuts_text(nest.column_cuts[i]));
  }
  std::string text = fmt::format("for each of {} columns ({}){}\n", nest.n_tasks(),
                                 columns.empty() ? "one" : columns,
                                 nest.tasks_in_parallel ? ", side by side" : "");
  std::string indent = "  ";
  if (!nest.stream.empty()) {
    std::string clocks;
    for (const Level& walk : program.walks())
      clocks += fmt::format("{}{}", clocks.empty() ? "" : " + ", walk.clock);
    text += fmt::format("  for each slab of {} of {} steps of '{}'{}\n", nest.slab, clocks,
                        nest.stream, nest.read_ahead ? ", the next being read" : "");
    indent += "  ";
  }
  text += fmt::format("{}for each tile of {} cells{}\n", indent, nest.tile_cells,
                      nest.cell_lists ? " that hold data" : "");
  indent += "  ";
  if (!nest.stream.empty())
    text +=
        fmt::format("{}for {} step{} at a time\n", indent, nest.step, nest.step == 1 ? "" : "s");
  for (const std::string& dim : nest.loop_dims)
    text += fmt::format("{}  for each index of '{}'\n", indent, dim);
  return text;
}

}  // namespace

std::string explain(const Plan& plan) {
  const Program program(plan);
  const ReadTotals totals = read_totals(program);
  const MemoryBound& b = plan.bound;
  const auto bytes = [](std::int64_t n) { return format_bytes(static_cast<double>(n)); };
  std::string text;
  text += fmt::format("reads    {} files, {} chunks, {} stored, {} decoded, amplification {:.2f}\n",
                      totals.n_files, totals.n_chunks, format_bytes(totals.stored_bytes),
                      format_bytes(totals.decoded_bytes), totals.amplification());
  for (const Output& output : plan.outputs) {
    const Schema& schema = program.node(output.node).op->schema();
    text += fmt::format("makes    {} {} {} = #{}\n", output.name, dims_text(schema),
                        to_string(schema.dtype), output.node);
  }
  text += fmt::format("tasks    {} on {} thread{}\n", plan.nest.n_tasks(), plan.n_threads,
                      plan.n_threads == 1 ? "" : "s");
  text += fmt::format(
      "memory   at most {}: process {}, slabs {}, state {}, kept {}, outputs {}, workers {}\n",
      bytes(b.total()), bytes(b.process), bytes(b.slabs), bytes(b.state), bytes(b.kept),
      bytes(b.outputs), bytes(b.workers));
  text += fmt::format("\n{}\n", nest_text(program));
  for (const Kept& kept : plan.nest.kept) {
    const ProgramNode& n = program.node(kept.node);
    text += fmt::format(
        "#{} is wanted by two walks: kept {} ({} a cell), as making it again costs more\n",
        kept.node, kept.in_memory ? "in memory" : "in a scratch file",
        bytes(n.stream_size * n.whole_cells * n.item_bytes));
  }
  for (std::size_t i = 0; i < program.nodes().size(); ++i) {
    const ProgramNode& n = program.nodes()[i];
    const std::string what = n.source ? "read " + n.source->description() : plan.nodes[i].op;
    text +=
        fmt::format("#{:<3} {:<28} {:<34} {:<9} {:<24} {}\n", i, what, dims_text(n.op->schema()),
                    to_string(n.op->schema().dtype), level_text(n), inputs_text(n));
  }
  return text;
}

}  // namespace rastream
