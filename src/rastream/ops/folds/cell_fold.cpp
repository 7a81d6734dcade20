// SPDX-License-Identifier: Apache-2.0
#include "rastream/ops/folds/cell_fold.h"

#include <array>
#include <cmath>
#include <limits>

#include "rastream/ops/inputs.h"

namespace rastream {
namespace {

constexpr std::array<std::string_view, 18> kNames = {
    "sum",  "prod",    "mean",   "count",  "min", "max", "any",    "all",     "first",
    "last", "squeeze", "argmax", "argmin", "var", "std", "cumsum", "cumprod", "ffill"};

bool is_scan(FoldName name) { return name >= FoldName::cumsum; }

bool needs_a_step(FoldName name) {
  return name == FoldName::min || name == FoldName::max || name == FoldName::first ||
         name == FoldName::last || name == FoldName::argmax || name == FoldName::argmin;
}

DType accumulator_dtype(DType d) {
  if (is_floating(d)) return d;
  return is_integer(d) && !is_signed_integer(d) ? DType::uint64 : DType::int64;
}

/// Strides of the cells of `block`, whose axis `dropped` is none of theirs.
Extents cell_strides(const Block& block, std::size_t dropped) {
  Extents s = block.strides;
  s.erase(dropped);
  return s;
}

/// Address of the cell at the beginning of `cells` at step `step`.
std::byte* corner(const Block& block, const Extents& cells, std::size_t axis, std::int64_t step) {
  Extents index = cells;
  index.insert(axis, step);
  return block.at(index);
}

/// An operand of a walk: a lane of the panel and its strides along the cells' axes.
struct Operand {
  Lane* lane;
  Extents strides;
};

/// Calls f() for each row of cells (the last axis) with the lanes of all operands at its beginning.
template <std::size_t kMost, typename F>
void for_each_row(const Region& cells, std::array<Operand, kMost>& operands, std::size_t n_operands,
                  F&& f) {
  const std::size_t n_outer = cells.rank() == 0 ? 0 : cells.rank() - 1;
  Extents offset(n_outer);
  while (true) {
    f();
    std::size_t axis = n_outer;
    while (true) {
      if (axis == 0) return;
      --axis;
      const bool is_inside = ++offset[axis] < cells.size(axis);
      const std::int64_t moved = is_inside ? 1 : 1 - offset[axis];
      for (std::size_t i = 0; i < n_operands; ++i)
        operands[i].lane->at += moved * operands[i].strides[axis];
      if (is_inside) break;
      offset[axis] = 0;
    }
  }
}

/// True when `is_final` holds for every cell of the state.
template <typename T, typename F>
bool all_cells(const Block& state, F&& is_final) {
  if (state.region.is_empty()) return true;
  Lane lane{state.data, 0, 0};
  const Region cells = drop_axis(state.region, 0);
  std::array<Operand, 1> operands = {Operand{&lane, cell_strides(state, 0)}};
  const std::int64_t n = cells.rank() == 0 ? 1 : cells.size(cells.rank() - 1);
  const std::int64_t stride = cells.rank() == 0 ? 0 : state.strides[state.rank() - 1];
  bool is_all = true;
  for_each_row(cells, operands, 1, [&] {
    for (std::int64_t i = 0; is_all && i < n; ++i)
      is_all = is_final(*reinterpret_cast<const T*>(lane.at + i * stride));
  });
  return is_all;
}

Block without_depth(const Block& state) {
  return {drop_axis(state.region, 0), state.dtype, state.data, cell_strides(state, 0)};
}

/// out = f(states...), cell by cell. Only at the end of a walk, so not tuned.
template <typename F>
void finish_cells(std::span<const Block> state, const Block& out, F&& f) {
  for_each_index(out.region, [&](const Extents& index) {
    std::array<double, kMaxStates> s{};
    for (std::size_t i = 0; i < state.size(); ++i) {
      s[i] = *reinterpret_cast<const double*>(without_depth(state[i]).at(index));
    }
    const double value = f(s);
    if (out.dtype == DType::float32) {
      *reinterpret_cast<float*>(out.at(index)) = static_cast<float>(value);
    } else {
      *reinterpret_cast<double*>(out.at(index)) = value;
    }
  });
}

}  // namespace

std::string_view to_string(FoldName name) { return kNames[static_cast<std::size_t>(name)]; }

CellFold::CellFold(FoldName name, const std::vector<Array>& inputs, FoldParams params)
    : name_(name), params_(std::move(params)), keeps_dim_(is_scan(name)) {
  check_inputs(inputs);
  const Schema& input = inputs[0].schema();
  axis_ = input.axis(params_.dim, to_string(name_));
  n_steps_ = input.shape[axis_];
  input_dtype_ = input.dtype;
  if (needs_a_step(name_) && n_steps_ == 0) {
    throw Error(Errc::invalid_argument, "{}: '{}' has no cells, expected one or more",
                to_string(name_), params_.dim);
  }
  if (name_ == FoldName::squeeze && n_steps_ != 1) {
    throw Error(Errc::invalid_argument, "squeeze: '{}' has {} cells, expected 1", params_.dim,
                n_steps_);
  }
  kernel_ = find_kernel(inputs);
  Schema out = input;
  out.dtype = result_dtype(input.dtype);
  if (!keeps_dim_) {
    std::vector<Cuts> cuts = input.chunks.all_cuts();
    cuts.erase(cuts.begin() + static_cast<std::ptrdiff_t>(axis_));
    out.dims.erase(out.dims.begin() + static_cast<std::ptrdiff_t>(axis_));
    out.shape.erase(axis_);
    out.chunks = ChunkGrid(std::move(cuts));
  }
  schema_ = make_schema(std::move(out.dims), out.shape, out.dtype, std::move(out.chunks));
}

void CellFold::check_inputs(const std::vector<Array>& inputs) const {
  const bool has_counts = name_ == FoldName::mean && inputs.size() == 2;
  expect_inputs(inputs, has_counts ? 2 : 1, to_string(name_));
  if (!has_counts) return;
  const Schema& sums = inputs[0].schema();
  const Schema& counts = inputs[1].schema();
  if (sums.dims != counts.dims || sums.shape != counts.shape || sums.dtype != DType::float64 ||
      counts.dtype != DType::int64) {
    throw Error(Errc::invalid_argument,
                "mean: two inputs must be float64 sums and int64 counts of one shape");
  }
}

DType CellFold::result_dtype(DType input) const {
  switch (name_) {
    case FoldName::sum:
    case FoldName::prod:
    case FoldName::mean:
    case FoldName::var:
    case FoldName::std: {
      const bool is_sum = name_ == FoldName::sum || name_ == FoldName::prod;
      const DType natural =
          is_sum || is_floating(input) ? accumulator_dtype(input) : DType::float64;
      if (params_.dtype.empty()) return natural;
      const DType asked = parse_dtype(params_.dtype);
      if (asked == natural || is_floating(asked)) return asked;
      throw Error(Errc::invalid_argument, "{}: dtype {} for a result of {}", to_string(name_),
                  params_.dtype, to_string(natural));
    }
    case FoldName::cumsum:
    case FoldName::cumprod: return accumulator_dtype(input);
    case FoldName::count:
    case FoldName::argmax:
    case FoldName::argmin: return DType::int64;
    case FoldName::any:
    case FoldName::all: return DType::bool_;
    default: return input;
  }
}

FoldKernel CellFold::find_kernel(const std::vector<Array>& inputs) const {
  const DType d = input_dtype_;
  const bool skipna = params_.skipna;
  switch (name_) {
    case FoldName::sum: {
      // Integers that are to give a floating sum are added as float64, which does not wrap around:
      // what a mean does.
      const bool adds_float64 = !is_floating(d) && is_floating(result_dtype(d));
      return sum_kernel(adds_float64 ? FoldKind::mean : FoldKind::sum, d, skipna);
    }
    case FoldName::mean:
      return sum_kernel(inputs.size() == 2 ? FoldKind::mean_of_sums : FoldKind::mean, d, skipna);
    case FoldName::count: return sum_kernel(FoldKind::count, d, skipna);
    case FoldName::cumsum: return sum_kernel(FoldKind::cumsum, d, skipna);
    case FoldName::min: return extreme_kernel(FoldKind::min, d, skipna);
    case FoldName::max: return extreme_kernel(FoldKind::max, d, skipna);
    case FoldName::any: return extreme_kernel(FoldKind::any, d, skipna);
    case FoldName::all: return extreme_kernel(FoldKind::all, d, skipna);
    case FoldName::argmax: return extreme_kernel(FoldKind::argmax, d, skipna);
    case FoldName::argmin: return extreme_kernel(FoldKind::argmin, d, skipna);
    case FoldName::prod: return other_kernel(FoldKind::prod, d, skipna);
    case FoldName::first: return other_kernel(FoldKind::first, d, skipna);
    case FoldName::last: return other_kernel(FoldKind::last, d, skipna);
    case FoldName::squeeze: return other_kernel(FoldKind::last, d, false);
    case FoldName::cumprod: return other_kernel(FoldKind::cumprod, d, skipna);
    case FoldName::ffill: return other_kernel(FoldKind::ffill, d, true);
    case FoldName::var:
    case FoldName::std: break;
  }
  return other_kernel(FoldKind::var, d, skipna);
}

Region CellFold::demand(const Region& out, std::size_t) const {
  Region r = keeps_dim_ ? out : insert_axis(out, axis_, 0, out.is_empty() ? 0 : n_steps_);
  // A scan must see the dimension from its first step on.
  if (keeps_dim_) r.begin[axis_] = out.is_empty() ? out.end[axis_] : 0;
  return r;
}

void CellFold::start(std::span<const Block> state) const {
  for (std::size_t i = 0; i < state.size(); ++i) fill_cells(state[i], kernel_.start[i]);
}

void CellFold::push(std::span<const Block> in, std::span<const Block> state,
                    const Block* out) const {
  const Region cells = drop_axis(state[0].region, 0);
  if (in[0].size(axis_) <= 0 || cells.is_empty()) return;
  const bool has_row = cells.rank() > 0;
  const std::size_t row = has_row ? cells.rank() - 1 : 0;
  Panel panel;
  panel.n_cells = has_row ? cells.size(row) : 1;
  panel.n_steps = in[0].size(axis_);
  panel.first_step = in[0].region.begin[axis_];
  std::array<Operand, 3 + kMaxStates> operands;
  std::size_t n_operands = 0;
  const auto add = [&](Lane& lane, const Block& block, std::size_t axis, std::int64_t step,
                       bool has_steps) {
    const Extents strides = cell_strides(block, axis);
    lane = {corner(block, cells.begin, axis, step), has_steps ? block.strides[axis] : 0,
            has_row ? strides[row] : 0};
    operands[n_operands++] = {&lane, strides};
  };
  for (std::size_t i = 0; i < in.size(); ++i)
    add(panel.in[i], in[i], axis_, panel.first_step, true);
  for (std::size_t i = 0; i < state.size(); ++i) add(panel.state[i], state[i], 0, 0, false);
  if (out) add(panel.out, *out, axis_, panel.first_step, true);
  for_each_row(cells, operands, n_operands, [&] { kernel_.push(panel); });
}

void CellFold::finish(std::span<const Block> state, const Block& out) const {
  const auto n_steps = static_cast<double>(n_steps_);
  switch (name_) {
    case FoldName::mean:
      return finish_cells(
          state, out, [&](const auto& s) { return s[0] / (state.size() == 1 ? n_steps : s[1]); });
    case FoldName::var:
    case FoldName::std: {
      const auto ddof = static_cast<double>(params_.ddof);
      const bool is_root = name_ == FoldName::std;
      return finish_cells(state, out, [&](const auto& s) {
        const double n = s[2] - ddof;
        const double variance = n > 0 ? s[1] / n : std::numeric_limits<double>::quiet_NaN();
        return is_root ? std::sqrt(variance) : variance;
      });
    }
    case FoldName::argmax:
    case FoldName::argmin: {
      // Of bool, a cell without the wanted truth is still -1.
      for_each_index(out.region, [&](const Extents& i) {
        const auto at = *reinterpret_cast<const std::int64_t*>(without_depth(state.back()).at(i));
        *reinterpret_cast<std::int64_t*>(out.at(i)) = at < 0 ? 0 : at;
      });
      return;
    }
    default: copy_cells(without_depth(state[0]), out);
  }
}

bool CellFold::is_settled(std::span<const Block> state) const {
  switch (name_) {
    case FoldName::any:
      return all_cells<std::uint8_t>(state[0], [](std::uint8_t t) { return t != 0; });
    case FoldName::all:
      return all_cells<std::uint8_t>(state[0], [](std::uint8_t t) { return t == 0; });
    case FoldName::argmax:
    case FoldName::argmin:
      if (input_dtype_ != DType::bool_) return false;
      return all_cells<std::int64_t>(state[0], [](std::int64_t at) { return at >= 0; });
    default: return false;
  }
}

}  // namespace rastream
