// SPDX-License-Identifier: Apache-2.0
// The elementwise operations by name: what each does, its inputs, and the dtypes it computes in and
// gives.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "rastream/array/dtype.h"

namespace rastream {

/// How the dtype of the result follows from the promoted dtype of the inputs.
enum class Typing : std::uint8_t {
  same,         ///< the promoted dtype
  number,       ///< the promoted dtype; bool is refused
  number_int8,  ///< the promoted dtype; bool counts as int8
  bits,         ///< bool and integers only
  floating,     ///< float32 stays; bool and integers below 32 bits give float32, all others float64
  quotient,     ///< float32 stays, all others give float64
  whole,        ///< integers and floats stay; bool gives float32
  truth,        ///< compares or tests in the promoted dtype, gives bool
  part,         ///< of a complex dtype its float32 or float64; others stay
  choice,       ///< input 0 is a condition; the promoted dtype of the others
};

struct Operation {
  std::string_view name;
  std::uint8_t n_inputs;
  Typing typing;
  std::string_view summary;
};

/// All operations whose inputs alone decide the result (astype and constant are operators of their
/// own).
std::span<const Operation> elementwise_operations();

/// Throws invalid_argument when there is none of that name.
const Operation& find_operation(std::string_view name);

struct Computation {
  DType compute;  ///< all inputs are converted to it
  DType result;
};

/// The dtypes of `operation` on inputs that promote to `promoted`. NumPy 2's types, except that
/// where NumPy answers float16 (transcendental functions of bool, int8, uint8) the result is
/// float32. A complex dtype stays, but `floating` gives its part. Throws invalid_argument for a
/// dtype that the operation refuses.
Computation resolve_dtype(const Operation& operation, DType promoted);

}  // namespace rastream
