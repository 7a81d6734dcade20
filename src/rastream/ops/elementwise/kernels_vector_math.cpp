// SPDX-License-Identifier: Apache-2.0
// Transcendental functions on whole vectors (Highway's contrib/math), at most 4 ULP from the C++
// library's. A cell outside the range where the vector form is accurate is computed by the C++
// library, so that special values are its; NaN passes through, because masked areas are full of it.
// A row's tail is padded to a whole vector: a cell has the same bits wherever it stands.
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>

#include "rastream/ops/elementwise/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "rastream/ops/elementwise/kernels_vector_math.cpp"
#include <hwy/foreach_target.h>
// foreach_target.h compiles this file once a target and so comes before all that has code a target.
#include <hwy/contrib/math/math-inl.h>
#include <hwy/highway.h>

#include "rastream/ops/elementwise/rows-inl.h"

HWY_BEFORE_NAMESPACE();
namespace rastream::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

template <typename T>
constexpr T by_size(double for_float32, double for_float64) {
  return static_cast<T>(sizeof(T) == 4 ? for_float32 : for_float64);
}

template <typename T>
constexpr T kMax = std::numeric_limits<T>::max();
template <typename T>
constexpr T kMinNormal = std::numeric_limits<T>::min();

/// sin(r) for 0 <= |r| <= pi/2.
template <class D, class V>
HWY_INLINE V sin_near_zero(D d, V r) {
  if constexpr (sizeof(hn::TFromD<D>) == 4)
    return hwy::HWY_NAMESPACE::impl::CosSinImpl<float>().Poly(d, r);
  // Interpolates (sin(r) / r - 1) / r^2 at Chebyshev points; relative error below 3e-17.
  const V y = hn::Mul(r, r);
  const V cube = hn::Mul(y, r);
  const V y2 = hn::Mul(y, y);
  const V p01 = hn::MulAdd(y, hn::Set(d, 0.008333333333333316), hn::Set(d, -0.16666666666666666));
  const V p23 =
      hn::MulAdd(y, hn::Set(d, 2.755731921915843e-06), hn::Set(d, -0.00019841269841254955));
  const V p45 =
      hn::MulAdd(y, hn::Set(d, 1.6058977272815506e-10), hn::Set(d, -2.5052107616384595e-08));
  const V p67 =
      hn::MulAdd(y, hn::Set(d, 2.731428986122616e-15), hn::Set(d, -7.643969031052769e-13));
  return hn::MulAdd(hn::MulAdd(hn::MulAdd(hn::MulAdd(p67, y2, p45), y2, p23), y2, p01), cube, r);
}

/// x - n * pi, with pi in four parts of which the first two are short, so that their products are
/// exact (Cody-Waite).
template <class D, class V>
HWY_INLINE V minus_multiple_of_pi(D d, V x, V n) {
  using T = hn::TFromD<D>;
  x = hn::MulAdd(n, hn::Set(d, by_size<T>(-3.140625, -3.1415926218032836914)), x);
  x = hn::MulAdd(n, hn::Set(d, by_size<T>(-0.0009670257568359375, -3.1786509424591713469e-8)), x);
  x = hn::MulAdd(n, hn::Set(d, by_size<T>(-6.2771141529083251953e-7, -1.2246467864107188502e-16)),
                 x);
  return hn::MulAdd(
      n, hn::Set(d, by_size<T>(-1.2154201256553420762e-10, -1.2736634327021899816e-24)), x);
}

/// Adding it rounds to an integer, which then stands in the lowest bits.
template <typename T>
constexpr T kRounder = by_size<T>(0x1.8p23, 0x1.8p52);

/// NumPy's vector loops need a fused multiply-add: without one their reduction of the argument
/// loses all accuracy, and NumPy takes the C library's functions.
template <typename T>
constexpr bool kHasNumpysBits = sizeof(T) == 4 && HWY_NATIVE_FMA != 0;

/// The lowest bit of a rounded number, as a sign bit.
template <class D, class V>
HWY_INLINE V parity_as_sign(D d, V rounded) {
  const hn::RebindToUnsigned<D> du;
  return hn::BitCast(d, hn::ShiftLeft<sizeof(hn::TFromD<D>) * 8 - 1>(hn::BitCast(du, rounded)));
}

