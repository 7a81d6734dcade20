// SPDX-License-Identifier: Apache-2.0
#include "rastream/catalog/daymet_catalog.h"

#include <algorithm>
#include <array>

#include "rastream/base/error.h"
#include "rastream/format/daymet_like_grid.h"

namespace rastream {
namespace {

constexpr const char* kDoi = "10.3334/ORNLDAAC/2129";

struct Region {
  std::string_view key;
  std::string_view name;
  BBox bbox;
  int first_year;
  int last_year;
};

constexpr std::array kRegions = {
    Region{"na", "Continental North America", {-178.1333, 14.0749, -53.0567, 82.9143}, 1980, 2022},
    Region{"pr", "Puerto Rico", {-67.9927, 16.8444, -64.1196, 19.9382}, 1950, 2022},
    Region{"hi", "Hawaii", {-160.3056, 17.9539, -154.772, 23.5186}, 1980, 2022},
};

struct Variable {
  const char* key;
  const char* title;
  const char* description;
  const char* units;
};

constexpr std::array kVariables = {
    Variable{"dayl", "Day length", "Length of the day with the sun above a flat horizon", "s/day"},
    Variable{"prcp", "Precipitation", "Daily sum of rain and snow as water", "mm"},
    Variable{"srad", "Shortwave radiation", "Flux density, mean over the hours of daylight",
             "W/m2"},
    Variable{"swe", "Snow water equivalent", "Water in the snow that lies", "kg/m2"},
    Variable{"tmax", "Maximum air temperature", "Daily maximum at 2 m", "degrees C"},
    Variable{"tmin", "Minimum air temperature", "Daily minimum at 2 m", "degrees C"},
    Variable{"vp", "Water vapor pressure", "Daily mean of the partial pressure", "Pa"},
};

const Region& region_of(const std::string& key) {
  const auto at = std::find_if(kRegions.begin(), kRegions.end(),
                               [&](const Region& region) { return region.key == key; });
  if (at == kRegions.end())
    throw Error(Errc::invalid_argument, "Daymet has no region '{}': there are na, pr, hi", key);
  return *at;
}

Json edges(const BBox& b) { return {b.west, b.south, b.east, b.north}; }

Json ring(const BBox& b) {
  return {{"type", "Polygon"},
          {"coordinates",
           {{{b.west, b.south},
             {b.east, b.south},
             {b.east, b.north},
             {b.west, b.north},
             {b.west, b.south}}}}};
}

std::string time_at(int year, std::string_view rest) { return fmt::format("{:04}-{}", year, rest); }

/// Daymet's years have 365 days: in a leap year the last one is 30 December.
std::string last_day(int year) {
  const bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return time_at(year, fmt::format("12-{}T23:59:59Z", is_leap ? 30 : 31));
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
  return text;
}

/// What the items of a region share.
Item pattern(const Region& region) {
  const Json json = {
      {"type", "Feature"},
      {"stac_version", "1.1.0"},
      {"stac_extensions", {"https://stac-extensions.github.io/projection/v2.0.0/schema.json"}},
      {"id", std::string(region.key)},
      {"geometry", ring(region.bbox)},
      {"bbox", edges(region.bbox)},
      {"properties",
       {{"datetime", nullptr},
        {"region", std::string(region.key)},
        {"gsd", 1000},
        {"proj:code", nullptr},
        {"proj:projjson", Crs::from_cf(daymet_grid_mapping()).projjson()}}},
      {"links", Json::array()},
      {"assets", Json::object()}};
  Item item = parse_item(JsonText(json.dump(2)), "");
  for (const Variable& v : kVariables) {
    const Json text = {{"description", v.description}, {"units", v.units}};
    item.assets.emplace_back(
        v.key, Asset{"", "application/x-hdf5", v.title, {"data"}, JsonText(text.dump())});
  }
  return item;
}

Item item_of(const Item& pattern, const Region& region, int year,
             const std::string& href_template) {
  Item item = pattern;
  item.id = fmt::format("{}-{}", region.key, year);
  item.datetime = time_at(year, "01-01T00:00:00Z");
  item.start_datetime = item.datetime;
  item.end_datetime = last_day(year);
  const std::string href =
      replaced(replaced(href_template, "{region}", region.key), "{year}", fmt::format("{}", year));
  for (auto& [key, asset] : item.assets) asset.href = replaced(href, "{variable}", key);
  return item;
}

Collection collection_of(const Region& region, int first_year, int last_year) {
  const Json json = {
      {"type", "Collection"},
      {"id", fmt::format("region-{}", region.key)},
      {"stac_version", "1.1.0"},
      {"stac_extensions", {"https://stac-extensions.github.io/scientific/v1.0.0/schema.json"}},
      {"description", fmt::format("Daymet dataset for {}", region.name)},
      {"license", "other"},
      {"providers",
       {{{"name", "ORNL DAAC"},
         {"roles", {"producer"}},
         {"url", fmt::format("https://doi.org/{}", kDoi)}}}},
      {"extent",
       {{"spatial", {{"bbox", Json::array({edges(region.bbox)})}}},
        {"temporal",
         {{"interval", Json::array({Json::array(
                           {time_at(first_year, "01-01T00:00:00Z"), last_day(last_year)})})}}}}},
      {"sci:doi", kDoi},
      {"links", Json::array()}};
  return parse_collection(JsonText(json.dump(2)), "");
}

Collection root_document() {
  Collection root;
  root.id = "daymet-daily-v4";
  root.title = "Daymet: Daily Surface Weather Data on a 1-km Grid for North America, Version 4 R1";
  root.description =
      "Daily weather of North America, Hawaii and Puerto Rico on a grid of 1 km: minimum and "
      "maximum temperature, precipitation, shortwave radiation, vapor pressure, snow water "
      "equivalent and day length, a file for each variable and year. A year has 365 days.";
  root.links.push_back(
      {"license",
       "https://science.nasa.gov/earth-science/earth-science-data/data-information-policy",
       "",
       "NASA's Earth Science program Data and Information Policy",
       {}});
  return root;
}

void check_years(int first_year, int last_year) {
  if (first_year < 1000 || last_year > 9999 || first_year > last_year) {
    throw Error(Errc::invalid_argument, "years {} to {}: expected four digits, the first first",
                first_year, last_year);
  }
}

}  // namespace

Catalog daymet_catalog(const DaymetCatalogOptions& options) {
  if (options.href_template.find("{year}") == std::string::npos) {
    throw Error(Errc::invalid_argument,
                "the template '{}' names no {{year}}: expected {{region}}, {{variable}}, {{year}}",
                options.href_template);
  }
  Catalog catalog = Catalog::create(root_document());
  for (const std::string& key : options.regions) {
    const Region& region = region_of(key);
    const int first = options.first_year == 0 ? region.first_year : options.first_year;
    const int last = options.last_year == 0 ? region.last_year : options.last_year;
    check_years(first, last);
    Catalog target =
        options.is_flat ? catalog : Catalog::create(collection_of(region, first, last));
    const Item shared = pattern(region);
    for (int year = first; year <= last; ++year)
      target.add_item(item_of(shared, region, year, options.href_template));
    if (!options.is_flat) catalog.add_child(target);
  }
  return catalog;
}

}  // namespace rastream
