// SPDX-License-Identifier: Apache-2.0
#include "rastream/catalog/api/stac_api.h"

#include <algorithm>
#include <array>

#include "rastream/base/error.h"
#include "rastream/catalog/api/collection_match.h"
#include "rastream/catalog/document.h"

namespace rastream {
namespace {

constexpr std::string_view kQueryables = "http://www.opengis.net/def/rel/ogc/1.0/queryables";
constexpr std::array<std::string_view, 2> kJsonTypes = {"application/geo+json", "application/json"};

/// The first link of this kind that leads to JSON, or does not say to what.
const Link* find_link(const Collection& document, std::string_view rel) {
  for (const Link& link : document.links) {
    const bool is_json = link.type.empty() || std::find(kJsonTypes.begin(), kJsonTypes.end(),
                                                        link.type) != kJsonTypes.end();
    if (link.rel == rel && is_json) return &link;
  }
  return nullptr;
}

std::string link_url(const Collection& document, std::string_view rel, std::string_view otherwise) {
  const Link* link = find_link(document, rel);
  if (link == nullptr) return url_below(document.href, otherwise);
  return resolve_url(parse_url(document.href), link->href).to_string();
}

Collection parse_one(const ApiAnswer& answer) {
  Document document = parse_document(answer.text, answer.url);
  if (auto* collection = std::get_if<Collection>(&document)) return std::move(*collection);
  throw Error(Errc::data_loss, "{}: expected a STAC catalog or collection",
              printable_url(answer.url));
}

std::vector<std::string> conformance_of(const Collection& landing) {
  const Json list = landing.member("conformsTo");
  std::vector<std::string> uris;
  if (list.is_array())
    for (const Json& uri : list)
      if (uri.is_string()) uris.push_back(uri.get<std::string>());
  return uris;
}

/// The limit of a page need not be more than what is wanted in all.
Search with_page_limit(Search search) {
  if (search.limit && search.max_items) search.limit = std::min(*search.limit, *search.max_items);
  return search;
}

/// Other conditions than those that are looked at here.
void check_local_conditions(const Search& search) {
  if (search.filter || search.query.is_object() || !search.sortby.empty() || search.fields ||
      search.intersects)
    throw Error(Errc::unsupported,
                "the API does not search collections: of conditions bbox, datetime and q are "
                "looked at here");
}

}  // namespace

std::vector<JsonText> ItemSearch::next_page() {
  if (n_left_ == 0) return {};
  auto page = pages_.next();
  if (!page) return {};
  if (!matched_) matched_ = page->matched;
  if (n_left_ && page->members.size() > static_cast<std::size_t>(*n_left_))
    page->members.resize(static_cast<std::size_t>(*n_left_));
  if (n_left_) *n_left_ -= static_cast<std::int64_t>(page->members.size());
  url_ = page->url;
  return std::move(page->members);
}

std::optional<Item> ItemSearch::next() {
  if (at_ == page_.size()) {
    page_.clear();
    page_ = next_page();
    at_ = 0;
    if (page_.empty()) return std::nullopt;
  }
  return parse_item(std::move(page_[at_++]), url_);
}

std::optional<StacApi> StacApi::try_open(const std::string& url, ApiOptions options) {
  StacApi api;
  api.session_ = std::make_shared<const ApiSession>(url, std::move(options));
  Document document = parse_document(api.session_->fetch({.url = url, .document_url = {}}).text, url);
  auto* landing = std::get_if<Collection>(&document);
  if (landing == nullptr) return std::nullopt;
  api.landing_ = std::move(*landing);
  api.has_conformance_ = api.landing_.member("conformsTo").is_array();
  api.conformance_ = Conformance(conformance_of(api.landing_));
  return api;
}

StacApi StacApi::open(const std::string& url, ApiOptions options) {
  auto api = try_open(url, std::move(options));
  if (!api)
    throw Error(Errc::data_loss, "{}: expected a STAC catalog", printable_url(url));
  return std::move(*api);
}

std::string StacApi::search_url() const {
  if (!can_search())
    throw Error(Errc::unsupported, "{}: it does not say that it can search items (ITEM_SEARCH)",
                printable_url(landing_.href));
  return link_url(landing_, "search", "search");
}

std::string StacApi::collections_url() const { return link_url(landing_, "data", "collections"); }

bool StacApi::has_collections() const {
  return conformance_.has("COLLECTIONS") || conformance_.has("FEATURES");
}

ApiRequest StacApi::search_request(const Search& search, ApiMethod method) const {
  ApiRequest request;
  request.url = search_url();
  request.document_url = landing_.href;
  if (method == ApiMethod::get) {
    request.url = with_query(request.url, search_query(search));
  } else {
    request.method = "POST";
    request.body = search_body(search);
  }
  return request;
}

ApiPages StacApi::search_pages(const Search& search, ApiMethod method) const {
  std::optional<ApiRequest> instead;
  if (method == ApiMethod::post) instead = search_request(search, ApiMethod::get);
  return {session_, search_request(search, method), "features", std::move(instead)};
}

ItemSearch StacApi::search(const Search& search, ApiMethod method) const {
  return {search_pages(with_page_limit(search), method), search.max_items};
}

std::optional<std::int64_t> StacApi::matched(const Search& search, ApiMethod method) const {
  Search one = search;
  one.limit = 1;
  ItemSearch found{search_pages(one, method), 1};
  const bool is_empty = found.next_page().empty();
  return found.matched() || !is_empty ? found.matched() : 0;
}

void StacApi::visit_children(const VisitCollection& visit) const {
  for (const Link& link : landing_.links) {
    if (link.rel != "child") continue;
    const std::string url = resolve_url(parse_url(landing_.href), link.href).to_string();
    const ApiAnswer answer = session_->fetch({.url = url, .document_url = landing_.href});
    if (parse_one(answer).is_collection && !visit(answer.text)) return;
  }
}

void StacApi::for_each_collection(const VisitCollection& visit, const Search& search) const {
  const bool searches = conformance_.has("COLLECTION_SEARCH");
  if (!searches) check_local_conditions(search);
  Search local = searches ? Search{} : search;
  if (!conformance_.has("COLLECTION_SEARCH_FREE_TEXT")) local.q = search.q;
  std::int64_t n_left = search.max_items.value_or(std::numeric_limits<std::int64_t>::max());
  const auto visit_one = [&](const JsonText& text) {
    if (!collection_matches(text.parse("collection"), local)) return true;
    return visit(text) && --n_left > 0;
  };
  if (!has_collections() && !searches) return visit_children(visit_one);
  ApiRequest request;
  request.url = with_query(collections_url(), search_query(with_page_limit(search)));
  request.document_url = landing_.href;
  ApiPages pages(session_, std::move(request), "collections");
  while (const auto page = pages.next()) {
    for (const JsonText& text : page->members)
      if (!visit_one(text)) return;
  }
}

std::vector<Collection> StacApi::collections(const Search& search) const {
  std::vector<Collection> out;
  for_each_collection(
      [&](const JsonText& text) {
        out.push_back(parse_collection(text, collections_url()));
        return true;
      },
      search);
  return out;
}

Collection StacApi::child(const std::string& id) const {
  std::optional<Collection> found;
  visit_children([&](const JsonText& text) {
    Collection collection = parse_collection(text, landing_.href);
    if (collection.id == id) found = std::move(collection);
    return !found;
  });
  if (found) return std::move(*found);
  throw Error(Errc::not_found, "{}: there is no collection '{}'", printable_url(landing_.href), id);
}

Collection StacApi::collection(const std::string& id) const {
  if (id.empty()) throw Error(Errc::invalid_argument, "a collection has an id");
  if (!has_collections()) return child(id);
  const std::string url = url_below(collections_url(), id);
  try {
    Collection collection = parse_one(session_->fetch({.url = url, .document_url = landing_.href}));
    collection.href = url;
    return collection;
  } catch (const Error& e) {
    if (e.code() != Errc::not_found) throw;
    throw Error(Errc::not_found, "{}: there is no collection '{}'", printable_url(landing_.href),
                id);
  }
}

ItemSearch StacApi::items(const Collection& collection, const Search& search) const {
  Search of_collection = with_page_limit(search);
  of_collection.collections = {collection.id};
  ApiRequest request;
  request.url = with_query(link_url(collection, "items", "items"), search_query(of_collection));
  request.document_url = collection.href;
  return {ApiPages(session_, std::move(request), "features"), search.max_items};
}

Item StacApi::item(const Collection& collection, const std::string& id) const {
  const auto missing = [&] {
    return Error(Errc::not_found, "{}: collection '{}' has no item '{}'",
                 printable_url(landing_.href), collection.id, id);
  };
  if (conformance_.has("FEATURES")) {
    const std::string url = url_below(link_url(collection, "items", "items"), id);
    try {
      return parse_item(session_->fetch({.url = url, .document_url = collection.href}).text, url);
    } catch (const Error& e) {
      if (e.code() == Errc::not_found) throw missing();
      throw;
    }
  }
  Search one;
  one.ids = {id};
  one.collections = {collection.id};
  ItemSearch found = search(one, ApiMethod::get);
  auto item = found.next();
  if (!item) throw missing();
  return std::move(*item);
}

Json StacApi::queryables_at(const std::string& url) const {
  if (!conformance_.has("FILTER"))
    throw Error(Errc::unsupported, "{}: it does not say that it can filter (FILTER)",
                printable_url(landing_.href));
  const ApiAnswer answer = session_->fetch({.url = url, .document_url = landing_.href});
  Json schema = answer.text.parse(printable_url(url));
  if (!schema.is_object() || !schema.contains("properties") ||
      !schema.at("properties").is_object())
    throw Error(Errc::data_loss, "{}: expected queryables with 'properties'", printable_url(url));
  return schema;
}

Json StacApi::queryables() const {
  for (const Link& link : landing_.links) {
    const bool is_html = link.type == "text/html";
    if (link.rel == kQueryables && !is_html)
      return queryables_at(resolve_url(parse_url(landing_.href), link.href).to_string());
  }
  return queryables_at(url_below(landing_.href, "queryables"));
}

Json StacApi::queryables(const std::string& collection) const {
  return queryables_at(url_below(url_below(collections_url(), collection), "queryables"));
}

Json StacApi::merged_queryables(const std::vector<std::string>& collections) const {
  if (collections.empty())
    throw Error(Errc::invalid_argument, "queryables of no collection have no meaning");
  Json merged = queryables(collections.front());
  merged.erase("$id");
  Json& properties = merged["properties"];
  for (std::size_t i = 1; i < collections.size(); ++i) {
    const Json more = queryables(collections[i]);
    if (!more.value("additionalProperties", false)) merged["additionalProperties"] = false;
    for (const auto& [name, schema] : more.at("properties").items()) {
      if (!properties.contains(name))
        properties[name] = schema;
      else if (properties.at(name) != schema)
        properties.erase(name);
    }
  }
  return merged;
}

}  // namespace rastream
