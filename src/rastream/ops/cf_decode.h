// SPDX-License-Identifier: Apache-2.0
// From stored to physical values by the attributes of a CF variable (CF conventions 1.11, 2.5.1
// missing data and 8.1 packed data). An elementwise operator with one input.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "rastream/ops/elementwise/elementwise.h"

namespace rastream {

/// A number or nothing. JSON: null, a number, or the text "NaN", "Infinity", "-Infinity".
class MaybeNumber {
 public:
  MaybeNumber() = default;
  MaybeNumber(std::optional<double> value)
      : value_(value) {}                        // NOLINT(google-explicit-constructor)
  MaybeNumber(double value) : value_(value) {}  // NOLINT(google-explicit-constructor)
  const std::optional<double>& value() const { return value_; }
  friend void to_json(Json& json, const MaybeNumber& number);
  friend void from_json(const Json& json, MaybeNumber& number);

 private:
  std::optional<double> value_;
};

/// A cell that equals `fill` or one of `missing`, or lies outside [valid_min, valid_max], becomes
/// NaN; any other becomes cell * scale_factor + add_offset, each step rounded in the output dtype.
/// All numbers but the last two are in stored values and compared in the stored dtype (64-bit
/// integers: as float64, so values above 2^53 may compare equal to a neighbour). A number that the
/// stored integer dtype cannot hold matches no cell.
class CfDecode final : public Elementwise {
 public:
  /// Most values of `fill` and `missing` together.
  static constexpr std::size_t kMaxMissing = 8;

  struct Params {
    MaybeNumber fill;
    std::vector<MaybeNumber> missing;
    MaybeNumber valid_min;
    MaybeNumber valid_max;
    MaybeNumber scale_factor;
    MaybeNumber add_offset;
    std::string dtype = "float64";
  };
  static void describe(auto& d, auto& p) {
    d("fill", p.fill, "_FillValue: stored value of cells without data");
    d("missing", p.missing, "further stored values of cells without data (missing_value)");
    d("valid_min", p.valid_min, "smallest valid stored value");
    d("valid_max", p.valid_max, "largest valid stored value");
    d("scale_factor", p.scale_factor, "factor of the stored value");
    d("add_offset", p.add_offset, "added after the factor");
    d("dtype", p.dtype, "dtype of the result: float32 or float64");
  }

  /// Throws invalid_argument for another output dtype or a stored dtype bool or string, unsupported
  /// for over kMaxMissing values.
  CfDecode(const std::vector<Array>& inputs, const Params& params);
};

Array cf_decode(const Array& stored, CfDecode::Params params);

/// The dtype that Xarray decodes to (xarray.coding.variables._choose_float_dtype). `scale_factor`
/// and `add_offset` are the dtypes of those attributes, when present. Both of one floating dtype:
/// that one, but float64 for 32-bit integers. Any other offset: float64. A factor alone: its dtype
/// (float64 when it is an integer). Neither: float32 for float32 and integers up to 16 bits, else
/// float64.
DType cf_decoded_dtype(DType stored, std::optional<DType> scale_factor,
                       std::optional<DType> add_offset);

/// The operator for the registry.
OperatorInfo cf_decode();

}  // namespace rastream
