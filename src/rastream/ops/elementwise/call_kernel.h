// SPDX-License-Identifier: Apache-2.0
// For tests: calls a kernel on vectors.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <limits>
#include <string>
#include <type_traits>
#include <vector>

#include "rastream/ops/elementwise/kernels.h"

namespace rastream {

/// Memory of `size` cells, zero at first (std::vector<bool> would hold none).
template <typename T>
struct Row {
  explicit Row(std::size_t n)
      : size(n), memory(n * sizeof(T)), cells(reinterpret_cast<T*>(memory.data())) {}
  Row(std::initializer_list<T> values) : Row(values.size()) {
    std::copy(values.begin(), values.end(), cells);
  }
  Row(Row&&) = default;
  T& operator[](std::size_t i) { return cells[i]; }
  const T& operator[](std::size_t i) const { return cells[i]; }
  const std::byte* bytes() const { return memory.data(); }
  std::byte* bytes() { return memory.data(); }

  std::size_t size;
  std::vector<std::byte> memory;
  T* cells;
};

/// One row of `n` cells; `repeated` as in KernelSet.
template <typename R, typename... In>
Row<R> call_kernel(const KernelSet& set, std::size_t n, unsigned repeated, const In&... in) {
  Row<R> out(n);
  const std::array<const std::byte*, sizeof...(In)> pointers = {in.bytes()...};
  set.by_repeated[repeated](static_cast<std::int64_t>(n), out.bytes(), pointers.data(), nullptr);
  return out;
}

/// Equal in value and in the sign of zero; any NaN equals any NaN.
template <typename T>
bool is_same_value(T a, T b) {
  if constexpr (std::is_floating_point_v<T>) {
    if (std::isnan(a) || std::isnan(b)) return std::isnan(a) && std::isnan(b);
    return a == b && std::signbit(a) == std::signbit(b);
  } else {
    return a == b;
  }
}

/// Distance in units in the last place of `want`; infinite when only one of them is finite or a
/// number.
template <typename T>
double ulp_distance(T got, T want) {
  if (is_same_value(got, want)) return 0;
  if (!std::isfinite(got) || !std::isfinite(want)) return std::numeric_limits<double>::infinity();
  if (got == 0 && want == 0) return std::numeric_limits<double>::infinity();
  const T size = std::abs(want);
  const T ulp = std::nextafter(size, std::numeric_limits<T>::infinity()) - size;
  return std::abs(
      static_cast<double>(static_cast<long double>(got) - static_cast<long double>(want)) /
      static_cast<double>(ulp));
}

}  // namespace rastream
