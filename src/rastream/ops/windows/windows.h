// SPDX-License-Identifier: Apache-2.0
// Operators on a bounded window: rolling, coarsen, diff. Names and meaning follow Xarray. Each
// output cell depends on its window alone (no running sum is carried), so that chunks cannot change
// its bits. Sums of floating cells are taken in float64 in the order of the index; float32 in gives
// float32 out. All throw Error(invalid_argument) when the parameters do not fit.
#pragma once

#include <string>
#include <vector>

#include "rastream/graph/array.h"

namespace rastream {

/// Over the `window` cells that end at each cell. NaN where fewer than `min_periods` (0: `window`)
/// of them are inside the array and not NaN. Integers and bool give float64.
Array rolling_sum(const Array& array, const std::string& dim, std::int64_t window,
                  std::int64_t min_periods = 0);
Array rolling_mean(const Array& array, const std::string& dim, std::int64_t window,
                   std::int64_t min_periods = 0);
Array rolling_min(const Array& array, const std::string& dim, std::int64_t window,
                  std::int64_t min_periods = 0);
Array rolling_max(const Array& array, const std::string& dim, std::int64_t window,
                  std::int64_t min_periods = 0);

/// Over boxes of factors[i] cells along dims[i]; cells beyond the last whole box are left out
/// (boundary="trim"). Floating cells: `skipna` leaves NaN out (a box of nothing but NaN is NaN, its
/// sum 0), else NaN makes the box NaN. Dtypes as the reductions of folds.h.
Array coarsen_mean(const Array& array, const std::vector<std::string>& dims,
                   const std::vector<std::int64_t>& factors, bool skipna = true);
Array coarsen_sum(const Array& array, const std::vector<std::string>& dims,
                  const std::vector<std::int64_t>& factors, bool skipna = true);
Array coarsen_min(const Array& array, const std::vector<std::string>& dims,
                  const std::vector<std::int64_t>& factors, bool skipna = true);
Array coarsen_max(const Array& array, const std::vector<std::string>& dims,
                  const std::vector<std::int64_t>& factors, bool skipna = true);

/// cell[i + 1] - cell[i]; one cell less along `dim`. Integers wrap around; bool is refused.
Array diff(const Array& array, const std::string& dim);

/// The rows of these operators for the registry.
std::vector<OperatorInfo> window_operators();

}  // namespace rastream
