// SPDX-License-Identifier: Apache-2.0
// Cells beyond the edges: pad, shift and roll. The rules for the padding are numpy.pad's.
#include <algorithm>
#include <array>
#include <cmath>

#include "rastream/ops/inputs.h"
#include "rastream/ops/number_json.h"
#include "rastream/ops/views/axis_gather.h"
#include "rastream/ops/views/view_infos.h"
#include "rastream/ops/views/views.h"

namespace rastream {
namespace {

constexpr std::array<std::string_view, 5> kModes = {"constant", "edge", "reflect", "symmetric",
                                                    "wrap"};

PadMode parse_mode(std::string_view name) {
  const auto it = std::find(kModes.begin(), kModes.end(), name);
  if (it == kModes.end()) {
    throw Error(Errc::invalid_argument, "pad: mode '{}', expected one of {}", name,
                fmt::join(kModes, ", "));
  }
  return static_cast<PadMode>(it - kModes.begin());
}

/// Xarray's maybe_promote: the dtype that can hold a missing value.
DType dtype_with(DType dtype, double fill) {
  if (!std::isnan(fill) || is_floating(dtype)) return dtype;
  return is_integer(dtype) && item_size(dtype) <= 2 ? DType::float32 : DType::float64;
}

std::int64_t modulo(std::int64_t i, std::int64_t n) { return (i % n + n) % n; }

/// The cell of an axis of `n` cells that stands at position `i` outside it.
std::int64_t source_of(std::int64_t i, std::int64_t n, PadMode mode) {
  if (mode == PadMode::wrap) return modulo(i, n);
  if (mode == PadMode::symmetric) {
    const std::int64_t k = modulo(i, 2 * n);
    return k < n ? k : 2 * n - 1 - k;
  }
  if (n == 1) return 0;
  const std::int64_t k = modulo(i, 2 * n - 2);
  return k < n ? k : 2 * n - 2 - k;
}

void add_outside(Runs& runs, std::int64_t begin, std::int64_t end, std::int64_t n, PadMode mode) {
  if (mode == PadMode::constant) return runs.add_fill(end - begin);
  if (mode == PadMode::edge) return runs.add_run(begin < 0 ? 0 : n - 1, 0, end - begin);
  for (std::int64_t i = begin; i < end; ++i) runs.add(source_of(i, n, mode));
}

class Pad final : public AxisGather {
 public:
  struct Params {
    std::string dim;
    std::int64_t before = 0;
    std::int64_t after = 0;
    std::string mode = "constant";
    Json value = "NaN";
  };
  static void describe(auto& d, auto& p) {
    d("dim", p.dim, "dimension to lengthen");
    d("before", p.before, "cells to add at the beginning");
    d("after", p.after, "cells to add at the end");
    d("mode", p.mode, "constant, edge, reflect, symmetric or wrap");
    d("value", p.value, "the value of mode constant");
  }
  Pad(const std::vector<Array>& inputs, const Params& p) : Pad(inputs, p, fill(p)) {}

 private:
  Pad(const std::vector<Array>& inputs, const Params& p, double fill)
      : AxisGather(inputs, p.dim, runs(inputs, p), "pad", dtype(only_input(inputs, "pad"), p, fill),
                   fill) {}

  static double fill(const Params& p) { return number_from_json(p.value, "pad"); }
  static DType dtype(const Schema& input, const Params& p, double fill) {
    return p.mode == "constant" ? dtype_with(input.dtype, fill) : input.dtype;
  }
  static Runs runs(const std::vector<Array>& inputs, const Params& p) {
    const Schema& input = only_input(inputs, "pad");
    const std::int64_t n = input.shape[input.axis(p.dim, "pad")];
    const PadMode mode = parse_mode(p.mode);
    // Reflections are listed run by run, so a hostile length must not become a list that fills the
    // memory.
    const bool is_one_run = mode == PadMode::constant || mode == PadMode::edge;
    const std::int64_t most = std::int64_t{1} << (is_one_run ? 40 : 24);
    if (p.before < 0 || p.after < 0 || p.before > most || p.after > most) {
      throw Error(Errc::invalid_argument, "pad: {} cells before and {} after '{}'", p.before,
                  p.after, p.dim);
    }
    if (n == 0 && mode != PadMode::constant) {
      throw Error(Errc::invalid_argument, "pad: '{}' has no cells to repeat with mode {}", p.dim,
                  p.mode);
    }
    Runs out;
    add_outside(out, -p.before, 0, n, mode);
    out.add_run(0, 1, n);
    add_outside(out, n, n + p.after, n, mode);
    return out;
  }
};

class Shift final : public AxisGather {
 public:
  struct Params {
    std::string dim;
    std::int64_t by = 0;
    Json value = "NaN";
  };
  static void describe(auto& d, auto& p) {
    d("dim", p.dim, "dimension to move along");
    d("by", p.by, "cells to move by; negative moves towards the beginning");
    d("value", p.value, "value of the cells without a source");
  }
  Shift(const std::vector<Array>& inputs, const Params& p)
      : Shift(inputs, p, number_from_json(p.value, "shift")) {}

 private:
  Shift(const std::vector<Array>& inputs, const Params& p, double fill)
      : AxisGather(inputs, p.dim, runs(inputs, p), "shift",
                   dtype_with(only_input(inputs, "shift").dtype, fill), fill) {}
  static Runs runs(const std::vector<Array>& inputs, const Params& p) {
    const Schema& input = only_input(inputs, "shift");
    const std::int64_t n = input.shape[input.axis(p.dim, "shift")];
    const std::int64_t by = std::clamp(p.by, -n, n);
    Runs out;
    if (by >= 0) {
      out.add_fill(by);
      out.add_run(0, 1, n - by);
    } else {
      out.add_run(-by, 1, n + by);
      out.add_fill(-by);
    }
    return out;
  }
};

class Roll final : public AxisGather {
 public:
  struct Params {
    std::string dim;
    std::int64_t by = 0;
  };
  static void describe(auto& d, auto& p) {
    d("dim", p.dim, "dimension to move along");
    d("by", p.by, "cells to move by; negative moves towards the beginning");
  }
  Roll(const std::vector<Array>& inputs, const Params& p)
      : AxisGather(inputs, p.dim, runs(inputs, p), "roll") {}

 private:
  static Runs runs(const std::vector<Array>& inputs, const Params& p) {
    const Schema& input = only_input(inputs, "roll");
    const std::int64_t n = input.shape[input.axis(p.dim, "roll")];
    Runs out;
    if (n == 0) return out;
    const std::int64_t by = modulo(p.by, n);
    out.add_run(n - by, 1, by);
    out.add_run(0, 1, n - by);
    return out;
  }
};

}  // namespace

OperatorInfo pad_info() { return info<Pad>("pad", "Adds cells before and after a dimension"); }
OperatorInfo shift_info() {
  return info<Shift>("shift", "Moves cells along a dimension, filling what gets free");
}
OperatorInfo roll_info() { return info<Roll>("roll", "Moves cells around a dimension"); }

Array pad(const Array& array, const std::string& dim, std::int64_t before, std::int64_t after,
          PadMode mode, double value) {
  const std::string name(kModes[static_cast<std::size_t>(mode)]);
  return apply<Pad>("pad", {array}, {dim, before, after, name, number_to_json(value)});
}

Array shift(const Array& array, const std::string& dim, std::int64_t by, double value) {
  return apply<Shift>("shift", {array}, {dim, by, number_to_json(value)});
}

Array roll(const Array& array, const std::string& dim, std::int64_t by) {
  return apply<Roll>("roll", {array}, {dim, by});
}

}  // namespace rastream
