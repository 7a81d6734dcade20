// SPDX-License-Identifier: Apache-2.0
// The loops over a panel, written once for all folds. Included once for each instruction set
// (Highway's foreach_target), so the compiler vectorises each plain loop for it. The include guard
// is Highway's, per target.
#include <tuple>
#include <utility>

#include "hwy/highway.h"
#include "rastream/ops/folds/panel.h"
#include "rastream/ops/folds/steps.h"

#if defined(RASTREAM_OPS_FOLDS_PANEL_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef RASTREAM_OPS_FOLDS_PANEL_INL_H_
#undef RASTREAM_OPS_FOLDS_PANEL_INL_H_
#else
#define RASTREAM_OPS_FOLDS_PANEL_INL_H_
#endif

HWY_BEFORE_NAMESPACE();
namespace rastream {
namespace HWY_NAMESPACE {

template <typename F>
constexpr bool kHasFirst = requires {
  &F::first;
};
template <typename F>
constexpr bool kIsScan = requires {
  &F::emit;
};
template <typename F>
constexpr bool kHasTwoInputs = requires {
  typename F::In2;
};

template <typename T>
T* cell_at(const Lane& lane, std::int64_t step, std::int64_t cell) {
  return reinterpret_cast<T*>(lane.at + step * lane.step_stride + cell * lane.cell_stride);
}

template <typename F, typename In, typename... S>
void reduce_row(const In* __restrict x, std::int64_t index, std::int64_t n,
                S* __restrict... state) {
  for (std::int64_t i = 0; i < n; ++i) F::next(x[i], index, state[i]...);
}

template <typename F, typename In, typename In2, typename... S>
void reduce_two_rows(const In* __restrict x, const In2* __restrict y, std::int64_t index,
                     std::int64_t n, S* __restrict... state) {
  for (std::int64_t i = 0; i < n; ++i) F::next(x[i], y[i], index, state[i]...);
}

template <typename F, typename In, typename Out, typename... S>
void scan_row(const In* __restrict x, Out* __restrict out, std::int64_t index, std::int64_t n,
              S* __restrict... state) {
  for (std::int64_t i = 0; i < n; ++i) {
    F::next(x[i], index, state[i]...);
    out[i] = F::emit(x[i], state[i]...);
  }
}

/// The first step, taken as it is.
template <typename F, typename In, typename... S>
void first_row(const In* __restrict x, std::int64_t n, S* __restrict... state) {
  for (std::int64_t i = 0; i < n; ++i) F::first(x[i], 0, state[i]...);
}

/// All cells of one step; everything is contiguous.
template <typename F, typename... S>
void push_row(const Panel& p, std::int64_t step, S* __restrict... state) {
  const std::int64_t index = p.first_step + step;
  const auto* x = cell_at<const typename F::In>(p.in[0], step, 0);
  if constexpr (kHasFirst<F>) {
    // For a scan that takes its first step as it is, next() on top of that changes nothing.
    if (index == 0) first_row<F>(x, p.n_cells, state...);
    if (index == 0 && !kIsScan<F>) return;
  }
  if constexpr (kHasTwoInputs<F>) {
    reduce_two_rows<F>(x, cell_at<const typename F::In2>(p.in[1], step, 0), index, p.n_cells,
                       state...);
  } else if constexpr (kIsScan<F>) {
    scan_row<F>(x, cell_at<typename F::Out>(p.out, step, 0), index, p.n_cells, state...);
  } else {
    reduce_row<F>(x, index, p.n_cells, state...);
  }
}

/// All steps of one cell, for any strides.
template <typename F, typename... S>
void push_cell(const Panel& p, std::int64_t cell, S&... state) {
  for (std::int64_t step = 0; step < p.n_steps; ++step) {
    const std::int64_t index = p.first_step + step;
    const auto x = *cell_at<const typename F::In>(p.in[0], step, cell);
    bool is_done = false;
    if constexpr (kHasFirst<F>) {
      if (index == 0) {
        F::first(x, index, state...);
        is_done = true;
      }
    }
    if constexpr (kHasTwoInputs<F>) {
      F::next(x, *cell_at<const typename F::In2>(p.in[1], step, cell), index, state...);
    } else {
      if (!is_done) F::next(x, index, state...);
    }
    if constexpr (kIsScan<F>) *cell_at<typename F::Out>(p.out, step, cell) = F::emit(x, state...);
  }
}

template <typename T>
bool is_contiguous(const Lane& lane) {
  return lane.cell_stride == static_cast<std::int64_t>(sizeof(T));
}

template <typename F, std::size_t... kI>
void push_panel_of(const Panel& p, std::index_sequence<kI...>) {
  using States = typename F::States;
  bool is_dense = is_contiguous<typename F::In>(p.in[0]) &&
                  (is_contiguous<std::tuple_element_t<kI, States>>(p.state[kI]) && ...);
  if constexpr (kHasTwoInputs<F>) is_dense = is_dense && is_contiguous<typename F::In2>(p.in[1]);
  if constexpr (kIsScan<F>) is_dense = is_dense && is_contiguous<typename F::Out>(p.out);
  if (is_dense) {
    for (std::int64_t step = 0; step < p.n_steps; ++step) {
      push_row<F, std::tuple_element_t<kI, States>...>(
          p, step, cell_at<std::tuple_element_t<kI, States>>(p.state[kI], 0, 0)...);
    }
    return;
  }
  for (std::int64_t cell = 0; cell < p.n_cells; ++cell) {
    States state(*cell_at<std::tuple_element_t<kI, States>>(p.state[kI], 0, cell)...);
    push_cell<F>(p, cell, std::get<kI>(state)...);
    ((*cell_at<std::tuple_element_t<kI, States>>(p.state[kI], 0, cell) = std::get<kI>(state)), ...);
  }
}

template <typename F>
void push_panel(const Panel& p) {
  push_panel_of<F>(p, std::make_index_sequence<std::tuple_size_v<typename F::States>>());
}

template <typename S>
constexpr DType state_dtype() {
  if constexpr (std::is_same_v<S, std::uint8_t>) {
    return DType::uint8;
  } else {
    return dtype_of<S>;
  }
}

template <typename F>
FoldKernel kernel() {
  FoldKernel k;
  [&]<typename... S>(std::tuple<S...>*) {
    (k.state.push_back({state_dtype<S>(), 1}), ...);
  }(static_cast<typename F::States*>(nullptr));
  k.start.assign(F::kStart.begin(), F::kStart.end());
  k.push = &push_panel<F>;
  return k;
}

}  // namespace HWY_NAMESPACE
}  // namespace rastream
HWY_AFTER_NAMESPACE();

#endif
