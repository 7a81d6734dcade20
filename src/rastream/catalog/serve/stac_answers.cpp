// SPDX-License-Identifier: Apache-2.0
#include "rastream/catalog/serve/stac_answers.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "rastream/base/error.h"
#include "rastream/catalog/api/collection_match.h"
#include "rastream/catalog/search/answer_shape.h"
#include "rastream/catalog/serve/stac_links.h"
#include "rastream/store/http/url.h"

namespace rastream {
namespace {

constexpr std::int64_t kDefaultLimit = 10;
/// Of more items than this, those that match a filter are counted only when the index knows it
/// without their texts.
constexpr std::int64_t kMaxCounted = 200'000;

constexpr const char* kConformance[] = {
    "https://api.stacspec.org/v1.0.0/core",
    "https://api.stacspec.org/v1.0.0/collections",
    "https://api.stacspec.org/v1.0.0/ogcapi-features",
    "https://api.stacspec.org/v1.0.0/item-search",
    "https://api.stacspec.org/v1.0.0/item-search#sort",
    "https://api.stacspec.org/v1.0.0/item-search#fields",
    "https://api.stacspec.org/v1.0.0/item-search#query",
    "https://api.stacspec.org/v1.0.0-rc.2/item-search#filter",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/oas30",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/geojson",
    "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/filter",
    "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/features-filter",
    "http://www.opengis.net/spec/cql2/1.0/conf/cql2-text",
    "http://www.opengis.net/spec/cql2/1.0/conf/cql2-json",
    "http://www.opengis.net/spec/cql2/1.0/conf/basic-cql2",
    "http://www.opengis.net/spec/cql2/1.0/conf/advanced-comparison-operators",
    "http://www.opengis.net/spec/cql2/1.0/conf/case-insensitive-comparison",
    "http://www.opengis.net/spec/cql2/1.0/conf/accent-insensitive-comparison",
    "http://www.opengis.net/spec/cql2/1.0/conf/basic-spatial-functions",
    "http://www.opengis.net/spec/cql2/1.0/conf/basic-spatial-functions-plus",
    "http://www.opengis.net/spec/cql2/1.0/conf/spatial-functions",
    "http://www.opengis.net/spec/cql2/1.0/conf/temporal-functions",
    "http://www.opengis.net/spec/cql2/1.0/conf/array-functions",
    "http://www.opengis.net/spec/cql2/1.0/conf/property-property",
    "http://www.opengis.net/spec/cql2/1.0/conf/arithmetic",
};

/// Where the next page begins; "" is the first.
std::int64_t offset_of(const std::string& token) {
  if (token.empty()) return 0;
  std::int64_t offset = 0;
  const auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), offset);
  if (error != std::errc() || end != token.data() + token.size() || offset < 0)
    throw Error(Errc::invalid_argument, "token: this server has not given '{}'",
                token.substr(0, 40));
  return offset;
}

std::string collection_url(const std::string& base, const std::string& id) {
  return base + "/collections/" + percent_encode(id);
}

int status_of(Errc code) {
  switch (code) {
    case Errc::invalid_argument:
    case Errc::unsupported: return 400;
    case Errc::not_found: return 404;
    default: return 500;
  }
}

Json extent_json(const IndexedCollection& collection) {
  const BBox& box = collection.box;
  Json interval = Json::array({nullptr, nullptr});
  if (collection.time && collection.time->begin != kBeforeAll)
    interval[0] = instant_text(collection.time->begin);
  if (collection.time && collection.time->end != kAfterAll)
    interval[1] = instant_text(collection.time->end);
  return {{"spatial",
           {{"bbox", Json::array({Json::array({box.west, box.south, box.east, box.north})})}}},
          {"temporal", {{"interval", Json::array({interval})}}}};
}

/// The search that a request asks for, and its token.
struct Asked {
  Search search;
  std::string token;
};

