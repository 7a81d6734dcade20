// SPDX-License-Identifier: Apache-2.0
// The parameters of a search in one table: what each is in text and in JSON.
#include "rastream/catalog/search/search.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "rastream/base/error.h"
#include "rastream/catalog/search/cql2.h"
#include "rastream/geo/bbox.h"

namespace rastream {
namespace {

constexpr std::string_view kText = "cql2-text";
constexpr std::string_view kJson = "cql2-json";
constexpr std::size_t kMaxListed = 100'000;

Error refuse(std::string_view name, std::string_view why) {
  return Error(Errc::invalid_argument, "{}: {}", name, why);
}

std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const std::size_t comma = std::min(text.find(','), text.size());
    if (comma > 0) parts.emplace_back(text.substr(0, comma));
    text.remove_prefix(std::min(comma + 1, text.size()));
    if (parts.size() > kMaxListed) throw Error(Errc::invalid_argument, "a list is too long");
  }
  return parts;
}

std::vector<std::string> texts(std::string_view name, const Json& json) {
  if (json.is_string()) return {json.get<std::string>()};
  const bool is_good =
      json.is_array() && json.size() <= kMaxListed &&
      std::all_of(json.begin(), json.end(), [](const Json& j) { return j.is_string(); });
  if (!is_good) throw refuse(name, "expected a list of texts");
  return json.get<std::vector<std::string>>();
}

Json text_list(const std::vector<std::string>& list) { return list.empty() ? Json() : Json(list); }

void set_bbox(Search& search, std::vector<double> edges) {
  if (edges.size() != 4 && edges.size() != 6)
    throw refuse("bbox", fmt::format("expected 4 or 6 numbers, west,south,east,north, not {}",
                                     edges.size()));
  const std::size_t half = edges.size() / 2;
  for (const double edge : edges)
    if (!std::isfinite(edge)) throw refuse("bbox", "an edge is not finite");
  if (edges[1] < -90 || edges[half + 1] > 90 || edges[1] > edges[half + 1])
    throw refuse("bbox", "expected latitudes south <= north from -90 to 90");
  if (std::abs(edges[0]) > 360 || std::abs(edges[half]) > 360)
    throw refuse("bbox", "expected longitudes from -180 to 180");
  if (half == 3 && edges[2] > edges[5]) throw refuse("bbox", "expected heights lowest <= highest");
  search.bbox = std::move(edges);
}

void bbox_from_text(Search& search, std::string_view text) { set_bbox(search, parse_edges(text)); }

void bbox_from_json(Search& search, const Json& json) {
  std::vector<double> edges;
  if (!json.is_array() || json.size() > 6)
    throw refuse("bbox", "expected a list of 4 or 6 numbers");
  for (const Json& edge : json) {
    if (!edge.is_number()) throw refuse("bbox", "expected a list of 4 or 6 numbers");
    edges.push_back(edge.get<double>());
  }
  set_bbox(search, std::move(edges));
}

bool is_json_object(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t\r\n");
  return begin != std::string_view::npos && text[begin] == '{';
}

Json json_of(std::string_view name, std::string_view text) {
  try {
    return parse_json(text, name);
  } catch (const Error& e) {
    throw Error(Errc::invalid_argument, "{}", e.message());
  }
}

void intersects_from_text(Search& search, std::string_view text) {
  search.intersects = is_json_object(text) ? Geometry::from_geojson(json_of("intersects", text))
                                           : Geometry::from_wkt(text);
}

void set_language(Search& search, std::string_view language) {
  if (!search.filter) search.filter.emplace();
  search.filter->language = language;
}

