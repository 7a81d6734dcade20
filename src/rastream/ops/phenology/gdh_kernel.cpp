// SPDX-License-Identifier: Apache-2.0
// Cells come in runs of equal day length (it moves in steps of latitude), and neighbours have
// nearly the same weather. So the weights of a run are looked up once, and a group of cells walks
// the sorted weights only between the first hour that does not count in every cell and the last
// that counts in any: none in winter, none in summer, a few between. Where the walk starts is a
// hint from the group before; no cell's result depends on it.
#include "rastream/ops/phenology/gdh_kernel.h"

#include <bit>
#include <memory>

// Arrays of vectors need vectors of a fixed size.
#define HWY_DISABLED_TARGETS (HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV)
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "rastream/ops/phenology/gdh_kernel.cpp"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"
#include "rastream/ops/phenology/gdh_weights_inl.h"

HWY_BEFORE_NAMESPACE();
namespace rastream {
namespace HWY_NAMESPACE {
namespace {

using F32 = hn::ScalableTag<float>;
using F64 = hn::ScalableTag<double>;
using HalfF32 = hn::Rebind<float, F64>;
constexpr float kBase = 31.0F;

/// The weights of the day lengths met last: a memo of a pure function, so that results do not
/// depend on it.
template <typename Weights>
class WeightsMemo {
 public:
  WeightsMemo() : entries_(new Weights[kEntries]) {}
  const Weights& of(float d) {
    Weights& entry = entries_[(std::bit_cast<std::uint32_t>(d) * 0x9E3779B1U) >> (32 - kBits)];
    if (entry.d != d) make_weights(d, entry);
    return entry;
  }
  static WeightsMemo& of_thread() {
    thread_local WeightsMemo memo;
    return memo;
  }

