// SPDX-License-Identifier: Apache-2.0
// What a filter says about single numeric properties, so that most items need not be read.
#pragma once

#include <limits>
#include <string>
#include <vector>

#include "rastream/catalog/search/expression.h"

namespace rastream {

/// lowest <= property <= highest, or < where an end is open.
struct NumberBound {
  std::string property;
  double lowest = -std::numeric_limits<double>::infinity();
  double highest = std::numeric_limits<double>::infinity();
  bool is_lowest_open = false;
  bool is_highest_open = false;

  bool has(double value) const {
    return (is_lowest_open ? value > lowest : value >= lowest) &&
           (is_highest_open ? value < highest : value <= highest);
  }
};

struct FilterBounds {
  std::vector<NumberBound> bounds;  ///< all of them hold where the filter does
  bool is_all = false;              ///< the filter holds where all of them do
};

FilterBounds bounds_of(const Expression& filter);

}  // namespace rastream
