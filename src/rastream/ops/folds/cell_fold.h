// SPDX-License-Identifier: Apache-2.0
// The one class behind all reductions and scans: it walks panels of cells and hands each to the
// kernel of its kind.
#pragma once

#include <string>
#include <vector>

#include "rastream/graph/array.h"
#include "rastream/ops/folds/panel.h"

namespace rastream {

/// Parameters of all folds; each registered fold describes those that it has.
struct FoldParams {
  std::string dim;
  bool skipna = true;
  std::string dtype;  ///< of the result; empty for the rule of the fold
  std::int64_t ddof = 0;
};

/// Xarray's names. `squeeze` is the last cell of a dimension that has one.
enum class FoldName : std::uint8_t {
  sum,
  prod,
  mean,
  count,
  min,
  max,
  any,
  all,
  first,
  last,
  squeeze,
  argmax,
  argmin,
  var,
  std,
  cumsum,
  cumprod,
  ffill,
};

std::string_view to_string(FoldName name);

class CellFold : public Fold {
 public:
  const Schema& schema() const override { return schema_; }
  Region demand(const Region& out, std::size_t input) const override;
  const std::string& over() const override { return params_.dim; }
  std::size_t over_axis() const override { return axis_; }
  bool keeps_dim() const override { return keeps_dim_; }
  std::vector<StateField> state() const override { return kernel_.state; }
  void start(std::span<const Block> state) const override;
  void push(std::span<const Block> in, std::span<const Block> state,
            const Block* out) const override;
  void finish(std::span<const Block> state, const Block& out) const override;
  bool is_settled(std::span<const Block> state) const override;

 protected:
  /// Throws invalid_argument as folds.h says, unsupported for strings.
  CellFold(FoldName name, const std::vector<Array>& inputs, FoldParams params);

 private:
  void check_inputs(const std::vector<Array>& inputs) const;
  DType result_dtype(DType input) const;
  FoldKernel find_kernel(const std::vector<Array>& inputs) const;

  FoldName name_;
  FoldParams params_;
  std::size_t axis_ = 0;
  std::int64_t n_steps_ = 0;
  DType input_dtype_ = DType::float64;
  bool keeps_dim_ = false;
  Schema schema_;
  FoldKernel kernel_;
};

}  // namespace rastream
