// SPDX-License-Identifier: Apache-2.0
#include "rastream/ops/elementwise/kernels.h"

namespace rastream {

KernelSet find_kernels(std::string_view operation, DType dtype) {
  if (dtype == DType::string) return {};
  if (is_complex(dtype)) return find_complex_kernels(operation, dtype);
  constexpr std::array kFamilies = {&find_arithmetic_kernels, &find_division_kernels,
                                    &find_rounding_kernels,   &find_comparison_kernels,
                                    &find_selection_kernels,  &find_vector_math_kernels,
                                    &find_scalar_math_kernels};
  for (const auto family : kFamilies) {
    const KernelSet set = family(operation, dtype);
    if (!set.is_empty()) return set;
  }
  return {};
}

}  // namespace rastream
