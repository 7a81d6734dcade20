// SPDX-License-Identifier: Apache-2.0
#include "rastream/array/region.h"

#include <fmt/format.h>

#include <algorithm>

namespace rastream {

void Extents::insert(std::size_t at, std::int64_t v) {
  assert(rank_ < kMaxRank && at <= rank_);
  for (std::size_t i = rank_; i > at; --i) values_[i] = values_[i - 1];
  values_[at] = v;
  ++rank_;
}

void Extents::erase(std::size_t at) {
  assert(at < rank_);
  for (std::size_t i = at; i + 1 < rank_; ++i) values_[i] = values_[i + 1];
  --rank_;
}

std::int64_t product(const Extents& e) {
  std::int64_t p = 1;
  for (const auto v : e) p *= v;
  return p;
}

std::string to_string(const Extents& e) {
  return fmt::format("({}{})", fmt::join(e.begin(), e.end(), ", "), e.size() == 1 ? "," : "");
}

Extents Region::shape() const {
  Extents s(rank());
  for (std::size_t i = 0; i < rank(); ++i) s[i] = size(i);
  return s;
}

std::int64_t Region::n_cells() const {
  std::int64_t n = 1;
  for (std::size_t i = 0; i < rank(); ++i) n *= std::max<std::int64_t>(0, size(i));
  return n;
}

bool Region::is_empty() const { return n_cells() == 0; }

bool Region::contains(const Region& other) const {
  for (std::size_t i = 0; i < rank(); ++i) {
    if (other.begin[i] < begin[i] || other.end[i] > end[i]) return false;
  }
  return true;
}

Region intersect(const Region& a, const Region& b) {
  Region r = a;
  for (std::size_t i = 0; i < a.rank(); ++i) {
    r.begin[i] = std::max(a.begin[i], b.begin[i]);
    r.end[i] = std::max(r.begin[i], std::min(a.end[i], b.end[i]));
  }
  return r;
}

Region bounding(const Region& a, const Region& b) {
  if (a.is_empty()) return b;
  if (b.is_empty()) return a;
  Region r = a;
  for (std::size_t i = 0; i < a.rank(); ++i) {
    r.begin[i] = std::min(a.begin[i], b.begin[i]);
    r.end[i] = std::max(a.end[i], b.end[i]);
  }
  return r;
}

std::string to_string(const Region& region) {
  std::string s = "[";
  for (std::size_t i = 0; i < region.rank(); ++i) {
    s += fmt::format("{}{}:{}", i ? ", " : "", region.begin[i], region.end[i]);
  }
  return s + "]";
}

}  // namespace rastream
