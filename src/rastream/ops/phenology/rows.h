// SPDX-License-Identifier: Apache-2.0
// Walks several arrays of one shape together as few long rows: dimensions that are dense in every
// array are merged, so that a kernel sees (y, x) of a whole block as one row.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "rastream/array/region.h"

namespace rastream {

/// One of the arrays: the address of its first cell and strides in bytes, one a dimension.
struct RowArray {
  std::byte* data = nullptr;
  Extents strides;
};

template <std::size_t kArrays>
class Rows {
 public:
  /// REQUIRES: strides of every array have the rank of `shape`.
  Rows(const Extents& shape, const std::array<RowArray, kArrays>& arrays);

  /// Distance in bytes of neighbours in a row of array k.
  std::int64_t stride(std::size_t k) const { return stride_[k]; }

  /// Calls f(starts, n) for each row; starts[k] is the first of n cells of array k.
  template <typename F>
  void for_each(F&& f) const;

 private:
  static bool can_merge(const std::array<RowArray, kArrays>& arrays, const Extents& shape,
                        std::size_t axis);

  bool is_empty_ = false;
  std::int64_t n_ = 1;
  std::array<std::int64_t, kArrays> stride_{};
  Extents outer_;
  std::array<RowArray, kArrays> arrays_;
};

}  // namespace rastream

#include "rastream/ops/phenology/rows_inl.h"