 private:
  static constexpr int kBits = 10;
  static constexpr std::size_t kEntries = std::size_t{1} << kBits;
  std::unique_ptr<Weights[]> entries_;
};

/// In Fahrenheit; NaN where missing.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V load_fahrenheit(D tag, const float* from, const GdhCells& cells) {
  const V v = hn::LoadU(tag, from);
  const ToFahrenheit& f = cells.fahrenheit;
  const V moved = hn::Sub(v, hn::Set(tag, f.minus));
  const V degrees = hn::Add(hn::Mul(moved, hn::Set(tag, f.times)), hn::Set(tag, f.plus));
  return hn::IfThenElse(hn::Eq(v, hn::Set(tag, cells.missing)), hn::NaN(tag), degrees);
}

/// kG vectors of cells. An hour counts where weight * dt > level, which is 31 - tmin; in cells
/// without a value level is NaN, so that an hour neither counts nor fails to. Of the hours that
/// count so far: their number, and in `total` their weights times dt.
template <class D, int kG>
struct Group {
  using V = hn::Vec<D>;
  V dt[kG];
  V level[kG];
  hn::Mask<D> missing[kG];
  V count[kG];
  V total[kG];
};

template <class D, int kG>
HWY_INLINE void set_missing(D tag, Group<D, kG>& g) {
  for (int i = 0; i < kG; ++i) {
    g.missing[i] = hn::Not(hn::Lt(hn::Abs(g.dt[i]), hn::Inf(tag)));
    g.level[i] = hn::IfThenElse(g.missing[i], hn::NaN(tag), g.level[i]);
    g.count[i] = hn::Zero(tag);
    g.total[i] = hn::Zero(tag);
  }
}

/// True when the hour does not count in some cell.
template <class D, int kG, class V = hn::Vec<D>>
HWY_INLINE bool is_off_somewhere(D tag, const Group<D, kG>& g, const V (&range)[kG],
                                 hn::TFromD<D> weight) {
  const V w = hn::Set(tag, weight);
  auto off = hn::Le(hn::Mul(w, range[0]), g.level[0]);
  for (int i = 1; i < kG; ++i) off = hn::Or(off, hn::Le(hn::Mul(w, range[i]), g.level[i]));
  return !hn::AllFalse(tag, off);
}

/// Adds the hours of a list that count, each weighing `range`. `hint` is where to start looking,
/// and is moved. REQUIRES: range >= 0 in every cell whose result is used.
template <class D, int kG, class V = hn::Vec<D>>
HWY_INLINE void add_hours(D tag, const WeightList<hn::TFromD<D>>& list, const V (&range)[kG],
                          int& hint, Group<D, kG>& g) {
  using T = hn::TFromD<D>;
  const T* const weight = list.weight.data();
  const T* const sums = list.sum.data();
  int j = std::min(hint, list.n);
  while (j > 0 && is_off_somewhere(tag, g, range, weight[j - 1])) --j;
  while (j < list.n && !is_off_somewhere(tag, g, range, weight[j])) ++j;
  hint = j;
  V sum[kG];
  V count[kG];
  for (int i = 0; i < kG; ++i) sum[i] = hn::Set(tag, sums[j]);
  for (int i = 0; i < kG; ++i) count[i] = hn::Set(tag, static_cast<T>(j));
  for (; j < list.n; ++j) {
    const V w = hn::Set(tag, weight[j]);
    hn::Mask<D> on[kG];
    for (int i = 0; i < kG; ++i) on[i] = hn::Gt(hn::Mul(w, range[i]), g.level[i]);
    auto any = on[0];
    for (int i = 1; i < kG; ++i) any = hn::Or(any, on[i]);
    if (hn::AllFalse(tag, any)) break;
    const V next_sum = hn::Set(tag, sums[j + 1]);
    const V next_count = hn::Set(tag, static_cast<T>(j + 1));
    for (int i = 0; i < kG; ++i) sum[i] = hn::IfThenElse(on[i], next_sum, sum[i]);
    for (int i = 0; i < kG; ++i) count[i] = hn::IfThenElse(on[i], next_count, count[i]);
  }
  for (int i = 0; i < kG; ++i) g.total[i] = hn::Add(g.total[i], hn::Mul(sum[i], range[i]));
  for (int i = 0; i < kG; ++i) g.count[i] = hn::Add(g.count[i], count[i]);
}

/// Stores the degree hours. True when tmin is above tmax somewhere, so that the cells need a second
/// look.
template <class D, int kG>
HWY_INLINE bool store_group(D tag, const Group<D, kG>& g, hn::TFromD<D>* out) {
  const auto zero = hn::Zero(tag);
  auto inverted = hn::Lt(g.dt[0], zero);
  for (int i = 0; i < kG; ++i) {
    const auto sum = hn::Sub(g.total[i], hn::Mul(g.count[i], g.level[i]));
    const auto result = hn::IfThenElse(g.missing[i], hn::NaN(tag), hn::Max(sum, zero));
    hn::StoreU(result, tag, out + static_cast<std::size_t>(i) * hn::Lanes(tag));
    inverted = hn::Or(inverted, hn::Lt(g.dt[i], zero));
  }
  return !hn::AllFalse(tag, inverted);
}

struct Exact {
  using T = double;
  using Weights = ExactWeights;
  static constexpr int kVectors = 4;
  int day_hint = 0;
  int night_hint = 0;
  HWY_INLINE bool group(const Weights& weights, const GdhCells& cells, std::int64_t at,
                        double* out) {
    const F64 tag;
    const HalfF32 narrow;
    const auto base = hn::Set(tag, double{kBase});
    const auto sine_at_sunset = hn::Set(narrow, weights.sine_at_sunset);
    Group<F64, kVectors> g;
    hn::Vec<F64> sunset[kVectors];
    for (int i = 0; i < kVectors; ++i) {
      const std::int64_t k = at + static_cast<std::int64_t>(hn::Lanes(tag)) * i;
      const auto tmin = load_fahrenheit(narrow, cells.tmin + k, cells);
      const auto dt = hn::Sub(load_fahrenheit(narrow, cells.tmax + k, cells), tmin);
      g.dt[i] = hn::PromoteTo(tag, dt);
      sunset[i] = hn::PromoteTo(tag, hn::Mul(sine_at_sunset, dt));
      g.level[i] = hn::Sub(base, hn::PromoteTo(tag, tmin));
    }
    set_missing(tag, g);
    add_hours(tag, weights.day, g.dt, day_hint, g);
    add_hours(tag, weights.night, sunset, night_hint, g);
    return store_group(tag, g, out);
  }
};

HWY_INLINE Group<F32, 1> load_fast(const GdhCells& cells, std::int64_t at) {
  const F32 tag;
  Group<F32, 1> g;
  const auto tmin = load_fahrenheit(tag, cells.tmin + at, cells);
  g.dt[0] = hn::Sub(load_fahrenheit(tag, cells.tmax + at, cells), tmin);
  g.level[0] = hn::Sub(hn::Set(tag, kBase), tmin);
  return g;
}

struct Fast {
  using T = float;
  using Weights = FastWeights;
  static constexpr int kVectors = 2;
  int hint = 0;
  HWY_INLINE bool group(const Weights& weights, const GdhCells& cells, std::int64_t at,
                        float* out) {
    const F32 tag;
    Group<F32, kVectors> g;
    for (int i = 0; i < kVectors; ++i) {
      const auto one = load_fast(cells, at + static_cast<std::int64_t>(hn::Lanes(tag)) * i);
      g.dt[i] = one.dt[0];
      g.level[i] = one.level[0];
    }
    set_missing(tag, g);
    add_hours(tag, weights.hours, g.dt, hint, g);
    return store_group(tag, g, out);
  }
};

/// The terms hour by hour, which need no order. REQUIRES: not missing.
template <typename T>
T slow_cell(const GdhCells& cells, std::int64_t i) {
  return static_cast<T>(gdh_hour_by_hour(
      cells.fahrenheit(cells.tmin[i]), cells.fahrenheit(cells.tmax[i]), cells.dayl_s[i] / 3600.0F));
}

bool is_missing(const GdhCells& cells, std::int64_t i) {
  const float a = cells.tmin[i];
  const float b = cells.tmax[i];
  return a == cells.missing || b == cells.missing || a != a || b != b;
}

template <typename T>
void redo_inverted(const GdhCells& cells, std::int64_t begin, std::int64_t end, T* out) {
  for (std::int64_t i = begin; i < end; ++i) {
    const bool inverted = cells.fahrenheit(cells.tmax[i]) - cells.fahrenheit(cells.tmin[i]) < 0;
    if (inverted && !is_missing(cells, i)) out[i] = slow_cell<T>(cells, i);
  }
}

template <typename T>
void run_hour_by_hour(const GdhCells& cells, std::int64_t begin, std::int64_t end, T* out) {
  for (std::int64_t i = begin; i < end; ++i) {
    out[i] = is_missing(cells, i) ? std::numeric_limits<T>::quiet_NaN() : slow_cell<T>(cells, i);
  }
}

/// Cells of one day length.
template <class Mode>
void run_of_equal_length(Mode& mode, const typename Mode::Weights& weights, const GdhCells& cells,
                         std::int64_t begin, std::int64_t end, typename Mode::T* out) {
  using T = typename Mode::T;
  const auto step = static_cast<std::int64_t>(hn::Lanes(hn::ScalableTag<T>())) * Mode::kVectors;
  if (end - begin >= step) {
    bool inverted = false;
    std::int64_t i = begin;
    for (; i + step <= end; i += step) inverted |= mode.group(weights, cells, i, out + i);
    // The last group overlaps the one before it.
    if (i < end) inverted |= mode.group(weights, cells, end - step, out + end - step);
    if (inverted) redo_inverted(cells, begin, end, out);
    return;
  }
  constexpr std::size_t kMost = hn::MaxLanes(hn::ScalableTag<T>()) * Mode::kVectors;
  float tmin[kMost];
  float tmax[kMost];
  T result[kMost];
  for (std::int64_t i = 0; i < step; ++i) {
    const std::int64_t from = std::min(begin + i, end - 1);
    tmin[i] = cells.tmin[from];
    tmax[i] = cells.tmax[from];
  }
  GdhCells padded = cells;
  padded.tmin = tmin;
  padded.tmax = tmax;
  const bool inverted = mode.group(weights, padded, 0, result);
  std::copy_n(result, end - begin, out + begin);
  if (inverted) redo_inverted(cells, begin, end, out);
}

/// End of the run of equal bits that starts at `begin`, at most `end`.
std::int64_t run_end(const float* dayl_s, std::int64_t begin, std::int64_t end) {
  const hn::ScalableTag<std::int32_t> tag;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(tag));
  const auto* bits = reinterpret_cast<const std::int32_t*>(dayl_s);
  const std::int32_t first = bits[begin];
  const auto wanted = hn::Set(tag, first);
  std::int64_t i = begin + 1;
  while (i + lanes <= end && hn::AllTrue(tag, hn::Eq(hn::LoadU(tag, bits + i), wanted))) i += lanes;
  while (i < end && bits[i] == first) ++i;
  return i;
}

template <class Mode>
void run(Mode& mode, WeightsMemo<typename Mode::Weights>& memo, const GdhCells& cells,
         std::int64_t begin, std::int64_t end, typename Mode::T* out) {
  const float seconds = cells.dayl_s[begin];
  const float d = seconds / 3600.0F;
  if (seconds == cells.missing || d != d) {
    std::fill(out + begin, out + end, std::numeric_limits<typename Mode::T>::quiet_NaN());
  } else if (d < 0) {
    run_hour_by_hour(cells, begin, end, out);
  } else {
    run_of_equal_length(mode, memo.of(d), cells, begin, end, out);
  }
}

/// One vector of cells with day lengths of their own that share the hour of sunset. False, and
/// nothing is stored, where that does not hold or a cell has no day length.
HWY_INLINE bool own_lengths(const GdhCells& cells, std::int64_t at, float* out) {
  const F32 tag;
  const auto seconds = hn::LoadU(tag, cells.dayl_s + at);
  const auto d = hn::Div(seconds, hn::Set(tag, 3600.0F));
  const int sunset = last_day_hour(std::max(0.0F, hn::GetLane(d)));
  const auto least = hn::Set(tag, static_cast<float>(sunset));
  const auto last = hn::Set(tag, sunset == kHours - 1 ? std::numeric_limits<float>::infinity()
                                                      : static_cast<float>(sunset + 1));
  const auto is_shared = hn::And(hn::Ge(d, least), hn::Lt(d, last));
  const auto is_given = hn::Not(hn::Eq(seconds, hn::Set(tag, cells.missing)));
  if (!hn::AllTrue(tag, hn::And(is_shared, is_given))) return false;
  auto g = load_fast(cells, at);
  set_missing(tag, g);
  const auto angles = fast_angles(tag, d);
  const auto one = hn::Set(tag, 1.0F);
  const hn::RebindToSigned<F32> units_tag;
  auto sum = hn::Zero(units_tag);
  for (int h = 0; h < kHours; ++h) {
    const auto units =
        h <= sunset ? fast_day_weight(tag, hn::Set(tag, static_cast<float>(h)), angles)
                    : fast_night_weight(tag, hn::Set(tag, logarithms<float>()[h - sunset]), angles);
    const auto counts = hn::Gt(hn::Mul(from_units(tag, units), g.dt[0]), g.level[0]);
    sum = hn::Add(sum, hn::IfThenElseZero(hn::RebindMask(units_tag, counts), units));
    g.count[0] = hn::Add(g.count[0], hn::IfThenElseZero(counts, one));
  }
  g.total[0] = hn::Add(g.total[0], hn::Mul(from_units(tag, sum), g.dt[0]));
  if (store_group(tag, g, out)) {
    redo_inverted(cells, at, at + static_cast<std::int64_t>(hn::Lanes(tag)), out - at);
  }
  return true;
}

void exact(const GdhCells& cells, double* out) {
  auto& memo = WeightsMemo<ExactWeights>::of_thread();
  Exact mode;
  for (std::int64_t i = 0; i < cells.n;) {
    const std::int64_t end = run_end(cells.dayl_s, i, cells.n);
    run(mode, memo, cells, i, end, out);
    i = end;
  }
}

void fast(const GdhCells& cells, float* out) {
  auto& memo = WeightsMemo<FastWeights>::of_thread();
  Fast mode;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(F32()));
  for (std::int64_t i = 0; i < cells.n;) {
    const std::int64_t end = run_end(cells.dayl_s, i, cells.n);
    if (end - i < lanes && i + lanes <= cells.n && own_lengths(cells, i, out + i)) {
      i += lanes;
      continue;
    }
    run(mode, memo, cells, i, end, out);
    i = end;
  }
}

}  // namespace
void gdh_exact_of_target(const GdhCells& cells, double* out) { exact(cells, out); }
void gdh_fast_of_target(const GdhCells& cells, float* out) { fast(cells, out); }
}  // namespace HWY_NAMESPACE
}  // namespace rastream
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace rastream {

HWY_EXPORT(gdh_exact_of_target);
HWY_EXPORT(gdh_fast_of_target);

void gdh_exact(const GdhCells& cells, double* out) {
  HWY_DYNAMIC_DISPATCH(gdh_exact_of_target)(cells, out);
}
void gdh_fast(const GdhCells& cells, float* out) {
  HWY_DYNAMIC_DISPATCH(gdh_fast_of_target)(cells, out);
}

}  // namespace rastream
#endif
