// SPDX-License-Identifier: Apache-2.0
// Rewriting of the graph before it is lowered. A rule never changes a cell (law of rule
// invariance).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "rastream/graph/array.h"

namespace rastream {

/// One rewrite: looks at a node whose inputs have been rewritten and returns it or an equal array.
struct Rule {
  std::string_view name;
  std::string_view summary;
  Array (*apply)(const Array& array);
};

/// All rules, in the order in which they are tried at a node.
const std::vector<Rule>& rules();

/// The arrays with equal nodes made one, and every rule that is not in `disabled` applied until
/// none changes anything. Throws invalid_argument for an unknown name in `disabled`.
std::vector<Array> optimize(const std::vector<Array>& arrays,
                            const std::vector<std::string>& disabled = {});

}  // namespace rastream
