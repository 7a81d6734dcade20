// SPDX-License-Identifier: Apache-2.0
// The weights of the 24 hours as functions of the day length d (hours), compiled once per
// instruction set.
//
// Temperature above the base in hour h is w_h(d) * dt + tmin - 31, clipped at 0. Two facts make it
// cheap:
// 1. the weights rise to the afternoon's peak and fall from there to the end of the night (for d >=
// 0), so the least of
//    any run of hours stands at one of its ends and sorting them takes one pass;
// 2. with the weights sorted, the hours that count are the first m of the list, and their sum is
// sum[m] * dt +
//    m * (tmin - 31).
// float32 weights are multiples of 2^-24, so that their sums are exact integers and any order gives
// the same bits.

#if defined(RASTREAM_OPS_PHENOLOGY_GDH_WEIGHTS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef RASTREAM_OPS_PHENOLOGY_GDH_WEIGHTS_INL_H_
#undef RASTREAM_OPS_PHENOLOGY_GDH_WEIGHTS_INL_H_
#else
#define RASTREAM_OPS_PHENOLOGY_GDH_WEIGHTS_INL_H_
#endif

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "hwy/highway.h"
#include "rastream/ops/phenology/numpy_float32.h"

HWY_BEFORE_NAMESPACE();
namespace rastream {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

constexpr int kHours = 24;
constexpr int kPadded = 64;  // room for whole vectors beside 24 values

/// Weights from the largest to the least; sum[m] is the sum of the first m.
template <typename T>
struct WeightList {
  int n = 0;
  std::array<T, kHours> weight;
  std::array<T, kHours + 1> sum;
};

/// Day hours multiply dt, night hours multiply sunset = sine_at_sunset * dt, which NumPy rounds to
/// float32.
struct ExactWeights {
  float d = std::numeric_limits<float>::quiet_NaN();
  float sine_at_sunset = 0;
  WeightList<double> day;
  WeightList<double> night;
};

struct FastWeights {
  float d = std::numeric_limits<float>::quiet_NaN();
  WeightList<float> hours;
};

/// Fast where the values rise and then fall.
template <typename T>
void sort_unimodal(const T* values, int n, WeightList<T>& list) {
  list.n = n;
  int left = 0;
  int right = n - 1;
  int j = n;
  // Branches, not selections: neighbouring day lengths take the same way, so it is well predicted.
  while (left <= right) {
    while (left <= right && values[left] < values[right])
      list.weight[static_cast<std::size_t>(--j)] = values[left++];
    while (left <= right && !(values[left] < values[right]))
      list.weight[static_cast<std::size_t>(--j)] = values[right--];
  }
  // Rounding may leave neighbours out of order by a unit in the last place.
  for (std::size_t k = 1; k < static_cast<std::size_t>(n); ++k) {
    for (std::size_t i = k; i > 0 && list.weight[i - 1] < list.weight[i]; --i) {
      std::swap(list.weight[i - 1], list.weight[i]);
    }
  }
  double sum = 0;
  list.sum[0] = 0;
  for (std::size_t k = 0; k < static_cast<std::size_t>(n); ++k) {
    sum += list.weight[k];
    list.sum[k + 1] = static_cast<T>(sum);
  }
}

/// sin x for 0 <= x <= pi by its Taylor series at the nearer zero: no fused operations, so that
/// every instruction set gives the same bits.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V sine(D d, V x) {
  using T = hn::TFromD<D>;
  constexpr int kTerms = sizeof(T) == 4 ? 6 : 12;
  const V y = hn::Min(x, hn::Sub(hn::Set(d, std::numbers::pi_v<T>), x));
  const V square = hn::Mul(y, y);
  constexpr auto kTaylor = [] {
    std::array<double, kTerms> c{};
    c[0] = 1;
    for (std::size_t i = 1; i < c.size(); ++i)
      c[i] = -c[i - 1] / static_cast<double>((2 * i) * (2 * i + 1));
    return c;
  }();
  V sum = hn::Set(d, static_cast<T>(kTaylor[kTerms - 1]));
  for (int i = kTerms - 1; i-- > 1;) {
    sum = hn::Add(hn::Mul(sum, square),
                  hn::Set(d, static_cast<T>(kTaylor[static_cast<std::size_t>(i)])));
  }
  return hn::Add(y, hn::Mul(hn::Mul(sum, square), y));
}

/// ln x for finite normal x > 0, by the series of artanh around 1.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V logarithm(D d, V x) {
  const hn::RebindToSigned<D> di;
  constexpr std::int32_t kSqrtHalf = 0x3f3504f3;
  const auto bits = hn::BitCast(di, x);
  const auto exponent = hn::ShiftRight<23>(hn::Sub(bits, hn::Set(di, kSqrtHalf)));
  const V m = hn::BitCast(d, hn::Sub(bits, hn::ShiftLeft<23>(exponent)));
  const V one = hn::Set(d, 1.0F);
  const V s = hn::Div(hn::Sub(m, one), hn::Add(m, one));
  const V s2 = hn::Mul(s, s);
  V sum = hn::Set(d, 2.0F / 9);
  for (const float c : {2.0F / 7, 2.0F / 5, 2.0F / 3, 2.0F})
    sum = hn::Add(hn::Mul(sum, s2), hn::Set(d, c));
  return hn::Add(hn::Mul(hn::ConvertTo(d, exponent), hn::Set(d, std::numbers::ln2_v<float>)),
                 hn::Mul(sum, s));
}

/// Hour of sunset, the last hour of the day. REQUIRES: d >= 0.
inline int last_day_hour(float d) { return d < kHours - 1 ? static_cast<int>(d) : kHours - 1; }

