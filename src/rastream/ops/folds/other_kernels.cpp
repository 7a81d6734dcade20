// SPDX-License-Identifier: Apache-2.0
// The folds that are seldom hot, for the baseline instruction set only.
#include "rastream/base/error.h"
#include "rastream/ops/folds/panel-inl.h"

namespace rastream {
namespace {

template <typename T, bool kSkip>
FoldKernel other_kernel_of(FoldKind kind) {
  using namespace HWY_NAMESPACE;
  switch (kind) {
    case FoldKind::prod: return kernel<ProdStep<T, kSkip>>();
    case FoldKind::cumprod: return kernel<CumprodStep<T, kSkip>>();
    case FoldKind::first: return kernel<FirstStep<T, kSkip>>();
    case FoldKind::last: return kernel<LastStep<T, kSkip>>();
    case FoldKind::ffill: return kernel<FfillStep<T>>();
    default: return kernel<VarStep<T, kSkip>>();
  }
}

}  // namespace

FoldKernel other_kernel(FoldKind kind, DType dtype, bool skipna) {
  return visit_dtype(dtype, [&]<typename T>(T) {
    if constexpr (std::is_floating_point_v<T>) {
      if (skipna) return other_kernel_of<T, true>(kind);
    }
    return other_kernel_of<T, false>(kind);
  });
}

}  // namespace rastream
