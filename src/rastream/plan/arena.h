// SPDX-License-Identifier: Apache-2.0
// Where in a worker's memory the cells of each node go: nodes that are never wanted at the same
// time share a place, so that a chain of any length stays in cache.
#pragma once

#include <cstdint>
#include <vector>

#include "rastream/plan/program.h"

namespace rastream {

struct Lifetime {
  enum class Use { cells, spread, loop_state };
  int node = 0;
  Use use = Use::cells;
  std::size_t first = 0;  ///< first and last instruction, both included
  std::size_t last = 0;
  std::int64_t size_bytes = 0;
  std::int64_t offset = 0;  ///< set by place()
};

std::vector<Lifetime> lifetimes_of(const Program& program, const Level& level);

/// Sets the offsets, first fit in order of size; returns the bytes in all. Post-condition:
/// lifetimes that share an instruction do not share a byte; offsets are multiples of 64.
std::int64_t place(std::vector<Lifetime>& lifetimes);

}  // namespace rastream
