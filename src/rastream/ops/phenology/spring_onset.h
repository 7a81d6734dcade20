// SPDX-License-Identifier: Apache-2.0
// First leaf and first bloom of the extended spring index SI-x (Schwartz et al. 2013,
// doi:10.1002/joc.3625) from daily growing degree hours, for any number of plants in one walk over
// the days.
#pragma once

#include <string>
#include <vector>

#include "rastream/graph/array.h"
#include "rastream/ops/phenology/onset_kernel.h"

namespace rastream {

/// Input: growing degree hours (float32 or float64) with one step a day along `over`, from day 0
/// on. Per day i (0-based), after padding with 7 copies of day 0:
///   DDE2 = g(i-2) + g(i-1) + g(i), DD57 = g(i-7) + g(i-6) + g(i-5), MDS0 = i, SYNOP = days so far
///   with DDE2 >= 637.
/// First leaf is the first i with a*MDS0 + b*SYNOP + c*DDE2 + e*DD57 > 999.5, plus the plant's
/// shift. First bloom is the first i with f*s + g*AGDH > 999.5, where s = i + 1 - leaf > 0 and AGDH
/// is the sum of degree hours over the days with s > 0 (days without a value add nothing). A day
/// scores for leaf only when it and the 7 before have values.
///
/// Output: float64 ("event", "plant", cells...) of shape (2, n, ...), event 0 first leaf and 1
/// first bloom, as 0-based days; NaN where never reached.
class SpringOnset final : public Fold {
 public:
  struct Params {
    std::string over = "time";
    std::vector<double> leaf;
    std::vector<double> leaf_shift;
    std::vector<double> bloom;
  };
  static void describe(auto& d, auto& p) {
    d("over", p.over, "dimension of the days");
    d("leaf", p.leaf, "four numbers a plant: weights of MDS0, SYNOP, DDE2 and DD57");
    d("leaf_shift", p.leaf_shift, "whole days added to the first leaf once found, one a plant");
    d("bloom", p.bloom,
      "two numbers a plant: weights of days and of degree hours since first leaf");
  }

  /// Throws invalid_argument when lists do not fit together or a shift is negative or not whole,
  /// when the input is not floating or lacks `over`, and unsupported for more than 2^24 days.
  SpringOnset(const std::vector<Array>& inputs, Params params);

  const Schema& schema() const override { return schema_; }
  Region demand(const Region& out, std::size_t) const override;
  bool is_pointwise(std::string_view dim) const override;
  const std::string& over() const override { return over_; }
  std::size_t over_axis() const override { return over_axis_; }
  bool keeps_dim() const override { return false; }
  /// Degree hours of the last 7 days, SYNOP, then leaf, bloom and AGDH of each plant.
  std::vector<StateField> state() const override;
  void start(std::span<const Block> state) const override;
  void push(std::span<const Block> in, std::span<const Block> state,
            const Block* out) const override;
  void finish(std::span<const Block> state, const Block& out) const override;
  /// True when every plant has bloomed in every cell.
  bool is_settled(std::span<const Block> state) const override;

 private:
  std::string over_;
  std::size_t over_axis_ = 0;
  std::int64_t n_days_ = 0;
  DType gdh_dtype_ = DType::float64;
  std::vector<OnsetPlant> plants_;
  Schema schema_;
};

OperatorInfo spring_onset();

}  // namespace rastream
