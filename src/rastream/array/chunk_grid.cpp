// SPDX-License-Identifier: Apache-2.0
#include "rastream/array/chunk_grid.h"

#include <algorithm>

#include "rastream/base/bytes.h"
#include "rastream/base/error.h"

namespace rastream {

Cuts Cuts::regular(std::int64_t size, std::int64_t chunk) {
  Cuts c;
  c.size_ = size;
  c.chunk_ = chunk < 1 || chunk > size ? std::max<std::int64_t>(size, 1) : chunk;
  return c;
}

Cuts Cuts::explicit_edges(std::vector<std::int64_t> edges) {
  if (edges.empty() || edges.front() != 0 ||
      !std::is_sorted(edges.begin(), edges.end(), std::less_equal<>())) {
    throw Error(Errc::invalid_argument, "chunk edges must rise from 0");
  }
  Cuts c;
  c.size_ = edges.back();
  const std::int64_t first = edges.size() > 1 ? edges[1] : 1;
  bool is_regular = true;
  for (std::size_t i = 0; i + 1 < edges.size(); ++i) {
    const bool is_last = i + 2 == edges.size();
    const std::int64_t length = edges[i + 1] - edges[i];
    is_regular &= is_last ? length <= first : length == first;
  }
  if (is_regular) return regular(c.size_, first);
  c.chunk_ = 0;
  c.edges_ = std::move(edges);
  return c;
}

std::int64_t Cuts::n_chunks() const {
  if (chunk_ == 0) return static_cast<std::int64_t>(edges_.size()) - 1;
  return divide_up(size_, chunk_);
}

std::int64_t Cuts::begin_of(std::int64_t chunk) const {
  return chunk_ == 0 ? edges_[static_cast<std::size_t>(chunk)] : chunk * chunk_;
}

std::int64_t Cuts::chunk_of(std::int64_t index) const {
  if (chunk_ != 0) return index / chunk_;
  return std::upper_bound(edges_.begin(), edges_.end(), index) - edges_.begin() - 1;
}

std::optional<std::int64_t> Cuts::regular_chunk() const {
  if (chunk_ == 0) return std::nullopt;
  return chunk_;
}

std::int64_t Cuts::max_chunk() const {
  if (chunk_ != 0) return std::min(chunk_, size_);
  std::int64_t longest = 0;
  for (std::size_t i = 0; i + 1 < edges_.size(); ++i)
    longest = std::max(longest, edges_[i + 1] - edges_[i]);
  return longest;
}

Cuts Cuts::sliced(std::int64_t begin, std::int64_t end) const {
  if (begin >= end) return regular(0, 1);
  if (chunk_ != 0 && begin % chunk_ == 0) return regular(end - begin, chunk_);
  std::vector<std::int64_t> edges = {0};
  for (std::int64_t c = chunk_of(begin); c <= chunk_of(end - 1); ++c)
    edges.push_back(std::min(end, end_of(c)) - begin);
  return explicit_edges(std::move(edges));
}

ChunkGrid ChunkGrid::regular(const Extents& shape, const Extents& chunk_shape) {
  std::vector<Cuts> cuts;
  for (std::size_t i = 0; i < shape.size(); ++i)
    cuts.push_back(Cuts::regular(shape[i], chunk_shape[i]));
  return ChunkGrid(std::move(cuts));
}

Extents ChunkGrid::shape() const {
  Extents e(rank());
  for (std::size_t i = 0; i < rank(); ++i) e[i] = cuts_[i].size();
  return e;
}

Extents ChunkGrid::n_chunks_along() const {
  Extents e(rank());
  for (std::size_t i = 0; i < rank(); ++i) e[i] = cuts_[i].n_chunks();
  return e;
}

std::int64_t ChunkGrid::n_chunks() const { return product(n_chunks_along()); }

Extents ChunkGrid::max_chunk_shape() const {
  Extents e(rank());
  for (std::size_t i = 0; i < rank(); ++i) e[i] = cuts_[i].max_chunk();
  return e;
}

Region ChunkGrid::chunk_region(const Extents& chunk_index) const {
  Region r{Extents(rank()), Extents(rank())};
  for (std::size_t i = 0; i < rank(); ++i) {
    r.begin[i] = cuts_[i].begin_of(chunk_index[i]);
    r.end[i] = cuts_[i].end_of(chunk_index[i]);
  }
  return r;
}

Region ChunkGrid::chunk_region(std::int64_t chunk_number) const {
  return chunk_region(chunk_index(chunk_number));
}

Extents ChunkGrid::chunk_index(std::int64_t chunk_number) const {
  Extents e(rank());
  for (std::size_t i = rank(); i-- > 0;) {
    const std::int64_t n = cuts_[i].n_chunks();
    e[i] = chunk_number % n;
    chunk_number /= n;
  }
  return e;
}

std::int64_t ChunkGrid::chunk_number(const Extents& chunk_index) const {
  std::int64_t number = 0;
  for (std::size_t i = 0; i < rank(); ++i) number = number * cuts_[i].n_chunks() + chunk_index[i];
  return number;
}

Region ChunkGrid::chunks_touching(const Region& region) const {
  Region r{Extents(rank()), Extents(rank())};
  for (std::size_t i = 0; i < rank(); ++i) {
    r.begin[i] = cuts_[i].chunk_of(region.begin[i]);
    r.end[i] = cuts_[i].chunk_of(region.end[i] - 1) + 1;
  }
  return r;
}

std::optional<std::int64_t> ChunkGrid::find_chunk(const Region& region) const {
  if (region.rank() != rank() || region.is_empty() || !Region::whole(shape()).contains(region))
    return std::nullopt;
  const Extents index = chunks_touching(region).begin;
  if (!(chunk_region(index) == region)) return std::nullopt;
  return chunk_number(index);
}

}  // namespace rastream
