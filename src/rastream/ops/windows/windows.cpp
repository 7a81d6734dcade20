// SPDX-License-Identifier: Apache-2.0
#include "rastream/ops/windows/windows.h"

#include <algorithm>
#include <limits>

#include "rastream/ops/inputs.h"
#include "rastream/ops/windows/window_row.h"

namespace rastream {
namespace {

constexpr std::string_view to_string(WindowReduce r) {
  constexpr std::string_view kNames[] = {"sum", "mean", "min", "max"};
  return kNames[static_cast<std::size_t>(r)];
}

template <WindowReduce kReduce>
class Rolling final : public Operator {
 public:
  struct Params {
    std::string dim;
    std::int64_t window = 1;
    std::int64_t min_periods = 0;
  };
  static void describe(auto& d, auto& p) {
    d("dim", p.dim, "dimension to roll along");
    d("window", p.window, "cells in a window, which ends at the cell");
    d("min_periods", p.min_periods,
      "cells that must be there and not be NaN; 0 for all of the window");
  }
  Rolling(const std::vector<Array>& inputs, const Params& p)
      : schema_(only_input(inputs, "rolling")), dim_(p.dim), window_(p.window) {
    axis_ = schema_.axis(p.dim, "rolling");
    min_periods_ = p.min_periods == 0 ? p.window : p.min_periods;
    if (p.window < 1 || min_periods_ < 1 || min_periods_ > p.window) {
      throw Error(Errc::invalid_argument,
                  "rolling: window {} and min_periods {}, expected 1 <= min_periods <= window",
                  p.window, min_periods_);
    }
    const DType in = schema_.dtype;
    schema_.dtype = is_floating(in) ? in : DType::float64;
    kernel_ = window_kernel(kReduce, in, schema_.dtype, min_periods_ < p.window);
  }
  const Schema& schema() const override { return schema_; }
  Region demand(const Region& out, std::size_t) const override {
    Region r = out;
    if (!out.is_empty())
      r.begin[axis_] = std::max<std::int64_t>(0, out.begin[axis_] - (window_ - 1));
    return r;
  }
  bool is_pointwise(std::string_view dim) const override { return dim != dim_; }
  void compute(std::span<const Block> in, Block& out) const override {
    const std::int64_t end = out.region.end[axis_];
    // Windows that reach over the beginning of the array have each their own length.
    std::int64_t i = out.region.begin[axis_];
    for (; i < std::min(end, window_ - 1); ++i) compute_part(in[0], out, i, i + 1, i + 1);
    if (i < end) compute_part(in[0], out, i, end, window_);
  }

 private:
  void compute_part(const Block& in, const Block& out, std::int64_t begin, std::int64_t end,
                    std::int64_t n) const {
    Region region = out.region;
    region.begin[axis_] = begin;
    region.end[axis_] = end;
    const Block part = out.sub(region);
    if (n < min_periods_) return fill_cells(part, std::numeric_limits<double>::quiet_NaN());
    Extents first = region.begin;
    first[axis_] = begin + 1 - n;
    Extents sizes(out.rank(), 1);
    sizes[axis_] = n;
    reduce_windows(kernel_, in, first, Extents(out.rank(), 1), sizes,
                   static_cast<double>(min_periods_), part);
  }

