// SPDX-License-Identifier: Apache-2.0
// GDAL's GeoTransform counts from the outer corner of the first cell, CF's coordinates are centres.
// Writers that mix the two shift everything by half a cell.
#include <cmath>

#include "rastream/base/error.h"
#include "rastream/cli/lint/lint.h"
#include "rastream/geo/geotransform.h"

namespace rastream::lint {
namespace {

/// One axis: `edge` and `step` of the transform against the cell centres.
void check_axis(const VariableInfo& mapping, const VariableInfo& axis, double edge, double step,
                const std::vector<double>& centres, Findings& findings) {
  constexpr double kTolerance = 0.01;  // of a cell
  if (centres.size() < 2 || step == 0) return;
  const double own_step =
      (centres.back() - centres.front()) / static_cast<double>(centres.size() - 1);
  const std::string mend = "rewrite the file from its source";
  if (std::abs(own_step - step) > kTolerance * std::abs(step)) {
    findings.push_back({"", Severity::error, place_of(mapping),
                        fmt::format("GeoTransform has steps of {} where coordinate '{}' has {}",
                                    step, axis.name, own_step),
                        "one grid", mend});
    return;
  }
  const double shift = (centres.front() - (edge + step / 2)) / step;
  if (std::abs(shift) <= kTolerance) return;
  const bool is_half = std::abs(std::abs(shift) - 0.5) <= kTolerance;
  findings.push_back(
      {"", Severity::error, place_of(mapping),
       fmt::format(
           "the first centre of '{}' by GeoTransform is {}, the coordinate says {}: {} cells off{}",
           axis.name, edge + step / 2, centres.front(), std::round(shift * 100) / 100,
           is_half ? ", half a pixel" : ""),
       "GeoTransform counts from the outer corner of the first cell, coordinates are cell centres",
       mend});
}

void run(const Subject& subject, Findings& findings) {
  const VariableInfo* x = subject.find("x");
  const VariableInfo* y = subject.find("y");
  for (const VariableInfo& v : subject.variables()) {
    if (v.schema.rank() == 0 && v.attributes.contains("GeoTransform") && x && y) {
      const auto transform = parse_geotransform(v.attributes);
      const GeoTransform t = transform.value_or(GeoTransform{});
      if (!transform) {
        findings.push_back({"", Severity::error, place_of(v), "GeoTransform is not six numbers",
                            "x0 dx 0 y0 0 dy", "remove the attribute"});
      } else if (t[2] == 0 && t[4] == 0) {
        check_axis(v, *x, t[0], t[1], subject.values(*x), findings);
        check_axis(v, *y, t[3], t[5], subject.values(*y), findings);
      }
    }
    if (v.attributes.text("AREA_OR_POINT") == "Point") {
      findings.push_back(
          {"", Severity::note, place_of(v), "AREA_OR_POINT is Point",
           "Area: readers that do not know of points take the first cell half a pixel off",
           "gdal_edit.py -mo AREA_OR_POINT=Area, after a look at where the cells lie"});
    }
  }
}

}  // namespace

Check geotransform_check() {
  return {
      "geotransform", "coordinates and geotransform disagree, often by half a pixel",
      "the centre that GeoTransform gives for the first cell of x and y, within 0.01 cells of the "
      "coordinates; steps alike; AREA_OR_POINT=Point is noted",
      &run};
}

}  // namespace rastream::lint
