// SPDX-License-Identifier: Apache-2.0
// Functions taken from the C++ library cell by cell, because no vector form of them is accurate
// enough; and the parts of a complex number for real ones.
#include <cmath>
#include <concepts>

#include "rastream/ops/elementwise/scalar_rows.h"

namespace rastream {
namespace {

struct Tan {
  template <std::floating_point T>
  static T cell(T a) {
    return std::tan(a);
  }
};

struct Cosh {
  template <std::floating_point T>
  static T cell(T a) {
    return std::cosh(a);
  }
};

struct Arctan2 {
  template <std::floating_point T>
  static T cell(T y, T x) {
    return std::atan2(y, x);
  }
};

struct Hypot {
  template <std::floating_point T>
  static T cell(T x, T y) {
    return std::hypot(x, y);
  }
};

struct Itself {
  template <typename T>
  static T cell(T a) {
    return a;
  }
};

struct Zero {
  template <typename T>
  static T cell(T) {
    return T{};
  }
};

struct Angle {
  template <std::floating_point T>
  static T cell(T a) {
    return std::atan2(T{0}, a);
  }
};

constexpr ScalarEntry kTable[] = {
    {"tan", &scalar_unary<Tan>},          {"cosh", &scalar_unary<Cosh>},
    {"arctan2", &scalar_binary<Arctan2>}, {"hypot", &scalar_binary<Hypot>},
    {"real", &scalar_unary<Itself>},      {"conj", &scalar_unary<Itself>},
    {"imag", &scalar_unary<Zero>},        {"angle", &scalar_unary<Angle>},
};

}  // namespace

KernelSet find_scalar_math_kernels(std::string_view operation, DType dtype) {
  return find_scalar(kTable, operation, dtype);
}

}  // namespace rastream
