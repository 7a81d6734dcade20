// SPDX-License-Identifier: Apache-2.0
// Which steps of each node a block of the walk's clock needs. The same for all tiles, so it is
// worked out once a slab.
#pragma once

#include <cstdint>
#include <vector>

#include "rastream/plan/program.h"

namespace rastream {

struct Interval {
  std::int64_t begin = 0;
  std::int64_t end = 0;
  std::int64_t size() const { return end - begin; }
  bool is_empty() const { return end <= begin; }
};

/// For one block of the clock and one node: `made` are the steps made anew, `needed` those that
/// must be at hand. Invariant: needed.end == made.end unless made is empty; needed steps before
/// made.begin are remembered ones.
struct NodeSteps {
  Interval made;
  Interval needed;
};

/// Walks the clock of one level forward. Deterministic, so every tile and every run sees the same
/// steps.
class Schedule {
 public:
  Schedule(const Program& program, std::size_t walk);
  /// Steps of all nodes for the clock block [begin, end). REQUIRES: blocks in order, without gaps.
  std::vector<NodeSteps> advance(std::int64_t begin, std::int64_t end);
  /// True for a node that is made again whenever it is needed, and so is never remembered.
  static bool is_remade(const ProgramNode& node) { return node.op->is_view() && node.kept < 0; }

 private:
  const Program& program_;
  std::size_t walk_;
  std::vector<std::int64_t>
      frontier_;  // first step of each node not yet made; -1 before the first block
};

}  // namespace rastream
