// SPDX-License-Identifier: Apache-2.0
// The loops over the cells of some blocks at once: dimensions reordered and merged so that the
// innermost loop is as long and as dense as the strides allow. Lives on the stack, because it is
// made anew for each small block.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "rastream/array/region.h"

namespace rastream {

/// Operand 0 is the output. Invariant: loops go from outer to inner by falling |stride| of operand
/// 0, and none has size 1.
class LoopNest {
 public:
  static constexpr std::size_t kMaxOperands = 4;
  using Strides = std::array<std::int64_t, kMaxOperands>;
  using Pointers = std::array<std::byte*, kMaxOperands>;
  struct Loop {
    std::int64_t size;
    Strides strides;  // bytes
  };

  /// Adds a dimension. Dimensions come from outer to inner; size 1 is left out.
  void add(const Loop& loop) {
    if (loop.size == 1) return;
    std::size_t at = n_loops_++;
    while (at > 0 && magnitude(loops_[at - 1].strides[0]) < magnitude(loop.strides[0])) {
      loops_[at] = loops_[at - 1];
      --at;
    }
    loops_[at] = loop;
  }

  /// Merges neighbours that every operand walks as one, and takes the innermost loop off; a loop of
  /// one cell when there is none.
  Loop split_inner(std::size_t n_operands) {
    if (n_loops_ == 0) return {1, {}};
    std::size_t inner = n_loops_ - 1;
    Loop merged = loops_[inner];
    while (inner > 0 && continues(loops_[inner - 1], merged, n_operands)) {
      --inner;
      merged.size *= loops_[inner].size;
    }
    n_loops_ = inner;
    return merged;
  }

  /// Calls f(pointers) for each innermost row.
  template <typename F>
  void for_each_row(Pointers at, std::size_t n_operands, F&& f) const {
    std::array<std::int64_t, kMaxRank> done;
    for (std::size_t i = 0; i < n_loops_; ++i) done[i] = 0;
    while (true) {
      f(static_cast<const Pointers&>(at));
      std::size_t i = n_loops_;
      while (true) {
        if (i == 0) return;
        const Loop& loop = loops_[--i];
        for (std::size_t k = 0; k < n_operands; ++k) at[k] += loop.strides[k];
        if (++done[i] < loop.size) break;
        for (std::size_t k = 0; k < n_operands; ++k) at[k] -= loop.size * loop.strides[k];
        done[i] = 0;
      }
    }
  }

 private:
  static std::int64_t magnitude(std::int64_t v) { return v < 0 ? -v : v; }
  static bool continues(const Loop& outer, const Loop& inner, std::size_t n_operands) {
    for (std::size_t k = 0; k < n_operands; ++k) {
      if (outer.strides[k] != inner.strides[k] * inner.size) return false;
    }
    return true;
  }

  std::array<Loop, kMaxRank> loops_;
  std::size_t n_loops_ = 0;
};

}  // namespace rastream
