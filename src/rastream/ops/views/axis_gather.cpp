// SPDX-License-Identifier: Apache-2.0
#include "rastream/ops/views/axis_gather.h"

#include <algorithm>

#include "rastream/base/error.h"
#include "rastream/ops/inputs.h"
#include "rastream/ops/promotion.h"

namespace rastream {
namespace {

void expect_same_but_for(const Schema& a, const Schema& b, std::size_t axis, std::string_view who) {
  bool is_same = a.dims == b.dims;
  for (std::size_t i = 0; is_same && i < a.rank(); ++i)
    is_same = i == axis || a.shape[i] == b.shape[i];
  if (!is_same) {
    throw Error(Errc::invalid_argument, "{}: inputs ({}) {} and ({}) {} differ in more than '{}'",
                who, fmt::join(a.dims, ", "), to_string(a.shape), fmt::join(b.dims, ", "),
                to_string(b.shape), a.dims[axis]);
  }
}

/// The first output cell after `index` in run `r` that comes from another chunk than `index` does.
std::int64_t end_of_chunk(const Runs& runs, std::size_t r, std::int64_t index, const Cuts& cuts) {
  const Run& run = runs[r];
  const std::int64_t end = runs.end_of(r);
  if (run.step == 0) return end;
  const std::int64_t from = run.from + (index - run.begin) * run.step;
  const std::int64_t chunk = cuts.chunk_of(from);
  const std::int64_t left =
      run.step > 0 ? cuts.end_of(chunk) - from : from - cuts.begin_of(chunk) + 1;
  const std::int64_t step = std::abs(run.step);
  return std::min(end, index + (left + step - 1) / step);
}

Cuts gathered_cuts(const Runs& runs, const std::vector<Array>& inputs, std::size_t axis) {
  std::vector<std::int64_t> edges = {0};
  std::pair<std::size_t, std::int64_t> last{Run::kFill, -2};
  for (std::size_t r = 0; r < runs.n_runs(); ++r) {
    const Run& run = runs[r];
    for (std::int64_t i = run.begin; i < runs.end_of(r);) {
      const bool is_fill = run.input == Run::kFill;
      std::pair<std::size_t, std::int64_t> source{run.input, -1};
      std::int64_t end = runs.end_of(r);
      if (!is_fill) {
        const Cuts& cuts = inputs[run.input].schema().chunks.cuts(axis);
        source.second = cuts.chunk_of(run.from + (i - run.begin) * run.step);
        end = end_of_chunk(runs, r, i, cuts);
      }
      if (source == last) edges.pop_back();
      edges.push_back(end);
      last = source;
      i = end;
    }
  }
  return Cuts::explicit_edges(std::move(edges));
}

bool walks_forward(const Runs& runs) {
  std::size_t input = 0;
  std::int64_t at = 0;
  for (std::size_t r = 0; r < runs.n_runs(); ++r) {
    const Run& run = runs[r];
    if (run.input == Run::kFill) continue;
    const std::int64_t last = run.from + (runs.end_of(r) - 1 - run.begin) * run.step;
    if (run.input < input || last < run.from || (run.input == input && run.from < at)) return false;
    input = run.input;
    at = last;
  }
  return true;
}

}  // namespace

void Runs::add(std::int64_t from, std::size_t input) {
  if (!runs_.empty() && runs_.back().input == input) {
    Run& last = runs_.back();
    const std::int64_t n = size_ - last.begin;
    if (n == 1) last.step = from - last.from;
    if (from == last.from + n * last.step) {
      ++size_;
      return;
    }
  }
  add_run(from, 1, 1, input);
}

void Runs::add_run(std::int64_t from, std::int64_t step, std::int64_t n, std::size_t input) {
  if (n == 0) return;
  runs_.push_back({size_, from, step, input});
  size_ += n;
}

std::size_t Runs::find(std::int64_t index) const {
  std::size_t low = 0;
  std::size_t high = runs_.size();
  while (high - low > 1) {
    const std::size_t middle = (low + high) / 2;
    (runs_[middle].begin <= index ? low : high) = middle;
  }
  return low;
}

AxisGather::AxisGather(const std::vector<Array>& inputs, const std::string& dim, Runs runs,
                       std::string_view who, std::optional<DType> dtype, double fill)
    : dim_(dim), runs_(std::move(runs)), fill_(fill), is_forward_(walks_forward(runs_)) {
  const Schema& first = inputs[0].schema();
  axis_ = first.axis(dim, who);
  std::vector<DType> dtypes;
  for (const Array& input : inputs) {
    expect_same_but_for(first, input.schema(), axis_, who);
    dtypes.push_back(input.schema().dtype);
  }
  Extents shape = first.shape;
  shape[axis_] = runs_.size();
  ChunkGrid chunks = first.chunks;
  chunks.cuts(axis_) = gathered_cuts(runs_, inputs, axis_);
  schema_ = make_schema(first.dims, shape, dtype ? *dtype : promote_all(dtypes), std::move(chunks));
}

Region AxisGather::demand(const Region& out, std::size_t input) const {
  Region r = out;
  r.begin[axis_] = r.end[axis_] = 0;
  if (out.size(axis_) <= 0) return r;
  bool is_first = true;
  for (std::size_t i = runs_.find(out.begin[axis_]);
       i < runs_.n_runs() && runs_[i].begin < out.end[axis_]; ++i) {
    const Run& run = runs_[i];
    if (run.input != input) continue;
    const std::int64_t begin = std::max(out.begin[axis_], run.begin) - run.begin;
    const std::int64_t last = std::min(out.end[axis_], runs_.end_of(i)) - 1 - run.begin;
    const auto [low, high] = std::minmax({run.from + begin * run.step, run.from + last * run.step});
    r.begin[axis_] = is_first ? low : std::min(low, r.begin[axis_]);
    r.end[axis_] = is_first ? high + 1 : std::max(high + 1, r.end[axis_]);
    is_first = false;
  }
  return r;
}

void AxisGather::compute(std::span<const Block> in, Block& out) const {
  if (out.region.is_empty()) return;
  Block piece = out;
  Extents index = out.region.begin;
  for (std::size_t i = runs_.find(index[axis_]);
       i < runs_.n_runs() && runs_[i].begin < out.region.end[axis_]; ++i) {
    const Run& run = runs_[i];
    const std::int64_t begin = std::max(out.region.begin[axis_], run.begin);
    piece.region.begin[axis_] = begin;
    piece.region.end[axis_] = std::min(out.region.end[axis_], runs_.end_of(i));
    piece.data = out.data + (begin - out.region.begin[axis_]) * out.strides[axis_];
    if (run.input == Run::kFill) {
      fill_cells(piece, fill_);
      continue;
    }
    const Block& source = in[run.input];
    index[axis_] = run.from + (begin - run.begin) * run.step;
    Block cells{piece.region, source.dtype, source.at(index), source.strides};
    cells.strides[axis_] *= run.step;
    copy_cells(cells, piece);
  }
}

}  // namespace rastream
