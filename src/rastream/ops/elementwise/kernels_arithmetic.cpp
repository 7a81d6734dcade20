// SPDX-License-Identifier: Apache-2.0
// Sums, products, extrema, signs and bits. Integers wrap around, as in NumPy.
#include <cmath>
#include <concepts>
#include <cstdint>
#include <type_traits>

#include "rastream/ops/elementwise/targets.h"
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "rastream/ops/elementwise/kernels_arithmetic.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "rastream/ops/elementwise/rows-inl.h"

HWY_BEFORE_NAMESPACE();
namespace rastream::HWY_NAMESPACE {
namespace {

template <typename T>
concept Integer = std::integral<T> && !std::same_as<T, bool>;
template <typename T>
concept Number = !std::same_as<T, bool>;

/// The unsigned type in which arithmetic on T wraps without undefined behaviour; never narrower
/// than unsigned, because C++ would promote it to a signed int.
template <typename T>
using Wrapping = std::conditional_t<(sizeof(T) < 4), unsigned, std::make_unsigned_t<T>>;

struct Add {
  static bool cell(bool a, std::same_as<bool> auto b) { return a || b; }
  template <Integer T>
  static T cell(T a, T b) {
    return static_cast<T>(static_cast<Wrapping<T>>(a) + static_cast<Wrapping<T>>(b));
  }
  template <std::floating_point T>
  static T cell(T a, T b) {
    return a + b;
  }
};

struct Subtract {
  template <Integer T>
  static T cell(T a, T b) {
    return static_cast<T>(static_cast<Wrapping<T>>(a) - static_cast<Wrapping<T>>(b));
  }
  template <std::floating_point T>
  static T cell(T a, T b) {
    return a - b;
  }
};

struct Multiply {
  static bool cell(bool a, std::same_as<bool> auto b) { return a && b; }
  template <Integer T>
  static T cell(T a, T b) {
    return static_cast<T>(static_cast<Wrapping<T>>(a) * static_cast<Wrapping<T>>(b));
  }
  template <std::floating_point T>
  static T cell(T a, T b) {
    return a * b;
  }
};

struct Square {
  template <Number T>
  static T cell(T a) {
    return Multiply::cell(a, a);
  }
};

struct Divide {
  template <std::floating_point T>
  static T cell(T a, T b) {
    return a / b;
  }
};

/// NaN on either side wins, the first one when both are.
struct Minimum {
  template <typename T>
  static T cell(T a, T b) {
    if constexpr (std::floating_point<T>) {
      const T least = b < a ? b : a;
      return b != b && a == a ? b : least;
    } else {
      return b < a ? b : a;
    }
  }
};

struct Maximum {
  template <typename T>
  static T cell(T a, T b) {
    if constexpr (std::floating_point<T>) {
      const T greatest = a < b ? b : a;
      return b != b && a == a ? b : greatest;
    } else {
      return a < b ? b : a;
    }
  }
};

struct Negative {
  template <Integer T>
  static T cell(T a) {
    return Subtract::cell(T{0}, a);
  }
  template <std::floating_point T>
  static T cell(T a) {
    return -a;
  }
};

struct Absolute {
  template <typename T>
  static T cell(T a) {
    if constexpr (std::floating_point<T>) {
      return std::abs(a);
    } else if constexpr (std::is_signed_v<T>) {
      return a < 0 ? Negative::cell(a) : a;
    } else {
      return a;
    }
  }
};

struct Sign {
  template <Number T>
  static T cell(T a) {
    if constexpr (std::floating_point<T>) {
      const T sign = static_cast<T>(static_cast<T>(a > 0) - static_cast<T>(a < 0));
      return a == a ? sign : a;
    } else {
      return static_cast<T>((a > 0) - (a < 0));
    }
  }
};

struct BitwiseAnd {
  template <std::integral T>
  static T cell(T a, T b) {
    return static_cast<T>(a & b);
  }
};

struct BitwiseOr {
  template <std::integral T>
  static T cell(T a, T b) {
    return static_cast<T>(a | b);
  }
};

struct BitwiseXor {
  template <std::integral T>
  static T cell(T a, T b) {
    return static_cast<T>(a ^ b);
  }
};

struct Invert {
  template <std::integral T>
  static T cell(T a) {
    if constexpr (std::same_as<T, bool>) {
      return !a;
    } else {
      return static_cast<T>(~a);
    }
  }
};

/// The factor is rounded to T before the product, as NumPy does.
struct Deg2Rad {
  template <std::floating_point T>
  static T cell(T a) {
    return a * (T(3.141592653589793238462643383279502884L) / T(180));
  }
};

struct Rad2Deg {
  template <std::floating_point T>
  static T cell(T a) {
    return a * (T(180) / T(3.141592653589793238462643383279502884L));
  }
};

struct Sqrt {
  template <std::floating_point T>
  static T cell(T a) {
    return std::sqrt(a);
  }
};

constexpr Entry kTable[] = {
    {"add", &binary<Add>},
    {"subtract", &binary<Subtract>},
    {"multiply", &binary<Multiply>},
    {"divide", &binary<Divide>},
    {"minimum", &binary<Minimum>},
    {"maximum", &binary<Maximum>},
    {"bitwise_and", &binary<BitwiseAnd>},
    {"bitwise_or", &binary<BitwiseOr>},
    {"bitwise_xor", &binary<BitwiseXor>},
    {"invert", &unary<Invert>},
    {"negative", &unary<Negative>},
    {"absolute", &unary<Absolute>},
    {"sign", &unary<Sign>},
    {"square", &unary<Square>},
    {"sqrt", &unary<Sqrt>},
    {"deg2rad", &unary<Deg2Rad>},
    {"rad2deg", &unary<Rad2Deg>},
};

}  // namespace

KernelSet find_arithmetic(std::string_view operation, DType dtype) {
  return find_in(kTable, operation, dtype);
}

}  // namespace rastream::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace rastream {

HWY_EXPORT(find_arithmetic);

KernelSet find_arithmetic_kernels(std::string_view operation, DType dtype) {
  return HWY_DYNAMIC_DISPATCH(find_arithmetic)(operation, dtype);
}

}  // namespace rastream
#endif