/// sin(size + offset * pi/2) of float32 with the bits that NumPy's vector loop gives
/// (loops_trigonometric: Cody-Waite reduction by pi/2 and two polynomials), so that float32
/// expressions do not differ from NumPy's by their rounding.
template <int kOffset, class D, class V>
HWY_INLINE V numpy_sine(D d, V size) {
  const hn::RebindToUnsigned<D> du;
  const V rounder = hn::Set(d, 0x1.8p23F);
  const V rounded = hn::Add(hn::Mul(size, hn::Set(d, 0x1.45f306p-1F)), rounder);
  const V quadrant = hn::Sub(rounded, rounder);
  V r = hn::MulAdd(quadrant, hn::Set(d, -0x1.921fb0p+00F), size);
  r = hn::MulAdd(quadrant, hn::Set(d, -0x1.5110b4p-22F), r);
  r = hn::MulAdd(quadrant, hn::Set(d, -0x1.846988p-48F), r);
  const V r2 = hn::Mul(r, r);
  V cosine = hn::MulAdd(hn::Set(d, 0x1.98e616p-16F), r2, hn::Set(d, -0x1.6c06dcp-10F));
  cosine = hn::MulAdd(cosine, r2, hn::Set(d, 0x1.55553cp-05F));
  cosine = hn::MulAdd(cosine, r2, hn::Set(d, -0.5F));
  cosine = hn::MulAdd(cosine, r2, hn::Set(d, 1.0F));
  V sine = hn::MulAdd(hn::Set(d, 0x1.7d3bbcp-19F), r2, hn::Set(d, -0x1.a06bbap-13F));
  sine = hn::MulAdd(sine, r2, hn::Set(d, 0x1.11119ap-07F));
  sine = hn::MulAdd(sine, r2, hn::Set(d, -0x1.555556p-03F));
  sine = hn::MulAdd(hn::Mul(sine, r2), r, r);
  // The quadrant's lowest bits are those of the rounded number: odd ones take the cosine, the upper
  // half is negated.
  const auto turned = hn::Add(hn::BitCast(du, rounded), hn::Set(du, kOffset));
  const auto is_odd = hn::RebindMask(d, hn::Eq(hn::And(turned, hn::Set(du, 1)), hn::Set(du, 1)));
  const auto sign = hn::ShiftLeft<30>(hn::And(turned, hn::Set(du, 2)));
  return hn::Xor(hn::IfThenElse(is_odd, cosine, sine), hn::BitCast(d, sign));
}

/// A function gives its vector form, the scalar form, and the closed interval [low, high] where the
/// vector form holds. The sign is kept apart to the end, because r + p * r^3 loses that of zero.
struct Sin {
  template <class D, class V>
  static HWY_INLINE V vector(D d, V x) {
    using T = hn::TFromD<D>;
    const V size = hn::Abs(x);
    if constexpr (kHasNumpysBits<T>) return hn::Xor(numpy_sine<0>(d, size), hn::Xor(size, x));
    const V rounder = hn::Set(d, kRounder<T>);
    const V rounded = hn::MulAdd(size, hn::Set(d, static_cast<T>(0.31830988618379067154)), rounder);
    const V r = minus_multiple_of_pi(d, size, hn::Sub(rounded, rounder));
    const V sign = hn::Xor(hn::Xor(size, x), parity_as_sign(d, rounded));
    return hn::Xor(sin_near_zero(d, r), sign);
  }
  template <typename T>
  static T scalar(T x) {
    return std::sin(x);
  }
  template <typename T>
  static constexpr T low = by_size<T>(-10000, -39000);
  template <typename T>
  static constexpr T high = by_size<T>(10000, 39000);
};

/// cos(r + (n + 1/2) * pi) is sin(r), negated for even n.
struct Cos {
  template <class D, class V>
  static HWY_INLINE V vector(D d, V x) {
    using T = hn::TFromD<D>;
    const V size = hn::Abs(x);
    if constexpr (kHasNumpysBits<T>) return numpy_sine<1>(d, size);
    const V half = hn::Set(d, T(0.5));
    const V rounder = hn::Set(d, kRounder<T>);
    const V rounded = hn::Add(
        hn::MulSub(size, hn::Set(d, static_cast<T>(0.31830988618379067154)), half), rounder);
    const V r = minus_multiple_of_pi(d, size, hn::Add(hn::Sub(rounded, rounder), half));
    return hn::Xor(sin_near_zero(d, hn::Neg(r)), parity_as_sign(d, rounded));
  }
  template <typename T>
  static T scalar(T x) {
    return std::cos(x);
  }
  template <typename T>
  static constexpr T low = by_size<T>(-10000, -39000);
  template <typename T>
  static constexpr T high = by_size<T>(10000, 39000);
};

