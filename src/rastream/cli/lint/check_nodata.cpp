// SPDX-License-Identifier: Apache-2.0
// Values that mean "no data" and may be data, and the other way round.
#include <algorithm>
#include <cmath>

#include "rastream/base/error.h"
#include "rastream/cli/lint/lint.h"

namespace rastream::lint {
namespace {

/// How often some value and its neighbours stand among the cells.
struct Tally {
  std::int64_t n_equal = 0, n_below = 0, n_above = 0, n_next = 0;
};

Tally tally(const std::vector<double>& cells, double nodata, bool is_whole_numbers) {
  Tally t;
  for (const double cell : cells) {
    if (cell == nodata) ++t.n_equal;
    if (cell < nodata) ++t.n_below;
    if (cell > nodata) ++t.n_above;
    if (is_whole_numbers && std::abs(cell - nodata) == 1) ++t.n_next;
  }
  return t;
}

std::optional<std::pair<double, double>> valid_range(const VariableInfo& v) {
  const std::vector<double> range = v.attributes.numbers("valid_range");
  if (range.size() == 2) return std::pair{range[0], range[1]};
  const auto least = v.attributes.number("valid_min");
  const auto most = v.attributes.number("valid_max");
  if (!least && !most) return std::nullopt;
  return std::pair{least.value_or(-HUGE_VAL), most.value_or(HUGE_VAL)};
}

void check_declared(const VariableInfo& v, const std::vector<double>& cells, double nodata,
                    Findings& findings) {
  const std::string what = fmt::format("the nodata value {}", nodata);
  const std::string mend = "choose a value that no cell can have, or a mask";
  if (const auto range = valid_range(v);
      range && nodata >= range->first && nodata <= range->second) {
    findings.push_back(
        {"", Severity::warning, place_of(v),
         fmt::format("{} lies in the valid range {} to {}", what, range->first, range->second),
         "a value outside of it (CF 2.5.1)", mend});
    return;
  }
  if (std::isnan(nodata)) return;
  const bool is_whole = is_integer(v.schema.dtype);
  const Tally t = tally(cells, nodata, is_whole);
  const auto n = static_cast<std::int64_t>(cells.size());
  if (t.n_below > n / 1000 && t.n_above > n / 1000) {
    findings.push_back(
        {"", Severity::warning, place_of(v),
         fmt::format(
             "{} lies among the values: {} of {} sampled cells are smaller, {} larger, {} equal",
             what, t.n_below, n, t.n_above, t.n_equal),
         "a value outside of what is measured", mend});
  } else if (is_whole && t.n_equal > 0 && t.n_next > n / 1000) {
    findings.push_back(
        {"", Severity::warning, place_of(v),
         fmt::format("{} is next to values in use: {} of {} sampled cells equal it, {} are one off",
                     what, t.n_equal, n, t.n_next),
         "a value apart from what is measured", mend});
  }
}

/// Values that stand for no data by habit, where the file does not say so.
void check_undeclared(const VariableInfo& v, const std::vector<double>& cells, Findings& findings) {
  constexpr double kSentinels[] = {-9999,
                                   -32768,
                                   -999,
                                   -99999,
                                   9.969209968386869e36,
                                   1e20,
                                   -3.4028234663852886e38,
                                   -1.7976931348623157e308};
  for (double sentinel : kSentinels) {
    if (v.schema.dtype == DType::float32)
      sentinel = static_cast<double>(static_cast<float>(sentinel));
    std::int64_t n_equal = 0;
    double least = HUGE_VAL;
    double most = -HUGE_VAL;
    for (const double cell : cells) {
      if (cell == sentinel) ++n_equal;
      if (cell == sentinel || !std::isfinite(cell)) continue;
      least = std::min(least, cell);
      most = std::max(most, cell);
    }
    const bool is_apart =
        least > most || sentinel < least - (most - least) || sentinel > most + (most - least);
    if (n_equal < 2 || !is_apart) continue;
    findings.push_back(
        {"", Severity::warning, place_of(v),
         fmt::format(
             "{} of {} sampled cells are {}, far from all others, and no nodata value is declared",
             n_equal, cells.size(), sentinel),
         "an attribute _FillValue",
         "declare it, for example with gdal_edit.py -a_nodata or ncatted"});
    return;
  }
}

void run(const Subject& subject, Findings& findings) {
  for (const VariableInfo* v : subject.data_variables()) {
    const Attribute* fill = v->attributes.find("_FillValue");
    const auto* numbers = fill ? std::get_if<Numbers>(fill) : nullptr;
    const auto missing = v->attributes.number("missing_value");
    if (numbers && missing && numbers->size() > 0 && *missing != numbers->as_double(0) &&
        !(std::isnan(*missing) && std::isnan(numbers->as_double(0)))) {
      findings.push_back({"", Severity::note, place_of(*v),
                          fmt::format("_FillValue {} and missing_value {} differ",
                                      numbers->as_double(0), *missing),
                          "one of them, or both alike",
                          "readers that know of one only show the other as data"});
    }
    if (v->schema.dtype == DType::bool_) continue;
    const std::vector<double> cells = subject.sample(*v).cells;
    if (numbers && numbers->size() > 0)
      check_declared(*v, cells, numbers->as_double(0), findings);
    else if (missing)
      check_declared(*v, cells, *missing, findings);
    else
      check_undeclared(*v, cells, findings);
  }
}

}  // namespace

Check nodata_check() {
  return {"nodata", "the nodata value may be a valid one, or is not declared",
          "_FillValue or missing_value inside valid_range, between sampled cells, or one off from "
          "cells in "
          "use; without either, two or more cells that are -9999 and the like far from all others",
          &run};
}

}  // namespace rastream::lint
