// SPDX-License-Identifier: Apache-2.0
// Which dimension is streamed, which are cut into columns, which are looped: decided from the graph
// alone.
#pragma once

#include <string>
#include <vector>

#include "rastream/plan/plan.h"

namespace rastream {

/// Sets stream, cell_dims, loop_dims, cell_lists and column_cuts of a nest for the nodes in
/// topological order.
Nest choose_nest(const std::vector<Array>& nodes, const std::vector<Output>& outputs,
                 const std::vector<Target>& targets);

/// Nodes that a later walk reads and that are not cheap to make again, for the chosen dimensions.
std::vector<int> nodes_to_keep(const std::vector<Array>& nodes,
                               const std::vector<std::vector<int>>& inputs, const Nest& nest);

}  // namespace rastream
