// SPDX-License-Identifier: Apache-2.0
#include "rastream/ops/phenology/spring_index.h"

#include <algorithm>
#include <cmath>

#include "rastream/geo/time_units.h"
#include "rastream/ops/labelled.h"
#include "rastream/ops/phenology/growing_degree_hours.h"
#include "rastream/ops/phenology/spring_onset.h"

namespace rastream {
namespace {

/// The operator's word for temperature units as files write them; nothing for unknown ones.
std::optional<std::string> temperature_units(const std::string& units) {
  const auto is_one_of = [&](std::initializer_list<const char*> names) {
    return std::any_of(names.begin(), names.end(), [&](const char* n) { return units == n; });
  };
  if (is_one_of({"degrees C", "degree_Celsius", "degrees_Celsius", "degree_C", "degrees_C", "degC",
                 "deg C", "celsius", "Celsius", "C", "°C", "deg_C", "degreeC"})) {
    return "degrees C";
  }
  if (is_one_of({"K", "kelvin", "Kelvin", "degree_Kelvin", "degrees_Kelvin", "degK"})) return "K";
  if (is_one_of({"degF", "degree_Fahrenheit", "degrees_Fahrenheit", "degrees F", "fahrenheit",
                 "Fahrenheit", "F", "°F", "deg F", "degree_F", "degrees_F"})) {
    return "degF";
  }
  return std::nullopt;
}

std::string temperature_units(const DataArray& a, const std::string& path) {
  const std::string units = a.attributes.text("units").value_or("");
  if (const auto known = temperature_units(units)) return *known;
  throw Error(Errc::invalid_argument,
              "spring-index: units '{}' of variable '{}' in {}: expected degrees C, K or degF",
              units, a.name, path);
}

void check_same(const DataArray& a, const DataArray& b, const std::string& path_a,
                const std::string& path_b) {
  if (a.dims() != b.dims() || a.schema().shape != b.schema().shape) {
    throw Error(Errc::invalid_argument,
                "spring-index: '{}' in {} has shape {}, but '{}' in {} has {}: expected the same",
                a.name, path_a, to_string(a.schema().shape), b.name, path_b,
                to_string(b.schema().shape));
  }
  for (const std::string& dim : a.dims()) {
    const std::vector<double> va = index_values(a, dim);
    const std::vector<double> vb = index_values(b, dim);
    const auto differ = std::mismatch(va.begin(), va.end(), vb.begin());
    if (differ.first == va.end()) continue;
    throw Error(Errc::invalid_argument,
                "spring-index: '{}' differs between {} and {}: {} and {} at index {}", dim, path_a,
                path_b, *differ.first, *differ.second, differ.first - va.begin());
  }
}

const Plant& plant_named(const std::string& name) {
  std::string names;
  for (const Plant& plant : known_plants()) {
    if (plant.name == name) return plant;
    names += (names.empty() ? "" : ", ") + plant.name;
  }
  throw Error(Errc::invalid_argument, "spring-index: no plant is called '{}': there are {}", name,
              names);
}

std::vector<Plant> plants_named(const std::vector<std::string>& names) {
  if (names.empty()) return known_plants();
  std::vector<Plant> plants;
  for (const std::string& name : names) {
    if (std::count(names.begin(), names.end(), name) > 1) {
      throw Error(Errc::invalid_argument, "spring-index: plant '{}' is given twice", name);
    }
    plants.push_back(plant_named(name));
  }
  return plants;
}

void check_coarsening(const DataArray& a, std::int64_t n) {
  if (n < 0 || (n > 1 && (n > a.size("y") || n > a.size("x")))) {
    throw Error(
        Errc::invalid_argument,
        "spring-index: mean over {0} x {0} cells of a grid of {1} x {2} (y, x): expected 1 to {3}",
        n, a.size("y"), a.size("x"), std::min(a.size("y"), a.size("x")));
  }
}

SpringOnset::Params onset_params(const std::vector<Plant>& plants) {
  SpringOnset::Params p;
  for (const Plant& plant : plants) {
    p.leaf.insert(p.leaf.end(), std::begin(plant.leaf), std::end(plant.leaf));
    p.leaf_shift.push_back(plant.leaf_shift);
    p.bloom.insert(p.bloom.end(), std::begin(plant.bloom), std::end(plant.bloom));
  }
  return p;
}

/// One event of the onset array with the plants' names, and their rounded mean as one plant more.
DataArray with_mean(const DataArray& onset, std::int64_t event, const char* name,
                    const char* long_name) {
  const DataArray plants = isel(onset, "event", event);
  const DataArray average = expand_dims(round(mean(plants, {"plant"}, false)), "plant", "mean");
  DataArray out = rename(concat({plants, average}, "plant"), name);
  out.attributes.set("long_name", long_name);
  out.attributes.set("units", "1");
  out.attributes.set("comment", "0-based index of the day in the year's file");
  return out;
}

}  // namespace

const std::vector<Plant>& known_plants() {
  static const std::vector<Plant> plants = {
      {"lilac", {3.306, 13.878, 0.201, 0.153}, 0, {-23.934, 0.116}},
      {"arnold red", {4.266, 20.899, 0.000, 0.248}, 1, {-24.825, 0.127}},
      {"zabelli", {2.802, 21.433, 0.266, 0.000}, 0, {-11.368, 0.096}},
  };
  return plants;
}

void check_weather(const DailyWeather& weather, std::int64_t n_days,
                   const std::vector<std::string>& paths) {
  const DataArray* arrays[] = {&weather.tmin, &weather.tmax, &weather.dayl};
  for (std::size_t i = 0; i < 3; ++i) {
    const DataArray& a = *arrays[i];
    if (a.dims() != std::vector<std::string>{"time", "y", "x"}) {
      throw Error(Errc::invalid_argument,
                  "spring-index: variable '{}' of {} has dimensions ({}): expected (time, y, x)",
                  a.name, paths[i], fmt::join(a.dims(), ", "));
    }
    if (!crs_of(a.coords)) {
      throw Error(Errc::invalid_argument,
                  "spring-index: no CRS on variable '{}' of {}: expected a grid_mapping", a.name,
                  paths[i]);
    }
    if (a.size("time") < n_days) {
      throw Error(Errc::invalid_argument, "spring-index: {} days asked for, but '{}' in {} has {}",
                  n_days, a.name, paths[i], a.size("time"));
    }
  }
  for (std::size_t i = 1; i < 3; ++i) {
    check_same(weather.tmin, *arrays[i], paths[0], paths[i]);
    if (!(*crs_of(weather.tmin.coords) == *crs_of(arrays[i]->coords))) {
      throw Error(Errc::invalid_argument,
                  "spring-index: the CRS of {} and {} differ: expected one grid", paths[0],
                  paths[i]);
    }
  }
  if (n_days < 1)
    throw Error(Errc::invalid_argument, "spring-index: {} days: expected at least 1", n_days);
  if (temperature_units(weather.tmin, paths[0]) != temperature_units(weather.tmax, paths[1])) {
    throw Error(Errc::invalid_argument,
                "spring-index: tmin and tmax have different units in {} and {}", paths[0],
                paths[1]);
  }
  const std::string units = weather.dayl.attributes.text("units").value_or("");
  if (units != "s" && units != "seconds" && units != "second" && units != "s/day") {
    throw Error(Errc::invalid_argument,
                "spring-index: units '{}' of variable '{}' in {}: expected s", units,
                weather.dayl.name, paths[2]);
  }
}

std::int64_t year_of(const DataArray& daily) {
  const Coordinate* time = daily.coord("time");
  const std::string units = time ? time->attributes.text("units").value_or("") : "";
  if (!TimeUnits::looks_like(units)) {
    throw Error(Errc::invalid_argument,
                "'{}' has no time coordinate with units such as 'days since 1950-01-01'",
                daily.name);
  }
  const TimeUnits t =
      TimeUnits::parse(units, time->attributes.text("calendar").value_or("standard"));
  return t.decode(index_values(daily, "time").at(0)).year;
}

Dataset spring_index(const DailyWeather& weather, const SpringIndexOptions& options) {
  const std::vector<Plant> plants = plants_named(options.plants);
  check_coarsening(weather.tmin, options.coarsen);
  const auto prepare = [&](DataArray a) {
    const Attributes attributes = a.attributes;
    if (options.coarsen > 1) a = coarsen_mean(a, {"y", "x"}, {options.coarsen, options.coarsen});
    a = isel(a, "time", Slice{0, options.n_days});
    if (a.dtype() != DType::float32) a = astype(a, DType::float32);
    return a;
  };
  const DataArray tmin = prepare(weather.tmin);
  GrowingDegreeHours::Params hours;
  hours.exact = options.exact;
  hours.units = temperature_units(weather.tmin, "tmin");
  DataArray onset;
  const Array gdh = apply<GrowingDegreeHours>(
      "growing_degree_hours",
      {tmin.array, prepare(weather.tmax).array, prepare(weather.dayl).array}, hours);
  onset.array = apply<SpringOnset>("spring_onset", {gdh}, onset_params(plants));
  for (const auto& [name, c] : tmin.coords) {
    const bool has_time = std::find(c.dims.begin(), c.dims.end(), "time") != c.dims.end();
    if (!has_time && c.dims.size() < 2) onset.coords.emplace_back(name, c);
  }
  Coordinate names;
  names.dims = {"plant"};
  for (const Plant& plant : plants) names.labels.push_back(plant.name);
  set_coordinate(onset.coords, "plant", std::move(names));
  Attributes attributes;
  attributes.set("title", "Extended spring index (SI-x): days of first leaf and first bloom");
  attributes.set("references", "Schwartz et al. 2013, doi:10.1002/joc.3625");
  attributes.set("Conventions", "CF-1.8");
  return make_dataset({with_mean(onset, 0, "first-leaf", "day of first leaf"),
                       with_mean(onset, 1, "first-bloom", "day of first bloom")},
                      std::move(attributes));
}

}  // namespace rastream
