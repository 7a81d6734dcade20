// SPDX-License-Identifier: Apache-2.0
#include "rastream/store/transfer/byte_set.h"

#include <algorithm>

namespace rastream {

void ByteSet::add(ByteRange range) {
  if (range.end <= range.begin) return;
  auto it = ends_.upper_bound(range.begin);
  if (it != ends_.begin() && std::prev(it)->second >= range.begin) --it;
  while (it != ends_.end() && it->first <= range.end) {
    range.begin = std::min(range.begin, it->first);
    range.end = std::max(range.end, it->second);
    it = ends_.erase(it);
  }
  ends_.emplace(range.begin, range.end);
}

std::vector<ByteRange> ByteSet::missing(std::int64_t size) const {
  std::vector<ByteRange> out;
  std::int64_t at = 0;
  for (const auto& [begin, end] : ends_) {
    if (begin > at) out.push_back({at, std::min(begin, size)});
    at = std::max(at, end);
    if (at >= size) return out;
  }
  if (at < size) out.push_back({at, size});
  return out;
}

std::vector<ByteRange> ByteSet::ranges() const {
  std::vector<ByteRange> out;
  for (const auto& [begin, end] : ends_) out.push_back({begin, end});
  return out;
}

std::int64_t ByteSet::count() const {
  std::int64_t n = 0;
  for (const auto& [begin, end] : ends_) n += end - begin;
  return n;
}

}  // namespace rastream