struct Exp {
  template <class D, class V>
  static HWY_INLINE V vector(D d, V x) {
    return hn::Exp(d, x);
  }
  template <typename T>
  static T scalar(T x) {
    return std::exp(x);
  }
  template <typename T>
  static constexpr T low = by_size<T>(-87, -708);
  template <typename T>
  static constexpr T high = by_size<T>(88, 706);
};

/// Has the sign of x; the vector form loses that of zero.
struct Expm1 {
  template <class D, class V>
  static HWY_INLINE V vector(D d, V x) {
    return hn::CopySign(hn::Expm1(d, x), x);
  }
  template <typename T>
  static T scalar(T x) {
    return std::expm1(x);
  }
  template <typename T>
  static constexpr T low = by_size<T>(-87, -708);
  template <typename T>
  static constexpr T high = by_size<T>(88, 706);
};

/// x = 2^exponent * mantissa with the mantissa in [sqrt(1/2), sqrt(2)), for positive normal x.
template <class D, class V>
struct Split {
  using T = hn::TFromD<D>;
  using TI = hwy::MakeSigned<T>;
  /// The bits of sqrt(1/2), rounded down.
  static constexpr TI kRootHalf = sizeof(T) == 4 ? TI(0x3F3504F3) : TI(0x3FE6A09E667F3BCD);

  HWY_INLINE Split(D d, V x, TI least_mantissa = kRootHalf) {
    constexpr int kMantissaBits = sizeof(T) == 4 ? 23 : 52;
    const hn::Rebind<TI, D> di;
    // Above the bits of sqrt(1/2), the distance in units of the last place carries into the
    // exponent once per octave.
    const auto root_half = hn::Set(di, least_mantissa);
    const auto bits = hn::BitCast(di, x);
    const auto octave = hn::ShiftRight<kMantissaBits>(hn::Sub(bits, root_half));
    exponent = hn::ConvertTo(d, octave);
    mantissa = hn::BitCast(d, hn::Sub(bits, hn::ShiftLeft<kMantissaBits>(octave)));
  }
  V exponent;
  V mantissa;
};

/// log(1 + f) = f - product, where the product is small. Polynomial of musl's log.c: with z = f /
/// (f + 2), product = z * (f - poly(z)).
template <class D, class V>
struct LogParts {
  HWY_INLINE LogParts(D d, V mantissa) {
    using T = hn::TFromD<D>;
    const V one = hn::Set(d, T(1));
    f = hn::Sub(mantissa, one);
    const V z = hn::Div(f, hn::Add(mantissa, one));
    product = hn::Mul(z, hn::Sub(f, hwy::HWY_NAMESPACE::impl::LogImpl<T>().LogPoly(d, z)));
  }
  V f;
  V product;
};

/// log(x) of float32 with the bits that NumPy's vector loop gives (loops_exponent_log: a rational
/// approximation of log(1 + z)); NumPy's mantissa lies in (sqrt(1/2), sqrt(2)].
template <class D, class V>
HWY_INLINE V numpy_log(D d, V x) {
  const Split<D, V> s(d, x, Split<D, V>::kRootHalf + 1);
  const V z = hn::Sub(s.mantissa, hn::Set(d, 1.0F));
  V p = hn::MulAdd(hn::Set(d, 2.589979117907922693523e-02F), z,
                   hn::Set(d, 3.808837741388407920751e-01F));
  p = hn::MulAdd(p, z, hn::Set(d, 1.480000633576506585156F));
  p = hn::MulAdd(p, z, hn::Set(d, 2.112677543073053063722F));
  p = hn::MulAdd(p, z, hn::Set(d, 9.999999999999998702752e-01F));
  p = hn::Mul(p, z);
  V q = hn::MulAdd(hn::Set(d, 5.875095403124574342950e-03F), z,
                   hn::Set(d, 1.546476374983906719538e-01F));
  q = hn::MulAdd(q, z, hn::Set(d, 9.864942958519418960339e-01F));
  q = hn::MulAdd(q, z, hn::Set(d, 2.453006071784736363091F));
  q = hn::MulAdd(q, z, hn::Set(d, 2.612677543073109236779F));
  q = hn::MulAdd(q, z, hn::Set(d, 1.0F));
  return hn::MulAdd(s.exponent, hn::Set(d, 0.693147180559945309417F), hn::Div(p, q));
}

