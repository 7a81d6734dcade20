// SPDX-License-Identifier: Apache-2.0
// What the kernels of folds work on: one row of cells, for some steps of the walked dimension, with
// their states.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "rastream/graph/operator.h"

namespace rastream {

/// Addresses of the cells of one operand: `at + step * step_stride + cell * cell_stride`. A state
/// has no steps.
struct Lane {
  std::byte* at = nullptr;
  std::int64_t step_stride = 0;
  std::int64_t cell_stride = 0;
};

inline constexpr std::size_t kMaxStates = 3;

struct Panel {
  std::array<Lane, 2> in;
  std::array<Lane, kMaxStates> state;
  Lane out;  ///< scans only
  std::int64_t n_cells = 0;
  std::int64_t n_steps = 0;
  std::int64_t first_step = 0;  ///< index of the first step in the whole dimension
};

enum class FoldKind : std::uint8_t {
  sum,
  prod,
  mean,
  mean_of_sums,
  count,
  min,
  max,
  any,
  all,
  first,
  last,
  argmax,
  argmin,
  var,
  cumsum,
  cumprod,
  ffill,
};

/// How a fold of one kind and dtype works: its states, their value before any step, and the kernel
/// of push.
struct FoldKernel {
  std::vector<StateField> state;
  std::vector<double> start;
  void (*push)(const Panel&) = nullptr;
};

/// The kernel for input cells of `dtype`, compiled for the best instruction set of this machine.
/// Throws unsupported for strings. `skipna` has no effect unless `dtype` is floating.
FoldKernel sum_kernel(FoldKind kind, DType dtype,
                      bool skipna);  ///< sum, mean, mean_of_sums, count, cumsum
FoldKernel extreme_kernel(FoldKind kind, DType dtype,
                          bool skipna);  ///< min, max, any, all, argmax, argmin
FoldKernel other_kernel(FoldKind kind, DType dtype,
                        bool skipna);  ///< prod, first, last, var, cumprod, ffill

}  // namespace rastream
