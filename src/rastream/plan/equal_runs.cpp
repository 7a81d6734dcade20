// SPDX-License-Identifier: Apache-2.0
#include "rastream/plan/equal_runs.h"

#include <algorithm>

namespace rastream {

void EqualRuns::pack(std::byte* cells, std::int64_t rows, std::int64_t width,
                     std::int64_t item_bytes) {
  constexpr std::int64_t kShortestMean = 4;
  if (is_hopeless_) return;
  differs_.assign(static_cast<std::size_t>(width), 0);
  visit_bits(item_bytes, [&]<typename T>(T) {
    const T* row = reinterpret_cast<const T*>(cells);
    for (std::int64_t r = 0; r < rows; ++r, row += width) {
      for (std::int64_t i = 1; i < width; ++i)
        differs_[static_cast<std::size_t>(i)] |= row[i] != row[i - 1];
    }
  });
  starts_.assign(1, 0);
  for (std::int64_t i = 1; i < width; ++i) {
    if (differs_[static_cast<std::size_t>(i)]) starts_.push_back(static_cast<std::int32_t>(i));
  }
  starts_.push_back(static_cast<std::int32_t>(width));
  is_packed_ = size() * kShortestMean <= width;
  is_hopeless_ = !is_packed_;
  if (!is_packed_) return;
  visit_bits(item_bytes, [&]<typename T>(T) {
    T* to = reinterpret_cast<T*>(cells);
    for (std::int64_t r = 0; r < rows; ++r) {
      const T* row = reinterpret_cast<const T*>(cells) + r * width;
      for (std::int64_t i = 0; i < size(); ++i) *to++ = row[starts_[static_cast<std::size_t>(i)]];
    }
  });
}

void EqualRuns::spread_row(const std::byte* packed, std::byte* to, std::int64_t item_bytes) const {
  visit_bits(item_bytes, [&]<typename T>(T) {
    T* target = reinterpret_cast<T*>(to);
    for (std::size_t i = 0; i + 1 < starts_.size(); ++i) {
      const std::int64_t length = starts_[i + 1] - starts_[i];
      target = std::fill_n(target, length, reinterpret_cast<const T*>(packed)[i]);
    }
  });
}

}  // namespace rastream