/// A client asks a server in RFC 3339 alone; years and days are for people.
void check_strict(const std::string& datetime) {
  const std::string sent = parse_time_condition(datetime).text;
  const std::size_t slash = datetime.find('/');
  std::string given = datetime;
  if (slash != std::string::npos) {
    const auto end = [](const std::string& part) { return part.empty() ? ".." : part; };
    given = end(datetime.substr(0, slash)) + "/" + end(datetime.substr(slash + 1));
  }
  if (sent != given)
    throw Error(
        Errc::invalid_argument,
        "datetime '{}': expected RFC 3339 with a zone, such as 2017-06-10T12:00:00Z, or two "
        "with '/' between",
        datetime.substr(0, 100));
}

/// A page that is larger than this server gives is its largest (STAC API 1.0.0, item search).
void cut_limit(Json& body) {
  const auto limit = body.is_object() ? body.find("limit") : body.end();
  if (limit != body.end() && holds_integer<std::int64_t>(*limit) &&
      limit->get<std::int64_t>() > kMaxLimit)
    *limit = kMaxLimit;
}

std::string cut_limit(const std::string& text) {
  const bool is_number = !text.empty() && text.find_first_not_of("0123456789") == std::string::npos;
  const bool is_large = is_number && (text.size() > 9 || std::stoll(text) > kMaxLimit);
  return is_large ? std::to_string(kMaxLimit) : text;
}

Asked asked_of(const ServeRequest& request) {
  Asked asked;
  if (request.method == "POST") {
    Json body;
    try {
      body = parse_json(request.body, "body");
    } catch (const Error& e) {
      throw Error(Errc::invalid_argument, "{}", e.message());
    }
    cut_limit(body);
    asked.search = search_from_json(body);
    const Json datetime = body.value("datetime", Json());
    if (datetime.is_string()) check_strict(datetime.get<std::string>());
    const Json token = body.value("token", Json(""));
    if (!token.is_string()) throw Error(Errc::invalid_argument, "token: expected a text");
    asked.token = token.get<std::string>();
    return asked;
  }
  for (const auto& [name, value] : request.query) {
    if (name == "token")
      asked.token = value;
    else if (find_search_parameter(name) != nullptr)
      set_parameter(asked.search, name, name == "limit" ? cut_limit(value) : value);
    if (name == "datetime") check_strict(value);
  }
  complete_search(asked.search);
  return asked;
}

Json next_link(const ServeRequest& request, const std::string& url, const std::string& token) {
  if (request.method == "POST") {
    Json body = parse_json(request.body, "body");
    body["token"] = token;
    Json link = link_json("next", url, kGeoJsonType);
    link["method"] = "POST";
    link["body"] = std::move(body);
    return link;
  }
  auto query = request.query;
  std::erase_if(query, [](const auto& parameter) { return parameter.first == "token"; });
  query.emplace_back("token", token);
  Json link =
      link_json("next", fmt::format("{}?{}", url, encode_query(query, ",:/")), kGeoJsonType);
  link["method"] = "GET";
  return link;
}

}  // namespace

struct StacAnswers::Page {
  std::vector<std::int64_t> items;
  std::optional<std::int64_t> matched;
  std::string next;  ///< token; "" behind the last
};

StacAnswers::StacAnswers(Index index) : index_(std::move(index)) {
  for (const IndexedCollection& one : index_.collections())
    if (one.is_collection || one.n_items > 0) collections_.push_back(one);
}

ServeAnswer StacAnswers::answer(const ServeRequest& request) const {
  ServeAnswer answer;
  try {
    answer.body = route(request, answer).dump();
  } catch (const Error& e) {
    answer.status = answer.status != 200 ? answer.status : status_of(e.code());
    answer.type = kJsonType;
    // What is wrong with the server's own files is not the client's business.
    const bool is_ours = answer.status == 500;
    answer.body = Json{{"code", to_string(e.code())},
                       {"description", is_ours ? "the index is damaged" : e.message()}}
                      .dump(-1, ' ', false, Json::error_handler_t::replace);
  }
  return answer;
}

