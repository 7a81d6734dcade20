// SPDX-License-Identifier: Apache-2.0
#include "rastream/format/geotiff/overview.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <complex>
#include <type_traits>

#include "rastream/array/exact_cell.h"
#include "rastream/base/error.h"

namespace rastream::geotiff {
namespace {

/// Exact for the sum of four cells of any integer type.
__extension__ using Wide = __int128;

/// Up to four cells, in the order of reading.
template <typename T>
struct Cells {
  std::array<T, 4> values{};
  int n = 0;
  void push(T value) { values[static_cast<std::size_t>(n++)] = value; }
  T first() const { return values[0]; }
};

template <typename T>
inline constexpr bool is_complex_cell = false;
template <typename T>
inline constexpr bool is_complex_cell<std::complex<T>> = true;

template <typename T>
T average_of(const Cells<T>& cells) {
  if constexpr (is_complex_cell<T>) {
    std::complex<double> sum = 0;
    for (int i = 0; i < cells.n; ++i) sum += cells.values[static_cast<std::size_t>(i)];
    return static_cast<T>(sum / static_cast<double>(cells.n));
  } else if constexpr (std::is_floating_point_v<T>) {
    double sum = 0;
    for (int i = 0; i < cells.n; ++i)
      sum += static_cast<double>(cells.values[static_cast<std::size_t>(i)]);
    return static_cast<T>(sum / cells.n);
  } else {
    Wide sum = 0;
    for (int i = 0; i < cells.n; ++i) sum += cells.values[static_cast<std::size_t>(i)];
    const Wide n = cells.n;
    const Wide rounded = sum < 0 ? -((n - 2 * sum) / (2 * n)) : (2 * sum + n) / (2 * n);
    return static_cast<T>(rounded);
  }
}

template <typename T>
T mode_of(const Cells<T>& cells) {
  const auto end = cells.values.begin() + cells.n;
  return *std::max_element(cells.values.begin(), end, [&](T a, T b) {
    return std::count(cells.values.begin(), end, a) < std::count(cells.values.begin(), end, b);
  });
}

template <typename T>
bool has_data(T value, std::optional<T> nodata) {
  if constexpr (is_complex_cell<T>) {
    if (std::isnan(value.real()) || std::isnan(value.imag())) return false;
  } else if constexpr (std::is_floating_point_v<T>) {
    if (std::isnan(value)) return false;
  }
  return !nodata || value != *nodata;
}

/// The mark as a cell; nothing when no cell can hold it.
template <typename T>
std::optional<T> as_cell(const Numbers& nodata) {
  if constexpr (std::is_same_v<T, bool> || is_complex_cell<T>) {
    return std::nullopt;
  } else {
    if (nodata.size() == 0) return std::nullopt;
    return visit_number(nodata, 0, [](auto number) { return exact_cell<T>(number); });
  }
}

template <typename T>
T resample(const Cells<T>& with_data, T upper_left, Resampling resampling) {
  if (with_data.n == 0) return upper_left;
  return resampling == Resampling::average ? average_of(with_data) : mode_of(with_data);
}

template <typename T>
void halve_rows(const Block& in, const Block& out, Resampling resampling, std::optional<T> nodata) {
  const auto cell = [&](std::int64_t b, std::int64_t y, std::int64_t x) {
    return *reinterpret_cast<const T*>(in.data + b * in.strides[0] + y * in.strides[1] +
                                       x * in.strides[2]);
  };
  T* to = out.as<T>();
  for (std::int64_t b = 0; b < out.size(0); ++b) {
    for (std::int64_t y = 0; y < 2 * out.size(1); y += 2) {
      for (std::int64_t x = 0; x < 2 * out.size(2); x += 2) {
        const T upper_left = cell(b, y, x);
        if (resampling == Resampling::nearest) {
          *to++ = upper_left;
          continue;
        }
        Cells<T> with_data;
        for (std::int64_t k = y; k < std::min(y + 2, in.size(1)); ++k) {
          for (std::int64_t l = x; l < std::min(x + 2, in.size(2)); ++l) {
            if (const T value = cell(b, k, l); has_data(value, nodata)) with_data.push(value);
          }
        }
        *to++ = resample(with_data, upper_left, resampling);
      }
    }
  }
}

}  // namespace

Resampling parse_resampling(std::string_view name) {
  if (name == "nearest") return Resampling::nearest;
  if (name == "average") return Resampling::average;
  if (name == "mode") return Resampling::mode;
  throw Error(Errc::invalid_argument,
              "overviews cannot be made by '{}': expected nearest, average or mode", name);
}

OwnedBlock halve(const Block& cells, Resampling resampling, const Numbers& nodata) {
  Region half = cells.region;
  for (const std::size_t axis : {std::size_t{1}, std::size_t{2}}) {
    half.begin[axis] = cells.region.begin[axis] / 2;
    half.end[axis] = (cells.region.end[axis] + 1) / 2;
  }
  OwnedBlock out(half, cells.dtype);
  visit_cell(cells.dtype, [&](auto type) {
    using T = decltype(type);
    halve_rows<T>(cells, out.view(), resampling, as_cell<T>(nodata));
  });
  return out;
}

}  // namespace rastream::geotiff
