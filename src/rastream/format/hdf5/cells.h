// SPDX-License-Identifier: Apache-2.0
// How a file stores the cells of one variable, and how such cells become cells in memory.
#pragma once

#include <array>
#include <cstdint>

#include "rastream/array/block.h"
#include "rastream/array/chunk_grid.h"
#include "rastream/array/dtype.h"
#include "rastream/format/file_bytes.h"

namespace rastream {

/// The stored form of a number: its dtype in memory, and whether its bytes must be reversed on this
/// machine.
struct StoredCells {
  DType dtype = DType::float64;
  bool is_swapped = false;
  bool is_half = false;  ///< float16 in the file; in memory float32
  /// float16 is carried as its bits until it is widened.
  DType stored_dtype() const { return is_half ? DType::uint16 : dtype; }
  std::size_t size_bytes() const { return item_size(stored_dtype()); }
};

/// One cell of up to sixteen bytes, in the byte order of this machine.
using CellBytes = std::array<std::byte, 16>;

/// What netCDF puts into cells that were never written when no other fill value was asked for
/// (NC_FILL_SHORT = -32767,
/// ...; netcdf.h). Zeros for bool and string.
CellBytes netcdf_default_fill(DType dtype);

/// The cell as a double; of a complex one the real part.
double as_double(DType dtype, const CellBytes& cell);

/// Sets every cell of `out` to `cell`, a number of dtype `dtype`.
void fill_with_cell(const Block& out, DType dtype, const CellBytes& cell);

/// True when the cells of `block` lie in memory without gaps, in C order.
bool is_dense(const Block& block);

/// Turns stored cells, already copied into `block`, into cells in place: reverses the bytes when
/// they are swapped, and makes every non-zero bool a 1. REQUIRES: block.dtype is
/// cells.stored_dtype().
void finish_cells(const StoredCells& cells, const Block& block);

/// Copies finished cells, of cells.stored_dtype(), into a part of equal shape of any numeric dtype;
/// this is where float16 is widened.
void copy_finished(const StoredCells& cells, const Block& finished, const Block& out);

/// A whole array in a file, its cells at `offset` + index * strides.
struct FileArray {
  std::uint64_t offset = 0;
  Extents strides;  ///< in bytes; no two cells overlap, and outer strides are not smaller than
                    ///< inner ones
  StoredCells cells;
};

/// Fills `out` (any strides, any numeric dtype) with cells of `array`, in reads of a few MiB unless
/// the cells go straight to `out`. Thread safe. Throws data_loss when the file does not hold them.
void read_file_array(const FileBytes& file, const FileArray& array, const Block& out);

}  // namespace rastream
