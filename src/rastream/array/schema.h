// SPDX-License-Identifier: Apache-2.0
// What is known of an array before any cell is: names of its dimensions, shape, dtype, chunks.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rastream/array/chunk_grid.h"
#include "rastream/array/dtype.h"
#include "rastream/array/region.h"

namespace rastream {

/// Invariant: dims, shape and chunks have one rank; dims are unique; the product of shape fits in
/// 62 bits.
struct Schema {
  std::vector<std::string> dims;
  Extents shape;
  DType dtype = DType::float64;
  ChunkGrid chunks;

  std::size_t rank() const { return shape.size(); }
  std::optional<std::size_t> find_axis(std::string_view dim) const;
  bool has(std::string_view dim) const { return find_axis(dim).has_value(); }
  /// Throws invalid_argument, naming `who`, when there is no such dimension.
  std::size_t axis(std::string_view dim, std::string_view who) const;
  Region whole() const { return Region::whole(shape); }
  std::int64_t n_cells() const { return product(shape); }
  double size_bytes() const {
    return static_cast<double>(n_cells()) * static_cast<double>(item_size(dtype));
  }
  friend bool operator==(const Schema&, const Schema&) = default;
};

/// A checked Schema. Throws invalid_argument for duplicate dims or negative sizes, unsupported for
/// a rank over kMaxRank, data_loss when the size in bytes overflows.
Schema make_schema(std::vector<std::string> dims, const Extents& shape, DType dtype,
                   ChunkGrid chunks);
/// The same with one chunk.
Schema make_schema(std::vector<std::string> dims, const Extents& shape, DType dtype);

}  // namespace rastream
