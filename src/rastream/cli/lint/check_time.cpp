// SPDX-License-Identifier: Apache-2.0
// Times that no reader can turn into dates.
#include "rastream/base/error.h"
#include "rastream/cli/lint/lint.h"
#include "rastream/geo/time_units.h"

namespace rastream::lint {
namespace {

bool is_time(const VariableInfo& v) {
  return v.name == "time" || v.attributes.text("standard_name") == "time" ||
         v.attributes.text("axis") == "T";
}

void check(const VariableInfo& v, Findings& findings) {
  const auto units = v.attributes.text("units");
  const auto calendar = v.attributes.text("calendar");
  if (!units || !TimeUnits::looks_like(*units)) {
    findings.push_back({"", Severity::warning, place_of(v),
                        units ? fmt::format("units are '{}'", *units) : std::string("has no units"),
                        "'days since 1950-01-01' or the like (CF 4.4)",
                        "add the attributes units and calendar"});
    return;
  }
  try {
    TimeUnits::parse(*units, calendar.value_or("standard"));
  } catch (const Error& e) {
    findings.push_back({"", Severity::error, place_of(v), e.message(),
                        "units and a calendar of CF 4.4",
                        "mend the attributes units and calendar"});
    return;
  }
  if (!calendar) {
    findings.push_back({"", Severity::note, place_of(v), "has no calendar", "one of CF 4.4.1",
                        "add the attribute calendar; readers take it for 'standard'"});
  }
}

void run(const Subject& subject, Findings& findings) {
  for (const VariableInfo* v : subject.dimension_coordinates()) {
    if (is_time(*v)) check(*v, findings);
  }
}

}  // namespace

Check time_check() {
  return {
      "time", "a time coordinate has no units or calendar, or wrong ones",
      "coordinates called time, or with that standard_name or axis T: units '... since ...' and a "
      "calendar of CF; a calendar left out is noted",
      &run};
}

}  // namespace rastream::lint
