// SPDX-License-Identifier: Apache-2.0
#include "rastream/ops/elementwise/table.h"

#include <array>

#include "rastream/base/error.h"

namespace rastream {
namespace {

using enum Typing;

constexpr Operation kOperations[] = {
    {"add", 2, same, "x + y; logical or of bool"},
    {"subtract", 2, number, "x - y"},
    {"multiply", 2, same, "x * y; logical and of bool"},
    {"divide", 2, quotient, "x / y as a floating number"},
    {"floor_divide", 2, number_int8,
     "Largest whole number not above x / y; 0 for an integer over 0"},
    {"remainder", 2, number_int8, "Remainder of x / y with the sign of y; 0 for an integer over 0"},
    {"power", 2, number_int8, "x to the power y"},
    {"minimum", 2, same, "The smaller of x and y; NaN when either is"},
    {"maximum", 2, same, "The larger of x and y; NaN when either is"},
    {"negative", 1, number, "-x"},
    {"absolute", 1, part, "Absolute value; the modulus of a complex number"},
    {"real", 1, part, "Real part"},
    {"imag", 1, part, "Imaginary part; 0 of a real number"},
    {"conj", 1, number_int8, "Complex conjugate"},
    {"angle", 1, floating, "Phase of a complex number, in radians"},
    {"sign", 1, number, "-1, 0 or 1; NaN for NaN"},
    {"square", 1, number_int8, "x * x"},
    {"sqrt", 1, floating, "Square root"},
    {"exp", 1, floating, "e to the power x"},
    {"expm1", 1, floating, "exp(x) - 1, exact near 0"},
    {"log", 1, floating, "Natural logarithm"},
    {"log1p", 1, floating, "log(1 + x), exact near 0"},
    {"log2", 1, floating, "Logarithm to base 2"},
    {"log10", 1, floating, "Logarithm to base 10"},
    {"sin", 1, floating, "Sine of radians"},
    {"cos", 1, floating, "Cosine of radians"},
    {"tan", 1, floating, "Tangent of radians"},
    {"arcsin", 1, floating, "Inverse sine, in radians"},
    {"arccos", 1, floating, "Inverse cosine, in radians"},
    {"arctan", 1, floating, "Inverse tangent, in radians"},
    {"arctan2", 2, floating, "Angle of the point (y, x), in radians; the first input is y"},
    {"sinh", 1, floating, "Hyperbolic sine"},
    {"cosh", 1, floating, "Hyperbolic cosine"},
    {"tanh", 1, floating, "Hyperbolic tangent"},
    {"hypot", 2, floating, "sqrt(x^2 + y^2) without overflow"},
    {"deg2rad", 1, floating, "Degrees to radians"},
    {"rad2deg", 1, floating, "Radians to degrees"},
    {"floor", 1, same, "Largest whole number not above x"},
    {"ceil", 1, same, "Smallest whole number not below x"},
    {"trunc", 1, same, "Whole part of x"},
    {"round", 1, whole, "Nearest whole number, half to even"},
    {"isnan", 1, truth, "True for NaN"},
    {"isfinite", 1, truth, "True for neither NaN nor infinity"},
    {"isinf", 1, truth, "True for infinities"},
    {"equal", 2, truth, "x == y"},
    {"not_equal", 2, truth, "x != y"},
    {"less", 2, truth, "x < y"},
    {"less_equal", 2, truth, "x <= y"},
    {"greater", 2, truth, "x > y"},
    {"greater_equal", 2, truth, "x >= y"},
    {"logical_and", 2, truth, "True where x and y are not 0"},
    {"logical_or", 2, truth, "True where x or y is not 0"},
    {"logical_xor", 2, truth, "True where exactly one of x and y is not 0"},
    {"logical_not", 1, truth, "True where x is 0"},
    {"bitwise_and", 2, bits, "Bits set in x and y"},
    {"bitwise_or", 2, bits, "Bits set in x or y"},
    {"bitwise_xor", 2, bits, "Bits set in exactly one of x and y"},
    {"invert", 1, bits, "Every bit flipped; logical not of bool"},
    {"where", 3, choice, "x where the condition holds, else y"},
    {"clip", 3, same, "x limited to [least, greatest]; NaN when any of the three is"},
    {"fillna", 2, same, "x, but y where x is NaN"},
};

DType float_of(DType dtype) {
  return dtype == DType::float32 || (dtype != DType::float64 && item_size(dtype) <= 2)
             ? DType::float32
             : DType::float64;
}

Computation of_complex(Typing typing, DType promoted) {
  if (typing == truth) return {promoted, DType::bool_};
  const bool is_real = typing == part || typing == floating;
  return {promoted, is_real ? part_of(promoted) : promoted};
}

[[noreturn]] void refuse(const Operation& operation, DType dtype) {
  throw Error(Errc::invalid_argument, "{}: not defined on {}", operation.name, to_string(dtype));
}

}  // namespace

std::span<const Operation> elementwise_operations() { return kOperations; }

const Operation& find_operation(std::string_view name) {
  for (const Operation& operation : kOperations) {
    if (operation.name == name) return operation;
  }
  throw Error(Errc::invalid_argument,
              "'{}' is not an elementwise operation: expected add, sin, where, ...", name);
}

Computation resolve_dtype(const Operation& operation, DType promoted) {
  const bool is_bool = promoted == DType::bool_;
  if (promoted == DType::string) refuse(operation, promoted);
  if (is_complex(promoted)) return of_complex(operation.typing, promoted);
  switch (operation.typing) {
    case same:
    case part:
    case choice: return {promoted, promoted};
    case number:
      if (is_bool) refuse(operation, promoted);
      return {promoted, promoted};
    case number_int8:
      return is_bool ? Computation{DType::int8, DType::int8} : Computation{promoted, promoted};
    case bits:
      if (is_floating(promoted)) refuse(operation, promoted);
      return {promoted, promoted};
    case floating: return {float_of(promoted), float_of(promoted)};
    case quotient: {
      const DType result = promoted == DType::float32 ? DType::float32 : DType::float64;
      return {result, result};
    }
    case whole:
      return is_bool ? Computation{DType::float32, DType::float32}
                     : Computation{promoted, promoted};
    case truth: return {promoted, DType::bool_};
  }
  refuse(operation, promoted);
}

}  // namespace rastream
