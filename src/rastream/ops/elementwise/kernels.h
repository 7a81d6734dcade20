// SPDX-License-Identifier: Apache-2.0
// The interface between the elementwise engine and its kernels: a kernel computes one row of cells,
// knows nothing of dimensions, and is chosen once, when a node is built, by operation name, dtype
// and the best instruction set here.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "rastream/array/dtype.h"

namespace rastream {

/// Most inputs of an elementwise operation.
inline constexpr std::size_t kMaxElementwiseInputs = 3;

/// Fills out[0..n) from in[i][0..n), all dense; an input that the kernel was chosen for as
/// "repeated" is one cell. `out` may be the very memory of an input whose cells have the same size.
/// Each cell's bits depend only on its own inputs, never on n, alignment or neighbours. `constants`
/// is what the operator hands in (see Elementwise).
using Kernel = void (*)(std::int64_t n, std::byte* out, const std::byte* const* in,
                        const void* constants);

/// Kernels of one operation and dtype. Index: bit i set means that input i is one repeated cell.
/// [0] is always there when the set is not empty; a missing variant makes the engine expand the
/// repeated cell.
struct KernelSet {
  std::array<Kernel, 8> by_repeated{};
  bool is_empty() const { return by_repeated[0] == nullptr; }
};

/// Kernels of `operation` on inputs of dtype `dtype` ("where": the condition is bool, the rest
/// `dtype`). Empty when the operation is not defined on that dtype or unknown.
KernelSet find_kernels(std::string_view operation, DType dtype);

/// Kernels that convert as C++ does; floating values that do not fit the integer, and NaN, give 0.
KernelSet find_conversion(DType from, DType to);

/// To complex dtypes; none from complex to real ones, where one of real, imag, absolute and angle
/// is meant.
KernelSet find_complex_conversion(DType from, DType to);

KernelSet find_complex_kernels(std::string_view operation, DType dtype);
KernelSet find_arithmetic_kernels(std::string_view operation, DType dtype);
KernelSet find_division_kernels(std::string_view operation, DType dtype);
KernelSet find_rounding_kernels(std::string_view operation, DType dtype);
KernelSet find_comparison_kernels(std::string_view operation, DType dtype);
KernelSet find_selection_kernels(std::string_view operation, DType dtype);
KernelSet find_vector_math_kernels(std::string_view operation, DType dtype);
KernelSet find_scalar_math_kernels(std::string_view operation, DType dtype);

}  // namespace rastream
