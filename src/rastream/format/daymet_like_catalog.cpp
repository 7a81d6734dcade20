// SPDX-License-Identifier: Apache-2.0
#include "rastream/format/daymet_like_catalog.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "rastream/base/error.h"
#include "rastream/base/json.h"

namespace rastream {
namespace {

namespace fs = std::filesystem;

constexpr const char* kStacVersion = "1.0.0";
constexpr const char* kDescription =
    "Synthetic daily weather in the layout of Daymet V4, made by rastream for tests and "
    "demonstrations.";

void write_json(const fs::path& path, const Json& json) {
  const std::string partial = path.string() + ".partial";
  {
    std::ofstream file(partial, std::ios::binary);
    file << json.dump(2) << '\n';
    file.flush();
    if (!file) throw error_from_errno(errno == 0 ? EIO : errno, "cannot write", partial);
  }
  if (std::rename(partial.c_str(), path.c_str()) != 0) {
    throw error_from_errno(errno, "cannot rename to", path.string());
  }
}

Json link(const std::string& rel, const std::string& href) {
  const bool is_item = rel == "item";
  return {{"rel", rel},
          {"href", href},
          {"type", is_item ? "application/geo+json" : "application/json"}};
}

BBox lonlat_box(const DaymetGrid& grid) {
  BBox box = grid.geobox().lonlat_extent().value_or(BBox{-180, -90, 180, 90});
  if (box.west > box.east) box = {-180, box.south, 180, box.north};
  return box;
}

Json ring(const BBox& b) {
  const auto at = [](double x, double y) { return Json::array({x, y}); };
  return Json::array({Json::array({at(b.west, b.south), at(b.east, b.south), at(b.east, b.north),
                                   at(b.west, b.north), at(b.west, b.south)})});
}

Json properties_of(const DaymetGrid& grid, int year) {
  const GeoBox box = grid.geobox();
  const Affine& t = box.transform;
  const BBox e = box.extent();
  // Daymet's years have 365 days: in a leap year the last one is 30 December.
  const bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return {{"datetime", nullptr},
          {"start_datetime", fmt::format("{}-01-01T12:00:00Z", year)},
          {"end_datetime", fmt::format("{}-12-{}T12:00:00Z", year, is_leap ? 30 : 31)},
          {"proj:epsg", nullptr},
          {"proj:wkt2", box.crs->wkt()},
          {"proj:projjson", box.crs->projjson()},
          {"proj:shape", {grid.ny, grid.nx}},
          {"proj:transform", {t.a, t.b, t.c, t.d, t.e, t.f, 0.0, 0.0, 1.0}},
          {"proj:bbox", {e.west, e.south, e.east, e.north}}};
}

/// Names of the folders of the collection that hold an item.
std::vector<std::string> item_names(const fs::path& collection) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(collection)) {
    const std::string name = entry.path().filename().string();
    if (fs::exists(entry.path() / (name + ".json"))) names.push_back(name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

/// What the collection says of its items: their boxes and their first and last moment.
Json extent_of(const fs::path& collection, const std::vector<std::string>& names) {
  Json boxes = Json::array();
  std::string first = "9999";
  std::string last;
  for (const auto& name : names) {
    const fs::path path = collection / name / (name + ".json");
    std::ifstream file(path);
    const std::string text((std::istreambuf_iterator<char>(file)), {});
    const Json item = parse_json(text, path.string());
    const auto box = json_member<Json>(item, "bbox", path.string());
    if (std::find(boxes.begin(), boxes.end(), box) == boxes.end()) boxes.push_back(box);
    const auto properties = json_member<Json>(item, "properties", path.string());
    first = std::min(first, json_member<std::string>(properties, "start_datetime", path.string()));
    last = std::max(last, json_member<std::string>(properties, "end_datetime", path.string()));
  }
  return {{"spatial", {{"bbox", boxes}}},
          {"temporal", {{"interval", Json::array({Json::array({first, last})})}}}};
}

}  // namespace

std::string daymet_item_folder(const std::string& folder, const std::string& region, int year) {
  return (fs::path(folder) / kDaymetCollection / fmt::format("{}-{}", region, year)).string();
}

std::string daymet_file_name(const std::string& region, const std::string& variable, int year) {
  return fmt::format("daymet_v4_daily_{}_{}_{}.nc", region, variable, year);
}

void write_daymet_item(const std::string& folder, const DaymetGrid& grid, int year,
                       const std::vector<std::string>& variables) {
  const std::string id = fmt::format("{}-{}", grid.region, year);
  const BBox box = lonlat_box(grid);
  Json assets = Json::object();
  for (const auto& variable : variables) {
    assets[variable] = {{"href", "./" + daymet_file_name(grid.region, variable, year)},
                        {"type", "application/x-netcdf"},
                        {"title", variable},
                        {"roles", Json::array({"data"})}};
  }
  const Json item = {
      {"type", "Feature"},
      {"stac_version", kStacVersion},
      {"stac_extensions",
       Json::array({"https://stac-extensions.github.io/projection/v1.1.0/schema.json"})},
      {"id", id},
      {"collection", kDaymetCollection},
      {"geometry", {{"type", "Polygon"}, {"coordinates", ring(box)}}},
      {"bbox", {box.west, box.south, box.east, box.north}},
      {"properties", properties_of(grid, year)},
      {"links",
       Json::array({link("root", "../../catalog.json"), link("parent", "../collection.json"),
                    link("collection", "../collection.json")})},
      {"assets", assets}};
  write_json(fs::path(daymet_item_folder(folder, grid.region, year)) / (id + ".json"), item);
}

void write_daymet_catalog(const std::string& folder) {
  const fs::path collection = fs::path(folder) / kDaymetCollection;
  const auto names = item_names(collection);
  Json links = Json::array({link("root", "../catalog.json"), link("parent", "../catalog.json")});
  for (const auto& name : names) links.push_back(link("item", fmt::format("./{0}/{0}.json", name)));
  write_json(collection / "collection.json", {{"type", "Collection"},
                                              {"stac_version", kStacVersion},
                                              {"id", kDaymetCollection},
                                              {"title", "Daymet-like daily weather"},
                                              {"description", kDescription},
                                              {"license", "CC0-1.0"},
                                              {"extent", extent_of(collection, names)},
                                              {"links", links}});
  write_json(
      fs::path(folder) / "catalog.json",
      {{"type", "Catalog"},
       {"stac_version", kStacVersion},
       {"id", "daymet-like"},
       {"description", kDescription},
       {"links",
        Json::array({link("root", "./catalog.json"),
                     link("child", fmt::format("./{}/collection.json", kDaymetCollection))})}});
}

}  // namespace rastream