  Schema schema_;
  std::string dim_;
  std::int64_t window_;
  std::int64_t min_periods_ = 1;
  std::size_t axis_ = 0;
  WindowKernel kernel_ = nullptr;
};

DType coarsened_dtype(WindowReduce reduce, DType in) {
  if (is_floating(in) || reduce == WindowReduce::min || reduce == WindowReduce::max) return in;
  if (reduce == WindowReduce::mean) return DType::float64;
  return is_integer(in) && !is_signed_integer(in) ? DType::uint64 : DType::int64;
}

/// The chunks of `size` boxes of `factor` cells: a box belongs to the chunk that its last cell is
/// in.
Cuts coarsened_cuts(const Cuts& cuts, std::int64_t factor, std::int64_t size) {
  std::vector<std::int64_t> edges = {0};
  for (std::int64_t c = 0; c < cuts.n_chunks(); ++c) {
    const std::int64_t edge = c + 1 == cuts.n_chunks() ? size : cuts.end_of(c) / factor;
    if (edge > edges.back()) edges.push_back(edge);
  }
  return Cuts::explicit_edges(std::move(edges));
}

template <WindowReduce kReduce>
class Coarsen final : public Operator {
 public:
  struct Params {
    std::vector<std::string> dims;
    std::vector<std::int64_t> factors;
    bool skipna = true;
  };
  static void describe(auto& d, auto& p) {
    d("dims", p.dims, "dimensions to coarsen");
    d("factors", p.factors, "cells of a box along each");
    d("skipna", p.skipna, "leave NaN out");
  }
  Coarsen(const std::vector<Array>& inputs, const Params& p)
      : schema_(only_input(inputs, "coarsen")), factors_(schema_.rank(), 1) {
    if (p.dims.size() != p.factors.size()) {
      throw Error(Errc::invalid_argument, "coarsen: {} factors for {} dimensions", p.factors.size(),
                  p.dims.size());
    }
    for (std::size_t i = 0; i < p.dims.size(); ++i)
      coarsen_axis(schema_.axis(p.dims[i], "coarsen"), p.factors[i]);
    const DType in = schema_.dtype;
    schema_.dtype = coarsened_dtype(kReduce, in);
    kernel_ = window_kernel(kReduce, in, schema_.dtype, p.skipna);
    min_count_ = kReduce == WindowReduce::sum ? 0 : 1;
  }
  const Schema& schema() const override { return schema_; }
  Region demand(const Region& out, std::size_t) const override {
    Region r = out;
    for (std::size_t i = 0; i < r.rank(); ++i) {
      r.begin[i] *= factors_[i];
      r.end[i] *= factors_[i];
    }
    return r;
  }
  bool is_pointwise(std::string_view dim) const override {
    const auto axis = schema_.find_axis(dim);
    return !axis || factors_[*axis] == 1;
  }
  void compute(std::span<const Block> in, Block& out) const override {
    Extents first = out.region.begin;
    for (std::size_t i = 0; i < first.size(); ++i) first[i] *= factors_[i];
    if (out.rank() == 0) return copy_cells(in[0], out);
    reduce_windows(kernel_, in[0], first, factors_, factors_, min_count_, out);
  }

 private:
  void coarsen_axis(std::size_t axis, std::int64_t factor) {
    if (factor < 1 || factors_[axis] != 1) {
      throw Error(Errc::invalid_argument,
                  "coarsen: factor {} along '{}', expected one of at least 1", factor,
                  schema_.dims[axis]);
    }
    factors_[axis] = factor;
    schema_.shape[axis] /= factor;
    schema_.chunks.cuts(axis) =
        coarsened_cuts(schema_.chunks.cuts(axis), factor, schema_.shape[axis]);
  }

  Schema schema_;
  Extents factors_;
  double min_count_ = 0;
  WindowKernel kernel_ = nullptr;
};

class Diff final : public Operator {
 public:
  struct Params {
    std::string dim;
  };
  static void describe(auto& d, auto& p) {
    d("dim", p.dim, "dimension along which neighbours are subtracted");
  }
  Diff(const std::vector<Array>& inputs, const Params& p)
      : schema_(only_input(inputs, "diff")), dim_(p.dim) {
    axis_ = schema_.axis(p.dim, "diff");
    if (schema_.dtype == DType::bool_ || schema_.dtype == DType::string) {
      throw Error(Errc::invalid_argument, "diff: dtype {}, expected numbers",
                  rastream::to_string(schema_.dtype));
    }
    const std::int64_t size = std::max<std::int64_t>(0, schema_.shape[axis_] - 1);
    schema_.chunks.cuts(axis_) = coarsened_cuts(schema_.chunks.cuts(axis_), 1, size);
    schema_.shape[axis_] = size;
  }
  const Schema& schema() const override { return schema_; }
  Region demand(const Region& out, std::size_t) const override {
    Region r = out;
    if (!out.is_empty()) ++r.end[axis_];
    return r;
  }
  bool is_pointwise(std::string_view dim) const override { return dim != dim_; }
  void compute(std::span<const Block> in, Block& out) const override {
    if (out.region.is_empty()) return;
    const std::size_t row = out.rank() - 1;
    Region rows = out.region;
    rows.end[row] = rows.begin[row] + 1;
    const std::int64_t n = out.size(row);
    visit_dtype(out.dtype, [&]<typename T>(T) {
      for_each_index(rows, [&](const Extents& index) {
        subtract<T>(in[0].at(index), in[0].strides[axis_], in[0].strides[row], out.at(index),
                    out.strides[row], n);
      });
    });
  }

