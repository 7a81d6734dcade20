// SPDX-License-Identifier: Apache-2.0
// A region in memory. Block is a view: it does not own its cells and is cheap to copy; OwnedBlock
// owns them.
#pragma once

#include <cstddef>
#include <cstdint>

#include "rastream/array/dtype.h"
#include "rastream/array/region.h"
#include "rastream/base/bytes.h"

namespace rastream {

/// View of the cells of `region`. Strides are in bytes and may be 0 (a repeated cell). The cell at
/// `region.begin` is at `data`. Cells of dtype bool are one byte, 0 or 1.
struct Block {
  Region region;
  DType dtype = DType::float64;
  std::byte* data = nullptr;
  Extents strides;

  std::size_t rank() const { return region.rank(); }
  std::int64_t size(std::size_t axis) const { return region.size(axis); }
  std::int64_t n_cells() const { return region.n_cells(); }
  template <typename T>
  T* as() const {
    return reinterpret_cast<T*>(data);
  }
  /// Address of a cell given by its index in the array (not in the block).
  std::byte* at(const Extents& index) const;
  /// The part of this block that holds `inner`. REQUIRES: region.contains(inner).
  Block sub(const Region& inner) const;
  bool is_c_contiguous() const;
};

/// Strides in bytes of a dense C-order block.
Extents c_strides(const Extents& shape, std::size_t item_size_bytes);

/// A dense C-order view over memory of at least n_cells * item_size bytes.
Block dense_block(const Region& region, DType dtype, std::byte* data);

/// Copies every cell of to.region from `from`, which must contain it; converts as C++ does when the
/// dtypes differ (NaN to an integer gives 0, a complex number its real part). Strided on both
/// sides.
void copy_cells(const Block& from, const Block& to);

/// Sets every cell of `to` to `value`, converted.
void fill_cells(const Block& to, double value);

/// The cell as a double; of a complex one the real part.
double cell_as_double(const Block& block, const Extents& index);

/// A dense block with its memory.
class OwnedBlock {
 public:
  OwnedBlock() = default;
  OwnedBlock(const Region& region, DType dtype);
  const Block& view() const { return view_; }
  Block& view() { return view_; }

 private:
  Buffer buffer_;
  Block view_;
};

}  // namespace rastream
