// SPDX-License-Identifier: Apache-2.0
// Rounding to whole numbers. Integers are whole already and are copied.
#include <cmath>
#include <concepts>

#include "rastream/ops/elementwise/targets.h"
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "rastream/ops/elementwise/kernels_rounding.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "rastream/ops/elementwise/rows-inl.h"

HWY_BEFORE_NAMESPACE();
namespace rastream::HWY_NAMESPACE {
namespace {

template <typename T>
concept Whole = std::integral<T>;

struct Floor {
  template <typename T>
  static T cell(T a) {
    if constexpr (Whole<T>) {
      return a;
    } else {
      return std::floor(a);
    }
  }
};

struct Ceil {
  template <typename T>
  static T cell(T a) {
    if constexpr (Whole<T>) {
      return a;
    } else {
      return std::ceil(a);
    }
  }
};

struct Trunc {
  template <typename T>
  static T cell(T a) {
    if constexpr (Whole<T>) {
      return a;
    } else {
      return std::trunc(a);
    }
  }
};

/// Half to even, in the default rounding mode.
struct Round {
  template <typename T>
  static T cell(T a) {
    if constexpr (Whole<T>) {
      return a;
    } else {
      return std::rint(a);
    }
  }
};

constexpr Entry kTable[] = {
    {"floor", &unary<Floor>},
    {"ceil", &unary<Ceil>},
    {"trunc", &unary<Trunc>},
    {"round", &unary<Round>},
};

}  // namespace

KernelSet find_rounding(std::string_view operation, DType dtype) {
  return find_in(kTable, operation, dtype);
}

}  // namespace rastream::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace rastream {

HWY_EXPORT(find_rounding);

KernelSet find_rounding_kernels(std::string_view operation, DType dtype) {
  return HWY_DYNAMIC_DISPATCH(find_rounding)(operation, dtype);
}

}  // namespace rastream
#endif
