// SPDX-License-Identifier: Apache-2.0
// From a name and operands to a node: promotion, literals, conversions, and the table of operators
// for plans.
#include <algorithm>
#include <optional>

#include "rastream/ops/elementwise/constant.h"
#include "rastream/ops/elementwise/elementwise.h"
#include "rastream/ops/elementwise/table.h"
#include "rastream/ops/inputs.h"
#include "rastream/ops/promotion.h"

namespace rastream {
namespace {

class Astype final : public Elementwise {
 public:
  struct Params {
    std::string dtype = "float64";
  };
  static void describe(auto& d, auto& p) { d("dtype", p.dtype, "dtype of the result"); }

  Astype(const std::vector<Array>& inputs, const Params& params)
      : Elementwise(spec(inputs, params), inputs) {}

 private:
  static Spec spec(const std::vector<Array>& inputs, const Params& params) {
    expect_inputs(inputs, 1, "astype");
    const DType from = inputs[0].schema().dtype;
    const DType to = parse_dtype(params.dtype);
    Spec result{"astype", to, find_conversion(from, to), nullptr};
    if (result.kernels.is_empty()) {
      throw Error(Errc::unsupported, "astype: no conversion from {} to {}", to_string(from),
                  params.dtype);
    }
    return result;
  }
};

/// The operands whose dtype decides the result: all but a condition.
std::span<const Operand> values_of(const Operation& operation,
                                   const std::vector<Operand>& operands) {
  const std::size_t n_conditions = operation.typing == Typing::choice ? 1 : 0;
  return std::span(operands).subspan(n_conditions);
}

DType weak_dtype(DType dtype, const Scalar& literal) {
  return literal.is_bool() ? dtype : promote_literal(dtype, literal.is_floating());
}

/// Comparing with a literal outside the range of the integers beside it has an answer, as in
/// NumPy 2.
DType widened(DType dtype, const Scalar& literal) {
  return literal.fits(DType::int64) && dtype != DType::uint64 ? DType::int64 : DType::float64;
}

DType promoted_dtype(const Operation& operation, std::span<const Operand> values) {
  const bool gives_floating =
      operation.typing == Typing::floating || operation.typing == Typing::quotient;
  std::vector<DType> own;
  for (const Operand& value : values) {
    if (!value.is_literal()) own.push_back(value.array().schema().dtype);
  }
  const std::optional<DType> arrays = own.empty() ? std::nullopt : std::optional(promote_all(own));
  std::optional<DType> dtype = arrays;
  for (const Operand& value : values) {
    if (!value.is_literal()) continue;
    const Scalar& literal = value.literal();
    dtype = dtype ? weak_dtype(*dtype, literal) : literal.dtype();
    if (gives_floating || literal.fits(*dtype)) continue;
    if (operation.typing != Typing::truth) {
      throw Error(Errc::invalid_argument, "{}: the literal {} does not fit {}", operation.name,
                  literal.text(), to_string(*dtype));
    }
    dtype = widened(*dtype, literal);
  }
  if (operation.typing == Typing::floating && dtype == arrays) {
    // As NumPy, the smallest floating dtype that holds each array by itself: float32 for uint16
    // with int16, though their sum is int32.
    for (DType& d : own) d = resolve_dtype(operation, d).compute;
    return promote_all(own);
  }
  return *dtype;
}

Array converted(const Operand& operand, DType dtype) {
  if (!operand.is_literal()) return astype(operand.array(), dtype);
  return dtype == DType::bool_ ? constant(operand.literal().as<bool>(), dtype)
                               : constant(operand.literal(), dtype);
}

Array make_from_plan(const std::string& name, const std::vector<Array>& inputs, const Json&) {
  expect_inputs(inputs, find_operation(name).n_inputs, name);
  return elementwise(name, std::vector<Operand>(inputs.begin(), inputs.end()));
}

}  // namespace

Array elementwise(const std::string& name, std::vector<Operand> operands) {
  const Operation& operation = find_operation(name);
  if (operands.size() != operation.n_inputs) {
    throw Error(Errc::invalid_argument, "{}: takes {} inputs, got {}", name, operation.n_inputs,
                operands.size());
  }
  const std::span<const Operand> values = values_of(operation, operands);
  const Computation dtypes = resolve_dtype(operation, promoted_dtype(operation, values));
  std::vector<Array> inputs;
  for (std::size_t i = 0; i < operands.size(); ++i) {
    const bool is_condition = i < operands.size() - values.size();
    inputs.push_back(converted(operands[i], is_condition ? DType::bool_ : dtypes.compute));
  }
  const KernelSet kernels = find_kernels(name, dtypes.compute);
  if (kernels.is_empty())
    throw Error(Errc::invalid_argument, "{}: not defined on {}", name, to_string(dtypes.compute));
  auto op = std::make_shared<const Elementwise>(
      Elementwise::Spec{name, dtypes.result, kernels, nullptr}, inputs);
  return Array(
      std::make_shared<const Node>(Node{std::move(op), std::move(inputs), name, Json::object()}));
}

Array astype(const Array& array, DType dtype) {
  if (array.schema().dtype == dtype) return array;
  return apply<Astype>("astype", {array}, {std::string(to_string(dtype))});
}

std::vector<OperatorInfo> elementwise_operators() {
  std::vector<OperatorInfo> operators;
  for (const Operation& operation : elementwise_operations()) {
    operators.push_back(
        {std::string(operation.name), std::string(operation.summary), {}, &make_from_plan});
  }
  operators.push_back(
      info<Astype>("astype", "Conversion to another dtype; NaN and values out of range give 0"));
  operators.push_back(info<Constant>("constant", "One value without dimensions"));
  return operators;
}

}  // namespace rastream
