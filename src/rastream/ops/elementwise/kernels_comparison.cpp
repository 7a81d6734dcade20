// SPDX-License-Identifier: Apache-2.0
// Operations whose result is bool: comparisons, logic and tests for NaN and infinity.
#include <cmath>
#include <concepts>
#include <limits>

#include "rastream/ops/elementwise/targets.h"
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "rastream/ops/elementwise/kernels_comparison.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "rastream/ops/elementwise/rows-inl.h"

HWY_BEFORE_NAMESPACE();
namespace rastream::HWY_NAMESPACE {
namespace {

struct Equal {
  template <typename T>
  static bool cell(T a, T b) {
    return a == b;
  }
};

struct NotEqual {
  template <typename T>
  static bool cell(T a, T b) {
    return a != b;
  }
};

struct Less {
  template <typename T>
  static bool cell(T a, T b) {
    return a < b;
  }
};

struct LessEqual {
  template <typename T>
  static bool cell(T a, T b) {
    return a <= b;
  }
};

struct Greater {
  template <typename T>
  static bool cell(T a, T b) {
    return a > b;
  }
};

struct GreaterEqual {
  template <typename T>
  static bool cell(T a, T b) {
    return a >= b;
  }
};

/// NaN is true, being not 0. Without short cuts, so that the loop has no branch.
struct LogicalAnd {
  template <typename T>
  static bool cell(T a, T b) {
    return (a != T{}) & (b != T{});
  }
};

struct LogicalOr {
  template <typename T>
  static bool cell(T a, T b) {
    return (a != T{}) | (b != T{});
  }
};

struct LogicalXor {
  template <typename T>
  static bool cell(T a, T b) {
    return (a != T{}) != (b != T{});
  }
};

struct LogicalNot {
  template <typename T>
  static bool cell(T a) {
    return a == T{};
  }
};

struct IsNan {
  template <typename T>
  static bool cell(T a) {
    return a != a;
  }
};

struct IsFinite {
  template <typename T>
  static bool cell(T a) {
    if constexpr (std::floating_point<T>) {
      return std::abs(a) <= std::numeric_limits<T>::max();
    } else {
      return true;
    }
  }
};

struct IsInf {
  template <typename T>
  static bool cell(T a) {
    if constexpr (std::floating_point<T>) {
      return std::abs(a) == std::numeric_limits<T>::infinity();
    } else {
      return false;
    }
  }
};

constexpr Entry kTable[] = {
    {"equal", &binary<Equal>},
    {"not_equal", &binary<NotEqual>},
    {"less", &binary<Less>},
    {"less_equal", &binary<LessEqual>},
    {"greater", &binary<Greater>},
    {"greater_equal", &binary<GreaterEqual>},
    {"logical_and", &binary<LogicalAnd>},
    {"logical_or", &binary<LogicalOr>},
    {"logical_xor", &binary<LogicalXor>},
    {"logical_not", &unary<LogicalNot>},
    {"isnan", &unary<IsNan>},
    {"isfinite", &unary<IsFinite>},
    {"isinf", &unary<IsInf>},
};

}  // namespace

KernelSet find_comparison(std::string_view operation, DType dtype) {
  return find_in(kTable, operation, dtype);
}

}  // namespace rastream::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace rastream {

HWY_EXPORT(find_comparison);

KernelSet find_comparison_kernels(std::string_view operation, DType dtype) {
  return HWY_DYNAMIC_DISPATCH(find_comparison)(operation, dtype);
}

}  // namespace rastream
#endif
