// SPDX-License-Identifier: Apache-2.0
// Division with remainder, with Python's sign rule: the remainder has the sign of the divisor.
// Follows npy_floor_divide and npy_remainder of NumPy's npymath. Not vectorised: fmod and integer
// division have no vector instruction.
#include <cmath>
#include <concepts>
#include <cstdint>
#include <limits>
#include <type_traits>

#include "rastream/ops/elementwise/scalar_rows.h"

namespace rastream {
namespace {

template <typename T>
concept Integer = std::integral<T> && !std::same_as<T, bool>;

/// MIN / -1, the one quotient that overflows.
template <Integer T>
bool overflows(T a, T b) {
  return std::is_signed_v<T> && a == std::numeric_limits<T>::min() && b == static_cast<T>(-1);
}

struct Remainder {
  template <Integer T>
  static T cell(T a, T b) {
    if (b == 0 || overflows(a, b)) return 0;
    const T rest = static_cast<T>(a % b);
    return rest != 0 && (rest < 0) != (b < 0) ? static_cast<T>(rest + b) : rest;
  }
  template <std::floating_point T>
  static T cell(T a, T b) {
    const T rest = std::fmod(a, b);
    if (b == 0) return rest;
    if (rest == 0) return std::copysign(T{0}, b);
    return (b < 0) != (rest < 0) ? rest + b : rest;
  }
};

struct FloorDivide {
  template <Integer T>
  static T cell(T a, T b) {
    if (b == 0) return 0;
    if (overflows(a, b)) return a;
    const T quotient = static_cast<T>(a / b);
    return a % b != 0 && (a < 0) != (b < 0) ? static_cast<T>(quotient - 1) : quotient;
  }
  template <std::floating_point T>
  static T cell(T a, T b) {
    if (b == 0) return a / b;
    const T rest = std::fmod(a, b);
    T quotient = (a - rest) / b;
    if (rest != 0 && (b < 0) != (rest < 0)) quotient -= 1;
    if (quotient == 0) return std::copysign(T{0}, a / b);
    const T whole = std::floor(quotient);
    return quotient - whole > T(0.5) ? whole + 1 : whole;
  }
};

/// Exponent 2 is a product in every row, so that a repeated exponent gives the bits of an array of
/// exponents. Integers wrap; to a negative exponent, where NumPy raises an error, they give the
/// whole part of the result (0, 1 or -1; 0 for base 0).
struct Power {
  template <Integer T>
  static T cell(T a, T b) {
    if (b < 0) return a == 1 ? 1 : a == static_cast<T>(-1) ? (b % 2 == 0 ? 1 : -1) : 0;
    using U = std::conditional_t<(sizeof(T) < 4), unsigned, std::make_unsigned_t<T>>;
    U result = 1;
    U factor = static_cast<U>(a);
    for (auto e = static_cast<std::make_unsigned_t<T>>(b); e != 0;
         e = static_cast<decltype(e)>(e >> 1)) {
      if (e & 1) result *= factor;
      factor *= factor;
    }
    return static_cast<T>(result);
  }
  template <std::floating_point T>
  static T cell(T a, T b) {
    return b == 2 ? a * a : std::pow(a, b);
  }
};

constexpr ScalarEntry kTable[] = {
    {"floor_divide", &scalar_binary<FloorDivide>},
    {"remainder", &scalar_binary<Remainder>},
    {"power", &scalar_binary<Power>},
};

}  // namespace

KernelSet find_division_kernels(std::string_view operation, DType dtype) {
  return find_scalar(kTable, operation, dtype);
}

}  // namespace rastream
