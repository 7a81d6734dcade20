// SPDX-License-Identifier: Apache-2.0
// Slices and lists of positions along one dimension.
#include <algorithm>

#include "rastream/ops/folds/folds.h"
#include "rastream/ops/inputs.h"
#include "rastream/ops/views/axis_gather.h"
#include "rastream/ops/views/view_infos.h"
#include "rastream/ops/views/views.h"

namespace rastream {
namespace {

/// `index` counted from the end when negative.
std::int64_t checked_index(std::int64_t index, std::int64_t size, std::string_view who) {
  if (index < -size || index >= size) {
    throw Error(Errc::invalid_argument, "{}: index {} is outside a dimension of {} cells", who,
                index, size);
  }
  return index < 0 ? index + size : index;
}

/// Number of cells of range(start, stop, step).
std::int64_t range_size(std::int64_t start, std::int64_t stop, std::int64_t step) {
  if (step > 0) return stop > start ? (stop - start - 1) / step + 1 : 0;
  return start > stop ? (start - stop - 1) / -step + 1 : 0;
}

class Isel final : public AxisGather {
 public:
  struct Params {
    std::string dim;
    std::int64_t start = 0;
    std::int64_t stop = 0;
    std::int64_t step = 1;
  };
  static void describe(auto& d, auto& p) {
    d("dim", p.dim, "dimension to slice");
    d("start", p.start, "first cell");
    d("stop", p.stop,
      "end of the half-open range; -1 lies before the first cell when step is negative");
    d("step", p.step, "distance between cells, not 0");
  }
  Isel(const std::vector<Array>& inputs, const Params& p)
      : AxisGather(inputs, p.dim, runs(inputs, p), "isel") {}

 private:
  static Runs runs(const std::vector<Array>& inputs, const Params& p) {
    const Schema& input = only_input(inputs, "isel");
    const std::int64_t size = input.shape[input.axis(p.dim, "isel")];
    const bool is_inside = p.start >= -1 && p.start <= size && p.stop >= -1 && p.stop <= size;
    if (p.step == 0 || p.step == std::numeric_limits<std::int64_t>::min() || !is_inside) {
      throw Error(Errc::invalid_argument, "isel: {}:{}:{} does not fit '{}' of {} cells", p.start,
                  p.stop, p.step, p.dim, size);
    }
    const std::int64_t n = range_size(p.start, p.stop, p.step);
    if (n > 0) checked_index(p.start < 0 ? size : p.start, size, "isel");
    Runs out;
    out.add_run(p.start, n > 1 ? p.step : 1, n);
    return out;
  }
};

class Take final : public AxisGather {
 public:
  struct Params {
    std::string dim;
    std::vector<std::int64_t> indices;
  };
  static void describe(auto& d, auto& p) {
    d("dim", p.dim, "dimension to pick from");
    d("indices", p.indices, "positions of the cells; negative ones count from the end");
  }
  Take(const std::vector<Array>& inputs, const Params& p)
      : AxisGather(inputs, p.dim, runs(inputs, p), "take") {}

 private:
  static Runs runs(const std::vector<Array>& inputs, const Params& p) {
    const Schema& input = only_input(inputs, "take");
    const std::int64_t size = input.shape[input.axis(p.dim, "take")];
    Runs out;
    for (const std::int64_t index : p.indices) out.add(checked_index(index, size, "take"));
    return out;
  }
};

/// NumPy's rule: bounds are counted from the end when negative, then clipped to the array.
Isel::Params normalised(const std::string& dim, const Slice& slice, std::int64_t size) {
  const std::int64_t low = slice.step > 0 ? 0 : -1;
  const std::int64_t high = slice.step > 0 ? size : size - 1;
  const auto clip = [&](std::int64_t i) { return std::clamp(i < 0 ? i + size : i, low, high); };
  const std::int64_t start = slice.start ? clip(*slice.start) : slice.step > 0 ? low : high;
  const std::int64_t stop = slice.stop ? clip(*slice.stop) : slice.step > 0 ? high : low;
  return {dim, start, stop, slice.step};
}

}  // namespace

OperatorInfo isel_info() { return info<Isel>("isel", "The cells of a slice along a dimension"); }
OperatorInfo take_info() {
  return info<Take>("take", "The cells at listed positions along a dimension");
}

Array isel(const Array& array, const std::string& dim, const Slice& slice) {
  const std::int64_t size = array.schema().shape[array.schema().axis(dim, "isel")];
  return apply<Isel>("isel", {array}, normalised(dim, slice, size));
}

Array isel(const Array& array, const std::string& dim, std::int64_t index) {
  const std::int64_t size = array.schema().shape[array.schema().axis(dim, "isel")];
  const std::int64_t at = checked_index(index, size, "isel");
  return squeeze(apply<Isel>("isel", {array}, {dim, at, at + 1, 1}), dim);
}

Array take(const Array& array, const std::string& dim, std::vector<std::int64_t> indices) {
  return apply<Take>("take", {array}, {dim, std::move(indices)});
}

}  // namespace rastream
