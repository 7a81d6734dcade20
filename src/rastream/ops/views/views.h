// SPDX-License-Identifier: Apache-2.0
// Views: arrays whose cells are copies of another array's cells, found elsewhere. No arithmetic.
// Names and meaning follow Xarray and NumPy. Every function throws Error(invalid_argument) when the
// parameters do not fit the array.
#pragma once

#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "rastream/graph/array.h"

namespace rastream {

/// Python's start:stop:step; bounds may be absent, negative (counted from the end) or outside the
/// array.
struct Slice {
  std::optional<std::int64_t> start;
  std::optional<std::int64_t> stop;
  std::int64_t step = 1;
};

/// The cells of a slice along `dim`, which stays.
Array isel(const Array& array, const std::string& dim, const Slice& slice);
/// The cell `index` (negative: from the end) along `dim`, which goes.
Array isel(const Array& array, const std::string& dim, std::int64_t index);
/// The cells at `indices` (negative: from the end; repeats allowed) along `dim`.
Array take(const Array& array, const std::string& dim, std::vector<std::int64_t> indices);

/// What lies beyond an array's edges. `reflect` does not repeat the edge cell, `symmetric` does.
enum class PadMode { constant, edge, reflect, symmetric, wrap };

/// Adds `before` and `after` cells along `dim`. `value` serves the mode constant; a NaN lifts
/// integers to floating as Xarray does (8 and 16 bits to float32, others and bool to float64).
Array pad(const Array& array, const std::string& dim, std::int64_t before, std::int64_t after,
          PadMode mode, double value = std::numeric_limits<double>::quiet_NaN());
/// Moves cells by `by` towards the end; those without a source get `value` (dtype as in pad()).
Array shift(const Array& array, const std::string& dim, std::int64_t by,
            double value = std::numeric_limits<double>::quiet_NaN());
/// Moves cells by `by` towards the end; those pushed out come in at the beginning.
Array roll(const Array& array, const std::string& dim, std::int64_t by);

/// The arrays one after another along `dim`, which they all have; dtypes are promoted.
Array concat(const std::vector<Array>& arrays, const std::string& dim);

/// A new dimension of size 1 at position `axis` of the result (negative: from the end).
Array expand_dims(const Array& array, const std::string& dim, std::int64_t axis = 0);
/// Every dimension once, in a new order.
Array transpose(const Array& array, const std::vector<std::string>& dims);
/// An array of `dims` and `shape`, which name all dimensions of `array`; cells repeat along new
/// dimensions and those of size 1.
Array broadcast_to(const Array& array, const std::vector<std::string>& dims, const Extents& shape);
/// The dimensions of `other`, followed by those that only `array` has (Xarray's order).
Array broadcast_like(const Array& array, const Array& other);
/// `from[i]` becomes `to[i]`.
Array rename_dims(const Array& array, const std::vector<std::string>& from,
                  const std::vector<std::string>& to);
/// The same cells in chunks of `chunks[i]` cells along `dims[i]` (-1: one chunk); other dimensions
/// keep theirs.
Array rechunk(const Array& array, const std::vector<std::string>& dims,
              const std::vector<std::int64_t>& chunks);

/// The rows of these operators for the registry.
std::vector<OperatorInfo> view_operators();

}  // namespace rastream