struct Log {
  template <class D, class V>
  static HWY_INLINE V vector(D d, V x) {
    using T = hn::TFromD<D>;
    if constexpr (kHasNumpysBits<T>) return numpy_log(d, x);
    const Split<D, V> s(d, x);
    const LogParts<D, V> log(d, s.mantissa);
    // log(2) in two parts, the first short enough that its product with an exponent is exact.
    const V high_part = hn::Set(d, by_size<T>(0.69313812256, 0.693147180369123816490));
    const V low_part = hn::Set(d, by_size<T>(9.0580006145e-6, 1.90821492927058770002e-10));
    return hn::MulAdd(s.exponent, high_part,
                      hn::Sub(log.f, hn::NegMulAdd(s.exponent, low_part, log.product)));
  }
  template <typename T>
  static T scalar(T x) {
    return std::log(x);
  }
  template <typename T>
  static constexpr T low = kMinNormal<T>;
  template <typename T>
  static constexpr T high = kMax<T>;
};

/// Exponent and mantissa apart, so that powers of two have exact logarithms.
struct Log2 {
  template <class D, class V>
  static HWY_INLINE V vector(D d, V x) {
    using T = hn::TFromD<D>;
    const Split<D, V> s(d, x);
    const LogParts<D, V> log(d, s.mantissa);
    const V per_log = hn::Set(d, static_cast<T>(1.44269504088896340736));
    return hn::MulAdd(hn::Sub(log.f, log.product), per_log, s.exponent);
  }
  template <typename T>
  static T scalar(T x) {
    return std::log2(x);
  }
  template <typename T>
  static constexpr T low = kMinNormal<T>;
  template <typename T>
  static constexpr T high = kMax<T>;
};

/// log10(2) is cut in two, the first part short enough that its product with an exponent is exact;
/// so powers of ten have exact logarithms.
struct Log10 {
  template <class D, class V>
  static HWY_INLINE V vector(D d, V x) {
    using T = hn::TFromD<D>;
    const Split<D, V> s(d, x);
    const LogParts<D, V> log(d, s.mantissa);
    const V high_part = hn::Set(d, by_size<T>(0x1.344p-2, 0x1.34413509f7p-2));
    const V low_part = hn::Set(d, by_size<T>(0x1.3509f79fef312p-18, 0x1.3fde623e2566bp-43));
    const V per_log = hn::Set(d, static_cast<T>(0.434294481903251827651));
    const V small = hn::MulAdd(s.exponent, low_part, hn::Mul(hn::Sub(log.f, log.product), per_log));
    return hn::MulAdd(s.exponent, high_part, small);
  }
  template <typename T>
  static T scalar(T x) {
    return std::log10(x);
  }
  template <typename T>
  static constexpr T low = kMinNormal<T>;
  template <typename T>
  static constexpr T high = kMax<T>;
};

struct Log1p {
  template <class D, class V>
  static HWY_INLINE V vector(D d, V x) {
    return hn::Log1p(d, x);
  }
  template <typename T>
  static T scalar(T x) {
    return std::log1p(x);
  }
  template <typename T>
  static constexpr T low = -1 + std::numeric_limits<T>::epsilon();
  template <typename T>
  static constexpr T high = kMax<T>;
};

struct Tanh {
  template <class D, class V>
  static HWY_INLINE V vector(D d, V x) {
    return hn::Tanh(d, x);
  }
  template <typename T>
  static T scalar(T x) {
    return std::tanh(x);
  }
  template <typename T>
  static constexpr T low = -40;
  template <typename T>
  static constexpr T high = 40;
};

struct Sinh {
  template <class D, class V>
  static HWY_INLINE V vector(D d, V x) {
    return hn::Sinh(d, x);
  }
  template <typename T>
  static T scalar(T x) {
    return std::sinh(x);
  }
  template <typename T>
  static constexpr T low = by_size<T>(-87, -706);
  template <typename T>
  static constexpr T high = by_size<T>(87, 706);
};

