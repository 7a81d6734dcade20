// SPDX-License-Identifier: Apache-2.0
// One operator for everything that makes a cell from the cells of the same labels: arithmetic,
// comparisons, functions, choices and conversions. Inputs are broadcast by the names of their
// dimensions, as Xarray does.
#pragma once

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "rastream/graph/array.h"
#include "rastream/graph/operator.h"
#include "rastream/ops/elementwise/kernels.h"
#include "rastream/ops/elementwise/loop_nest.h"
#include "rastream/ops/elementwise/scalar.h"

namespace rastream {

/// Applies kernels to blocks. Dimensions of the output: the union of the inputs' by name, in order
/// of appearance. A dimension is cut as in the input that cuts it finest (the first of several).
/// compute() allocates nothing; blocks may have any strides, and the output block may be the memory
/// of an input with the same strides and cell size.
class Elementwise : public Operator {
 public:
  struct Spec {
    std::string name;
    DType result = DType::float64;
    KernelSet kernels;                      ///< not empty
    std::shared_ptr<const void> constants;  ///< handed to every kernel call
  };

  /// Throws invalid_argument when inputs disagree on the size of a dimension. Dtypes are the
  /// kernels' business.
  Elementwise(Spec spec, const std::vector<Array>& inputs);

  const Schema& schema() const override { return schema_; }
  Region demand(const Region& out, std::size_t input) const override;
  void compute(std::span<const Block> in, Block& out) const override;
  bool is_pointwise(std::string_view) const override { return true; }

 private:
  static constexpr std::int8_t kAbsent = -1;

  /// Sets the loops over `out` and where the first cell of each operand is; false when there is no
  /// cell.
  bool lay_out(std::span<const Block> in, const Block& out, LoopNest& nest,
               LoopNest::Pointers& at) const;
  /// The kernel that computes `row` as it lies in memory; nullptr when cells must be gathered.
  Kernel dense_kernel(const LoopNest::Loop& row) const;

  Spec spec_;
  Schema schema_;
  std::size_t n_inputs_;
  /// axis_[i][a] is the axis of input i that is axis a of the output, or kAbsent.
  std::array<std::array<std::int8_t, kMaxRank>, kMaxElementwiseInputs> axis_;
  std::array<std::int64_t, 1 + kMaxElementwiseInputs> item_bytes_{};
};

/// An input of an operation: an array, or a literal whose dtype is weak (NumPy 2: a literal takes
/// the dtype of the arrays beside it; a floating literal lifts integers to float64, an integer
/// literal lifts bool to int64).
class Operand {
 public:
  Operand(Array array) : array_(std::move(array)) {}  // NOLINT(google-explicit-constructor)
  template <typename T>
  requires std::integral<T> || std::floating_point<T> Operand(T literal)
      : literal_(literal) {}                      // NOLINT(google-explicit-constructor)
  Operand(Scalar literal) : literal_(literal) {}  // NOLINT(google-explicit-constructor)

  bool is_literal() const { return array_.is_null(); }
  const Array& array() const { return array_; }
  const Scalar& literal() const { return literal_; }

 private:
  Array array_;
  Scalar literal_;
};

/// The node of operation `name` (see elementwise_operations()). Literals become constants and
/// inputs of another dtype go through astype, so that all inputs of the node have the dtype that
/// its kernel computes in. Throws invalid_argument for an unknown name, a wrong number of operands,
/// a dtype that the operation refuses, sizes that disagree, or an integer literal outside the range
/// of the arrays' integer dtype (except in comparisons, which are then made in a wider dtype).
Array elementwise(const std::string& name, std::vector<Operand> operands);

/// `array` converted to `dtype` as C++ does, but floating values that do not fit an integer dtype,
/// and NaN, give 0 (NumPy leaves those undefined). `array` itself when it has that dtype.
Array astype(const Array& array, DType dtype);

/// Every operator of this family, with astype and constant.
std::vector<OperatorInfo> elementwise_operators();

}  // namespace rastream
