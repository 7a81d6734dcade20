// SPDX-License-Identifier: Apache-2.0
#include "rastream/ops/cf_decode.h"

#include <cmath>

#include "rastream/ops/elementwise/kernels_cf_decode.h"
#include "rastream/ops/inputs.h"

namespace rastream {
namespace {

std::vector<double> missing_values(const CfDecode::Params& params) {
  std::vector<double> values;
  if (params.fill.value()) values.push_back(*params.fill.value());
  for (const MaybeNumber& number : params.missing) {
    if (number.value()) values.push_back(*number.value());
  }
  return values;
}

/// A NaN bound, which some writers leave for "none", bounds nothing.
std::optional<double> bound(const MaybeNumber& number) {
  const std::optional<double>& value = number.value();
  return value && std::isnan(*value) ? std::nullopt : value;
}

Elementwise::Spec spec_of(const std::vector<Array>& inputs, const CfDecode::Params& params) {
  expect_inputs(inputs, 1, "cf_decode");
  const DType stored = inputs[0].schema().dtype;
  const DType out = parse_dtype(params.dtype);
  if (!is_floating(out)) {
    throw Error(Errc::invalid_argument, "cf_decode: dtype {}: expected float32 or float64",
                params.dtype);
  }
  if (!is_floating(stored) && !is_integer(stored)) {
    throw Error(Errc::invalid_argument, "cf_decode: cannot decode {}", to_string(stored));
  }
  CfConstants constants;
  constants.missing = missing_values(params);
  if (constants.missing.size() > CfDecode::kMaxMissing) {
    throw Error(Errc::unsupported, "cf_decode: {} missing values: expected at most {}",
                constants.missing.size(), CfDecode::kMaxMissing);
  }
  constants.valid_min = bound(params.valid_min);
  constants.valid_max = bound(params.valid_max);
  constants.scale_factor = params.scale_factor.value();
  constants.add_offset = params.add_offset.value();
  CfKernel kernel = make_cf_kernel(stored, out, constants);
  return {"cf_decode", out, kernel.kernels, std::move(kernel.constants)};
}

}  // namespace

void to_json(Json& json, const MaybeNumber& number) {
  if (number.value_) {
    json = Scalar(*number.value_);
  } else {
    json = nullptr;
  }
}

void from_json(const Json& json, MaybeNumber& number) {
  number.value_.reset();
  if (!json.is_null()) number.value_ = json.get<Scalar>().as<double>();
}

CfDecode::CfDecode(const std::vector<Array>& inputs, const Params& params)
    : Elementwise(spec_of(inputs, params), inputs) {}

Array cf_decode(const Array& stored, CfDecode::Params params) {
  return apply<CfDecode>("cf_decode", {stored}, std::move(params));
}

DType cf_decoded_dtype(DType stored, std::optional<DType> scale_factor,
                       std::optional<DType> add_offset) {
  if (scale_factor && add_offset && *scale_factor == *add_offset && is_floating(*scale_factor)) {
    return is_integer(stored) && item_size(stored) == 4 ? DType::float64 : *scale_factor;
  }
  if (add_offset) return DType::float64;
  if (scale_factor) return *scale_factor == DType::float32 ? DType::float32 : DType::float64;
  return stored == DType::float32 || item_size(stored) <= 2 ? DType::float32 : DType::float64;
}

OperatorInfo cf_decode() {
  return info<CfDecode>("cf_decode", "Stored to physical values by CF attributes");
}

}  // namespace rastream
