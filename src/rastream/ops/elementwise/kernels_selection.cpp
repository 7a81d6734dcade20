// SPDX-License-Identifier: Apache-2.0
// Choosing between values: where, clip, fillna. A choice copies bits, so where has one kernel a
// cell size.
#include <concepts>
#include <cstdint>

#include "rastream/ops/elementwise/targets.h"
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "rastream/ops/elementwise/kernels_selection.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "rastream/ops/elementwise/rows-inl.h"

HWY_BEFORE_NAMESPACE();
namespace rastream::HWY_NAMESPACE {
namespace {

/// Input 0 is bool; bits 1 and 2 of kRepeated say which of the values is one cell.
template <typename T, unsigned kRepeated>
void where_row(std::int64_t n, std::byte* out, const std::byte* const* in, const void*) {
  T* r = reinterpret_cast<T*>(out);
  const std::uint8_t* c = reinterpret_cast<const std::uint8_t*>(in[0]);
  const T* a = reinterpret_cast<const T*>(in[1]);
  const T* b = reinterpret_cast<const T*>(in[2]);
  constexpr std::int64_t kStepA = (kRepeated & 2) ? 0 : 1;
  constexpr std::int64_t kStepB = (kRepeated & 4) ? 0 : 1;
  const T a0 = *a;
  const T b0 = *b;
#pragma GCC ivdep
  for (std::int64_t i = 0; i < n; ++i) {
    const T x = kStepA ? a[i] : a0;
    const T y = kStepB ? b[i] : b0;
    r[i] = c[i] ? x : y;
  }
}

template <typename T>
KernelSet where_of() {
  KernelSet set;
  set.by_repeated[0] = &where_row<T, 0>;
  set.by_repeated[2] = &where_row<T, 2>;
  set.by_repeated[4] = &where_row<T, 4>;
  set.by_repeated[6] = &where_row<T, 6>;
  return set;
}

KernelSet where(DType dtype) {
  switch (item_size(dtype)) {
    case 1: return where_of<std::uint8_t>();
    case 2: return where_of<std::uint16_t>();
    case 4: return where_of<std::uint32_t>();
    case 8: return where_of<std::uint64_t>();
    default: return {};
  }
}

/// minimum(maximum(v, least), greatest): NaN in any of the three gives NaN, and the upper bound
/// wins over the lower.
template <typename T>
T clip_cell(T v, T least, T greatest) {
  if constexpr (std::floating_point<T>) {
    const T raised = v < least ? least : v;
    const T raised_or_nan = least != least ? least : raised;
    const T lowered = greatest < raised_or_nan ? greatest : raised_or_nan;
    return greatest != greatest && v == v ? greatest : lowered;
  } else {
    const T raised = v < least ? least : v;
    return greatest < raised ? greatest : raised;
  }
}

template <typename T, bool kBoundsRepeated>
void clip_row(std::int64_t n, std::byte* out, const std::byte* const* in, const void*) {
  T* r = reinterpret_cast<T*>(out);
  const T* a = reinterpret_cast<const T*>(in[0]);
  const T* least = reinterpret_cast<const T*>(in[1]);
  const T* greatest = reinterpret_cast<const T*>(in[2]);
  const T least0 = *least;
  const T greatest0 = *greatest;
#pragma GCC ivdep
  for (std::int64_t i = 0; i < n; ++i) {
    r[i] = kBoundsRepeated ? clip_cell(a[i], least0, greatest0)
                           : clip_cell(a[i], least[i], greatest[i]);
  }
}

KernelSet clip(DType dtype) {
  return visit_dtype(dtype, []<typename T>(T) {
    KernelSet set;
    set.by_repeated[0] = &clip_row<T, false>;
    set.by_repeated[6] = &clip_row<T, true>;
    return set;
  });
}

struct FillNa {
  template <typename T>
  static T cell(T a, T b) {
    return a == a ? a : b;
  }
};

constexpr Entry kTable[] = {
    {"where", &where},
    {"clip", &clip},
    {"fillna", &binary<FillNa>},
};

}  // namespace

KernelSet find_selection(std::string_view operation, DType dtype) {
  return find_in(kTable, operation, dtype);
}

}  // namespace rastream::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace rastream {

HWY_EXPORT(find_selection);

KernelSet find_selection_kernels(std::string_view operation, DType dtype) {
  return HWY_DYNAMIC_DISPATCH(find_selection)(operation, dtype);
}

}  // namespace rastream
#endif
