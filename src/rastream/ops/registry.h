// SPDX-License-Identifier: Apache-2.0
// The table of all operators: what a plan's JSON may name, and what help and reference pages list.
#pragma once

#include <string_view>
#include <vector>

#include "rastream/graph/array.h"

namespace rastream {

/// All operators, by family. Made once, then constant; names are unique.
const std::vector<OperatorInfo>& operators();

/// Throws not_found, naming `name`.
const OperatorInfo& find_operator(std::string_view name);

}  // namespace rastream
