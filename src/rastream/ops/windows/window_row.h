// SPDX-License-Identifier: Apache-2.0
// The kernel of rolling and coarsen: a row of output cells, each reduced from a box of input cells.
#pragma once

#include <cstddef>
#include <cstdint>

#include "rastream/array/block.h"

namespace rastream {

enum class WindowReduce : std::uint8_t { sum, mean, min, max };

/// A window is the box of `counts` cells with `strides` (bytes) whose first cell is at `in` for the
/// first output cell.
struct WindowRow {
  const std::byte* in = nullptr;
  std::int64_t in_stride = 0;  ///< bytes between the windows of neighbouring output cells
  Extents counts;
  Extents strides;
  std::byte* out = nullptr;
  std::int64_t out_stride = 0;
  std::int64_t n_cells = 0;
  double min_count = 0;  ///< fewer counted cells give NaN
};

using WindowKernel = void (*)(const WindowRow&);

/// The kernel for cells of `in` and results of `out`, compiled for the best instruction set of this
/// machine. With `skipna` NaN is not counted, otherwise it goes through. `out` is `in` when
/// floating, else float64 or the dtype of the reduction in folds.h.
WindowKernel window_kernel(WindowReduce reduce, DType in, DType out, bool skipna);

/// Fills `out` with one window a cell. The window of cell i begins at the input's cell first[a] +
/// (i[a] - out's begin[a]) * factors[a] and has sizes[a] cells along axis a.
void reduce_windows(WindowKernel kernel, const Block& in, const Extents& first,
                    const Extents& factors, const Extents& sizes, double min_count,
                    const Block& out);

}  // namespace rastream
