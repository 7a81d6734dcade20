// SPDX-License-Identifier: Apache-2.0
#include "rastream/plan/rules/where_not.h"

#include "rastream/ops/registry.h"

namespace rastream {

/// Pattern: where(logical_not(c), a, b). Both branches have the promoted dtype already, so they may
/// change places. The order of an output's dimensions follows that of the inputs, so it must stay
/// the same.
Array where_not(const Array& array) {
  const Node& node = array.node();
  if (node.name != "where" || node.inputs.front().node().name != "logical_not") return array;
  const Array condition = node.inputs[0].inputs().front();
  const Array swapped = find_operator("where").make(
      "where", {condition, node.inputs[2], node.inputs[1]}, node.params);
  return swapped.schema().dims == array.schema().dims ? swapped : array;
}

}  // namespace rastream
