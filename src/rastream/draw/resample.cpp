// SPDX-License-Identifier: Apache-2.0
#include "rastream/draw/resample.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "rastream/base/error.h"

namespace rastream {
namespace {

bool rises(const std::vector<double>& values) { return values.size() < 2 || values[1] > values[0]; }

void check_monotonic(const std::vector<double>& values, const std::string& who) {
  const double sign = rises(values) ? 1 : -1;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const bool is_ordered = i == 0 || sign * (values[i] - values[i - 1]) > 0;
    if (std::isfinite(values[i]) && is_ordered) continue;
    throw Error(Errc::invalid_argument,
                "{}: value {} at index {}: expected finite values that rise or fall strictly", who,
                values[i], i);
  }
}

/// True when no centre is further than a hundredth of a cell from where equal steps put it
/// (coordinates are often float32 or rounded decimals).
bool is_regular(const std::vector<double>& values) {
  const std::size_t n = values.size();
  if (n < 3) return true;
  const double step = (values[n - 1] - values[0]) / static_cast<double>(n - 1);
  for (std::size_t i = 1; i + 1 < n; ++i) {
    if (std::abs(values[i] - (values[0] + step * static_cast<double>(i))) > 0.01 * std::abs(step))
      return false;
  }
  return true;
}

/// The lower median of the cells in a box, or NaN when more than half of them are NaN.
double choose_cell(std::span<const double> cells, std::size_t n_x, const CellRange& x,
                   const CellRange& y, std::vector<double>& scratch) {
  scratch.clear();
  for (std::size_t row = y.begin; row < y.end; ++row) {
    for (std::size_t i = row * n_x + x.begin; i < row * n_x + x.end; ++i) {
      if (!std::isnan(cells[i])) scratch.push_back(cells[i]);
    }
  }
  const std::size_t n_cells = (x.end - x.begin) * (y.end - y.begin);
  if (scratch.empty() || scratch.size() * 2 < n_cells)
    return std::numeric_limits<double>::quiet_NaN();
  const auto middle = scratch.begin() + static_cast<std::ptrdiff_t>((scratch.size() - 1) / 2);
  std::nth_element(scratch.begin(), middle, scratch.end());
  return *middle;
}

}  // namespace

Extent axis_extent(const std::vector<double>& values, const std::string& who,
                   double lone_half_width) {
  check_monotonic(values, who);
  const std::size_t n = values.size();
  if (n == 1) return {values[0] - lone_half_width, values[0] + lone_half_width};
  const double first = values[0] - (values[1] - values[0]) / 2;
  const double last = values[n - 1] + (values[n - 1] - values[n - 2]) / 2;
  return {std::min(first, last), std::max(first, last)};
}

std::vector<CellRange> cells_of_pixels(const std::vector<double>& values, const Extent& extent,
                                       int n_pixels) {
  const std::size_t n = values.size();
  const bool is_rising = rises(values);
  const auto centre = [&](std::size_t i) { return is_rising ? values[i] : values[n - 1 - i]; };
  const bool one_each = is_regular(values) && n <= static_cast<std::size_t>(n_pixels);
  const std::size_t n_ranges = one_each ? n : static_cast<std::size_t>(n_pixels);
  const double width = (extent.high - extent.low) / static_cast<double>(n_ranges);
  std::vector<CellRange> ranges;
  std::size_t next = 0;  // the first cell whose centre is not below the pixel
  for (std::size_t p = 0; p < n_ranges; ++p) {
    const double high = extent.low + width * static_cast<double>(p + 1);
    CellRange range{next, next};
    if (one_each) {
      range = {p, p + 1};
    } else {
      while (range.end < n && (centre(range.end) < high || p + 1 == n_ranges)) ++range.end;
      next = range.end;
    }
    if (range.begin == range.end) {
      const double middle = high - width / 2;
      const std::size_t above = std::min(next, n - 1);
      const std::size_t below = above == 0 ? 0 : above - 1;
      const bool is_above = middle >= (centre(below) + centre(above)) / 2;
      range.begin = is_above ? above : below;
      range.end = range.begin + 1;
    }
    ranges.push_back(is_rising ? range : CellRange{n - range.end, n - range.begin});
  }
  return ranges;
}

Image paint_cells(std::span<const double> cells, std::size_t n_x,
                  std::span<const CellRange> columns, std::span<const CellRange> rows,
                  const ColourScale& scale) {
  Image image{static_cast<int>(columns.size()), static_cast<int>(rows.size()), {}};
  image.pixels.reserve(columns.size() * rows.size());
  std::vector<double> scratch;
  for (std::size_t r = rows.size(); r-- > 0;) {
    for (const CellRange& column : columns) {
      const double v = choose_cell(cells, n_x, column, rows[r], scratch);
      if (std::isnan(v)) {
        image.pixels.push_back(0);
        continue;
      }
      const Colour c = scale(v);
      image.pixels.push_back(0xFF000000U | static_cast<std::uint32_t>(c.red) << 16 |
                             static_cast<std::uint32_t>(c.green) << 8 | c.blue);
    }
  }
  return image;
}

}  // namespace rastream
