// SPDX-License-Identifier: Apache-2.0
// Where an axis has its ticks and what is written there. Pure functions.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "rastream/draw/plot.h"

namespace rastream {

struct Tick {
  double value = 0;
  std::string label;
};

/// The ticks of an axis and the label that goes with them (its unit may have changed).
struct AxisTicks {
  std::vector<Tick> ticks;
  std::string label;
};

/// Says whether labels `ticks` do not touch each other along an axis from `low` to `high`.
using FitsFunction = std::function<bool(const std::vector<Tick>& ticks)>;

/// Multiples of 1, 2, 2.5 or 5 times a power of ten inside [low, high]: as many as `n_wanted` or
/// fewer, at least one unless the interval is empty. REQUIRES: low <= high, finite, n_wanted >= 1.
std::vector<double> nice_values(double low, double high, int n_wanted, bool only_integers = false);

/// Numbers with the decimals that tell neighbours apart, thousands separated by commas from 10,000
/// on, a true minus sign; powers of ten for very small and very large steps.
std::vector<std::string> number_labels(const std::vector<double>& values);

/// The most ticks for [low, high] (in units of the axis' values) whose labels fit.
AxisTicks choose_ticks(const Axis& axis, double low, double high, const FitsFunction& fits);

/// The same for a colour bar.
std::vector<Tick> choose_colour_ticks(double low, double high, bool day_of_year_labels,
                                      const FitsFunction& fits);

/// "60 (1 Mar)" for 60: the date in a year without 29 February; the number alone outside 1..365.
std::string day_of_year_label(int day);

}  // namespace rastream
