// SPDX-License-Identifier: Apache-2.0
// CQL2 JSON to a tree and back.
#include <cmath>

#include "rastream/base/error.h"
#include "rastream/catalog/search/cql2.h"

namespace rastream {
namespace {

using Kind = Expression::Kind;

Error refuse(const std::string& why) { return Error(Errc::invalid_argument, "filter: {}", why); }

class Parser {
 public:
  Expression value(const Json& json, std::size_t depth) {
    if (depth > kMaxExpressionDepth)
      throw refuse(fmt::format("it has more than {} levels", kMaxExpressionDepth));
    if (json.is_boolean()) return Expression::of(json.get<bool>());
    if (json.is_number()) return number(json);
    if (json.is_string()) return Expression::of_text(json.get<std::string>());
    if (json.is_array()) return Expression::list(values(json, depth));
    if (json.is_object()) return object(json, depth);
    throw refuse("null has no meaning in it");
  }

 private:
  static Expression number(const Json& json) {
    const double value = json.get<double>();
    if (!std::isfinite(value)) throw refuse("a number is too large");
    return Expression::of(value);
  }

  std::vector<Expression> values(const Json& list, std::size_t depth) {
    std::vector<Expression> out;
    out.reserve(list.size());
    for (const Json& one : list) out.push_back(value(one, depth + 1));
    return out;
  }

  Expression object(const Json& json, std::size_t depth) {
    if (json.contains("op")) return call(text_of(json, "op"), list_of(json, "args"), depth);
    if (json.contains("property")) return Expression::property(text_of(json, "property"));
    if (json.contains("date")) return Expression::date(text_of(json, "date"));
    if (json.contains("timestamp")) return Expression::timestamp(text_of(json, "timestamp"));
    if (json.contains("interval"))
      return {.kind = Kind::interval, .args = values(list_of(json, "interval"), depth)};
    if (json.contains("bbox") && !json.contains("type")) return box(list_of(json, "bbox"));
    if (json.contains("type"))
      return {.kind = Kind::geometry, .geometry = Geometry::from_geojson(json)};
    if (json.contains("function")) return function(json.at("function"), depth);
    throw refuse("an object has none of op, property, date, timestamp, interval, bbox and type");
  }

  Expression call(const std::string& name, const Json& args, std::size_t depth) {
    Expression e = Expression::call(name, values(args, depth));
    // Drafts of the standard put both bounds into a list.
    if (e.text == "between" && e.args.size() == 2 && e.args[1].kind == Kind::list) {
      const std::vector<Expression> bounds = std::move(e.args[1].args);
      e.args.resize(1);
      e.args.insert(e.args.end(), bounds.begin(), bounds.end());
    }
    return e;
  }

  Expression function(const Json& json, std::size_t depth) {
    if (!json.is_object()) throw refuse("'function' is no object");
    return call(text_of(json, "name"), list_of(json, "args"), depth);
  }

  static Expression box(const Json& list) {
    std::vector<double> edges;
    for (const Json& edge : list) {
      if (!edge.is_number()) throw refuse("an edge of a box is no number");
      edges.push_back(number(edge).number);
    }
    return Expression::box(std::move(edges));
  }

  static std::string text_of(const Json& json, const char* key) {
    const auto it = json.find(key);
    if (it == json.end() || !it->is_string()) throw refuse(fmt::format("'{}' is no text", key));
    return it->get<std::string>();
  }

  static const Json& list_of(const Json& json, const char* key) {
    const auto it = json.find(key);
    if (it == json.end() || !it->is_array()) throw refuse(fmt::format("'{}' is no list", key));
    return *it;
  }
};

/// A whole number as one, for others that are strict.
Json number_json(double value) {
  constexpr double kExact = 9007199254740992.0;
  if (value == std::floor(value) && std::abs(value) <= kExact)
    return static_cast<std::int64_t>(value);
  return value;
}

Json list_json(const std::vector<Expression>& list) {
  Json out = Json::array();
  for (const Expression& e : list) out.push_back(to_cql2_json(e));
  return out;
}

}  // namespace

Expression parse_cql2_json(const Json& json) {
  Expression filter = Parser().value(json, 1);
  check_filter(filter);
  return filter;
}

Json to_cql2_json(const Expression& e) {
  switch (e.kind) {
    case Kind::boolean: return e.boolean;
    case Kind::number: return number_json(e.number);
    case Kind::text: return e.text;
    case Kind::date: return {{"date", e.text}};
    case Kind::timestamp: return {{"timestamp", e.text}};
    case Kind::interval: return {{"interval", list_json(e.args)}};
    case Kind::geometry: return e.geometry->geojson();
    case Kind::box: return {{"bbox", e.numbers}};
    case Kind::property: return {{"property", e.text}};
    case Kind::list: return list_json(e.args);
    case Kind::call: return {{"op", e.text}, {"args", list_json(e.args)}};
  }
  throw Error(Errc::internal, "unknown kind of expression");
}

}  // namespace rastream