Json StacAnswers::route(const ServeRequest& request, ServeAnswer& answer) const {
  const auto& path = request.path;
  const std::string first = path.empty() ? "" : path[0];
  const bool is_search = path.size() == 1 && first == "search";
  if (request.method != "GET" && !(request.method == "POST" && is_search)) {
    answer.status = 405;
    throw Error(Errc::invalid_argument, "{} is not allowed here", request.method.substr(0, 20));
  }
  if (path.empty()) return landing(request.base);
  if (first == "collections" && path.size() > 1) return collection_path(request, answer);
  if (path.size() == 1) {
    if (first == "conformance") return {{"conformsTo", kConformance}};
    if (first == "collections") return collections(request.base);
    if (first == "api") {
      answer.type = kOpenApiType;
      return api_description(request.base);
    }
    if (first == "queryables") {
      answer.type = kSchemaType;
      return queryables(request.base, nullptr);
    }
  }
  if (is_search) {
    answer.type = kGeoJsonType;
    return search(request, "");
  }
  throw Error(Errc::not_found, "there is nothing at this path");
}

Json StacAnswers::landing(const std::string& base) const {
  Json links = Json::array({
      link_json("self", base + "/", kJsonType),
      link_json("root", base + "/", kJsonType),
      link_json("conformance", base + "/conformance", kJsonType),
      link_json("service-desc", base + "/api", kOpenApiType),
      link_json("data", base + "/collections", kJsonType),
      link_json(kQueryablesRel, base + "/queryables", kSchemaType),
  });
  for (const char* method : {"GET", "POST"}) {
    Json link = link_json("search", base + "/search", kGeoJsonType);
    link["method"] = method;
    links.push_back(std::move(link));
  }
  for (const IndexedCollection& one : collections_)
    links.push_back(link_json("child", collection_url(base, one.id), kJsonType));
  Json root = {{"type", "Catalog"},
               {"stac_version", "1.0.0"},
               {"id", "rastream"},
               {"title", "rastream"},
               {"description", "A static catalog, served by rastream"}};
  for (const IndexedCollection& one : index_.collections()) {
    if (one.href != index_.root() || one.text.empty()) continue;
    const Json document = one.text.parse(one.id);
    for (const char* name : {"id", "title", "description"})
      if (document.contains(name) && document.at(name).is_string() && document.at(name) != "")
        root[name] = document.at(name);
  }
  root["conformsTo"] = kConformance;
  root["links"] = std::move(links);
  return root;
}

Json StacAnswers::api_description(const std::string& base) const {
  const Json answers = {{"200", {{"description", "as STAC API 1.0.0 says"}}}};
  Json paths = Json::object();
  for (const char* path :
       {"/", "/conformance", "/collections", "/collections/{collectionId}",
        "/collections/{collectionId}/items", "/collections/{collectionId}/items/{featureId}",
        "/collections/{collectionId}/queryables", "/queryables", "/search"}) {
    Json parameters = Json::array();
    for (const char* name : {"collectionId", "featureId"}) {
      if (std::string(path).find(std::string("{") + name) != std::string::npos)
        parameters.push_back(
            {{"name", name}, {"in", "path"}, {"required", true}, {"schema", {{"type", "string"}}}});
    }
    paths[path]["get"] = {{"responses", answers}, {"parameters", std::move(parameters)}};
  }
  paths["/search"]["post"] = {{"responses", answers}};
  return {{"openapi", "3.0.3"},
          {"info", {{"title", "rastream stac serve"}, {"version", "1.0.0"}}},
          {"servers", Json::array({{{"url", base}}})},
          {"paths", std::move(paths)}};
}

