// SPDX-License-Identifier: Apache-2.0
// Crs to and from the attributes of a CF grid mapping variable (CF 1.11, appendix F). One table
// maps CF's words to PROJ's keys and to the EPSG parameter names that PROJJSON uses.
#include <cmath>
#include <vector>

#include "rastream/base/error.h"
#include "rastream/geo/crs.h"

namespace rastream {
namespace {

struct Parameter {
  std::string_view cf;
  std::string_view proj;
  std::vector<std::string_view> epsg;
  bool is_required = false;
};

struct Projection {
  std::string_view cf;
  std::string_view proj;
  std::vector<std::string_view> methods;
  std::vector<Parameter> parameters;
};

constexpr std::string_view kParallel = "standard_parallel";
constexpr std::string_view kOrigin = "latitude_of_projection_origin";
constexpr std::string_view kCentralMeridian = "longitude_of_central_meridian";
constexpr std::string_view kLongitudeOfOrigin = "longitude_of_projection_origin";
constexpr std::string_view kScaleAtOrigin = "scale_factor_at_projection_origin";

const std::vector<Projection>& projections() {
  static const std::vector<Projection> table = {
      {"lambert_conformal_conic",
       "lcc",
       {"Lambert Conic Conformal (2SP)", "Lambert Conic Conformal (1SP)"},
       {{kOrigin, "lat_0", {"Latitude of false origin", "Latitude of natural origin"}},
        {kCentralMeridian,
         "lon_0",
         {"Longitude of false origin", "Longitude of natural origin"},
         true}}},
      {"albers_conical_equal_area",
       "aea",
       {"Albers Equal Area"},
       {{kOrigin, "lat_0", {"Latitude of false origin"}},
        {kCentralMeridian, "lon_0", {"Longitude of false origin"}, true}}},
      {"transverse_mercator",
       "tmerc",
       {"Transverse Mercator"},
       {{kOrigin, "lat_0", {"Latitude of natural origin"}},
        {kCentralMeridian, "lon_0", {"Longitude of natural origin"}, true},
        {"scale_factor_at_central_meridian", "k_0", {"Scale factor at natural origin"}}}},
      {"lambert_azimuthal_equal_area",
       "laea",
       {"Lambert Azimuthal Equal Area", "Lambert Azimuthal Equal Area (Spherical)"},
       {{kOrigin, "lat_0", {"Latitude of natural origin"}, true},
        {kLongitudeOfOrigin, "lon_0", {"Longitude of natural origin"}, true}}},
      {"polar_stereographic",
       "stere",
       {"Polar Stereographic (variant B)", "Polar Stereographic (variant A)"},
       {{kOrigin, "lat_0", {"Latitude of natural origin"}},
        {"straight_vertical_longitude_from_pole",
         "lon_0",
         {"Longitude of origin", "Longitude of natural origin"},
         true},
        {kScaleAtOrigin, "k_0", {"Scale factor at natural origin"}}}},
      {"mercator",
       "merc",
       {"Mercator (variant B)", "Mercator (variant A)"},
       {{kLongitudeOfOrigin, "lon_0", {"Longitude of natural origin"}},
        {kScaleAtOrigin, "k_0", {"Scale factor at natural origin"}}}},
      {"sinusoidal",
       "sinu",
       {"Sinusoidal"},
       {{kLongitudeOfOrigin, "lon_0", {"Longitude of natural origin"}}}},
  };
  return table;
}

Error bad_attribute(std::string_view name, std::string_view expected) {
  return Error(Errc::data_loss, "grid mapping attribute '{}': expected {}", name, expected);
}

/// The value of a numeric attribute; nothing when it is absent.
std::optional<double> finite_number(const Attributes& a, std::string_view name) {
  if (!a.contains(name)) return std::nullopt;
  const auto value = a.number(name);
  if (!value || !std::isfinite(*value)) throw bad_attribute(name, "a finite number");
  return value;
}

void append(std::string& text, std::string_view key, double value) {
  text += fmt::format(" +{}={}", key, value);
}

void append_ellipsoid(std::string& text, const Attributes& a) {
  const auto positive = [&](std::string_view name) {
    const auto v = finite_number(a, name);
    if (v && !(*v > 0)) throw bad_attribute(name, "a length above zero, in metres");
    return v;
  };
  const auto major = positive("semi_major_axis");
  const auto minor = positive("semi_minor_axis");
  const auto inverse = finite_number(a, "inverse_flattening");
  const auto radius = positive("earth_radius");
  if (major && inverse && *inverse > 1) {
    append(text, "a", *major);
    append(text, "rf", *inverse);
  } else if (major) {
    append(text, "a", *major);
    append(text, "b", minor.value_or(*major));
  } else if (radius) {
    append(text, "R", *radius);
  } else {
    text += " +datum=WGS84";
  }
  if (const auto pm = finite_number(a, "longitude_of_prime_meridian"); pm && *pm != 0)
    append(text, "pm", *pm);
}

/// Polar stereographic and Mercator take one true-scale latitude, the conics one or two parallels.
void append_parallels(std::string& text, const Projection& p, const Attributes& a) {
  const auto parallels = a.numbers(kParallel);
  const bool is_conic = p.proj == "lcc" || p.proj == "aea";
  if (is_conic && (parallels.empty() || parallels.size() > 2)) {
    throw bad_attribute(kParallel, "one or two latitudes");
  }
  for (const double v : parallels) {
    if (!(std::abs(v) <= 90)) throw bad_attribute(kParallel, "latitudes within [-90, 90]");
  }
  if (is_conic) {
    append(text, "lat_1", parallels.front());
    append(text, "lat_2", parallels.back());
    if (!a.contains(kOrigin)) append(text, "lat_0", parallels.front());
  } else if ((p.proj == "stere" || p.proj == "merc") && !parallels.empty()) {
    append(text, "lat_ts", parallels.front());
    if (p.proj == "stere" && !a.contains(kOrigin))
      append(text, "lat_0", parallels.front() < 0 ? -90 : 90);
  }
}

std::string known_names() {
  std::string names = "latitude_longitude";
  for (const auto& p : projections()) names += fmt::format(", {}", p.cf);
  return names;
}

std::string projected_text(const Projection& p, const Attributes& a, double metres_per_unit) {
  std::string text = fmt::format("+proj={}", p.proj);
  append_parallels(text, p, a);
  for (const auto& parameter : p.parameters) {
    const auto value = finite_number(a, parameter.cf);
    if (value)
      append(text, parameter.proj, *value);
    else if (parameter.is_required)
      throw bad_attribute(parameter.cf, "a number, as CF appendix F requires");
  }
  append(text, "x_0", finite_number(a, "false_easting").value_or(0) * metres_per_unit);
  append(text, "y_0", finite_number(a, "false_northing").value_or(0) * metres_per_unit);
  append_ellipsoid(text, a);
  if (metres_per_unit == 1)
    text += " +units=m";
  else
    append(text, "to_meter", metres_per_unit);
  return text + " +no_defs";
}

Crs crs_of(const std::string& text, std::string_view what) {
  try {
    return Crs::from_user_input(text);
  } catch (const Error& e) {
    throw Error(Errc::data_loss, "grid mapping {}: {}", what, e.message());
  }
}

/// The member `datum` or `datum_ensemble` that holds the ellipsoid.
const Json* datum_of(const Json& crs) {
  for (const char* key : {"datum", "datum_ensemble"}) {
    if (const auto it = crs.find(key); it != crs.end()) return &*it;
  }
  return nullptr;
}

/// PROJJSON writes 6378137 or {"value": 6378.137, "unit": {"conversion_factor": 1000}}.
double measure(const Json& v) {
  if (v.is_number()) return v.get<double>();
  if (!v.is_object() || !v.contains("value")) return std::nan("");
  const double value = v["value"].is_number() ? v["value"].get<double>() : std::nan("");
  const auto unit = v.find("unit");
  const bool has_factor =
      unit != v.end() && unit->is_object() && unit->contains("conversion_factor");
  return has_factor ? value * (*unit)["conversion_factor"].get<double>() : value;
}

std::string name_of(const Json& object) {
  return object.contains("name") ? object["name"].get<std::string>() : "unknown";
}

void set_number(Attributes& out, std::string_view name, double value) {
  out.set(std::string(name), number_attribute(DType::float64, value));
}

void set_ellipsoid(Attributes& out, const Json& geographic) {
  const Json* datum = datum_of(geographic);
  if (!datum || !datum->contains("ellipsoid")) return;
  const Json& e = (*datum)["ellipsoid"];
  double a = 0;
  double b = 0;
  double inverse = 0;
  if (e.contains("radius")) {
    a = b = measure(e["radius"]);
  } else {
    a = measure(e["semi_major_axis"]);
    if (e.contains("inverse_flattening")) {
      inverse = measure(e["inverse_flattening"]);
      b = inverse == 0 ? a : a * (1 - 1 / inverse);
    } else {
      b = measure(e["semi_minor_axis"]);
      inverse = a == b ? 0 : a / (a - b);
    }
  }
  set_number(out, "semi_major_axis", a);
  set_number(out, "semi_minor_axis", b);
  set_number(out, "inverse_flattening", inverse);
  out.set("reference_ellipsoid_name", name_of(e));
  double prime = 0;
  std::string prime_name = "Greenwich";
  if (datum->contains("prime_meridian")) {
    const Json& pm = (*datum)["prime_meridian"];
    prime_name = name_of(pm);
    prime = pm.contains("longitude") ? measure(pm["longitude"]) : 0;
  }
  set_number(out, "longitude_of_prime_meridian", prime);
  out.set("prime_meridian_name", prime_name);
  out.set("geographic_crs_name", name_of(geographic));
  out.set("horizontal_datum_name", name_of(*datum));
}

using Values = std::vector<std::pair<std::string, double>>;

Values parameters_of(const Json& conversion) {
  Values out;
  if (!conversion.contains("parameters")) return out;
  for (const Json& p : conversion["parameters"]) {
    if (p.contains("name") && p.contains("value")) {
      out.emplace_back(p["name"].get<std::string>(),
                       p["value"].is_number() ? p["value"].get<double>() : 0);
    }
  }
  return out;
}

std::optional<double> value_of(const Values& values, const std::vector<std::string_view>& names) {
  for (const auto name : names) {
    for (const auto& [key, value] : values) {
      if (key == name) return value;
    }
  }
  return std::nullopt;
}

void set_parallels(Attributes& out, std::string_view method, const Values& values) {
  std::vector<double> parallels;
  const std::vector<std::string_view> firsts = {"Latitude of 1st standard parallel",
                                                "Latitude of standard parallel"};
  if (const auto v = value_of(values, firsts)) parallels.push_back(*v);
  if (const auto v = value_of(values, {"Latitude of 2nd standard parallel"}))
    parallels.push_back(*v);
  if (method == "Lambert Conic Conformal (1SP)") {
    if (const auto v = value_of(values, {"Latitude of natural origin"})) parallels = {*v};
  }
  if (!parallels.empty()) out.set(std::string(kParallel), Numbers{DType::float64, {}, parallels});
}

const Projection* find_by_method(std::string_view method) {
  for (const auto& p : projections()) {
    for (const auto m : p.methods) {
      if (m == method) return &p;
    }
  }
  return nullptr;
}

void set_projection(Attributes& out, const Json& crs) {
  out.set("projected_crs_name", name_of(crs));
  if (!crs.contains("conversion") || !crs["conversion"].contains("method")) return;
  const std::string method = name_of(crs["conversion"]["method"]);
  const Projection* p = find_by_method(method);
  if (!p) return;
  const Values values = parameters_of(crs["conversion"]);
  out.set("grid_mapping_name", std::string(p->cf));
  set_parallels(out, method, values);
  for (const auto& parameter : p->parameters) {
    if (const auto v = value_of(values, parameter.epsg)) set_number(out, parameter.cf, *v);
  }
  if (p->proj == "stere" && !out.contains(kOrigin)) {
    const auto parallel = out.number(kParallel);
    set_number(out, kOrigin, parallel && *parallel < 0 ? -90 : 90);
  }
  set_number(out, "false_easting",
             value_of(values, {"Easting at false origin", "False easting"}).value_or(0));
  set_number(out, "false_northing",
             value_of(values, {"Northing at false origin", "False northing"}).value_or(0));
}

Json horizontal(Json crs) {
  for (int i = 0; i < 4; ++i) {
    if (crs.contains("source_crs"))
      crs = Json(crs["source_crs"]);
    else if (crs.contains("components") && !crs["components"].empty())
      crs = Json(crs["components"][0]);
    else
      break;
  }
  return crs;
}

}  // namespace

Crs Crs::from_cf(const Attributes& a, double metres_per_unit) {
  for (const char* key : {"crs_wkt", "spatial_ref"}) {
    const auto wkt = a.text(key);
    if (wkt && !wkt->empty()) return crs_of(*wkt, fmt::format("attribute '{}'", key));
  }
  const auto name = a.text("grid_mapping_name");
  if (!name) throw bad_attribute("grid_mapping_name", "one of " + known_names() + ", or crs_wkt");
  if (!(metres_per_unit > 0) || !std::isfinite(metres_per_unit)) {
    throw Error(Errc::invalid_argument, "metres_per_unit {} is not a positive number",
                metres_per_unit);
  }
  if (*name == "latitude_longitude") {
    std::string text = "+proj=longlat";
    append_ellipsoid(text, a);
    return crs_of(text + " +no_defs", *name);
  }
  for (const auto& p : projections()) {
    if (p.cf == *name) return crs_of(projected_text(p, a, metres_per_unit), *name);
  }
  throw Error(Errc::unsupported,
              "grid mapping '{}' is not supported: expected one of {}, or crs_wkt",
              name->substr(0, 80), known_names());
}

Attributes Crs::to_cf() const {
  const Json crs = horizontal(projjson());
  Attributes out;
  if (crs.contains("base_crs") && !is_geographic()) {
    set_ellipsoid(out, crs["base_crs"]);
    set_projection(out, crs);
  } else if (!crs.contains("base_crs")) {
    set_ellipsoid(out, crs);
    if (is_geographic()) out.set("grid_mapping_name", "latitude_longitude");
  }
  const std::string text = wkt1();
  out.set("spatial_ref", text);
  out.set("crs_wkt", text);
  return out;
}

}  // namespace rastream
