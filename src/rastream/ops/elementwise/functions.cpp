// SPDX-License-Identifier: Apache-2.0
#include "rastream/ops/elementwise/functions.h"

namespace rastream {

Array add(Operand x, Operand y) { return elementwise("add", {std::move(x), std::move(y)}); }
Array subtract(Operand x, Operand y) {
  return elementwise("subtract", {std::move(x), std::move(y)});
}
Array multiply(Operand x, Operand y) {
  return elementwise("multiply", {std::move(x), std::move(y)});
}
Array divide(Operand x, Operand y) { return elementwise("divide", {std::move(x), std::move(y)}); }
Array floor_divide(Operand x, Operand y) {
  return elementwise("floor_divide", {std::move(x), std::move(y)});
}
Array remainder(Operand x, Operand y) {
  return elementwise("remainder", {std::move(x), std::move(y)});
}
Array power(Operand x, Operand y) { return elementwise("power", {std::move(x), std::move(y)}); }
Array minimum(Operand x, Operand y) { return elementwise("minimum", {std::move(x), std::move(y)}); }
Array maximum(Operand x, Operand y) { return elementwise("maximum", {std::move(x), std::move(y)}); }
Array equal(Operand x, Operand y) { return elementwise("equal", {std::move(x), std::move(y)}); }
Array not_equal(Operand x, Operand y) {
  return elementwise("not_equal", {std::move(x), std::move(y)});
}
Array less(Operand x, Operand y) { return elementwise("less", {std::move(x), std::move(y)}); }
Array less_equal(Operand x, Operand y) {
  return elementwise("less_equal", {std::move(x), std::move(y)});
}
Array greater(Operand x, Operand y) { return elementwise("greater", {std::move(x), std::move(y)}); }
Array greater_equal(Operand x, Operand y) {
  return elementwise("greater_equal", {std::move(x), std::move(y)});
}
Array logical_and(Operand x, Operand y) {
  return elementwise("logical_and", {std::move(x), std::move(y)});
}
Array logical_or(Operand x, Operand y) {
  return elementwise("logical_or", {std::move(x), std::move(y)});
}
Array logical_xor(Operand x, Operand y) {
  return elementwise("logical_xor", {std::move(x), std::move(y)});
}
Array bitwise_and(Operand x, Operand y) {
  return elementwise("bitwise_and", {std::move(x), std::move(y)});
}
Array bitwise_or(Operand x, Operand y) {
  return elementwise("bitwise_or", {std::move(x), std::move(y)});
}
Array bitwise_xor(Operand x, Operand y) {
  return elementwise("bitwise_xor", {std::move(x), std::move(y)});
}
Array hypot(Operand x, Operand y) { return elementwise("hypot", {std::move(x), std::move(y)}); }
Array arctan2(Operand y, Operand x) { return elementwise("arctan2", {std::move(y), std::move(x)}); }

Array negative(Operand x) { return elementwise("negative", {std::move(x)}); }
Array absolute(Operand x) { return elementwise("absolute", {std::move(x)}); }
Array real(Operand x) { return elementwise("real", {std::move(x)}); }
Array imag(Operand x) { return elementwise("imag", {std::move(x)}); }
Array conj(Operand x) { return elementwise("conj", {std::move(x)}); }
Array angle(Operand x) { return elementwise("angle", {std::move(x)}); }
Array sign(Operand x) { return elementwise("sign", {std::move(x)}); }
Array square(Operand x) { return elementwise("square", {std::move(x)}); }
Array sqrt(Operand x) { return elementwise("sqrt", {std::move(x)}); }
Array exp(Operand x) { return elementwise("exp", {std::move(x)}); }
Array expm1(Operand x) { return elementwise("expm1", {std::move(x)}); }
Array log(Operand x) { return elementwise("log", {std::move(x)}); }
Array log1p(Operand x) { return elementwise("log1p", {std::move(x)}); }
Array log2(Operand x) { return elementwise("log2", {std::move(x)}); }
Array log10(Operand x) { return elementwise("log10", {std::move(x)}); }
Array sin(Operand x) { return elementwise("sin", {std::move(x)}); }
Array cos(Operand x) { return elementwise("cos", {std::move(x)}); }
Array tan(Operand x) { return elementwise("tan", {std::move(x)}); }
Array arcsin(Operand x) { return elementwise("arcsin", {std::move(x)}); }
Array arccos(Operand x) { return elementwise("arccos", {std::move(x)}); }
Array arctan(Operand x) { return elementwise("arctan", {std::move(x)}); }
Array sinh(Operand x) { return elementwise("sinh", {std::move(x)}); }
Array cosh(Operand x) { return elementwise("cosh", {std::move(x)}); }
Array tanh(Operand x) { return elementwise("tanh", {std::move(x)}); }
Array deg2rad(Operand x) { return elementwise("deg2rad", {std::move(x)}); }
Array rad2deg(Operand x) { return elementwise("rad2deg", {std::move(x)}); }
Array floor(Operand x) { return elementwise("floor", {std::move(x)}); }
Array ceil(Operand x) { return elementwise("ceil", {std::move(x)}); }
Array trunc(Operand x) { return elementwise("trunc", {std::move(x)}); }
Array round(Operand x) { return elementwise("round", {std::move(x)}); }
Array isnan(Operand x) { return elementwise("isnan", {std::move(x)}); }
Array isfinite(Operand x) { return elementwise("isfinite", {std::move(x)}); }
Array isinf(Operand x) { return elementwise("isinf", {std::move(x)}); }
Array logical_not(Operand x) { return elementwise("logical_not", {std::move(x)}); }
Array invert(Operand x) { return elementwise("invert", {std::move(x)}); }

Array where(Operand condition, Operand x, Operand y) {
  return elementwise("where", {std::move(condition), std::move(x), std::move(y)});
}

Array clip(const Array& x, std::optional<Operand> least, std::optional<Operand> greatest) {
  if (least && greatest) return elementwise("clip", {x, std::move(*least), std::move(*greatest)});
  if (least) return maximum(x, std::move(*least));
  if (greatest) return minimum(x, std::move(*greatest));
  return x;
}

Array fillna(Operand x, Operand value) {
  return elementwise("fillna", {std::move(x), std::move(value)});
}

}  // namespace rastream
