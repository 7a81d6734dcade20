// SPDX-License-Identifier: Apache-2.0
#include "rastream/plan/nest_choice.h"

#include <algorithm>
#include <map>
#include <set>

namespace rastream {
namespace {

const Operator& op_of(const Array& array) { return *array.node().op; }

const Fold* fold_of(const Array& array) {
  return op_of(array).kind() == Kind::fold ? static_cast<const Fold*>(&op_of(array)) : nullptr;
}

const Source* source_of(const Array& array) { return dynamic_cast<const Source*>(&op_of(array)); }

bool holds(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool is_folded(const std::vector<Array>& nodes, const std::string& dim) {
  return std::any_of(nodes.begin(), nodes.end(),
                     [&](const Array& a) { return fold_of(a) && fold_of(a)->over() == dim; });
}

/// True when neighbouring output cells along `dim` need some of the same input cells, as in a
/// moving window.
bool is_windowed(const std::vector<Array>& nodes, const std::string& dim) {
  for (const Array& array : nodes) {
    const Schema& schema = array.schema();
    const auto axis = schema.find_axis(dim);
    if (!axis || fold_of(array) || array.inputs().empty() || schema.shape[*axis] < 2 ||
        op_of(array).is_pointwise(dim))
      continue;
    Region first = schema.whole();
    Region second = schema.whole();
    const std::int64_t middle = schema.shape[*axis] / 2;
    first.begin[*axis] = middle - 1;
    first.end[*axis] = middle;
    second.begin[*axis] = middle;
    second.end[*axis] = middle + 1;
    for (std::size_t i = 0; i < array.inputs().size(); ++i) {
      const auto in_axis = array.inputs()[i].schema().find_axis(dim);
      if (in_axis && op_of(array).demand(first, i).end[*in_axis] >
                         op_of(array).demand(second, i).begin[*in_axis])
        return true;
    }
  }
  return false;
}

/// Stored chunks along `dim`, over all sources that have it.
std::int64_t chunks_along(const std::vector<Array>& nodes, const std::string& dim) {
  std::int64_t n = 0;
  for (const Array& array : nodes) {
    const auto axis = array.schema().find_axis(dim);
    if (source_of(array) && axis) n += array.schema().chunks.cuts(*axis).n_chunks();
  }
  return n;
}

/// The folded dimension that the sources cut most finely; without one, a dimension of moving
/// windows.
std::string choose_stream(const std::vector<Array>& nodes) {
  std::vector<std::string> dims;
  for (const Array& array : nodes) {
    if (!source_of(array)) continue;
    for (const std::string& dim : array.schema().dims) {
      if (!holds(dims, dim)) dims.push_back(dim);
    }
  }
  std::string best;
  std::int64_t most = 0;
  for (const std::string& dim : dims) {
    if (is_folded(nodes, dim) && chunks_along(nodes, dim) > most)
      best = dim, most = chunks_along(nodes, dim);
  }
  for (const std::string& dim : dims) {
    if (best.empty() && is_windowed(nodes, dim) && chunks_along(nodes, dim) > most)
      best = dim, most = chunks_along(nodes, dim);
  }
  return best;
}

/// The largest source, whose chunks decide how the cells are cut.
const Array* largest_source(const std::vector<Array>& nodes) {
  const Array* largest = nullptr;
  for (const Array& array : nodes) {
    if (source_of(array) &&
        (!largest || array.schema().size_bytes() > largest->schema().size_bytes()))
      largest = &array;
  }
  return largest;
}

/// All outputs have the dimension, in one size: a box of cells then means the same part of each.
bool is_common(const std::vector<Array>& nodes, const std::vector<Output>& outputs,
               const std::string& dim) {
  const auto size_in = [&](const Output& o) {
    const Schema& schema = nodes[static_cast<std::size_t>(o.node)].schema();
    const auto axis = schema.find_axis(dim);
    return axis ? schema.shape[*axis] : -1;
  };
  const std::int64_t size = size_in(outputs.front());
  return size >= 0 && std::all_of(outputs.begin(), outputs.end(),
                                  [&](const Output& o) { return size_in(o) == size; });
}

std::vector<std::string> choose_cell_dims(const std::vector<Array>& nodes,
                                          const std::vector<Output>& outputs,
                                          const std::string& stream) {
  std::vector<std::string> order;
  if (const Array* source = largest_source(nodes)) order = source->schema().dims;
  for (const Output& output : outputs) {
    for (const std::string& dim : nodes[static_cast<std::size_t>(output.node)].schema().dims) {
      if (!largest_source(nodes) && !holds(order, dim)) order.push_back(dim);
    }
  }
  std::vector<std::string> dims;
  for (const std::string& dim : order) {
    if (dim != stream && is_common(nodes, outputs, dim) && !is_folded(nodes, dim))
      dims.push_back(dim);
  }
  return dims;
}

/// Every node with the dimension is pointwise or a fold along it, nothing that outlives the loop
/// has it, and nothing with it depends on a fold over it. What is read along it is small enough to
/// be held whole: no cell or stream dimension.
bool can_loop(const std::vector<Array>& nodes, const std::vector<Output>& outputs,
              const std::string& dim, const Nest& nest) {
  const std::string& stream = nest.stream;
  std::set<const Node*> after;
  for (const Array& array : nodes) {
    const auto has_cell = [&](const std::string& d) {
      return d == stream || holds(nest.cell_dims, d);
    };
    const auto& dims = array.schema().dims;
    if (source_of(array) && array.schema().has(dim) &&
        std::any_of(dims.begin(), dims.end(), has_cell))
      return false;
    const bool depends = std::any_of(array.inputs().begin(), array.inputs().end(),
                                     [&](const Array& in) { return after.contains(in.id()); });
    const Fold* fold = fold_of(array);
    const bool has = array.schema().has(dim);
    if (has && depends) return false;
    if (depends || (fold && fold->over() == dim)) after.insert(array.id());
    if (fold && fold->over() == dim && fold->keeps_dim()) return false;
    const bool reads = std::any_of(array.inputs().begin(), array.inputs().end(),
                                   [&](const Array& in) { return in.schema().has(dim); });
    if (!reads || (fold && fold->over() == dim)) continue;
    if (!has || fold || source_of(array) || !op_of(array).is_pointwise(dim)) return false;
    if (array.schema().has(stream) && !op_of(array).is_pointwise(stream)) return false;
  }
  return std::none_of(outputs.begin(), outputs.end(), [&](const Output& o) {
    return nodes[static_cast<std::size_t>(o.node)].schema().has(dim);
  });
}

/// Lists of cells serve when every array with cells has all of them and no operator looks at their
/// places.
bool can_use_lists(const std::vector<Array>& nodes, const std::vector<Output>& outputs,
                   const Nest& nest) {
  if (nest.cell_dims.empty() || nest.stream.empty()) return false;
  Extents shape;
  for (const std::string& dim : nest.cell_dims) {
    const Schema& schema = nodes[static_cast<std::size_t>(outputs.front().node)].schema();
    shape.push_back(schema.shape[schema.axis(dim, "plan")]);
  }
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    const Schema& schema = nodes[i].schema();
    Extents own;
    std::size_t n_outer = schema.rank();
    for (std::size_t axis = 0; axis < schema.rank(); ++axis) {
      if (!holds(nest.cell_dims, schema.dims[axis])) continue;
      n_outer = std::min(n_outer, axis);
      if (own.size() >= nest.cell_dims.size() || schema.dims[axis] != nest.cell_dims[own.size()])
        return false;
      own.push_back(schema.shape[axis]);
      if (!op_of(nodes[i]).is_pointwise(schema.dims[axis])) return false;
    }
    if (own.empty()) continue;
    if (own != shape) return false;
    const bool is_output = std::any_of(outputs.begin(), outputs.end(), [&](const Output& o) {
      return o.node == static_cast<int>(i);
    });
    if ((source_of(nodes[i]) || is_output) && n_outer + own.size() != schema.rank()) return false;
  }
  return true;
}

/// Cuts of the outputs' cells along `dim` that follow the chunks of `schema`, which may be a
/// multiple as fine.
Cuts follow(const Schema& schema, const std::string& dim, std::int64_t size) {
  const Cuts& cuts = schema.chunks.cuts(schema.axis(dim, "plan"));
  if (cuts.size() == size || size == 0) return cuts;
  const std::int64_t ratio = std::max<std::int64_t>(1, cuts.size() / size);
  std::vector<std::int64_t> edges = {0};
  for (std::int64_t c = 0; c < cuts.n_chunks(); ++c) {
    const std::int64_t edge = std::min(size, cuts.end_of(c) / ratio);
    if (edge > edges.back()) edges.push_back(edge);
  }
  if (edges.back() != size) edges.push_back(size);
  return Cuts::explicit_edges(std::move(edges));
}

}  // namespace

Nest choose_nest(const std::vector<Array>& nodes, const std::vector<Output>& outputs,
                 const std::vector<Target>& targets) {
  Nest nest;
  nest.stream = choose_stream(nodes);
  nest.cell_dims = choose_cell_dims(nodes, outputs, nest.stream);
  std::set<std::string> looked_at;
  for (const Array& array : nodes) {
    const Fold* fold = fold_of(array);
    if (!fold || fold->over() == nest.stream || !looked_at.insert(fold->over()).second) continue;
    if (can_loop(nodes, outputs, fold->over(), nest)) nest.loop_dims.push_back(fold->over());
  }
  // Nodes with two loop dimensions would need nested loops; the first is looped, the others are
  // held whole.
  if (nest.loop_dims.size() > 1) nest.loop_dims.resize(1);
  nest.cell_lists = can_use_lists(nodes, outputs, nest);
  const Array* source = largest_source(nodes);
  const Schema& output = nodes[static_cast<std::size_t>(outputs.front().node)].schema();
  for (const std::string& dim : nest.cell_dims) {
    const std::int64_t size = output.shape[output.axis(dim, "plan")];
    if (source && source->schema().has(dim)) {
      nest.column_cuts.push_back(follow(source->schema(), dim, size));
    } else {
      nest.column_cuts.push_back(targets.front().chunks.cuts(output.axis(dim, "plan")));
    }
  }
  return nest;
}

std::vector<int> nodes_to_keep(const std::vector<Array>& nodes,
                               const std::vector<std::vector<int>>& inputs, const Nest& nest) {
  if (nest.stream.empty()) return {};
  std::vector<int> level(nodes.size(), 0);
  std::vector<bool> has_cells(nodes.size(), false);
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    for (const std::string& dim : nest.cell_dims)
      has_cells[i] = has_cells[i] || nodes[i].schema().has(dim);
    const Fold* fold = fold_of(nodes[i]);
    const bool closes = fold && fold->over() == nest.stream && !fold->keeps_dim();
    for (const int in : inputs[i]) {
      const auto at = static_cast<std::size_t>(in);
      if (has_cells[at])
        level[i] =
            std::max(level[i], level[at] + (closes && nodes[at].schema().has(nest.stream) ? 1 : 0));
      has_cells[i] = has_cells[i] || has_cells[at];
    }
  }
  std::set<int> kept;
  // Follows a later walk's inputs down to the first nodes of an earlier walk that are not mere
  // views.
  const auto follow_down = [&](auto& self, int i, int walk) -> void {
    const auto at = static_cast<std::size_t>(i);
    if (!has_cells[at] || !nodes[at].schema().has(nest.stream) || source_of(nodes[at])) return;
    if (level[at] < walk && !op_of(nodes[at]).is_view()) {
      kept.insert(i);
      return;
    }
    for (const int in : inputs[at]) self(self, in, walk);
  };
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    const Fold* fold = fold_of(nodes[i]);
    const bool closes = fold && fold->over() == nest.stream && !fold->keeps_dim();
    const int walk = closes ? level[i] - 1 : level[i];
    if (!closes && !nodes[i].schema().has(nest.stream)) continue;
    for (const int in : inputs[i]) follow_down(follow_down, in, walk);
  }
  return {kept.begin(), kept.end()};
}

}  // namespace rastream
