// SPDX-License-Identifier: Apache-2.0
// Rows for cell functions that have no vector form (library calls, integer division): one loop,
// compiled once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "rastream/array/dtype.h"
#include "rastream/ops/elementwise/kernels.h"

namespace rastream {

template <typename F, typename T>
void scalar_unary_row(std::int64_t n, std::byte* out, const std::byte* const* in, const void*) {
  T* r = reinterpret_cast<T*>(out);
  const T* a = reinterpret_cast<const T*>(in[0]);
  for (std::int64_t i = 0; i < n; ++i) r[i] = F::cell(a[i]);
}

/// kRepeated: bit i set when input i is one cell. That cell is read before any is written, since
/// `out` may be its memory.
template <typename F, typename T, unsigned kRepeated>
void scalar_binary_row(std::int64_t n, std::byte* out, const std::byte* const* in, const void*) {
  T* r = reinterpret_cast<T*>(out);
  const T* a = reinterpret_cast<const T*>(in[0]);
  const T* b = reinterpret_cast<const T*>(in[1]);
  const T a0 = *a;
  const T b0 = *b;
  for (std::int64_t i = 0; i < n; ++i)
    r[i] = F::cell(kRepeated & 1 ? a0 : a[i], kRepeated & 2 ? b0 : b[i]);
}

template <typename F>
KernelSet scalar_unary(DType dtype) {
  return visit_dtype(dtype, []<typename T>(T) -> KernelSet {
    if constexpr (requires(T v) { F::cell(v); }) {
      return {{&scalar_unary_row<F, T>}};
    } else {
      return {};
    }
  });
}

template <typename F>
KernelSet scalar_binary(DType dtype) {
  return visit_dtype(dtype, []<typename T>(T) -> KernelSet {
    if constexpr (requires(T v) { F::cell(v, v); }) {
      return {
          {&scalar_binary_row<F, T, 0>, &scalar_binary_row<F, T, 1>, &scalar_binary_row<F, T, 2>}};
    } else {
      return {};
    }
  });
}

/// One line of a family's table: an operation and how its kernels are found.
struct ScalarEntry {
  std::string_view operation;
  KernelSet (*kernels)(DType dtype);
};

inline KernelSet find_scalar(std::span<const ScalarEntry> table, std::string_view operation,
                             DType dtype) {
  for (const ScalarEntry& entry : table) {
    if (entry.operation == operation) return entry.kernels(dtype);
  }
  return {};
}

}  // namespace rastream