/// Parses it when its language is CQL2. The language may come before or after the filter itself.
void read_filter(ItemFilter& filter) {
  filter.expression.reset();
  if (filter.given.is_null()) return;
  const bool is_text = filter.given.is_string();
  if (filter.language.empty()) filter.language = is_text ? kText : kJson;
  if (filter.language == kText && is_text)
    filter.expression = parse_cql2_text(filter.given.get_ref<const std::string&>());
  else if (filter.language == kJson && filter.given.is_object())
    filter.expression = parse_cql2_json(filter.given);
  else if (filter.language == kText || filter.language == kJson)
    throw refuse("filter", fmt::format("it is not in the language '{}'", filter.language));
}

void filter_from_json(Search& search, const Json& json) {
  if (!json.is_object() && !json.is_string())
    throw refuse("filter", "expected an object or a text");
  if (!search.filter) search.filter.emplace();
  search.filter->given = json;
}

void filter_from_text(Search& search, std::string_view text) {
  const bool is_json = is_json_object(text);
  filter_from_json(search, is_json ? json_of("filter", text) : Json(std::string(text)));
}

Json filter_to_json(const Search& search, bool is_get) {
  if (!search.filter) return nullptr;
  const ItemFilter& filter = *search.filter;
  if (!filter.expression || filter.given.is_string() == is_get) return filter.given;
  return is_get ? Json(to_cql2_text(*filter.expression)) : to_cql2_json(*filter.expression);
}

Json language_to_json(const Search& search, bool is_get) {
  if (!search.filter) return nullptr;
  if (!search.filter->expression) return search.filter->language;
  return is_get ? kText : kJson;
}

void crs_from_text(Search&, std::string_view text) {
  if (text != "http://www.opengis.net/def/crs/OGC/1.3/CRS84")
    throw refuse("filter-crs", "expected http://www.opengis.net/def/crs/OGC/1.3/CRS84");
}

SortKey sort_key(std::string_view text) {
  const bool is_signed = text.starts_with('-') || text.starts_with('+');
  SortKey key{std::string(text.substr(is_signed ? 1 : 0)), text.starts_with('-')};
  if (key.field.empty()) throw refuse("sortby", "a field has no name");
  return key;
}

void sortby_from_text(Search& search, std::string_view text) {
  search.sortby.clear();
  for (const std::string& part : split(text)) search.sortby.push_back(sort_key(part));
}

void sortby_from_json(Search& search, const Json& json) {
  if (json.is_string()) return sortby_from_text(search, json.get<std::string>());
  if (!json.is_array() || json.size() > 100) throw refuse("sortby", "expected a list");
  search.sortby.clear();
  for (const Json& one : json) {
    if (one.is_string()) {
      search.sortby.push_back(sort_key(one.get<std::string>()));
      continue;
    }
    const Json field = one.is_object() ? one.value("field", Json()) : Json();
    const Json direction = one.is_object() ? one.value("direction", Json("asc")) : Json();
    if (!field.is_string() || (direction != "asc" && direction != "desc"))
      throw refuse("sortby", R"(expected {"field": NAME, "direction": "asc" or "desc"})");
    search.sortby.push_back({field.get<std::string>(), direction == "desc"});
  }
}

Json sortby_to_json(const Search& search, bool) {
  if (search.sortby.empty()) return nullptr;
  Json list = Json::array();
  for (const SortKey& key : search.sortby)
    list.push_back({{"field", key.field}, {"direction", key.is_descending ? "desc" : "asc"}});
  return list;
}

void fields_from_text(Search& search, std::string_view text) {
  FieldChoice fields;
  for (const std::string& part : split(text)) {
    const bool is_signed = part.starts_with('-') || part.starts_with('+');
    (part.starts_with('-') ? fields.exclude : fields.include)
        .push_back(part.substr(is_signed ? 1 : 0));
  }
  search.fields = std::move(fields);
}

void fields_from_json(Search& search, const Json& json) {
  if (!json.is_object()) throw refuse("fields", "expected an object");
  FieldChoice fields;
  if (json.contains("include")) fields.include = texts("fields", json.at("include"));
  if (json.contains("exclude")) fields.exclude = texts("fields", json.at("exclude"));
  search.fields = std::move(fields);
}

