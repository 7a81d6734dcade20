// SPDX-License-Identifier: Apache-2.0
// Packed cells whose scale and offset were lost, or left behind after decoding.
#include <algorithm>
#include <cmath>

#include "rastream/base/error.h"
#include "rastream/cli/lint/lint.h"

namespace rastream::lint {
namespace {

bool is_missing(const VariableInfo& v, double cell) {
  if (!std::isfinite(cell) || v.attributes.number("_FillValue") == cell) return true;
  const std::vector<double> missing = v.attributes.numbers("missing_value");
  return std::find(missing.begin(), missing.end(), cell) != missing.end();
}

/// The value in the middle of the valid cells; nothing for few of them.
std::optional<double> median(const Subject& subject, const VariableInfo& v) {
  std::vector<double> cells = subject.sample(v).cells;
  std::erase_if(cells, [&](double cell) { return is_missing(v, cell); });
  if (cells.size() < 16) return std::nullopt;
  const auto middle = cells.begin() + static_cast<std::ptrdiff_t>(cells.size() / 2);
  std::nth_element(cells.begin(), middle, cells.end());
  return *middle;
}

/// What values in some units can be on and above Earth: beyond it the scale is probably lost.
struct Plausible {
  const char* units;
  double least, most;
};
constexpr Plausible kPlausible[] = {{"K", 0, 2000},          {"kelvin", 0, 2000},
                                    {"degC", -150, 1500},    {"degrees C", -150, 1500},
                                    {"celsius", -150, 1500}, {"degree_Celsius", -150, 1500},
                                    {"m s-1", -500, 500},    {"m/s", -500, 500}};

bool is_whole(double v) { return v == std::floor(v); }

void check_attributes(const VariableInfo& v, bool is_packed, Findings& findings) {
  const auto scale = v.attributes.number("scale_factor");
  if (scale && (*scale == 0 || !std::isfinite(*scale))) {
    findings.push_back({"", Severity::error, place_of(v), fmt::format("scale_factor is {}", *scale),
                        "a finite number that is not 0", "mend or remove the attribute"});
  }
  for (const char* name : {"scale_factor", "add_offset"}) {
    const Attribute* a = v.attributes.find(name);
    if (a && !std::holds_alternative<Numbers>(*a)) {
      findings.push_back({"", Severity::error, place_of(v), fmt::format("{} is text", name),
                          "a number", "write it as a number: readers do not scale by text"});
    }
  }
  if (is_packed && is_floating(v.schema.dtype)) {
    findings.push_back(
        {"", Severity::warning, place_of(v),
         fmt::format("scale_factor or add_offset on cells of {}", to_string(v.schema.dtype)),
         "packed cells are integers (CF 8.1)",
         "if the cells are already physical values, remove both attributes: readers scale "
         "them a second time"});
  }
}

/// Bounds that are no stored value tell that the scale is gone.
void check_valid_range(const VariableInfo& v, Findings& findings) {
  for (const char* name : {"valid_min", "valid_max", "valid_range"}) {
    for (const double bound : v.attributes.numbers(name)) {
      if (is_whole(bound) || !std::isfinite(bound)) continue;
      findings.push_back({"", Severity::warning, place_of(v),
                          fmt::format("{} is {} for cells of {} without scale_factor", name, bound,
                                      to_string(v.schema.dtype)),
                          "bounds in stored values (CF 2.5.1)",
                          "scale_factor and add_offset may be lost"});
      return;
    }
  }
}

void check_values(const Subject& subject, const VariableInfo& v, Findings& findings) {
  const auto units = v.attributes.text("units");
  if (!units) return;
  for (const Plausible& p : kPlausible) {
    if (*units != p.units) continue;
    const auto middle = median(subject, v);
    if (!middle || (*middle >= p.least && *middle <= p.most)) return;
    findings.push_back({"", Severity::warning, place_of(v),
                        fmt::format("half of the cells are {} {} or more", *middle, *units),
                        fmt::format("values from {} to {}", p.least, p.most),
                        "scale_factor and add_offset may be lost"});
    return;
  }
}

void run(const Subject& subject, Findings& findings) {
  for (const VariableInfo* v : subject.data_variables()) {
    const bool is_packed = v->attributes.number("scale_factor").value_or(1) != 1 ||
                           v->attributes.number("add_offset").value_or(0) != 0;
    check_attributes(*v, is_packed, findings);
    if (is_packed || !is_integer(v->schema.dtype)) continue;
    check_valid_range(*v, findings);
    check_values(subject, *v, findings);
  }
}

}  // namespace

Check packing_check() {
  return {"packing", "scale_factor and add_offset are lost, or would be applied twice",
          "integers without them whose valid_range has fractions or whose median is far outside of "
          "what "
          "the units allow; floating cells that have them; scale_factor 0 or text",
          &run};
}

}  // namespace rastream::lint
