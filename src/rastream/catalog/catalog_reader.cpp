// SPDX-License-Identifier: Apache-2.0
#include "rastream/catalog/catalog_reader.h"

#include <filesystem>

#include "rastream/base/error.h"
#include "rastream/catalog/href.h"
#include "rastream/catalog/json_element.h"
#include "rastream/catalog/migrate.h"
#include "rastream/store/byte_source.h"
#include "rastream/store/http/http_client.h"
#include "rastream/store/http/url.h"
#include "rastream/store/location.h"

namespace rastream {
namespace {

namespace fs = std::filesystem;

JsonText stored_text(const std::string& url, std::string& identity) {
  const Location at = Locations().find(url);
  const std::optional<Bytes> bytes = at.store->get(at.path);
  if (!bytes) throw Error(Errc::not_found, "there is no '{}'", printable_url(url));
  identity = url;
  return JsonText(std::string_view(reinterpret_cast<const char*>(bytes->data()), bytes->size()));
}

/// Where on the web the document at `location` is; "" for one of this machine.
std::string web_url(const std::string& location) {
  if (!is_remote(location)) return "";
  if (is_http_url(location)) return location;
  const Location at = Locations().find(location);
  const auto address = at.files->web_address(at.path);
  return address ? address->url : "";
}

/// Where the collection of an item is; empty when it does not say.
std::string collection_href(const JsonText& item) {
  const std::string_view links = find_member(item.view(), "links");
  if (!links.starts_with('[')) return {};
  for (const std::string_view link : elements_of(links)) {
    if (!link.starts_with('{')) continue;
    const std::string_view href = find_member(link, "href");
    if (find_member(link, "rel") == "\"collection\"" && href.starts_with('"'))
      return from_json_string(href);
  }
  return {};
}

}  // namespace

JsonText CatalogReader::text_at(const std::string& location, const std::string& from,
                                std::string& identity) const {
  if (!is_remote(location)) return read_document(location, identity);
  if (!options_.reads_urls) {
    throw Error(Errc::unsupported, "'{}' is not a local path, and reading from the web is off",
                printable_url(location));
  }
  if (!is_http_url(location)) return stored_text(location, identity);
  HttpRequest request;
  request.url = location;
  request.headers = {{"Accept", "application/geo+json, application/json"}};
  request.document_url = web_url(from);
  const HttpResponse response =
      (options_.client ? options_.client : default_http_client())->send(request);
  check_success(request, response);
  identity = response.url;
  return JsonText(response.body);
}

JsonText CatalogReader::shared_properties(const JsonText& item, const std::string& location,
                                          const Collection* above) const {
  if (!shares_properties(item)) return {};
  JsonText collection;
  const std::string_view id = find_member(item.view(), "collection");
  const std::string href = collection_href(item);
  if (above != nullptr && id.starts_with('"') && from_json_string(id) == above->id) {
    collection = above->text;
  } else if (!href.empty()) {
    const std::string place = absolute_href(href, location);
    // A file does not make this machine ask the web, and not for what it can be read without.
    if (is_remote(place) != is_remote(location)) return {};
    try {
      std::string identity;
      collection = text_at(place, location, identity);
      expect_document(collection, place);
    } catch (const Error& e) {
      if (e.code() != Errc::not_found) throw;
      return {};
    }
  }
  if (collection.empty()) return {};
  const std::string_view properties = find_member(collection.view(), "properties");
  return properties.starts_with('{') ? collection.part(properties) : JsonText();
}

Document CatalogReader::parse(JsonText text, const std::string& location,
                              const Collection* above) const {
  if (!options_.migrates) return parse_document(std::move(text), location);
  return parse_document(std::move(text), location, [&](const JsonText& old) {
    return migrated(old, shared_properties(old, location, above));
  });
}

JsonText CatalogReader::text(const std::string& location) const {
  std::string identity;
  return text_at(location, "", identity);
}

ReadDocument CatalogReader::read(const std::string& location, const std::string& from,
                                 const Collection* above) const {
  ReadDocument out;
  JsonText text = text_at(location, from, out.identity);
  out.document = parse(std::move(text), location, above);
  return out;
}

std::string catalog_file(const std::string& target) {
  const std::string location = resolve_location(target, "");
  std::error_code ec;
  if (is_remote(location) || !fs::is_directory(location, ec)) return location;
  const fs::path catalog = fs::path(location) / "catalog.json";
  return (fs::exists(catalog, ec) ? catalog : fs::path(location) / "collection.json").string();
}

}  // namespace rastream