Json StacAnswers::collection(const IndexedCollection& one, const std::string& base) const {
  Json json = one.text.empty() ? Json::object() : one.text.parse(one.id);
  Json links = other_links(json, one.href);
  const std::string self = collection_url(base, one.id);
  links.push_back(link_json("self", self, kJsonType));
  links.push_back(link_json("root", base + "/", kJsonType));
  links.push_back(link_json("parent", base + "/", kJsonType));
  links.push_back(link_json("items", self + "/items", kGeoJsonType));
  links.push_back(link_json(kQueryablesRel, self + "/queryables", kSchemaType));
  json["type"] = "Collection";
  json["id"] = one.id;
  // A catalog that stands in for a collection has no license and extent of its own.
  const Json missing = {{"stac_version", "1.0.0"},
                        {"description", one.id},
                        {"license", "other"},
                        {"extent", extent_json(one)}};
  for (const auto& [name, value] : missing.items())
    if (!json.contains(name) || json.at(name) == "") json[name] = value;
  make_assets_absolute(json, one.href);
  json["links"] = std::move(links);
  return json;
}

Json StacAnswers::collections(const std::string& base) const {
  Json list = Json::array();
  for (const IndexedCollection& one : collections_) list.push_back(collection(one, base));
  return {{"collections", std::move(list)},
          {"links", Json::array({link_json("self", base + "/collections", kJsonType),
                                 link_json("root", base + "/", kJsonType)})},
          {"numberMatched", collections_.size()},
          {"numberReturned", collections_.size()}};
}

const IndexedCollection& StacAnswers::named_collection(const std::string& id) const {
  for (const IndexedCollection& one : collections_)
    if (one.id == id) return one;
  throw Error(Errc::not_found, "there is no collection '{}'", id.substr(0, 200));
}

Json StacAnswers::collection_path(const ServeRequest& request, ServeAnswer& answer) const {
  const auto& path = request.path;
  const IndexedCollection& one = named_collection(path[1]);
  if (path.size() == 2) return collection(one, request.base);
  if (path.size() == 3 && path[2] == "queryables") {
    answer.type = kSchemaType;
    return queryables(request.base, &one);
  }
  if (path[2] != "items" || path.size() > 4)
    throw Error(Errc::not_found, "there is nothing at this path");
  answer.type = kGeoJsonType;
  return path.size() == 3 ? search(request, one.id) : one_item(request);
}

Json StacAnswers::one_item(const ServeRequest& request) const {
  Search search;
  search.collections = {request.path[1]};
  search.ids = {request.path[3]};
  std::optional<std::int64_t> found;
  index_.find(ItemMatcher(search), 0, [&](std::int64_t i) {
    found = i;
    return false;
  });
  if (!found)
    throw Error(Errc::not_found, "collection '{}' has no item '{}'", request.path[1],
                request.path[3].substr(0, 200));
  return item_json(*found, request.base);
}

Json StacAnswers::queryables(const std::string& base, const IndexedCollection* of) const {
  Json properties = {
      {"id", {{"title", "Item ID"}, {"type", "string"}}},
      {"collection", {{"title", "Collection ID"}, {"type", "string"}}},
      {"geometry", {{"title", "Geometry"}, {"$ref", "https://geojson.org/schema/Geometry.json"}}},
      {"datetime", {{"title", "Acquired"}, {"type", "string"}, {"format", "date-time"}}},
  };
  for (const std::string& name : index_.columns())
    if (!properties.contains(name)) properties[name] = {{"title", name}, {"type", "number"}};
  const std::string at = of ? collection_url(base, of->id) : base;
  return {{"$schema", "https://json-schema.org/draft/2020-12/schema"},
          {"$id", at + "/queryables"},
          {"type", "object"},
          {"title", "Queryables"},
          {"properties", std::move(properties)},
          {"additionalProperties", true}};
}

