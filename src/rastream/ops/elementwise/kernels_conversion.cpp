// SPDX-License-Identifier: Apache-2.0
// Conversions between dtypes.
#include <cmath>
#include <concepts>
#include <cstdint>
#include <limits>
#include <type_traits>

#include "rastream/ops/elementwise/targets.h"
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "rastream/ops/elementwise/kernels_conversion.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "rastream/ops/elementwise/rows-inl.h"

HWY_BEFORE_NAMESPACE();
namespace rastream::HWY_NAMESPACE {
namespace {

/// The values that `To` holds after truncation lie in (low, high); both ends are exact in From.
template <typename To, typename From>
To truncated(From v) {
  const From high = static_cast<From>(2) *
                    static_cast<From>(std::uint64_t{1} << (std::numeric_limits<To>::digits - 1));
  const From low = std::is_signed_v<To> ? -high : From{0};
  const From whole = std::trunc(v);
  const bool fits = whole >= low && whole < high;
  return static_cast<To>(fits ? whole : From{0});
}

template <typename To>
struct Convert {
  template <typename From>
  static To cell(From v) {
    if constexpr (std::same_as<To, bool>) {
      return v != From{};
    } else if constexpr (std::floating_point<From> && std::integral<To>) {
      return truncated<To>(v);
    } else {
      return static_cast<To>(v);
    }
  }
};

KernelSet conversion(DType from, DType to) {
  if (from == DType::string || to == DType::string) return {};
  return visit_dtype(to, [from]<typename To>(To) { return unary<Convert<To>>(from); });
}

}  // namespace

KernelSet convert_to(DType from, DType to) { return conversion(from, to); }

}  // namespace rastream::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace rastream {

HWY_EXPORT(convert_to);

KernelSet find_conversion(DType from, DType to) {
  if (is_complex(from) || is_complex(to)) return find_complex_conversion(from, to);
  return HWY_DYNAMIC_DISPATCH(convert_to)(from, to);
}

}  // namespace rastream
#endif
