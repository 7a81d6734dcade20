// SPDX-License-Identifier: Apache-2.0
// A vector of cells walks up to 32 days at a time: first the predictors that all plants share, into
// a buffer that stays in the first cache, then plant by plant with the plant's state in registers.
// A plant is scored for leaf until it has leafed in every cell and for bloom from its first leaf
// on; when every plant has bloomed in every cell, the rest of the days is not looked at.
//
// With D(i) = g(i-2) + g(i-1) + g(i), the predictors of day i are DDE2 = D(i) and DD57 = D(i-5).
// The reference program takes DD57 as the sum of 8 days less the sum of 5, which is NaN when any of
// the 8 days is: D(i-3) covers the days between.
#include "rastream/ops/phenology/onset_kernel.h"

#include <algorithm>
#include <limits>

// Arrays of vectors need vectors of a fixed size.
#define HWY_DISABLED_TARGETS (HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV)
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "rastream/ops/phenology/onset_kernel.cpp"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace rastream {
namespace HWY_NAMESPACE {
namespace {
namespace hn = hwy::HWY_NAMESPACE;

using D = hn::ScalableTag<double>;
using V = hn::Vec<D>;
using M = hn::Mask<D>;
constexpr double kSynopticLimit = 637.0;
constexpr double kScoreLimit = 999.5;
constexpr std::int64_t kDays = 32;
constexpr std::int64_t kBack = kOnsetMemory;
constexpr std::int64_t kLanes = hn::MaxLanes(D());

/// Rows of one vector each, for the days [-kBack, kDays) of a piece.
struct Days {
  HWY_ALIGN double cells[(kBack + kDays) * kLanes];
  double* at(std::int64_t day) { return cells + (kBack + day) * kLanes; }
  const double* at(std::int64_t day) const { return cells + (kBack + day) * kLanes; }
};

struct Piece {
  std::int64_t first_step = 0;
  std::int64_t n_steps = 0;
  Days gdh;
  Days dde2;
  Days synop;
};

/// The cells of a vector: all lanes, or the last cells of a row.
struct Lanes {
  std::int64_t first_cell = 0;
  std::int64_t n = 0;
};

/// Lanes beyond the last cell repeat it.
template <typename T>
HWY_INLINE V load(const OnsetColumn& column, std::int64_t level, const Lanes& lanes) {
  const D d;
  const std::byte* from =
      column.data + level * column.level_stride + lanes.first_cell * column.cell_stride;
  if (lanes.n == kLanes && column.cell_stride == static_cast<std::int64_t>(sizeof(T))) {
    const auto v = hn::LoadU(hn::Rebind<T, D>(), reinterpret_cast<const T*>(from));
    if constexpr (sizeof(T) == sizeof(double)) {
      return v;
    } else {
      return hn::PromoteTo(d, v);
    }
  }
  HWY_ALIGN double values[kLanes];
  for (std::int64_t i = 0; i < kLanes; ++i) {
    const std::int64_t cell = std::min(i, lanes.n - 1);
    values[i] = static_cast<double>(*reinterpret_cast<const T*>(from + cell * column.cell_stride));
  }
  return hn::Load(d, values);
}

template <typename T>
HWY_INLINE void store(V v, const OnsetColumn& column, std::int64_t level, const Lanes& lanes) {
  const D d;
  std::byte* to = column.data + level * column.level_stride + lanes.first_cell * column.cell_stride;
  if (lanes.n == kLanes && column.cell_stride == static_cast<std::int64_t>(sizeof(T))) {
    const hn::Rebind<T, D> dt;
    if constexpr (sizeof(T) == sizeof(double)) {
      hn::StoreU(v, dt, reinterpret_cast<T*>(to));
    } else {
      hn::StoreU(hn::DemoteTo(dt, v), dt, reinterpret_cast<T*>(to));
    }
    return;
  }
  HWY_ALIGN double values[kLanes];
  hn::Store(v, d, values);
  for (std::int64_t i = 0; i < lanes.n; ++i) {
    *reinterpret_cast<T*>(to + i * column.cell_stride) = static_cast<T>(values[i]);
  }
}

HWY_INLINE bool has_nan(V v) {
  const D d;
  return !hn::AllFalse(d, hn::IsNaN(v));
}

/// The predictors of the piece's days. `synop` is the count before, and becomes the count after.
HWY_INLINE void predict(Piece& piece, V& synop) {
  const D d;
  const V limit = hn::Set(d, kSynopticLimit);
  const V one = hn::Set(d, 1.0);
  for (std::int64_t t = 2 - kBack; t < piece.n_steps; ++t) {
    const V sum =
        hn::Add(hn::Add(hn::Load(d, piece.gdh.at(t - 2)), hn::Load(d, piece.gdh.at(t - 1))),
                hn::Load(d, piece.gdh.at(t)));
    hn::Store(sum, d, piece.dde2.at(t));
    if (t < 0) continue;
    synop = hn::Add(synop, hn::IfThenElseZero(hn::Ge(sum, limit), one));
    hn::Store(synop, d, piece.synop.at(t));
  }
}

/// A plant's state and coefficients in registers.
struct Walker {
  V leaf;
  V bloom;
  V accumulated;
  V leaf_weights[4];
  V bloom_weights[2];
  V shift;
};

/// True in cells whose leaf score passes the limit on day t of the piece.
HWY_INLINE M leafs(const Walker& w, const Piece& piece, std::int64_t t) {
  const D d;
  const V mds0 = hn::Set(d, static_cast<double>(piece.first_step + t));
  V score = hn::Mul(w.leaf_weights[0], mds0);
  score = hn::Add(score, hn::Mul(w.leaf_weights[1], hn::Load(d, piece.synop.at(t))));
  score = hn::Add(score, hn::Mul(w.leaf_weights[2], hn::Load(d, piece.dde2.at(t))));
  score = hn::Add(score, hn::Mul(w.leaf_weights[3], hn::Load(d, piece.dde2.at(t - 5))));
  const V between = hn::Load(d, piece.dde2.at(t - 3));
  return hn::And(hn::Gt(score, hn::Set(d, kScoreLimit)), hn::Eq(between, between));
}

/// Takes day t of the piece in; true in cells whose bloom score then passes the limit.
HWY_INLINE M blooms(Walker& w, const Piece& piece, std::int64_t t) {
  const D d;
  const V since = hn::Sub(hn::Set(d, static_cast<double>(piece.first_step + t + 1)), w.leaf);
  const M is_after = hn::Gt(since, hn::Zero(d));
  const V gdh = hn::Load(d, piece.gdh.at(t));
  w.accumulated =
      hn::Add(w.accumulated, hn::IfThenElseZero(hn::And(is_after, hn::Eq(gdh, gdh)), gdh));
  const V days = hn::IfThenElseZero(is_after, since);
  const V score =
      hn::Add(hn::Mul(w.bloom_weights[0], days), hn::Mul(w.bloom_weights[1], w.accumulated));
  return hn::Gt(score, hn::Set(d, kScoreLimit));
}

/// Walks the piece; true when the plant has bloomed in every cell.
HWY_INLINE bool walk(Walker& w, const Piece& piece) {
  const D d;
  bool is_pending = has_nan(w.leaf);
  bool has_leafed = !hn::AllTrue(d, hn::IsNaN(w.leaf));
  for (std::int64_t t = 0; t < piece.n_steps; ++t) {
    if (is_pending) {
      const M hit = hn::And(leafs(w, piece, t), hn::IsNaN(w.leaf));
      if (!hn::AllFalse(d, hit)) {
        const V day = hn::Add(hn::Set(d, static_cast<double>(piece.first_step + t)), w.shift);
        w.leaf = hn::IfThenElse(hit, day, w.leaf);
        is_pending = has_nan(w.leaf);
        has_leafed = true;
      }
    }
    if (!has_leafed) continue;
    const M hit = hn::And(blooms(w, piece, t), hn::IsNaN(w.bloom));
    if (!hn::AllFalse(d, hit)) {
      w.bloom = hn::IfThenElse(hit, hn::Set(d, static_cast<double>(piece.first_step + t)), w.bloom);
      if (!has_nan(w.bloom)) return true;
    }
  }
  return false;
}

HWY_INLINE Walker start_walker(const OnsetPlant& plant, const OnsetState& state, std::int64_t p,
                               const Lanes& lanes) {
  const D d;
  Walker w;
  w.leaf = load<float>(state.leaf, p, lanes);
  w.bloom = load<float>(state.bloom, p, lanes);
  w.accumulated = load<double>(state.accumulated, p, lanes);
  for (std::size_t i = 0; i < 4; ++i) w.leaf_weights[i] = hn::Set(d, plant.leaf[i]);
  for (std::size_t i = 0; i < 2; ++i) w.bloom_weights[i] = hn::Set(d, plant.bloom[i]);
  w.shift = hn::Set(d, plant.leaf_shift);
  return w;
}

/// Walks every plant over the piece; true when each has bloomed in every cell.
bool walk_plants(const std::vector<OnsetPlant>& plants, const Piece& piece, const OnsetState& state,
                 const Lanes& lanes) {
  bool is_done = true;
  for (std::size_t i = 0; i < plants.size(); ++i) {
    const auto p = static_cast<std::int64_t>(i);
    Walker w = start_walker(plants[i], state, p, lanes);
    if (!has_nan(w.bloom)) continue;
    is_done &= walk(w, piece);
    store<float>(w.leaf, state.leaf, p, lanes);
    store<float>(w.bloom, state.bloom, p, lanes);
    store<double>(w.accumulated, state.accumulated, p, lanes);
  }
  return is_done;
}

bool any_without_leaf(const std::vector<OnsetPlant>& plants, const OnsetState& state,
                      const Lanes& lanes) {
  for (std::size_t p = 0; p < plants.size(); ++p) {
    if (has_nan(load<float>(state.leaf, static_cast<std::int64_t>(p), lanes))) return true;
  }
  return false;
}

bool any_without_bloom(const std::vector<OnsetPlant>& plants, const OnsetState& state,
                       const Lanes& lanes) {
  for (std::size_t p = 0; p < plants.size(); ++p) {
    if (has_nan(load<float>(state.bloom, static_cast<std::int64_t>(p), lanes))) return true;
  }
  return false;
}

/// Fills the days before the walk: from the state, or with copies of the first day.
template <typename T>
HWY_INLINE void load_recent(Piece& piece, const OnsetColumn& gdh, const OnsetState& state,
                            const Lanes& lanes) {
  const D d;
  for (std::int64_t t = 0; t < kBack; ++t) {
    const V v = piece.first_step == 0 ? load<T>(gdh, 0, lanes) : load<T>(state.recent, t, lanes);
    hn::Store(v, d, piece.gdh.at(t - kBack));
  }
}

/// Moves the last days of the piece before its first.
HWY_INLINE void advance(Piece& piece) {
  const D d;
  for (std::int64_t t = -kBack; t < 0; ++t) {
    hn::Store(hn::Load(d, piece.gdh.at(t + piece.n_steps)), d, piece.gdh.at(t));
  }
  piece.first_step += piece.n_steps;
}

/// All days of one vector of cells. The history and the count of cells that have bloomed in every
/// plant are left as they are: nothing reads them again.
template <typename T>
void push_lanes(const std::vector<OnsetPlant>& plants, std::int64_t first_step,
                std::int64_t n_steps, const OnsetColumn& gdh, const OnsetState& state,
                const Lanes& lanes) {
  const D d;
  if (n_steps == 0 || !any_without_bloom(plants, state, lanes)) return;
  Piece piece;
  piece.first_step = first_step;
  load_recent<T>(piece, gdh, state, lanes);
  V synop = load<float>(state.synop, 0, lanes);
  for (std::int64_t at = 0; at < n_steps; at += piece.n_steps) {
    piece.n_steps = std::min(kDays, n_steps - at);
    for (std::int64_t t = 0; t < piece.n_steps; ++t)
      hn::Store(load<T>(gdh, at + t, lanes), d, piece.gdh.at(t));
    if (any_without_leaf(plants, state, lanes)) predict(piece, synop);
    if (walk_plants(plants, piece, state, lanes)) return;
    advance(piece);
  }
  store<float>(synop, state.synop, 0, lanes);
  for (std::int64_t t = 0; t < kBack; ++t) {
    store<T>(hn::Load(d, piece.gdh.at(t - kBack)), state.recent, t, lanes);
  }
}

void push(const std::vector<OnsetPlant>& plants, std::int64_t first_step, std::int64_t n_steps,
          std::int64_t n_cells, bool is_float64, const OnsetColumn& gdh, const OnsetState& state) {
  for (std::int64_t cell = 0; cell < n_cells; cell += kLanes) {
    const Lanes lanes{cell, std::min(kLanes, n_cells - cell)};
    if (is_float64) {
      push_lanes<double>(plants, first_step, n_steps, gdh, state, lanes);
    } else {
      push_lanes<float>(plants, first_step, n_steps, gdh, state, lanes);
    }
  }
}

}  // namespace

void push_onset_of_target(const std::vector<OnsetPlant>& plants, std::int64_t first_step,
                          std::int64_t n_steps, std::int64_t n_cells, bool is_float64,
                          const OnsetColumn& gdh, const OnsetState& state) {
  push(plants, first_step, n_steps, n_cells, is_float64, gdh, state);
}
}  // namespace HWY_NAMESPACE
}  // namespace rastream
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace rastream {

HWY_EXPORT(push_onset_of_target);

void push_onset(const std::vector<OnsetPlant>& plants, std::int64_t first_step,
                std::int64_t n_steps, std::int64_t n_cells, bool is_float64, const OnsetColumn& gdh,
                const OnsetState& state) {
  HWY_DYNAMIC_DISPATCH(push_onset_of_target)
  (plants, first_step, n_steps, n_cells, is_float64, gdh, state);
}

}  // namespace rastream
#endif
