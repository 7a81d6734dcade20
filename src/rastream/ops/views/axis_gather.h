// SPDX-License-Identifier: Apache-2.0
// The common part of views that pick cells along one dimension: isel, take, pad, shift, roll,
// concat. Each of them is a short list of runs, and a run is a strided copy.
#pragma once

#include <vector>

#include "rastream/graph/array.h"

namespace rastream {

/// Output cells along one dimension that come from evenly spaced cells of one input: the cell
/// `begin + k` is the input's cell `from + k * step`. A step of 0 repeats one cell.
struct Run {
  static constexpr std::size_t kFill = ~std::size_t{0};
  std::int64_t begin = 0;
  std::int64_t from = 0;
  std::int64_t step = 1;
  std::size_t input = 0;  ///< kFill: the cells are the fill value
};

/// Runs in output order. Invariant: a run ends where the next one begins, the last one at size().
class Runs {
 public:
  /// Appends one cell, lengthening the last run where it goes on evenly.
  void add(std::int64_t from, std::size_t input = 0);
  /// Appends `n` cells; nothing when n is 0.
  void add_run(std::int64_t from, std::int64_t step, std::int64_t n, std::size_t input = 0);
  void add_fill(std::int64_t n) { add_run(0, 0, n, Run::kFill); }

  std::int64_t size() const { return size_; }
  std::size_t n_runs() const { return runs_.size(); }
  const Run& operator[](std::size_t i) const { return runs_[i]; }
  std::int64_t end_of(std::size_t i) const {
    return i + 1 == runs_.size() ? size_ : runs_[i + 1].begin;
  }
  /// The run that holds output cell `index`. REQUIRES: 0 <= index < size().
  std::size_t find(std::int64_t index) const;

 private:
  std::vector<Run> runs_;
  std::int64_t size_ = 0;
};

/// A view along one dimension. Chunks of the output end where the input chunk that cells come from
/// changes.
class AxisGather : public Operator {
 public:
  const Schema& schema() const override { return schema_; }
  Region demand(const Region& out, std::size_t input) const override;
  void compute(std::span<const Block> in, Block& out) const override;
  /// global when the output walks some input backwards, so that a stream along the dimension cannot
  /// feed it.
  Kind kind() const override { return is_forward_ ? Kind::local : Kind::global; }
  bool is_pointwise(std::string_view dim) const override { return dim != dim_; }
  bool is_view() const override { return true; }

 protected:
  /// Throws invalid_argument, naming `who`, unless the inputs agree in all dimensions but `dim`.
  /// The dtype is the inputs' promoted one unless given.
  AxisGather(const std::vector<Array>& inputs, const std::string& dim, Runs runs,
             std::string_view who, std::optional<DType> dtype = {}, double fill = 0);

 private:
  Schema schema_;
  std::string dim_;
  std::size_t axis_ = 0;
  Runs runs_;
  double fill_ = 0;
  bool is_forward_ = true;
};

}  // namespace rastream
