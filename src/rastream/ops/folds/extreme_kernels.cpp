// SPDX-License-Identifier: Apache-2.0
// Smallest and largest cells, their positions, and truth: one compilation for each instruction set.
#include "rastream/base/error.h"
#include "rastream/ops/folds/panel.h"

// Between the baseline and AVX2 nothing is gained for these loops.
#define HWY_DISABLED_TARGETS (HWY_SSSE3 | HWY_SSE4)
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "rastream/ops/folds/extreme_kernels.cpp"
#include "hwy/foreach_target.h"
//
#include "rastream/ops/folds/panel-inl.h"

HWY_BEFORE_NAMESPACE();
namespace rastream {
namespace HWY_NAMESPACE {

template <typename T, bool kSkip>
FoldKernel extreme_kernel_of(FoldKind kind) {
  switch (kind) {
    case FoldKind::min: return kernel<ExtremeStep<T, kSkip, false>>();
    case FoldKind::max: return kernel<ExtremeStep<T, kSkip, true>>();
    case FoldKind::any: return kernel<TruthStep<T, true>>();
    case FoldKind::all: return kernel<TruthStep<T, false>>();
    default: break;
  }
  const bool is_largest = kind == FoldKind::argmax;
  if constexpr (std::is_same_v<T, bool>) {
    return is_largest ? kernel<FirstTruthStep<true>>() : kernel<FirstTruthStep<false>>();
  } else {
    return is_largest ? kernel<ArgExtremeStep<T, kSkip, true>>()
                      : kernel<ArgExtremeStep<T, kSkip, false>>();
  }
}

FoldKernel select_extreme_kernel(FoldKind kind, DType dtype, bool skipna) {
  return visit_dtype(dtype, [&]<typename T>(T) {
    if constexpr (std::is_floating_point_v<T>) {
      if (skipna) return extreme_kernel_of<T, true>(kind);
    }
    return extreme_kernel_of<T, false>(kind);
  });
}

}  // namespace HWY_NAMESPACE
}  // namespace rastream
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace rastream {
HWY_EXPORT(select_extreme_kernel);

FoldKernel extreme_kernel(FoldKind kind, DType dtype, bool skipna) {
  return HWY_DYNAMIC_DISPATCH(select_extreme_kernel)(kind, dtype, skipna);
}
}  // namespace rastream
#endif
