// SPDX-License-Identifier: Apache-2.0
// One compilation for each instruction set. A stretch of output cells keeps its accumulators in L1
// while the window's cells pass by in index order, so each loop is over contiguous cells and the
// order of a sum is that of the index.
#include <algorithm>
#include <limits>

#include "rastream/ops/folds/steps.h"
#include "rastream/ops/windows/window_row.h"

// Between the baseline and AVX2 nothing is gained for these loops.
#define HWY_DISABLED_TARGETS (HWY_SSSE3 | HWY_SSE4)
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "rastream/ops/windows/window_kernels.cpp"
#include "hwy/foreach_target.h"
//
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace rastream {
namespace HWY_NAMESPACE {

constexpr std::int64_t kStretch = 512;

template <WindowReduce kReduce>
constexpr bool kIsExtreme = kReduce == WindowReduce::min || kReduce == WindowReduce::max;

/// What a window of T is reduced in: integers that give a floating sum are added as float64, which
/// does not wrap around.
template <typename T, WindowReduce kReduce, typename Out>
using Reduced =
    std::conditional_t<kIsExtreme<kReduce>, Stored<T>,
                       std::conditional_t<std::is_floating_point_v<Out>, double, Accumulator<T>>>;

template <typename T, WindowReduce kReduce, typename A>
struct Reducer {
  static A start() {
    using Limits = std::numeric_limits<A>;
    if constexpr (!kIsExtreme<kReduce>) return A{0};
    if constexpr (Limits::has_infinity)
      return kReduce == WindowReduce::min ? Limits::infinity() : -Limits::infinity();
    return kReduce == WindowReduce::min ? Limits::max() : Limits::lowest();
  }
  static A combine(A a, Stored<T> x) {
    if constexpr (!kIsExtreme<kReduce>) {
      return wrapping_add(a, static_cast<A>(x));
    } else {
      return is_better<A, kReduce == WindowReduce::max>(x, a) | is_nan(x) ? x : a;
    }
  }
};

template <typename T, WindowReduce kReduce, bool kSkip, typename A>
void add_cell(Stored<T> x, A& a, double& count) {
  const auto next = Reducer<T, kReduce, A>::combine(a, x);
  if constexpr (kSkip) {
    a = is_nan(x) ? a : next;
    count += is_nan(x) ? 0.0 : 1.0;
  } else {
    a = next;
  }
}

/// Adds kRows rows of cells, one after another, so that the accumulators are loaded and stored once
/// for all of them.
template <typename T, WindowReduce kReduce, bool kSkip, int kRows, typename A>
void add_rows(const std::byte* const* rows, std::int64_t n, A* __restrict a,
              double* __restrict count) {
  const auto row = [&](int r) {
    return reinterpret_cast<const Stored<T>*>(rows[r < kRows ? r : 0]);
  };
  const Stored<T>* __restrict x0 = row(0);
  const Stored<T>* __restrict x1 = row(1);
  const Stored<T>* __restrict x2 = row(2);
  const Stored<T>* __restrict x3 = row(3);
  for (std::int64_t i = 0; i < n; ++i) {
    auto sum = a[i];
    double counted = kSkip ? count[i] : 0;
    add_cell<T, kReduce, kSkip>(x0[i], sum, counted);
    if constexpr (kRows > 1) add_cell<T, kReduce, kSkip>(x1[i], sum, counted);
    if constexpr (kRows > 2) add_cell<T, kReduce, kSkip>(x2[i], sum, counted);
    if constexpr (kRows > 3) add_cell<T, kReduce, kSkip>(x3[i], sum, counted);
    a[i] = sum;
    if constexpr (kSkip) count[i] = counted;
  }
}

template <typename T, WindowReduce kReduce, bool kSkip, typename A>
void add_up_to_four(const std::byte* const* rows, int n_rows, std::int64_t n, A* a, double* count) {
  switch (n_rows) {
    case 1: return add_rows<T, kReduce, kSkip, 1>(rows, n, a, count);
    case 2: return add_rows<T, kReduce, kSkip, 2>(rows, n, a, count);
    case 3: return add_rows<T, kReduce, kSkip, 3>(rows, n, a, count);
    case 4: return add_rows<T, kReduce, kSkip, 4>(rows, n, a, count);
    default: return;
  }
}

template <typename T, WindowReduce kReduce, bool kSkip, typename A>
void add_strided(const std::byte* at, std::int64_t stride, std::int64_t n, A* a, double* count) {
  for (std::int64_t i = 0; i < n; ++i) {
    add_cell<T, kReduce, kSkip>(*reinterpret_cast<const Stored<T>*>(at + i * stride), a[i],
                                count[i]);
  }
}

/// Calls f(address) for each cell of the first window, in index order.
template <typename F>
void for_each_window_cell(const WindowRow& w, const std::byte* at, F&& f) {
  const std::size_t rank = w.counts.size();
  Extents offset(rank);
  while (true) {
    f(at);
    std::size_t axis = rank;
    while (true) {
      if (axis == 0) return;
      --axis;
      at += w.strides[axis];
      if (++offset[axis] < w.counts[axis]) break;
      at -= offset[axis] * w.strides[axis];
      offset[axis] = 0;
    }
  }
}

template <WindowReduce kReduce, typename Out, typename A>
Out result(A a, double count) {
  if constexpr (kReduce == WindowReduce::mean) {
    return static_cast<Out>(static_cast<double>(a) / count);
  } else {
    return static_cast<Out>(a);
  }
}

/// Without skipna every cell of the window counts, and callers have seen to it that these are
/// enough.
template <WindowReduce kReduce, bool kSkip, typename Out, typename A>
void write_results(const A* __restrict a, const double* __restrict count, double n_window,
                   double min_count, std::int64_t n, Out* __restrict out) {
  for (std::int64_t i = 0; i < n; ++i) {
    if constexpr (kSkip) {
      const Out value = result<kReduce, Out>(a[i], count[i]);
      out[i] = count[i] < min_count ? std::numeric_limits<Out>::quiet_NaN() : value;
    } else {
      out[i] = result<kReduce, Out>(a[i], n_window);
    }
  }
}

template <typename T, WindowReduce kReduce, bool kSkip, typename Out>
void reduce_row(const WindowRow& w) {
  using A = Reduced<T, kReduce, Out>;
  const auto n_window = static_cast<double>(product(w.counts));
  const bool is_dense = w.in_stride == static_cast<std::int64_t>(sizeof(Stored<T>));
  const bool is_dense_out = w.out_stride == static_cast<std::int64_t>(sizeof(Out));
  alignas(64) A a[kStretch];
  alignas(64) double count[kStretch];
  alignas(64) Out results[kStretch];
  for (std::int64_t begin = 0; begin < w.n_cells; begin += kStretch) {
    const std::int64_t n = std::min(kStretch, w.n_cells - begin);
    for (std::int64_t i = 0; i < n; ++i) a[i] = Reducer<T, kReduce, A>::start();
    for (std::int64_t i = 0; kSkip && i < n; ++i) count[i] = 0;
    const std::byte* rows[4];
    int n_rows = 0;
    for_each_window_cell(w, w.in + begin * w.in_stride, [&](const std::byte* at) {
      if (!is_dense) return add_strided<T, kReduce, kSkip>(at, w.in_stride, n, a, count);
      rows[n_rows++] = at;
      if (n_rows < 4) return;
      add_up_to_four<T, kReduce, kSkip>(rows, n_rows, n, a, count);
      n_rows = 0;
    });
    add_up_to_four<T, kReduce, kSkip>(rows, n_rows, n, a, count);
    std::byte* at = w.out + begin * w.out_stride;
    Out* out = is_dense_out ? reinterpret_cast<Out*>(at) : results;
    write_results<kReduce, kSkip>(a, count, n_window, w.min_count, n, out);
    for (std::int64_t i = 0; !is_dense_out && i < n; ++i)
      *reinterpret_cast<Out*>(at + i * w.out_stride) = results[i];
  }
}

template <typename T, WindowReduce kReduce, bool kSkip>
WindowKernel kernel_to(DType out) {
  if constexpr (std::is_floating_point_v<T>) {
    return &reduce_row<T, kReduce, kSkip, T>;
  } else {
    if (out == DType::float64) return &reduce_row<T, kReduce, kSkip, double>;
    return &reduce_row<T, kReduce, kSkip, Reduced<T, kReduce, T>>;
  }
}

template <typename T, bool kSkip>
WindowKernel kernel_of(WindowReduce reduce, DType out) {
  switch (reduce) {
    case WindowReduce::sum: return kernel_to<T, WindowReduce::sum, kSkip>(out);
    case WindowReduce::min: return kernel_to<T, WindowReduce::min, kSkip>(out);
    case WindowReduce::max: return kernel_to<T, WindowReduce::max, kSkip>(out);
    case WindowReduce::mean: break;
  }
  return kernel_to<T, WindowReduce::mean, kSkip>(out);
}

WindowKernel select_window_kernel(WindowReduce reduce, DType in, DType out, bool skipna) {
  return visit_dtype(in, [&]<typename T>(T) {
    if constexpr (std::is_floating_point_v<T>) {
      if (skipna) return kernel_of<T, true>(reduce, out);
    }
    return kernel_of<T, false>(reduce, out);
  });
}

}  // namespace HWY_NAMESPACE
}  // namespace rastream
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace rastream {
HWY_EXPORT(select_window_kernel);

WindowKernel window_kernel(WindowReduce reduce, DType in, DType out, bool skipna) {
  return HWY_DYNAMIC_DISPATCH(select_window_kernel)(reduce, in, out, skipna);
}

void reduce_windows(WindowKernel kernel, const Block& in, const Extents& first,
                    const Extents& factors, const Extents& sizes, double min_count,
                    const Block& out) {
  if (out.region.is_empty()) return;
  const std::size_t rank = out.rank();
  WindowRow w;
  w.in = in.at(first);
  w.out = out.data;
  w.min_count = min_count;
  for (std::size_t axis = 0; axis < rank; ++axis) {
    if (sizes[axis] == 1) continue;
    w.counts.push_back(sizes[axis]);
    w.strides.push_back(in.strides[axis]);
  }
  const std::size_t row = rank - 1;
  w.n_cells = out.size(row);
  w.in_stride = in.strides[row] * factors[row];
  w.out_stride = out.strides[row];
  Extents offset(rank);
  while (true) {
    kernel(w);
    std::size_t axis = row;
    while (true) {
      if (axis == 0) return;
      --axis;
      w.in += in.strides[axis] * factors[axis];
      w.out += out.strides[axis];
      if (++offset[axis] < out.size(axis)) break;
      w.in -= offset[axis] * in.strides[axis] * factors[axis];
      w.out -= offset[axis] * out.strides[axis];
      offset[axis] = 0;
    }
  }
}
}  // namespace rastream
#endif
