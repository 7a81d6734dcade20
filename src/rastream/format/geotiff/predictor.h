// SPDX-License-Identifier: Apache-2.0
// What writers do to the cells of a row before they compress it, undone one row at a time, while
// the row is in the first cache. TIFF 6.0 section 14 (2) and Adobe's Technical Note 3 (3).
#pragma once

#include <cstddef>
#include <cstdint>

namespace rastream::geotiff {

/// A row of `n_cells` cells with `samples` bands side by side, each of `bytes` bytes.
struct RowShape {
  std::int64_t n_cells = 0;
  std::int64_t samples = 1;
  std::int64_t bytes = 1;

  std::int64_t n_values() const { return n_cells * samples; }
  std::int64_t n_bytes() const { return n_values() * bytes; }
};

/// Predictor 2: each value is stored less the one before it of the same band, modulo 2^bits. In
/// place, native byte order. `shape.bytes` is 1, 2, 4 or 8.
void undo_differences(std::byte* row, const RowShape& shape);

/// Predictor 3: the bytes of floating numbers in planes, the highest first, and differences of
/// bytes. The differences are undone in place; the values go to `out`, in native byte order.
void undo_floating_predictor(std::byte* row, const RowShape& shape, std::byte* out);

/// Reverses the bytes of `n` values of 1, 2, 4 or 8 bytes.
void swap_bytes(std::byte* values, std::int64_t n, std::int64_t bytes);

}  // namespace rastream::geotiff
