// SPDX-License-Identifier: Apache-2.0
// Elementwise operations as functions on lazy arrays, under their names in NumPy. Meaning, dtypes
// and errors: see elementwise() and the summaries in table.cpp. Any operand may be a literal; a
// call of literals alone gives a 0-d array.
#pragma once

#include <optional>

#include "rastream/ops/elementwise/constant.h"
#include "rastream/ops/elementwise/elementwise.h"

namespace rastream {

Array add(Operand x, Operand y);
Array subtract(Operand x, Operand y);
Array multiply(Operand x, Operand y);
Array divide(Operand x, Operand y);
Array floor_divide(Operand x, Operand y);
Array remainder(Operand x, Operand y);
Array power(Operand x, Operand y);
Array minimum(Operand x, Operand y);
Array maximum(Operand x, Operand y);
Array equal(Operand x, Operand y);
Array not_equal(Operand x, Operand y);
Array less(Operand x, Operand y);
Array less_equal(Operand x, Operand y);
Array greater(Operand x, Operand y);
Array greater_equal(Operand x, Operand y);
Array logical_and(Operand x, Operand y);
Array logical_or(Operand x, Operand y);
Array logical_xor(Operand x, Operand y);
Array bitwise_and(Operand x, Operand y);
Array bitwise_or(Operand x, Operand y);
Array bitwise_xor(Operand x, Operand y);
Array hypot(Operand x, Operand y);
Array arctan2(Operand y, Operand x);

Array negative(Operand x);
Array absolute(Operand x);
Array real(Operand x);
Array imag(Operand x);
Array conj(Operand x);
Array angle(Operand x);
Array sign(Operand x);
Array square(Operand x);
Array sqrt(Operand x);
Array exp(Operand x);
Array expm1(Operand x);
Array log(Operand x);
Array log1p(Operand x);
Array log2(Operand x);
Array log10(Operand x);
Array sin(Operand x);
Array cos(Operand x);
Array tan(Operand x);
Array arcsin(Operand x);
Array arccos(Operand x);
Array arctan(Operand x);
Array sinh(Operand x);
Array cosh(Operand x);
Array tanh(Operand x);
Array deg2rad(Operand x);
Array rad2deg(Operand x);
Array floor(Operand x);
Array ceil(Operand x);
Array trunc(Operand x);
Array round(Operand x);
Array isnan(Operand x);
Array isfinite(Operand x);
Array isinf(Operand x);
Array logical_not(Operand x);
Array invert(Operand x);

/// x where `condition` is not 0, else y; broadcast by name like all others.
Array where(Operand condition, Operand x, Operand y);
/// x limited to [least, greatest]; without a bound that side is open, without both x comes back as
/// it is.
Array clip(const Array& x, std::optional<Operand> least, std::optional<Operand> greatest);
/// x, but `value` where x is NaN.
Array fillna(Operand x, Operand value);

}  // namespace rastream
