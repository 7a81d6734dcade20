// SPDX-License-Identifier: Apache-2.0
// Reductions and scans over one dimension, as folds: they walk it in order with a small state per
// cell, so a stream may pass through them. Names and meaning follow Xarray. Over several dimensions
// a reduction is a chain of nodes, innermost dimension first.
//
// `skipna` concerns floating cells only: true leaves NaN out, false lets it through. Sums of
// floating cells are taken in float64 in the order of the index, whatever the chunks; float32 in
// gives float32 out, bool and integers give int64 (unsigned ones uint64). All functions throw
// Error(invalid_argument) for an unknown dimension, and min, max, first, last, argmin, argmax for
// one without cells.
#pragma once

#include <string>
#include <vector>

#include "rastream/graph/array.h"

namespace rastream {

using Dims = std::vector<std::string>;

/// 0 where nothing is left to add.
Array sum(const Array& array, const Dims& dims, bool skipna = true);
/// 1 where nothing is left to multiply.
Array prod(const Array& array, const Dims& dims, bool skipna = true);
/// Floating; integers give float64. NaN where no cell counts. Over several dimensions all cells
/// count alike.
Array mean(const Array& array, const Dims& dims, bool skipna = true);
/// The number of cells that are not NaN; int64.
Array count(const Array& array, const Dims& dims);
/// Same dtype; NaN where all are.
Array min(const Array& array, const Dims& dims, bool skipna = true);
Array max(const Array& array, const Dims& dims, bool skipna = true);
/// bool; NaN counts as true, as in NumPy. Settled cells end the walk.
Array any(const Array& array, const Dims& dims);
Array all(const Array& array, const Dims& dims);

/// The first or last cell that is not NaN (with skipna false: whatever it is).
Array first(const Array& array, const std::string& dim, bool skipna = true);
Array last(const Array& array, const std::string& dim, bool skipna = true);
/// Index of the first largest cell; of bool: of the first true one, or 0. int64. With skipna false
/// the first NaN wins, as in NumPy. Where all are NaN: 0 (Xarray throws, which a lazy array
/// cannot).
Array argmax(const Array& array, const std::string& dim, bool skipna = true);
Array argmin(const Array& array, const std::string& dim, bool skipna = true);
/// Variance and standard deviation with n - ddof in the denominator (Welford's recurrence, in
/// float64); NaN where that is not positive.
Array var(const Array& array, const std::string& dim, std::int64_t ddof = 0, bool skipna = true);
Array std_(const Array& array, const std::string& dim, std::int64_t ddof = 0, bool skipna = true);

/// The array without a dimension of size 1.
Array squeeze(const Array& array, const std::string& dim);

/// Scans: the output keeps the dimension. NaN counts as 0 (or 1) with skipna, and stays from there
/// on without.
Array cumsum(const Array& array, const std::string& dim, bool skipna = true);
Array cumprod(const Array& array, const std::string& dim, bool skipna = true);
/// Each NaN becomes the last cell before it that is none; other dtypes are unchanged.
Array ffill(const Array& array, const std::string& dim);

/// The rows of these operators for the registry.
std::vector<OperatorInfo> fold_operators();

}  // namespace rastream
