// SPDX-License-Identifier: Apache-2.0
#include "rastream/ops/elementwise/kernels_cf_decode.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <concepts>
#include <cstdint>
#include <limits>
#include <type_traits>

#include "rastream/ops/elementwise/targets.h"

// Seen once, not once a target: the numbers that all targets' kernels share.
#ifndef RASTREAM_OPS_CF_ROW_CONSTANTS
#define RASTREAM_OPS_CF_ROW_CONSTANTS
namespace rastream {
namespace {

constexpr std::size_t kMissingSlots = 8;

/// The dtype that stored cells are compared in.
template <typename T>
using Compared = std::conditional_t<std::integral<T> && sizeof(T) == 8, double, T>;

/// CfConstants in the dtypes of the kernel; unused slots repeat the first missing value.
template <typename T, typename Out>
struct CfRowConstants {
  std::array<Compared<T>, kMissingSlots> missing;
  Compared<T> valid_min;
  Compared<T> valid_max;
  Out scale_factor;
  Out add_offset;
};

}  // namespace
}  // namespace rastream
#endif

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "rastream/ops/elementwise/kernels_cf_decode.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "rastream/ops/elementwise/rows-inl.h"

HWY_BEFORE_NAMESPACE();
namespace rastream::HWY_NAMESPACE {
namespace {

/// kMissing slots are looked at. The plain kernel, for fill values alone, neither tests a range nor
/// scales.
template <typename T, typename Out, std::size_t kMissing, bool kPlain>
void cf_row(std::int64_t n, std::byte* out, const std::byte* const* in, const void* constants) {
  const auto c = *static_cast<const CfRowConstants<T, Out>*>(constants);
  Out* r = reinterpret_cast<Out*>(out);
  const T* a = reinterpret_cast<const T*>(in[0]);
#pragma GCC ivdep
  for (std::int64_t i = 0; i < n; ++i) {
    const T v = a[i];
    const auto key = static_cast<Compared<T>>(v);
    bool is_missing = kPlain ? false : !((key >= c.valid_min) & (key <= c.valid_max));
    for (std::size_t k = 0; k < kMissing; ++k) is_missing |= key == c.missing[k];
    const Out value =
        kPlain ? static_cast<Out>(v) : static_cast<Out>(v) * c.scale_factor + c.add_offset;
    r[i] = is_missing ? std::numeric_limits<Out>::quiet_NaN() : value;
  }
}

template <typename T, typename Out>
Kernel choose_cf_row(std::size_t n_missing, bool plain) {
  if (plain && n_missing == 0) return &cf_row<T, Out, 0, true>;
  if (plain && n_missing == 1) return &cf_row<T, Out, 1, true>;
  if (n_missing == 0) return &cf_row<T, Out, 0, false>;
  if (n_missing == 1) return &cf_row<T, Out, 1, false>;
  return &cf_row<T, Out, kMissingSlots, false>;
}

Kernel choose_cf(DType stored, DType out, std::size_t n_missing, bool plain) {
  return visit_dtype(stored, [&]<typename T>(T) -> Kernel {
    if constexpr (std::same_as<T, bool>) {
      return nullptr;
    } else {
      return out == DType::float32 ? choose_cf_row<T, float>(n_missing, plain)
                                   : choose_cf_row<T, double>(n_missing, plain);
    }
  });
}

}  // namespace

Kernel find_cf(DType stored, DType out, std::size_t n_missing, bool plain) {
  return choose_cf(stored, out, n_missing, plain);
}

}  // namespace rastream::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace rastream {

HWY_EXPORT(find_cf);

namespace {

/// True when a stored cell can have this very value. Floating attributes are rounded to the stored
/// dtype, since float32 data hold the rounded one.
template <typename T>
bool is_storable(double v) {
  if constexpr (std::floating_point<T>) return true;
  const double high = std::ldexp(1.0, std::numeric_limits<T>::digits);
  const double low = std::is_signed_v<T> ? -high : 0.0;
  // For 64-bit integers the largest value is rounded up to `high`, and so are the cells it is
  // compared with.
  return v == std::trunc(v) && v >= low && (sizeof(T) == 8 ? v <= high : v < high);
}

/// The closed range of stored values inside [valid_min, valid_max]; inverted, so that no cell is in
/// it, when empty.
template <typename T>
void set_range(const CfConstants& c, Compared<T>& least, Compared<T>& greatest) {
  if constexpr (std::floating_point<T>) {
    const T infinity = std::numeric_limits<T>::infinity();
    least = c.valid_min ? static_cast<T>(*c.valid_min) : -infinity;
    greatest = c.valid_max ? static_cast<T>(*c.valid_max) : infinity;
  } else {
    const double high = static_cast<double>(std::numeric_limits<T>::max());
    const double low = static_cast<double>(std::numeric_limits<T>::min());
    const double from = c.valid_min ? std::ceil(*c.valid_min) : low;
    const double to = c.valid_max ? std::floor(*c.valid_max) : high;
    const bool is_empty = !(from <= high && to >= low && from <= to);
    least = static_cast<Compared<T>>(is_empty ? high : std::max(from, low));
    greatest = static_cast<Compared<T>>(is_empty ? low : std::min(to, high));
  }
}

template <typename T, typename Out>
CfKernel make_cf(DType stored, const CfConstants& c) {
  auto row = std::make_shared<CfRowConstants<T, Out>>();
  std::size_t n_missing = 0;
  for (const double v : c.missing) {
    if (is_storable<T>(v)) row->missing[n_missing++] = static_cast<Compared<T>>(v);
  }
  for (std::size_t k = n_missing; k < kMissingSlots; ++k) row->missing[k] = row->missing[0];
  set_range<T>(c, row->valid_min, row->valid_max);
  // Adding -0 leaves every number as it is, +0 would turn -0 into +0.
  row->scale_factor = static_cast<Out>(c.scale_factor.value_or(1.0));
  row->add_offset = static_cast<Out>(c.add_offset.value_or(-0.0));
  const bool plain =
      !c.valid_min && !c.valid_max && !c.scale_factor && !c.add_offset && n_missing <= 1;
  const Kernel kernel = HWY_DYNAMIC_DISPATCH(find_cf)(stored, dtype_of<Out>, n_missing, plain);
  return {{{kernel}}, std::move(row)};
}

}  // namespace

CfKernel make_cf_kernel(DType stored, DType out, const CfConstants& constants) {
  return visit_dtype(stored, [&]<typename T>(T) -> CfKernel {
    if constexpr (std::same_as<T, bool>) {
      return {};
    } else {
      return out == DType::float32 ? make_cf<T, float>(stored, constants)
                                   : make_cf<T, double>(stored, constants);
    }
  });
}

}  // namespace rastream
#endif