struct Arcsin {
  template <class D, class V>
  static HWY_INLINE V vector(D d, V x) {
    return hn::Asin(d, x);
  }
  template <typename T>
  static T scalar(T x) {
    return std::asin(x);
  }
  template <typename T>
  static constexpr T low = -1;
  template <typename T>
  static constexpr T high = 1;
};

struct Arccos {
  template <class D, class V>
  static HWY_INLINE V vector(D d, V x) {
    return hn::Acos(d, x);
  }
  template <typename T>
  static T scalar(T x) {
    return std::acos(x);
  }
  template <typename T>
  static constexpr T low = -1;
  template <typename T>
  static constexpr T high = 1;
};

struct Arctan {
  template <class D, class V>
  static HWY_INLINE V vector(D d, V x) {
    return hn::Atan(d, x);
  }
  template <typename T>
  static T scalar(T x) {
    return std::atan(x);
  }
  template <typename T>
  static constexpr T low = -kMax<T>;
  template <typename T>
  static constexpr T high = kMax<T>;
};

/// The result of a vector that has cells outside [low, high].
template <typename F, class D, class V>
HWY_NOINLINE V repair(D d, hn::VecArg<V> x, hn::VecArg<V> result) {
  using T = hn::TFromD<D>;
  HWY_ALIGN T from[hn::MaxLanes(D())];
  HWY_ALIGN T to[hn::MaxLanes(D())];
  hn::Store(x, d, from);
  hn::Store(hn::IfThenElse(hn::IsNaN(x), x, result), d, to);
  for (std::size_t i = 0; i < hn::Lanes(d); ++i) {
    if (from[i] < F::template low<T> || from[i] > F::template high<T>) to[i] = F::scalar(from[i]);
  }
  return hn::Load(d, to);
}

template <typename F, class D, class V>
HWY_INLINE V math_vector(D d, V x) {
  using T = hn::TFromD<D>;
  const auto inside = hn::And(hn::Ge(x, hn::Set(d, F::template low<T>)),
                              hn::Le(x, hn::Set(d, F::template high<T>)));
  const V result = F::vector(d, x);
  if (HWY_LIKELY(hn::AllTrue(d, inside))) return result;
  const auto is_nan = hn::IsNaN(x);
  if (hn::AllTrue(d, hn::Or(inside, is_nan))) return hn::IfThenElse(is_nan, x, result);
  return repair<F, D, V>(d, x, result);
}

template <typename F, typename T>
void math_row(std::int64_t n, std::byte* out, const std::byte* const* in, const void*) {
  const hn::ScalableTag<T> d;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
  T* r = reinterpret_cast<T*>(out);
  const T* a = reinterpret_cast<const T*>(in[0]);
  std::int64_t i = 0;
  for (; i + lanes <= n; i += lanes) hn::StoreU(math_vector<F>(d, hn::LoadU(d, a + i)), d, r + i);
  if (i == n) return;
  HWY_ALIGN T tail[hn::MaxLanes(d)];
  for (std::int64_t k = 0; k < lanes; ++k) tail[k] = a[i + k < n ? i + k : n - 1];
  hn::Store(math_vector<F>(d, hn::Load(d, tail)), d, tail);
  std::memcpy(r + i, tail, static_cast<std::size_t>(n - i) * sizeof(T));
}

template <typename F>
KernelSet math(DType dtype) {
  if (dtype == DType::float32) return {{&math_row<F, float>}};
  if (dtype == DType::float64) return {{&math_row<F, double>}};
  return {};
}

constexpr Entry kTable[] = {
    {"sin", &math<Sin>},       {"cos", &math<Cos>},       {"exp", &math<Exp>},
    {"expm1", &math<Expm1>},   {"log", &math<Log>},       {"log2", &math<Log2>},
    {"log10", &math<Log10>},   {"log1p", &math<Log1p>},   {"tanh", &math<Tanh>},
    {"sinh", &math<Sinh>},     {"arcsin", &math<Arcsin>}, {"arccos", &math<Arccos>},
    {"arctan", &math<Arctan>},
};

}  // namespace

KernelSet find_vector_math(std::string_view operation, DType dtype) {
  return find_in(kTable, operation, dtype);
}

}  // namespace rastream::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace rastream {

HWY_EXPORT(find_vector_math);

KernelSet find_vector_math_kernels(std::string_view operation, DType dtype) {
  return HWY_DYNAMIC_DISPATCH(find_vector_math)(operation, dtype);
}

}  // namespace rastream
#endif
