// SPDX-License-Identifier: Apache-2.0
// The dtype of several arrays taken together.
#pragma once

#include <algorithm>
#include <span>

#include "rastream/array/dtype.h"

namespace rastream {

/// NumPy 2's result_type of arrays: each integer meets the floating dtypes by itself, so uint16,
/// int8 and float32 give float32, although uint16 and int8 give int32. REQUIRES: not empty.
inline DType promote_all(std::span<const DType> dtypes) {
  const auto floating = std::find_if(dtypes.begin(), dtypes.end(), is_floating);
  DType out = floating == dtypes.end() ? dtypes.front() : *floating;
  for (const DType d : dtypes) {
    if (is_floating(d)) out = promote(out, d);
  }
  for (const DType d : dtypes) out = promote(out, d);
  return out;
}

}  // namespace rastream
