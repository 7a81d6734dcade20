// SPDX-License-Identifier: Apache-2.0
// How an array is cut into chunks: along each dimension a row of edges, regular or explicit.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "rastream/array/region.h"

namespace rastream {

/// The cuts along one dimension. Invariant: edges 0 = e0 < e1 < ... = size; regular ones are not
/// stored.
class Cuts {
 public:
  /// Chunks of `chunk` cells, the last one shorter. A `chunk` below 1 or above `size` means one
  /// chunk.
  static Cuts regular(std::int64_t size, std::int64_t chunk);
  /// Throws invalid_argument unless `edges` rises from 0.
  static Cuts explicit_edges(std::vector<std::int64_t> edges);

  std::int64_t size() const { return size_; }
  std::int64_t n_chunks() const;
  std::int64_t begin_of(std::int64_t chunk) const;
  std::int64_t end_of(std::int64_t chunk) const {
    return chunk + 1 == n_chunks() ? size_ : begin_of(chunk + 1);
  }
  /// The chunk that holds cell `index`. REQUIRES: 0 <= index < size().
  std::int64_t chunk_of(std::int64_t index) const;
  /// The chunk length of a regular cut; nothing for explicit edges.
  std::optional<std::int64_t> regular_chunk() const;
  /// Length of the longest chunk.
  std::int64_t max_chunk() const;
  /// The same cuts seen through the window [begin, end), which then starts at 0.
  Cuts sliced(std::int64_t begin, std::int64_t end) const;
  friend bool operator==(const Cuts&, const Cuts&) = default;

 private:
  std::int64_t size_ = 0;
  std::int64_t chunk_ = 1;  // 0 when edges_ is in use
  std::vector<std::int64_t> edges_;
};

/// The product of one Cuts a dimension. Chunks are numbered in C order.
class ChunkGrid {
 public:
  ChunkGrid() = default;
  explicit ChunkGrid(std::vector<Cuts> cuts) : cuts_(std::move(cuts)) {}
  static ChunkGrid regular(const Extents& shape, const Extents& chunk_shape);
  /// One chunk.
  static ChunkGrid whole(const Extents& shape) { return regular(shape, shape); }

  std::size_t rank() const { return cuts_.size(); }
  const Cuts& cuts(std::size_t axis) const { return cuts_[axis]; }
  Cuts& cuts(std::size_t axis) { return cuts_[axis]; }
  const std::vector<Cuts>& all_cuts() const { return cuts_; }
  Extents shape() const;
  std::int64_t n_chunks() const;
  Extents n_chunks_along() const;
  /// Shape of the largest chunk.
  Extents max_chunk_shape() const;
  Region chunk_region(const Extents& chunk_index) const;
  Region chunk_region(std::int64_t chunk_number) const;
  Extents chunk_index(std::int64_t chunk_number) const;
  std::int64_t chunk_number(const Extents& chunk_index) const;
  /// The box of chunk indices that a region of cells touches. REQUIRES: region not empty and inside
  /// the array.
  Region chunks_touching(const Region& region) const;
  /// The number of the chunk that `region` is; nothing when it is not exactly one, of any rank and
  /// wherever it lies.
  std::optional<std::int64_t> find_chunk(const Region& region) const;
  friend bool operator==(const ChunkGrid&, const ChunkGrid&) = default;

 private:
  std::vector<Cuts> cuts_;
};

/// Calls f(Extents) for each index of a box in C order.
template <typename F>
void for_each_index(const Region& box, F&& f) {
  if (box.is_empty()) return;
  Extents i = box.begin;
  while (true) {
    f(static_cast<const Extents&>(i));
    std::size_t axis = i.size();
    while (axis > 0) {
      --axis;
      if (++i[axis] < box.end[axis]) break;
      i[axis] = box.begin[axis];
      if (axis == 0) return;
    }
    if (i.empty()) return;
  }
}

}  // namespace rastream