 private:
  template <typename T>
  static void subtract(const std::byte* in, std::int64_t to_next, std::int64_t in_stride,
                       std::byte* out, std::int64_t out_stride, std::int64_t n) {
    for (std::int64_t i = 0; i < n; ++i) {
      const std::byte* at = in + i * in_stride;
      const T a = *reinterpret_cast<const T*>(at);
      const T b = *reinterpret_cast<const T*>(at + to_next);
      if constexpr (std::is_floating_point_v<T>) {
        *reinterpret_cast<T*>(out + i * out_stride) = b - a;
      } else {
        *reinterpret_cast<T*>(out + i * out_stride) =
            static_cast<T>(static_cast<std::uint64_t>(b) - static_cast<std::uint64_t>(a));
      }
    }
  }

  Schema schema_;
  std::string dim_;
  std::size_t axis_ = 0;
};

template <WindowReduce kReduce>
Array rolling(const Array& array, const std::string& dim, std::int64_t window,
              std::int64_t min_periods) {
  return apply<Rolling<kReduce>>(fmt::format("rolling_{}", to_string(kReduce)), {array},
                                 {dim, window, min_periods});
}

template <WindowReduce kReduce>
Array coarsen(const Array& array, const std::vector<std::string>& dims,
              const std::vector<std::int64_t>& factors, bool skipna) {
  return apply<Coarsen<kReduce>>(fmt::format("coarsen_{}", to_string(kReduce)), {array},
                                 {dims, factors, skipna});
}

}  // namespace

Array rolling_sum(const Array& a, const std::string& dim, std::int64_t window,
                  std::int64_t min_periods) {
  return rolling<WindowReduce::sum>(a, dim, window, min_periods);
}
Array rolling_mean(const Array& a, const std::string& dim, std::int64_t window,
                   std::int64_t min_periods) {
  return rolling<WindowReduce::mean>(a, dim, window, min_periods);
}
Array rolling_min(const Array& a, const std::string& dim, std::int64_t window,
                  std::int64_t min_periods) {
  return rolling<WindowReduce::min>(a, dim, window, min_periods);
}
Array rolling_max(const Array& a, const std::string& dim, std::int64_t window,
                  std::int64_t min_periods) {
  return rolling<WindowReduce::max>(a, dim, window, min_periods);
}

Array coarsen_mean(const Array& a, const std::vector<std::string>& dims,
                   const std::vector<std::int64_t>& factors, bool skipna) {
  return coarsen<WindowReduce::mean>(a, dims, factors, skipna);
}
Array coarsen_sum(const Array& a, const std::vector<std::string>& dims,
                  const std::vector<std::int64_t>& factors, bool skipna) {
  return coarsen<WindowReduce::sum>(a, dims, factors, skipna);
}
Array coarsen_min(const Array& a, const std::vector<std::string>& dims,
                  const std::vector<std::int64_t>& factors, bool skipna) {
  return coarsen<WindowReduce::min>(a, dims, factors, skipna);
}
Array coarsen_max(const Array& a, const std::vector<std::string>& dims,
                  const std::vector<std::int64_t>& factors, bool skipna) {
  return coarsen<WindowReduce::max>(a, dims, factors, skipna);
}

Array diff(const Array& array, const std::string& dim) {
  return apply<Diff>("diff", {array}, {dim});
}

std::vector<OperatorInfo> window_operators() {
  return {
      info<Rolling<WindowReduce::sum>>("rolling_sum", "Sum of the window that ends at a cell"),
      info<Rolling<WindowReduce::mean>>("rolling_mean", "Mean of the window that ends at a cell"),
      info<Rolling<WindowReduce::min>>("rolling_min",
                                       "Smallest cell of the window that ends at a cell"),
      info<Rolling<WindowReduce::max>>("rolling_max",
                                       "Largest cell of the window that ends at a cell"),
      info<Coarsen<WindowReduce::mean>>("coarsen_mean", "Mean over boxes of cells"),
      info<Coarsen<WindowReduce::sum>>("coarsen_sum", "Sum over boxes of cells"),
      info<Coarsen<WindowReduce::min>>("coarsen_min", "Smallest cell of boxes"),
      info<Coarsen<WindowReduce::max>>("coarsen_max", "Largest cell of boxes"),
      info<Diff>("diff", "Difference of neighbours along a dimension")};
}

}  // namespace rastream
