// SPDX-License-Identifier: Apache-2.0
// A leaf with one value and no dimensions: what a literal in an expression becomes.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <vector>

#include "rastream/graph/array.h"
#include "rastream/ops/elementwise/scalar.h"

namespace rastream {

class Constant final : public Operator {
 public:
  struct Params {
    Scalar value;
    std::string dtype = "float64";
  };
  static void describe(auto& d, auto& p) {
    d("value", p.value, "the value; NaN and infinities as text");
    d("dtype", p.dtype, "dtype of the array");
  }

  /// Throws invalid_argument when there are inputs or the value is outside the range of an integer
  /// dtype.
  Constant(const std::vector<Array>& inputs, const Params& params);

  const Schema& schema() const override { return schema_; }
  Region demand(const Region&, std::size_t) const override { return {}; }
  void compute(std::span<const Block> in, Block& out) const override;
  bool is_pointwise(std::string_view) const override { return true; }

 private:
  Schema schema_;
  alignas(8) std::array<std::byte, 8> cell_{};
};

/// A 0-d array.
Array constant(Scalar value, DType dtype);

}  // namespace rastream