Json fields_to_json(const Search& search, bool) {
  if (!search.fields) return nullptr;
  return {{"include", search.fields->include}, {"exclude", search.fields->exclude}};
}

void set_limit(Search& search, std::int64_t limit) {
  if (limit < 1 || limit > kMaxLimit)
    throw refuse("limit", fmt::format("{} is not within 1 and {}", limit, kMaxLimit));
  search.limit = limit;
}

void limit_from_text(Search& search, std::string_view text) {
  std::int64_t limit = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), limit);
  if (error != std::errc() || end != text.data() + text.size())
    throw refuse("limit", "expected a whole number");
  set_limit(search, limit);
}

void limit_from_json(Search& search, const Json& json) {
  if (!holds_integer<std::int64_t>(json)) throw refuse("limit", "expected a whole number");
  set_limit(search, json.get<std::int64_t>());
}

std::string string_of(std::string_view name, const Json& json) {
  if (!json.is_string()) throw refuse(name, "expected a text");
  return json.get<std::string>();
}

/// A double as Python writes it, "60.0", so that a URL is the same as other clients make.
std::string float_text(double value) {
  std::string text = fmt::format("{}", value);
  return text.find_first_of(".en") == std::string::npos ? text + ".0" : text;
}

/// A parameter's JSON as a query string has it.
std::string query_text(std::string_view name, const Json& json) {
  std::string text;
  const auto add = [&](const std::string& part) { text += (text.empty() ? "" : ",") + part; };
  if (json.is_string()) return json.get<std::string>();
  if (name == "bbox") {
    for (const Json& edge : json) add(float_text(edge.get<double>()));
  } else if (name == "sortby") {
    for (const Json& key : json)
      add((key.at("direction") == "desc" ? "-" : "+") + key.at("field").get<std::string>());
  } else if (name == "fields") {
    for (const Json& field : json.at("include")) add("+" + field.get<std::string>());
    for (const Json& field : json.at("exclude")) add("-" + field.get<std::string>());
  } else if (json.is_array()) {
    for (const Json& part : json) add(part.get<std::string>());
  } else {
    return json.dump();
  }
  return text;
}

}  // namespace

const std::vector<SearchParameter>& search_parameters() {
  using Text = std::string_view;
  static const std::vector<SearchParameter> table = {
      {"limit", "items a page", limit_from_text, limit_from_json,
       [](const Search& s, bool) { return s.limit ? Json(*s.limit) : Json(); }},
      {"bbox", "W,S,E,N in degrees, with commas or blanks; or six numbers, with heights",
       bbox_from_text, bbox_from_json,
       [](const Search& s, bool) { return s.bbox.empty() ? Json() : Json(s.bbox); }},
      {"datetime", "a year, month, day, instant, or two of them with '/' between",
       [](Search& s, Text text) { s.datetime = parse_time_condition(text); },
       [](Search& s, const Json& json) {
         s.datetime = parse_time_condition(string_of("datetime", json));
       },
       [](const Search& s, bool) { return s.datetime ? Json(s.datetime->text) : Json(); }},
      {"ids", "ids of items", [](Search& s, Text text) { s.ids = split(text); },
       [](Search& s, const Json& json) { s.ids = texts("ids", json); },
       [](const Search& s, bool) { return text_list(s.ids); }},
      {"collections", "ids of collections",
       [](Search& s, Text text) { s.collections = split(text); },
       [](Search& s, const Json& json) { s.collections = texts("collections", json); },
       [](const Search& s, bool) { return text_list(s.collections); }},
      {"intersects", "a GeoJSON geometry or feature, or WKT", intersects_from_text,
       [](Search& s, const Json& json) { s.intersects = Geometry::from_geojson(json); },
       [](const Search& s, bool) { return s.intersects ? s.intersects->geojson() : Json(); }},
      {"query", "NAME<VALUE (also >=, <=, =, <>, >) or JSON, of the query extension",
       [](Search& s, Text text) { add_query(s.query, text); },
       [](Search& s, const Json& json) {
         if (!json.is_object()) throw refuse("query", "expected an object");
         s.query = json;
       },
       [](const Search& s, bool) { return s.query; }},
      {"filter", "CQL2, as text or as JSON", filter_from_text, filter_from_json, filter_to_json},
      {"filter-lang", "cql2-text or cql2-json; found out where it is not given", set_language,
       [](Search& s, const Json& json) { set_language(s, string_of("filter-lang", json)); },
       language_to_json},
      {"filter-crs", "CRS of geometries of the filter: CRS84 alone", crs_from_text,
       [](Search& s, const Json& json) { crs_from_text(s, string_of("filter-crs", json)); },
       [](const Search&, bool) { return Json(); }},
      {"sortby", "+NAME or -NAME (descending), several with commas", sortby_from_text,
       sortby_from_json, sortby_to_json},
      {"fields", "members to have, or -NAME not to have, several with commas", fields_from_text,
       fields_from_json, fields_to_json},
      {"q", "words to find in collections", [](Search& s, Text text) { s.q = text; },
       [](Search& s, const Json& json) {
         for (const std::string& word : texts("q", json)) s.q += (s.q.empty() ? "" : ",") + word;
       },
       [](const Search& s, bool) { return s.q.empty() ? Json() : Json(s.q); }},
  };
  return table;
}

