// SPDX-License-Identifier: Apache-2.0
// Well-known text of geometries (OGC 06-103r4, section 7), with the names that GeoJSON has too.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "rastream/base/error.h"
#include "rastream/catalog/search/geometry.h"

namespace rastream {
namespace {

constexpr int kMaxDepth = 8;

struct Name {
  std::string_view wkt;
  std::string_view geojson;
  int levels;  ///< of lists around a position
};

constexpr std::array<Name, 7> kNames = {{
    {"POINT", "Point", 0},
    {"MULTIPOINT", "MultiPoint", 1},
    {"LINESTRING", "LineString", 1},
    {"MULTILINESTRING", "MultiLineString", 2},
    {"POLYGON", "Polygon", 2},
    {"MULTIPOLYGON", "MultiPolygon", 3},
    {"GEOMETRYCOLLECTION", "GeometryCollection", -1},
}};

class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  Json whole() {
    Json json = geometry(0);
    if (skip_blanks(); !rest_.empty()) throw refuse("more follows it");
    return json;
  }

 private:
  Json geometry(int depth) {
    if (depth > kMaxDepth) throw refuse("collections lie too deep in each other");
    const std::string word = next_word();
    const auto* name =
        std::find_if(kNames.begin(), kNames.end(), [&](const Name& n) { return n.wkt == word; });
    if (name == kNames.end()) throw refuse("'" + word.substr(0, 40) + "' is no geometry");
    Json json = {{"type", name->geojson}};
    std::string next = next_word();
    if (next == "Z" || next == "M" || next == "ZM") next = next_word();
    if (!next.empty() && next != "EMPTY") throw refuse("'" + next.substr(0, 40) + "' is no 'Z'");
    const bool is_collection = name->levels < 0;
    Json& parts = json[is_collection ? "geometries" : "coordinates"] = Json::array();
    if (next == "EMPTY") return json;
    if (is_collection)
      parts = list([&] { return geometry(depth + 1); });
    else if (name->levels == 0)
      parts = in_brackets([&] { return position(); });
    else
      parts = coordinates(name->levels, name->geojson == "MultiPoint");
    return json;
  }

  Json coordinates(int levels, bool is_multipoint) {
    if (levels > 1) return list([&] { return coordinates(levels - 1, false); });
    return list([&] {
      skip_blanks();
      const bool is_wrapped = is_multipoint && rest_.starts_with('(');
      return is_wrapped ? in_brackets([&] { return position(); }) : position();
    });
  }

  template <typename F>
  Json in_brackets(F&& f) {
    expect('(');
    Json inner = f();
    expect(')');
    return inner;
  }

  template <typename F>
  Json list(F&& f) {
    Json out = Json::array();
    expect('(');
    do {
      out.push_back(f());
    } while (take(','));
    expect(')');
    return out;
  }

  Json position() {
    Json out = Json::array();
    for (skip_blanks(); !rest_.empty() && rest_.front() != ',' && rest_.front() != ')';
         skip_blanks()) {
      if (out.size() == 4) throw refuse("a position has more than four numbers");
      out.push_back(number());
    }
    return out;
  }

  Json number() {
    if (rest_.starts_with('+')) rest_.remove_prefix(1);
    double value = 0;
    const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), value);
    if (error != std::errc() || !std::isfinite(value)) throw refuse("a coordinate is no number");
    rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
    return value;
  }

  /// Letters, in upper case; empty when something else stands there.
  std::string next_word() {
    skip_blanks();
    std::string word;
    while (!rest_.empty() && ((rest_.front() | 32) >= 'a' && (rest_.front() | 32) <= 'z')) {
      word += static_cast<char>(rest_.front() & ~32);
      rest_.remove_prefix(1);
    }
    return word;
  }

  void skip_blanks() {
    rest_.remove_prefix(std::min(rest_.find_first_not_of(" \t\r\n"), rest_.size()));
  }
  bool take(char c) {
    skip_blanks();
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }
  void expect(char c) {
    if (!take(c)) throw refuse(fmt::format("a '{}' is missing", c));
  }
  static Error refuse(const std::string& why) {
    return Error(Errc::invalid_argument, "geometry: {}; expected WKT, such as POINT (5.2 52.1)",
                 why);
  }

  std::string_view rest_;
};

void write_list(const Json& json, int levels, std::string& out) {
  if (levels == 0) {
    for (std::size_t i = 0; i < json.size(); ++i)
      out += fmt::format("{}{}", i ? " " : "", json[i].get<double>());
    return;
  }
  out += '(';
  for (std::size_t i = 0; i < json.size(); ++i) {
    if (i > 0) out += ", ";
    write_list(json[i], levels - 1, out);
  }
  out += ')';
}

void write(const Json& json, std::string& out);

void write_parts(const Json& parts, std::string& out) {
  out += '(';
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (i > 0) out += ", ";
    write(parts[i], out);
  }
  out += ')';
}

std::size_t position_size(const Json& json) {
  const Json* at = &json;
  while (at->is_array() && !at->empty() && at->front().is_array()) at = &at->front();
  return at->size();
}

void write(const Json& json, std::string& out) {
  const auto& type = json.at("type").get_ref<const std::string&>();
  const auto* name =
      std::find_if(kNames.begin(), kNames.end(), [&](const Name& n) { return n.geojson == type; });
  out += name->wkt;
  const Json& parts = json.at(name->levels < 0 ? "geometries" : "coordinates");
  if (parts.empty()) {
    out += " EMPTY";
    return;
  }
  if (name->levels < 0) {
    out += ' ';
    return write_parts(parts, out);
  }
  const std::size_t size = position_size(parts);
  out += size == 4 ? " ZM " : size == 3 ? " Z " : " ";
  if (name->levels == 0) out += '(';
  write_list(parts, name->levels, out);
  if (name->levels == 0) out += ')';
}

}  // namespace

Geometry Geometry::from_wkt(std::string_view text) { return from_geojson(Reader(text).whole()); }

std::string Geometry::wkt() const {
  std::string out;
  write(*json_, out);
  return out;
}

}  // namespace rastream
