// SPDX-License-Identifier: Apache-2.0
// Rows of cells for each instruction set: plain loops over a cell function, which the compiler
// vectorises for the target of the including file. A loop promises only that cells do not depend on
// each other (ivdep), so that the output may be the memory of an input.
#if defined(RASTREAM_OPS_ELEMENTWISE_ROWS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef RASTREAM_OPS_ELEMENTWISE_ROWS_INL_H_
#undef RASTREAM_OPS_ELEMENTWISE_ROWS_INL_H_
#else
#define RASTREAM_OPS_ELEMENTWISE_ROWS_INL_H_
#endif

#include <hwy/highway.h>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>

#include "rastream/array/dtype.h"
#include "rastream/ops/elementwise/kernels.h"

HWY_BEFORE_NAMESPACE();
namespace rastream::HWY_NAMESPACE {
namespace {

template <typename F, typename... T>
using CellOf = decltype(F::cell(std::declval<T>()...));

template <typename F, typename T>
void unary_row(std::int64_t n, std::byte* out, const std::byte* const* in, const void*) {
  using R = CellOf<F, T>;
  R* r = reinterpret_cast<R*>(out);
  const T* a = reinterpret_cast<const T*>(in[0]);
#pragma GCC ivdep
  for (std::int64_t i = 0; i < n; ++i) r[i] = F::cell(a[i]);
}

/// kRepeated: bit i set when input i is one cell.
template <typename F, typename T, unsigned kRepeated>
void binary_row(std::int64_t n, std::byte* out, const std::byte* const* in, const void*) {
  using R = CellOf<F, T, T>;
  R* r = reinterpret_cast<R*>(out);
  const T* a = reinterpret_cast<const T*>(in[0]);
  const T* b = reinterpret_cast<const T*>(in[1]);
  if constexpr (kRepeated == 1) {
    const T a0 = *a;
#pragma GCC ivdep
    for (std::int64_t i = 0; i < n; ++i) r[i] = F::cell(a0, b[i]);
  } else if constexpr (kRepeated == 2) {
    const T b0 = *b;
#pragma GCC ivdep
    for (std::int64_t i = 0; i < n; ++i) r[i] = F::cell(a[i], b0);
  } else {
#pragma GCC ivdep
    for (std::int64_t i = 0; i < n; ++i) r[i] = F::cell(a[i], b[i]);
  }
}

/// The kernels of cell function F, where it takes dtype `dtype`.
template <typename F>
KernelSet unary(DType dtype) {
  return visit_dtype(dtype, []<typename T>(T) -> KernelSet {
    if constexpr (requires(T v) { F::cell(v); }) {
      return {{&unary_row<F, T>}};
    } else {
      return {};
    }
  });
}

template <typename F>
KernelSet binary(DType dtype) {
  return visit_dtype(dtype, []<typename T>(T) -> KernelSet {
    if constexpr (requires(T v) { F::cell(v, v); }) {
      return {{&binary_row<F, T, 0>, &binary_row<F, T, 1>, &binary_row<F, T, 2>}};
    } else {
      return {};
    }
  });
}

/// One line of a family's table: an operation and how its kernels are found.
struct Entry {
  std::string_view operation;
  KernelSet (*kernels)(DType dtype);
};

inline KernelSet find_in(std::span<const Entry> table, std::string_view operation, DType dtype) {
  for (const Entry& entry : table) {
    if (entry.operation == operation) return entry.kernels(dtype);
  }
  return {};
}

}  // namespace
}  // namespace rastream::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
