// SPDX-License-Identifier: Apache-2.0
// Cells and numbers of attributes in another dtype, where every value must fit.
#pragma once

#include <optional>

#include "rastream/array/attributes.h"
#include "rastream/array/block.h"

namespace rastream {

/// Fills `to` from `from`, which must contain it. Returns the index of the first cell, in C order,
/// whose value does not fit, by the rules of array/exact_cell.h; nothing when all do.
std::optional<Extents> convert_cells(const Block& from, const Block& to);

/// The numbers as `dtype`, by the same rules; nothing when one does not fit.
std::optional<Numbers> convert_numbers(const Numbers& numbers, DType dtype);

/// The attributes that CF wants in the dtype of the stored cells (_FillValue, missing_value,
/// valid_*) converted. Throws invalid_argument, naming `variable` and the attribute, for one that
/// does not fit.
Attributes convert_attributes(const Attributes& attributes, DType dtype,
                              const std::string& variable);

}  // namespace rastream
