// SPDX-License-Identifier: Apache-2.0
// Kernels of cf_decode: the meaning is in ops/cf_decode.h.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "rastream/ops/elementwise/kernels.h"

namespace rastream {

/// In stored values, except the factor and the offset. At most 8 missing values.
struct CfConstants {
  std::vector<double> missing;
  std::optional<double> valid_min;
  std::optional<double> valid_max;
  std::optional<double> scale_factor;
  std::optional<double> add_offset;
};

struct CfKernel {
  KernelSet kernels;
  std::shared_ptr<const void> constants;  ///< what the kernels must be called with
};

/// REQUIRES: `stored` is an integer or floating dtype, `out` a floating one.
CfKernel make_cf_kernel(DType stored, DType out, const CfConstants& constants);

}  // namespace rastream
