// SPDX-License-Identifier: Apache-2.0
// A region in pieces that fit into memory.
#pragma once

#include <cstdint>
#include <vector>

#include "rastream/array/region.h"

namespace rastream {

/// `region` in pieces of at most `most_cells` cells, in C order: halved along its first dimension
/// that has two indices, and so on. A `most_cells` below 1 means 1; an empty region is one piece.
std::vector<Region> halve(const Region& region, std::int64_t most_cells);

}  // namespace rastream
