// SPDX-License-Identifier: Apache-2.0
// Arrays made from nothing but their parameters: listed cells, one value, a range.
#pragma once

#include <string>
#include <vector>

#include "rastream/graph/array.h"

namespace rastream {

/// An array of the given cells in C order, one chunk. The cells become part of the plan, so they
/// should be few (labels, coefficients, tests). Throws invalid_argument when their number does not
/// fit, unsupported for strings.
Array values(const std::vector<double>& cells, const std::vector<std::string>& dims,
             const Extents& shape, DType dtype = DType::float64);
/// One-dimensional.
Array values(const std::vector<double>& cells, const std::string& dim,
             DType dtype = DType::float64);
/// The cells of a block; every dtype comes back with the same bits.
Array values(const OwnedBlock& cells, const std::vector<std::string>& dims);

/// An array of one value. `chunks`: cells in a chunk along each dimension; empty for one chunk.
Array full(const std::vector<std::string>& dims, const Extents& shape, double value,
           DType dtype = DType::float64, const std::vector<std::int64_t>& chunks = {});

/// start, start + step, ... as numpy.arange makes them: floating cells are start + i * ((start +
/// step) - start), in their own dtype.
Array arange(const std::string& dim, double start, double step, std::int64_t size,
             DType dtype = DType::int64);

/// The rows of these operators for the registry.
std::vector<OperatorInfo> source_operators();

}  // namespace rastream
