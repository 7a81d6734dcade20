// SPDX-License-Identifier: Apache-2.0
// A raster without a CRS lies nowhere.
#include <algorithm>

#include "rastream/base/error.h"
#include "rastream/cli/lint/lint.h"
#include "rastream/geo/axis_kind.h"

namespace rastream::lint {
namespace {

bool is_longitude_or_latitude(const VariableInfo& v) {
  const AxisKind kind = axis_kind(v.name, v.attributes);
  return kind == AxisKind::longitude || kind == AxisKind::latitude;
}

bool is_projected_axis(const Subject& subject, const std::string& dim) {
  const VariableInfo* v = subject.find(dim);
  const AxisKind kind = axis_kind_by_name(dim, v ? v->attributes : Attributes());
  return kind == AxisKind::x || kind == AxisKind::y;
}

/// The CRS of a grid mapping's attributes, or what is wrong with them.
std::optional<std::string> problem_of(const VariableInfo& mapping) {
  try {
    Crs::from_cf(mapping.attributes);
    return std::nullopt;
  } catch (const Error& e) {
    return e.message();
  }
}

void run(const Subject& subject, Findings& findings) {
  for (const VariableInfo* v : subject.data_variables()) {
    const auto named = v->attributes.text("grid_mapping");
    const auto& dims = v->schema.dims;
    const bool is_raster = std::count_if(dims.begin(), dims.end(), [&](const auto& d) {
                             return is_projected_axis(subject, d);
                           }) >= 2;
    if (named) {
      const std::string name = named->substr(0, named->find(':'));
      const VariableInfo* mapping = subject.find(name);
      if (!mapping) {
        findings.push_back({"", Severity::error, place_of(*v),
                            fmt::format("grid_mapping names '{}', which is not in the file", name),
                            "a variable with the CRS",
                            "add the grid mapping, or remove the attribute"});
      } else if (const auto problem = problem_of(*mapping)) {
        findings.push_back(
            {"", is_raster ? Severity::warning : Severity::note, place_of(*mapping),
             "holds no CRS that can be understood: " + *problem,
             "crs_wkt, or a grid_mapping_name with its parameters (CF appendix F)",
             "write the CRS, for example with gdal_edit.py -a_srs or rio.write_crs"});
      }
      continue;
    }
    const bool has_lonlat = std::any_of(
        subject.variables().begin(), subject.variables().end(), [&](const VariableInfo& c) {
          return is_longitude_or_latitude(c) &&
                 std::all_of(c.schema.dims.begin(), c.schema.dims.end(),
                             [&](const auto& d) { return v->schema.has(d); });
        });
    if (!is_raster) continue;
    findings.push_back({"", has_lonlat ? Severity::note : Severity::warning, place_of(*v),
                        has_lonlat
                            ? "has x and y and two-dimensional longitude and latitude, but no CRS"
                            : "has dimensions x and y but no CRS",
                        "an attribute grid_mapping that names a variable with crs_wkt (CF 5.6)",
                        "write the CRS, for example with rio.write_crs"});
  }
}

}  // namespace

Check crs_check() {
  return {
      "crs", "a raster has no CRS, or one that cannot be understood",
      "data variables along x and y (by name or standard_name) without grid_mapping; grid mappings "
      "that are absent or hold no CRS",
      &run};
}

}  // namespace rastream::lint