Json StacAnswers::item_json(std::int64_t i, const std::string& base) const {
  const IndexedItem stored = index_.item(i);
  Json json = stored.text.parse("item");
  Json links = other_links(json, stored.href);
  const Json named = json.value("collection", Json());
  const std::string collection = named.is_string() && !named.get<std::string>().empty()
                                     ? named.get<std::string>()
                                     : stored.above;
  const std::string parent = collection.empty() ? base + "/" : collection_url(base, collection);
  const std::string id = json.value("id", "");
  links.push_back(link_json("root", base + "/", kJsonType));
  links.push_back(link_json("parent", parent, kJsonType));
  if (!collection.empty()) {
    json["collection"] = collection;
    links.push_back(link_json("collection", parent, kJsonType));
    links.push_back(link_json("self", parent + "/items/" + percent_encode(id), kGeoJsonType));
  }
  make_assets_absolute(json, stored.href);
  json["links"] = std::move(links);
  return json;
}

StacAnswers::Page StacAnswers::find(const Search& search, const std::string& token) const {
  if (!search.sortby.empty()) return find_sorted(search, token);
  const ItemMatcher matcher(search);
  const auto limit = static_cast<std::size_t>(search.limit.value_or(kDefaultLimit));
  Page page;
  index_.find(matcher, offset_of(token), [&](std::int64_t i) {
    if (page.items.size() == limit) {
      page.next = std::to_string(i);
      return false;
    }
    page.items.push_back(i);
    return true;
  });
  if (index_.n_items() <= kMaxCounted || !matcher.filter()) page.matched = index_.count(matcher);
  return page;
}

StacAnswers::Page StacAnswers::find_sorted(const Search& search, const std::string& token) const {
  const ItemMatcher matcher(search);
  std::vector<std::pair<std::vector<Value>, std::int64_t>> all;
  index_.find(matcher, 0, [&](std::int64_t i) {
    const IndexedItem stored = index_.item(i);
    all.emplace_back(sort_values(parse_item(stored.text, stored.href), search.sortby), i);
    return true;
  });
  std::stable_sort(all.begin(), all.end(), [&](const auto& a, const auto& b) {
    return sorts_before(a.first, b.first, search.sortby);
  });
  Page page;
  page.matched = static_cast<std::int64_t>(all.size());
  const std::int64_t begin = std::min(offset_of(token), *page.matched);
  const std::int64_t end = std::min(begin + search.limit.value_or(kDefaultLimit), *page.matched);
  for (std::int64_t i = begin; i < end; ++i)
    page.items.push_back(all[static_cast<std::size_t>(i)].second);
  if (end < *page.matched) page.next = std::to_string(end);
  return page;
}

Json StacAnswers::search(const ServeRequest& request, const std::string& only_collection) const {
  Asked asked = asked_of(request);
  std::string url = request.base + "/search";
  if (!only_collection.empty()) {
    asked.search.collections = {only_collection};
    url = collection_url(request.base, only_collection) + "/items";
  }
  const Page page = find(asked.search, asked.token);
  Json features = Json::array();
  for (const std::int64_t i : page.items) {
    Json item = item_json(i, request.base);
    if (asked.search.fields)
      item = parse_json(chosen_fields(item.dump(), *asked.search.fields), "item");
    features.push_back(std::move(item));
  }
  Json links = Json::array({link_json("root", request.base + "/", kJsonType)});
  const std::string query = request.method == "GET" && !request.query.empty()
                                ? fmt::format("?{}", encode_query(request.query, ",:/"))
                                : "";
  links.push_back(link_json("self", url + query, kGeoJsonType));
  if (!only_collection.empty())
    links.push_back(
        link_json("collection", collection_url(request.base, only_collection), kJsonType));
  if (!page.next.empty()) links.push_back(next_link(request, url, page.next));
  Json out = {{"type", "FeatureCollection"}, {"features", std::move(features)}};
  out["numberReturned"] = page.items.size();
  if (page.matched) out["numberMatched"] = *page.matched;
  out["links"] = std::move(links);
  return out;
}

}  // namespace rastream
