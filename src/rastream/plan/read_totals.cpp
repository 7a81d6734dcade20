// SPDX-License-Identifier: Apache-2.0
#include "rastream/plan/read_totals.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>

#include "rastream/ops/read.h"
#include "rastream/plan/schedule.h"

namespace rastream {
namespace {

/// Chunks touched by reading along one dimension in pieces, and how often.
struct Touched {
  std::vector<std::int64_t> chunks;  // distinct, rising
  std::int64_t n_reads = 0;
  double wanted = 0;   // cells of the distinct chunks
  double decoded = 0;  // cells of all chunk reads
};

/// `pieces` rise and may overlap; they count from `origin` along `cuts`.
Touched touched_along(const Cuts& cuts, const std::vector<Interval>& pieces, std::int64_t origin) {
  Touched t;
  for (const Interval& piece : pieces) {
    if (piece.is_empty()) continue;
    for (std::int64_t c = cuts.chunk_of(origin + piece.begin);
         c <= cuts.chunk_of(origin + piece.end - 1); ++c) {
      const auto cells = static_cast<double>(cuts.end_of(c) - cuts.begin_of(c));
      t.decoded += cells;
      ++t.n_reads;
      if (!t.chunks.empty() && c <= t.chunks.back()) continue;
      t.wanted += cells;
      t.chunks.push_back(c);
    }
  }
  return t;
}

/// The pieces along each dimension in which the plan reads a source.
std::vector<std::vector<Interval>> pieces_of(const Program& program, int source) {
  const ProgramNode& n = program.node(source);
  std::vector<std::vector<Interval>> pieces(n.roles.size());
  for (std::size_t axis = 0; axis < n.roles.size(); ++axis) {
    if (n.roles[axis] == Role::cell && !n.is_uniform) {
      const auto& dims = program.nest().cell_dims;
      const auto at = static_cast<std::size_t>(
          std::find(dims.begin(), dims.end(), n.op->schema().dims[axis]) - dims.begin());
      Region column = program.column(0);
      const Cuts& cuts = program.nest().column_cuts[at];
      for (std::int64_t c = 0; c < cuts.n_chunks(); ++c) {
        column.begin[at] = cuts.begin_of(c);
        column.end[at] = cuts.end_of(c);
        const Region region = program.demanded_boxes(column)[static_cast<std::size_t>(source)];
        pieces[axis].push_back({region.begin[axis], region.end[axis]});
      }
    } else if (n.roles[axis] == Role::stream && !n.is_uniform) {
      for (std::size_t w = 0; w < program.walks().size(); ++w) {
        Schedule schedule(program, w);
        const std::int64_t clock = program.walks()[w].clock;
        for (std::int64_t begin = 0; begin < clock; begin += program.nest().slab) {
          const auto steps = schedule.advance(begin, std::min(begin + program.nest().slab, clock));
          pieces[axis].push_back(steps[static_cast<std::size_t>(source)].made);
        }
      }
    } else {
      pieces[axis].push_back({0, n.op->schema().shape[axis]});
    }
  }
  return pieces;
}

/// Columns that differ only along dimensions that a source lacks: each reads the same cells of it.
std::int64_t n_columns_alike(const Nest& nest, const Schema& source) {
  std::int64_t n = 1;
  for (std::size_t i = 0; i < nest.cell_dims.size(); ++i) {
    if (!source.has(nest.cell_dims[i])) n *= nest.column_cuts[i].n_chunks();
  }
  return n;
}

/// The chunks that one source touches, as numbers of the chunk grid along each dimension.
using Box = std::vector<std::vector<std::int64_t>>;

double n_chunks_in(const Box& box) {
  double n = 1;
  for (const auto& along : box) n *= static_cast<double>(along.size());
  return n;
}

/// A stored variable, which several sources of a plan may read in different windows.
struct StoredVariable {
  const ChunkGrid* grid = nullptr;
  std::vector<Box> boxes;
  double box_bytes = 0;  // decoded bytes of the chunks in each box

  /// Chunks in any of the boxes.
  std::int64_t n_chunks() const {
    if (boxes.size() == 1) return static_cast<std::int64_t>(n_chunks_in(boxes.front()));
    std::set<std::int64_t> numbers;
    for (const Box& box : boxes) {
      Extents sizes(box.size());
      for (std::size_t i = 0; i < box.size(); ++i)
        sizes[i] = static_cast<std::int64_t>(box[i].size());
      for_each_index(Region::whole(sizes), [&](const Extents& at) {
        Extents index(at.size());
        for (std::size_t i = 0; i < at.size(); ++i)
          index[i] = box[i][static_cast<std::size_t>(at[i])];
        numbers.insert(grid->chunk_number(index));
      });
    }
    return static_cast<std::int64_t>(numbers.size());
  }
  /// The share of the boxes' chunks that is left when each counts once.
  double distinct_share() const {
    double n = 0;
    for (const Box& box : boxes) n += n_chunks_in(box);
    return n > 0 ? static_cast<double>(n_chunks()) / n : 1;
  }
};

}  // namespace

ReadTotals read_totals(const Program& program) {
  ReadTotals totals;
  std::set<std::string> files;
  std::map<std::pair<const DatasetFile*, std::string>, StoredVariable> variables;
  for (std::size_t i = 0; i < program.nodes().size(); ++i) {
    const ProgramNode& n = program.nodes()[i];
    const auto* read = dynamic_cast<const Read*>(n.op);
    if (!read || n.is_uniform) continue;
    const Schema& schema = n.op->schema();
    files.insert(read->file().path());
    StoredVariable& variable = variables[{&read->file(), read->variable().name}];
    variable.grid = &read->variable().schema.chunks;
    Box& box = variable.boxes.emplace_back();
    double wanted = static_cast<double>(item_size(schema.dtype));
    std::int64_t n_reads = n_columns_alike(program.nest(), schema);
    double decoded = wanted * static_cast<double>(n_reads);
    const auto pieces = pieces_of(program, static_cast<int>(i));
    for (std::size_t axis = 0; axis < schema.rank(); ++axis) {
      const Touched t =
          touched_along(variable.grid->cuts(axis), pieces[axis], read->window().begin[axis]);
      wanted *= t.wanted;
      decoded *= t.decoded;
      n_reads *= t.n_reads;
      box.push_back(t.chunks);
    }
    variable.box_bytes += wanted;
    totals.decoded_bytes += decoded;
    totals.n_reads += n_reads;
    if (const auto stored = n.source->stored_bytes(schema.whole()))
      totals.stored_bytes += static_cast<double>(*stored);
  }
  for (const auto& [key, variable] : variables) {
    totals.n_chunks += variable.n_chunks();
    totals.wanted_bytes += variable.box_bytes * variable.distinct_share();
  }
  totals.n_files = static_cast<std::int64_t>(files.size());
  return totals;
}

ReadTotals read_totals(const Plan& plan) { return read_totals(Program(plan)); }

}  // namespace rastream