const SearchParameter* find_search_parameter(std::string_view name) {
  if (name == "filter_lang") name = "filter-lang";
  const auto& all = search_parameters();
  const auto it = std::find_if(all.begin(), all.end(),
                               [&](const SearchParameter& p) { return p.name == name; });
  return it == all.end() ? nullptr : &*it;
}

void set_parameter(Search& search, std::string_view name, std::string_view text) {
  const SearchParameter* parameter = find_search_parameter(name);
  if (parameter == nullptr)
    throw Error(Errc::invalid_argument, "no search parameter is called '{}'", name.substr(0, 40));
  parameter->from_text(search, text);
}

Search search_from_json(const Json& body) {
  if (!body.is_object()) throw Error(Errc::invalid_argument, "a search is a JSON object");
  Search search;
  for (const auto& [name, value] : body.items()) {
    const SearchParameter* parameter = find_search_parameter(name);
    if (parameter != nullptr && !value.is_null()) parameter->from_json(search, value);
  }
  complete_search(search);
  return search;
}

void complete_search(Search& search) {
  if (search.filter) read_filter(*search.filter);
  if (!search.bbox.empty() && search.intersects)
    throw Error(Errc::invalid_argument, "give either bbox or intersects");
  if (search.filter && search.filter->given.is_null())
    throw Error(Errc::invalid_argument, "filter-lang needs a filter");
  if (search.max_items && *search.max_items < 1)
    throw Error(Errc::invalid_argument, "max-items: expected at least 1");
}

Json search_body(const Search& search) {
  Json body = Json::object();
  for (const SearchParameter& parameter : search_parameters()) {
    Json value = parameter.to_json(search, false);
    if (!value.is_null()) body[std::string(parameter.name)] = std::move(value);
  }
  return body;
}

std::vector<std::pair<std::string, std::string>> search_query(const Search& search) {
  std::vector<std::pair<std::string, std::string>> query;
  for (const SearchParameter& parameter : search_parameters()) {
    const Json value = parameter.to_json(search, true);
    if (!value.is_null()) query.emplace_back(parameter.name, query_text(parameter.name, value));
  }
  return query;
}

BBox flat_box(const std::vector<double>& bbox) {
  const std::size_t half = bbox.size() / 2;
  return {bbox[0], bbox[1], bbox[half], bbox[half + 1]};
}

}  // namespace rastream
