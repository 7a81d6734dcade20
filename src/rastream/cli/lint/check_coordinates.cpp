// SPDX-License-Identifier: Apache-2.0
// Coordinates that cannot be searched, or are no grid.
#include <algorithm>
#include <cmath>
#include <limits>

#include "rastream/base/error.h"
#include "rastream/cli/lint/lint.h"
#include "rastream/geo/axis_kind.h"

namespace rastream::lint {
namespace {

/// The first step that is off the mean step by more than 1e-3 of it and the precision of the dtype.
std::optional<std::size_t> first_irregular(const VariableInfo& v, const std::vector<double>& c) {
  if (c.size() < 3) return std::nullopt;
  const double step = (c.back() - c.front()) / static_cast<double>(c.size() - 1);
  const double largest = std::max(std::abs(c.front()), std::abs(c.back()));
  const double epsilon =
      v.schema.dtype == DType::float32 ? std::numeric_limits<float>::epsilon() : 1e-13;
  const double tolerance = 1e-3 * std::abs(step) + 2 * epsilon * largest;
  for (std::size_t i = 0; i < c.size(); ++i) {
    if (std::abs(c[i] - (c.front() + step * static_cast<double>(i))) > tolerance) return i;
  }
  return std::nullopt;
}

void check(const VariableInfo& v, const std::vector<double>& c, Findings& findings) {
  const auto bad = std::find_if(c.begin(), c.end(), [](double x) { return !std::isfinite(x); });
  if (bad != c.end()) {
    findings.push_back({"", Severity::error, place_of(v),
                        fmt::format("cell {} is {}", bad - c.begin(), *bad),
                        "a number for each index", "write the coordinate anew"});
    return;
  }
  std::vector<double> sorted = c;
  std::sort(sorted.begin(), sorted.end());
  const auto twice = std::adjacent_find(sorted.begin(), sorted.end());
  if (twice != sorted.end()) {
    findings.push_back({"", Severity::error, place_of(v),
                        fmt::format("the value {} comes twice", *twice), "one index for each value",
                        "drop the repeated cells: selecting by label cannot tell them apart"});
  }
  const bool rises = std::is_sorted(c.begin(), c.end());
  const bool falls = std::is_sorted(c.rbegin(), c.rend());
  if (!rises && !falls) {
    findings.push_back({"", Severity::warning, place_of(v), "the values are not in order",
                        "values that rise or fall", "sort the file along this dimension"});
  } else if (axis_kind(v.name, v.attributes) != AxisKind::other && twice == sorted.end()) {
    if (const auto at = first_irregular(v, c)) {
      const double step = (c.back() - c.front()) / static_cast<double>(c.size() - 1);
      findings.push_back(
          {"", Severity::warning, place_of(v),
           fmt::format("irregular: cell {} is {}, on a regular grid from {} by {} it would be {}",
                       *at, c[*at], c.front(), step, c.front() + step * static_cast<double>(*at)),
           "steps of one length (within 1e-3 of a step)",
           "resample to a regular grid, or give the cells two-dimensional coordinates"});
    }
  }
}

void run(const Subject& subject, Findings& findings) {
  for (const VariableInfo* v : subject.dimension_coordinates())
    check(*v, subject.values(*v), findings);
}

}  // namespace

Check coordinates_check() {
  return {"coordinates", "coordinates are unsorted, repeated, missing, or no regular grid",
          "values of one-dimensional coordinates: finite, all different, rising or falling; x, y, "
          "longitude and latitude evenly spaced within 1e-3 of a step",
          &run};
}

}  // namespace rastream::lint
