// SPDX-License-Identifier: Apache-2.0
// A plan is data: the graph as numbered nodes, and the loop nest that will walk it. It is written
// as JSON, read back on another machine, and turned into cells by run_task. Nothing in it is a
// pointer to code.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "rastream/array/chunk_grid.h"
#include "rastream/base/json.h"
#include "rastream/graph/array.h"

namespace rastream {

/// A node: an operator by name, its parameters, and the numbers of its inputs, which are smaller
/// than its own.
struct PlanNode {
  std::string op;
  Json params;
  std::vector<int> inputs;
  friend bool operator==(const PlanNode&, const PlanNode&) = default;
};

/// An array that the plan makes, under the name of the variable that receives it.
struct Output {
  std::string name;
  int node = 0;
  friend bool operator==(const Output&, const Output&) = default;
};

/// Where a node that two walks of the stream need is kept in between.
struct Kept {
  int node = 0;
  bool in_memory = true;  ///< else in a scratch file that has no name
  friend bool operator==(const Kept&, const Kept&) = default;
};

/// The parts of the bound on peak memory, in bytes. `total` is what --memory is compared with.
struct MemoryBound {
  std::int64_t process = 0;  ///< the program and its libraries
  std::int64_t slabs = 0;    ///< decoded chunks of the slab in work and the slab being read
  std::int64_t state = 0;    ///< fold states and remembered steps of all cells of a column
  std::int64_t kept = 0;     ///< nodes kept in memory between walks
  std::int64_t outputs =
      0;  ///< finished cells of a column, and output chunks waiting for their neighbours
  std::int64_t workers = 0;  ///< kernels' buffers and decoders' scratch, times threads
  std::int64_t total() const { return process + slabs + state + kept + outputs + workers; }
  friend bool operator==(const MemoryBound&, const MemoryBound&) = default;
};

/// What a dimension of a node is to the nest.
enum class Role : std::uint8_t { stream, loop, cell, whole };

/// The loop nest of all tasks:
///
///   for column in tasks: for walk: for slab of `slab` steps of `stream`: for tile of `tile_cells`
///   cells:
///     for `step` steps: for loop dimension: run the kernels
///
/// Invariant: `column_cuts[i]` cuts cell_dims[i]; tasks are their product in C order.
struct Nest {
  std::string stream;  ///< the dimension that is walked in order; empty when none is
  std::vector<std::string> cell_dims;  ///< cut into columns and tiles
  std::vector<std::string> loop_dims;  ///< never whole in memory: one index at a time
  std::vector<Cuts> column_cuts;
  std::int64_t slab = 1;  ///< steps read and decoded together
  std::int64_t step = 1;  ///< steps a kernel sees at once
  std::int64_t tile_cells = 1024;
  bool cell_lists = false;         ///< tiles are lists of cells that hold data, not boxes
  bool read_ahead = true;          ///< decode the next slab while computing this one
  bool tasks_in_parallel = false;  ///< threads work on different tasks, not inside one
  /// Most bytes of output chunks that wait in memory for cells of other columns or slabs; the rest
  /// waits in a scratch file. Nothing: as many as there are.
  std::optional<std::int64_t> most_waiting;
  std::vector<Kept> kept;
  std::int64_t n_tasks() const;
  Role role_of(const std::string& dim) const;
  friend bool operator==(const Nest&, const Nest&) = default;
};

struct Plan {
  std::vector<PlanNode> nodes;
  std::vector<Output> outputs;
  Nest nest;
  std::int64_t n_threads = 1;
  MemoryBound bound;
  friend bool operator==(const Plan&, const Plan&) = default;
};

/// An array to make and the chunks in which it is stored.
struct Target {
  std::string name;
  Array array;
  ChunkGrid chunks;
};

Json to_json(const Plan& plan);
/// Throws data_loss or invalid_argument for JSON that is not a plan of this version.
Plan plan_from_json(const Json& json);

/// A hash of everything that decides the output's bytes: nodes and outputs, not tiles or threads.
std::string plan_id(const Plan& plan);

/// The arrays of all nodes, made through the operator registry.
std::vector<Array> arrays_of(const Plan& plan);

}  // namespace rastream
