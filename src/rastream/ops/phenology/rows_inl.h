// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>

namespace rastream {

/// True when stepping out of `axis` lands where the dimension before it steps.
template <std::size_t kArrays>
bool Rows<kArrays>::can_merge(const std::array<RowArray, kArrays>& arrays, const Extents& shape,
                              std::size_t axis) {
  return std::all_of(arrays.begin(), arrays.end(), [&](const RowArray& a) {
    return a.strides[axis - 1] == a.strides[axis] * shape[axis];
  });
}

template <std::size_t kArrays>
Rows<kArrays>::Rows(const Extents& shape, const std::array<RowArray, kArrays>& arrays)
    : outer_(shape), arrays_(arrays) {
  is_empty_ = std::any_of(shape.begin(), shape.end(), [](std::int64_t n) { return n <= 0; });
  const auto erase = [this](std::size_t axis) {
    outer_.erase(axis);
    for (auto& a : arrays_) a.strides.erase(axis);
  };
  for (std::size_t axis = outer_.size(); axis-- > 0;) {
    if (outer_[axis] == 1) erase(axis);
  }
  for (std::size_t axis = outer_.size(); axis-- > 1;) {
    if (!can_merge(arrays_, outer_, axis)) continue;
    outer_[axis] *= outer_[axis - 1];
    erase(axis - 1);
  }
  if (outer_.empty()) return;
  const std::size_t last = outer_.size() - 1;
  n_ = outer_[last];
  for (std::size_t k = 0; k < kArrays; ++k) stride_[k] = arrays_[k].strides[last];
  erase(last);
}

template <std::size_t kArrays>
template <typename F>
void Rows<kArrays>::for_each(F&& f) const {
  if (is_empty_) return;
  std::array<std::byte*, kArrays> starts;
  for (std::size_t k = 0; k < kArrays; ++k) starts[k] = arrays_[k].data;
  Extents index(outer_.size());
  while (true) {
    f(starts, n_);
    std::size_t axis = outer_.size();
    while (axis > 0) {
      --axis;
      for (std::size_t k = 0; k < kArrays; ++k) starts[k] += arrays_[k].strides[axis];
      if (++index[axis] < outer_[axis]) break;
      for (std::size_t k = 0; k < kArrays; ++k)
        starts[k] -= outer_[axis] * arrays_[k].strides[axis];
      index[axis] = 0;
      if (axis == 0) return;
    }
    if (outer_.empty()) return;
  }
}

}  // namespace rastream