/// ln k at index k >= 1.
template <typename T>
const T* logarithms() {
  static const auto table = [] {
    std::array<T, kPadded> t{};
    for (std::size_t k = 1; k < t.size(); ++k)
      t[k] = static_cast<T>(std::log(static_cast<double>(k)));
    return t;
  }();
  return table.data();
}

/// What the float32 weights of a day length share.
template <class D, class V = hn::Vec<D>>
struct FastAngles {
  V theta;
  V sine_at_sunset;
  V inverse_log;
};

/// sin(theta * d) is taken as sin(4 theta), which is equal because theta * (d + 4) = pi. The
/// logarithm is of use only where d < 23.
template <class D, class V = hn::Vec<D>>
HWY_INLINE FastAngles<D> fast_angles(D tag, V d) {
  const V theta = hn::Div(hn::Set(tag, std::numbers::pi_v<float>), hn::Add(d, hn::Set(tag, 4.0F)));
  const V length = hn::Max(hn::Sub(hn::Set(tag, 24.0F), d), hn::Set(tag, 1e-6F));
  return {theta, sine(tag, hn::Mul(theta, hn::Set(tag, 4.0F))),
          hn::Div(hn::Set(tag, 1.0F), logarithm(tag, length))};
}

constexpr float kUnit = 0x1p-24F;

/// A weight as an integer number of units.
template <class D, class V = hn::Vec<D>>
HWY_INLINE hn::Vec<hn::RebindToSigned<D>> in_units(D tag, V w) {
  return hn::NearestInt(hn::Mul(w, hn::Set(tag, 1 / kUnit)));
}

template <class D, class I>
HWY_INLINE hn::Vec<D> from_units(D tag, I units) {
  return hn::Mul(hn::ConvertTo(tag, units), hn::Set(tag, kUnit));
}

template <class D, class V = hn::Vec<D>>
HWY_INLINE auto fast_day_weight(D tag, V hour, const FastAngles<D>& a) {
  return in_units(tag, sine(tag, hn::Mul(hour, a.theta)));
}

template <class D, class V = hn::Vec<D>>
HWY_INLINE auto fast_night_weight(D tag, V log_of_hours, const FastAngles<D>& a) {
  const V left = hn::Sub(hn::Set(tag, 1.0F), hn::Mul(log_of_hours, a.inverse_log));
  return in_units(tag, hn::Mul(left, a.sine_at_sunset));
}

/// REQUIRES: d >= 0.
inline void make_weights(float d, FastWeights& out) {
  const hn::ScalableTag<float> tag;
  const int lanes = static_cast<int>(hn::Lanes(tag));
  const auto angles = fast_angles(tag, hn::Set(tag, d));
  const int sunset = last_day_hour(d);
  HWY_ALIGN float w[kPadded];
  for (int h = 0; h <= sunset; h += lanes) {
    const auto units = fast_day_weight(tag, hn::Iota(tag, static_cast<float>(h)), angles);
    hn::StoreU(from_units(tag, units), tag, w + h);
  }
  for (int h = sunset + 1; h < kHours; h += lanes) {
    const auto logs = hn::LoadU(tag, logarithms<float>() + (h - sunset));
    hn::StoreU(from_units(tag, fast_night_weight(tag, logs, angles)), tag, w + h);
  }
  sort_unimodal(w, kHours, out.hours);
  out.d = d;
}

/// REQUIRES: d >= 0.
inline void make_weights(float d, ExactWeights& out) {
  const hn::ScalableTag<double> tag;
  const int lanes = static_cast<int>(hn::Lanes(tag));
  const float shifted = d + 4.0F;
  const auto pi = hn::Set(tag, std::numbers::pi);
  const int sunset = last_day_hour(d);
  HWY_ALIGN double w[kPadded];
  for (int h = 0; h <= sunset; h += lanes) {
    const auto angle =
        hn::Div(hn::Mul(hn::Iota(tag, static_cast<double>(h)), pi), hn::Set(tag, double{shifted}));
    hn::StoreU(sine(tag, angle), tag, w + h);
  }
  sort_unimodal(w, sunset + 1, out.day);
  const auto length = hn::Set(tag, double{numpy_log(24.0F - d)});
  for (int k = 1; k < kHours - sunset; k += lanes) {
    const auto logs = hn::LoadU(tag, logarithms<double>() + k);
    hn::StoreU(hn::Sub(hn::Set(tag, 1.0), hn::Div(logs, length)), tag, w + k - 1);
  }
  sort_unimodal(w, kHours - 1 - sunset, out.night);
  // Without night hours it is of no use and, for an infinite day length, not a number.
  out.sine_at_sunset = out.night.n == 0 ? 0.0F : numpy_sin(std::numbers::pi_v<float> / shifted * d);
  out.d = d;
}

/// The terms hour by hour in the order of the reference program, for the inputs that the sorted
/// lists do not serve: a negative day length or tmin above tmax. Temperatures in Fahrenheit.
inline double gdh_hour_by_hour(float tmin, float tmax, float d) {
  const float dt = tmax - tmin;
  const float shifted = d + 4.0F;
  const double sunset = double{numpy_sin(std::numbers::pi_v<float> / shifted * d) * dt};
  const double length = double{numpy_log(24.0F - d)};
  double sum = 0;
  for (int h = 0; h < kHours; ++h) {
    const double hour = h;
    const double night = (1 - std::log(hour - double{std::floor(d)}) / length) * sunset;
    const double day = std::sin(hour * std::numbers::pi / double{shifted}) * double{dt};
    const double t = (std::isfinite(night) ? night : day) + double{tmin} - 31.0;
    sum += t < 0 ? 0 : t;
  }
  return sum;
}

}  // namespace HWY_NAMESPACE
}  // namespace rastream
HWY_AFTER_NAMESPACE();

#endif
