// SPDX-License-Identifier: Apache-2.0
// Growing degree hours of a day from its minimum and maximum temperature and its length: the first
// operator of the extended spring index SI-x (Schwartz et al. 2013, doi:10.1002/joc.3625). See
// gdh_kernel.h for the arithmetic.
#pragma once

#include <limits>
#include <string>
#include <vector>

#include "rastream/graph/array.h"
#include "rastream/ops/phenology/gdh_kernel.h"

namespace rastream {

/// Inputs tmin, tmax (float32, `units`) and dayl (float32, seconds) with the same dimensions;
/// pointwise along all. Output: sum over 24 hours of the temperature above 31 degrees Fahrenheit,
/// in degrees F x hours; NaN where any input is missing. float64 with the types of the reference
/// program when `exact`, else float32.
class GrowingDegreeHours final : public Operator {
 public:
  struct Params {
    std::string units = "degrees C";
    bool exact = false;
    double missing = std::numeric_limits<double>::quiet_NaN();
  };
  static void describe(auto& d, auto& p) {
    d("units", p.units, "of tmin and tmax: 'degrees C', 'K' or 'degF'");
    d("exact", p.exact,
      "float64 hour terms with the reference program's types, instead of float32");
    d("missing", p.missing, "value of input cells without data, besides NaN");
  }

  /// Throws invalid_argument unless there are three float32 inputs of one shape with the same
  /// dimensions, and for unknown units.
  GrowingDegreeHours(const std::vector<Array>& inputs, Params params);

  const Schema& schema() const override { return schema_; }
  Region demand(const Region& out, std::size_t) const override { return out; }
  bool is_pointwise(std::string_view) const override { return true; }
  void compute(std::span<const Block> in, Block& out) const override;

 private:
  Schema schema_;
  bool exact_;
  GdhCells cells_;  // the parameters, without cells
};

OperatorInfo growing_degree_hours();

}  // namespace rastream
