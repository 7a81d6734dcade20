// SPDX-License-Identifier: Apache-2.0
// Extents (one number per dimension) and Region (a half-open box of cells). Pure values.
#pragma once

#include <array>
#include <cassert>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>

namespace rastream {

/// Arrays have at most this many dimensions; readers refuse more as unsupported.
inline constexpr std::size_t kMaxRank = 8;

/// One int64 per dimension: a shape, an index, or strides. Holds no heap memory.
class Extents {
 public:
  Extents() = default;
  explicit Extents(std::size_t rank, std::int64_t value = 0)
      : rank_(static_cast<std::uint32_t>(rank)) {
    assert(rank <= kMaxRank);
    for (std::size_t i = 0; i < rank; ++i) values_[i] = value;
  }
  Extents(std::initializer_list<std::int64_t> values)
      : rank_(static_cast<std::uint32_t>(values.size())) {
    assert(values.size() <= kMaxRank);
    std::size_t i = 0;
    for (const auto v : values) values_[i++] = v;
  }
  /// REQUIRES: values.size() <= kMaxRank.
  explicit Extents(std::span<const std::int64_t> values) : Extents(values.size()) {
    for (std::size_t i = 0; i < values.size(); ++i) values_[i] = values[i];
  }
  std::size_t size() const { return rank_; }
  bool empty() const { return rank_ == 0; }
  std::int64_t operator[](std::size_t i) const { return values_[i]; }
  std::int64_t& operator[](std::size_t i) { return values_[i]; }
  const std::int64_t* begin() const { return values_.data(); }
  const std::int64_t* end() const { return values_.data() + rank_; }
  std::int64_t* begin() { return values_.data(); }
  std::int64_t* end() { return values_.data() + rank_; }
  std::int64_t back() const { return values_[rank_ - 1]; }
  void push_back(std::int64_t v) {
    assert(rank_ < kMaxRank);
    values_[rank_++] = v;
  }
  void insert(std::size_t at, std::int64_t v);
  void erase(std::size_t at);
  friend bool operator==(const Extents& a, const Extents& b) {
    if (a.rank_ != b.rank_) return false;
    for (std::size_t i = 0; i < a.rank_; ++i) {
      if (a.values_[i] != b.values_[i]) return false;
    }
    return true;
  }

 private:
  std::uint32_t rank_ = 0;
  std::array<std::int64_t, kMaxRank> values_;
};

/// Product of all values; 1 for rank 0. REQUIRES: no overflow (shapes are checked where they enter,
/// in Schema).
std::int64_t product(const Extents& e);

/// "(365, 584, 284)"
std::string to_string(const Extents& e);

/// Half-open box of cells [begin, end) in an array's own index space.
struct Region {
  Extents begin;
  Extents end;

  Region() = default;
  Region(Extents b, Extents e) : begin(b), end(e) {}
  /// The whole array.
  static Region whole(const Extents& shape) { return {Extents(shape.size()), shape}; }

  std::size_t rank() const { return begin.size(); }
  std::int64_t size(std::size_t axis) const { return end[axis] - begin[axis]; }
  Extents shape() const;
  std::int64_t n_cells() const;
  bool is_empty() const;
  bool contains(const Region& other) const;
  friend bool operator==(const Region&, const Region&) = default;
};

/// Cells in both; empty (begin == end) along an axis where they do not meet.
Region intersect(const Region& a, const Region& b);

/// The smallest region that holds both; an empty one does not count.
Region bounding(const Region& a, const Region& b);

/// "[0:1, 0:584, 0:284]"
std::string to_string(const Region& region);

}  // namespace rastream
