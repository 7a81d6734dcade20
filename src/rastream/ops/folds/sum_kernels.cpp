// SPDX-License-Identifier: Apache-2.0
// Sums and counts, the hottest folds: one compilation for each instruction set.
#include "rastream/base/error.h"
#include "rastream/ops/folds/panel.h"

// Between the baseline and AVX2 nothing is gained for these loops.
#define HWY_DISABLED_TARGETS (HWY_SSSE3 | HWY_SSE4)
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "rastream/ops/folds/sum_kernels.cpp"
#include "hwy/foreach_target.h"
//
#include "rastream/ops/folds/panel-inl.h"

HWY_BEFORE_NAMESPACE();
namespace rastream {
namespace HWY_NAMESPACE {

template <typename T, bool kSkip>
FoldKernel sum_kernel_of(FoldKind kind) {
  switch (kind) {
    case FoldKind::sum: return kernel<SumStep<T, kSkip>>();
    case FoldKind::cumsum: return kernel<CumsumStep<T, kSkip>>();
    case FoldKind::count: return kernel<CountStep<T>>();
    case FoldKind::mean_of_sums: return kernel<MeanOfSumsStep>();
    default: break;
  }
  if constexpr (kSkip) {
    return kernel<MeanSkipStep<T>>();
  } else {
    return kernel<SumStep<T, false, double>>();
  }
}

FoldKernel select_sum_kernel(FoldKind kind, DType dtype, bool skipna) {
  return visit_dtype(dtype, [&]<typename T>(T) {
    if constexpr (std::is_floating_point_v<T>) {
      if (skipna) return sum_kernel_of<T, true>(kind);
    }
    return sum_kernel_of<T, false>(kind);
  });
}

}  // namespace HWY_NAMESPACE
}  // namespace rastream
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace rastream {
HWY_EXPORT(select_sum_kernel);

FoldKernel sum_kernel(FoldKind kind, DType dtype, bool skipna) {
  return HWY_DYNAMIC_DISPATCH(select_sum_kernel)(kind, dtype, skipna);
}
}  // namespace rastream
#endif
