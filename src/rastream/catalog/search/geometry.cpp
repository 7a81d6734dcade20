// SPDX-License-Identifier: Apache-2.0
#include "rastream/catalog/search/geometry.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "rastream/base/error.h"

namespace rastream {
namespace {

constexpr int kMaxDepth = 8;

/// A type of geometry, and what its coordinates are: lists in lists down to positions.
struct Type {
  std::string_view name;
  int levels;  ///< of lists around a position
  bool has_rings;
};

constexpr std::array<Type, 6> kTypes = {{
    {"Point", 0, false},
    {"MultiPoint", 1, false},
    {"LineString", 1, false},
    {"MultiLineString", 2, false},
    {"Polygon", 2, true},
    {"MultiPolygon", 3, true},
}};

Error refuse(const std::string& why) {
  return Error(Errc::invalid_argument, "geometry: {}; expected a GeoJSON geometry", why);
}

/// Checks one geometry while it counts its points.
class Check {
 public:
  void geometry(const Json& json, int depth) {
    if (!json.is_object()) throw refuse("it is no object");
    const auto type = json.find("type");
    if (type == json.end() || !type->is_string()) throw refuse("it has no type");
    const std::string& name = type->get_ref<const std::string&>();
    if (name == "GeometryCollection") return collection(json, depth);
    const auto* known =
        std::find_if(kTypes.begin(), kTypes.end(), [&](const Type& t) { return t.name == name; });
    if (known == kTypes.end()) throw refuse("no type is called '" + name.substr(0, 40) + "'");
    const auto coordinates = json.find("coordinates");
    if (coordinates == json.end() || !coordinates->is_array())
      throw refuse("it has no list of coordinates");
    if (known->levels == 0 && coordinates->empty()) return;
    lists(*coordinates, known->levels, *known);
  }

 private:
  void collection(const Json& json, int depth) {
    if (depth >= kMaxDepth) throw refuse("collections lie too deep in each other");
    const auto parts = json.find("geometries");
    if (parts == json.end() || !parts->is_array()) throw refuse("it has no list of geometries");
    for (const Json& part : *parts) geometry(part, depth + 1);
  }

  void lists(const Json& json, int levels, const Type& type) {
    if (levels == 0) return position(json);
    if (!json.is_array()) throw refuse("its coordinates are not as deep as its type has them");
    for (const Json& part : json) lists(part, levels - 1, type);
    if (levels == 1 && type.has_rings) ring(json);
    if (levels == 1 && !type.has_rings && type.name != "MultiPoint" && json.size() == 1)
      throw refuse("a line has one point");
  }

  static void ring(const Json& json) {
    if (json.empty()) return;
    if (json.size() < 4) throw refuse("a ring has fewer than four points");
    if (json.front()[0] != json.back()[0] || json.front()[1] != json.back()[1])
      throw refuse("a ring is not closed");
  }

  void position(const Json& json) {
    if (!json.is_array() || json.size() < 2 || json.size() > 4)
      throw refuse("a position is not two or three numbers");
    for (const Json& number : json) {
      if (!number.is_number() || !std::isfinite(number.get<double>()))
        throw refuse("a coordinate is no finite number");
    }
    if (++n_points_ > Geometry::kMaxPoints) throw refuse("it has too many points");
  }

  std::size_t n_points_ = 0;
};

/// f(x, y) for each position below `json`.
template <typename F>
void for_each_position(const Json& json, F&& f) {
  if (json.is_object()) {
    const bool is_collection = json.contains("geometries");
    for_each_position(json.at(is_collection ? "geometries" : "coordinates"), f);
  } else if (!json.empty() && json.front().is_number()) {
    f(json[0].template get<double>(), json[1].template get<double>());
  } else {
    for (const Json& part : json) for_each_position(part, f);
  }
}

Json ring_of(double west, double south, double east, double north) {
  return Json::array({Json::array({west, south}), Json::array({east, south}),
                      Json::array({east, north}), Json::array({west, north}),
                      Json::array({west, south})});
}

}  // namespace

Geometry Geometry::from_geojson(const Json& json) {
  const Json* found = &json;
  if (json.is_object() && json.value("type", Json()) == "FeatureCollection") {
    const auto features = json.find("features");
    if (features == json.end() || !features->is_array() || features->empty())
      throw refuse("the feature collection has no feature");
    found = &features->front();
  }
  if (found->is_object() && found->value("type", Json()) == "Feature") {
    const auto geometry = found->find("geometry");
    if (geometry == found->end()) throw refuse("the feature has no geometry");
    found = &*geometry;
  }
  Check().geometry(*found, 0);
  return Geometry(std::make_shared<const Json>(*found));
}

Geometry Geometry::from_box(const BBox& box) {
  Json json = {{"type", "Polygon"},
               {"coordinates", Json::array({ring_of(box.west, box.south, box.east, box.north)})}};
  if (box.west > box.east) {
    json = {{"type", "MultiPolygon"},
            {"coordinates",
             Json::array({Json::array({ring_of(box.west, box.south, 180, box.north)}),
                          Json::array({ring_of(-180, box.south, box.east, box.north)})})}};
  }
  return Geometry(std::make_shared<const Json>(std::move(json)));
}

std::optional<BBox> Geometry::bounds() const {
  std::optional<BBox> box;
  for_each_position(*json_, [&](double x, double y) {
    if (!box) box = BBox{x, y, x, y};
    *box = {std::min(box->west, x), std::min(box->south, y), std::max(box->east, x),
            std::max(box->north, y)};
  });
  return box;
}

bool Geometry::is_box() const {
  if (json_->at("type") != "Polygon") return false;
  const Json& rings = json_->at("coordinates");
  if (rings.size() != 1 || rings[0].size() != 5) return false;
  const auto box = bounds();
  // Each corner is one of the box, and each step goes along one axis alone.
  for (std::size_t i = 0; i < 5; ++i) {
    const double x = rings[0][i][0].get<double>();
    const double y = rings[0][i][1].get<double>();
    if ((x != box->west && x != box->east) || (y != box->south && y != box->north)) return false;
    if (i > 0 && (rings[0][i][0] == rings[0][i - 1][0]) == (rings[0][i][1] == rings[0][i - 1][1]))
      return false;
  }
  return rings[0][0] == rings[0][4] && rings[0][0] != rings[0][2] && rings[0][1] != rings[0][3];
}

}  // namespace rastream
