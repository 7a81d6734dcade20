// SPDX-License-Identifier: Apache-2.0
#include "rastream/catalog/catalog_reader.h"

#include <chrono>
#include <filesystem>

#include "rastream/base/error.h"
#include "rastream/catalog/href.h"
#include "rastream/catalog/json_element.h"
#include "rastream/catalog/migrate.h"
#include "rastream/store/byte_source.h"
#include "rastream/store/http/http_client.h"
#include "rastream/store/http/retry.h"
#include "rastream/store/http/url.h"
#include "rastream/store/location.h"

namespace rastream {
namespace {

namespace fs = std::filesystem;

constexpr int kNotModified = 304;

JsonText stored_text(const Location& at, const std::string& url) {
  const std::optional<Bytes> bytes = at.store->get(at.path);
  if (!bytes) throw Error(Errc::not_found, "there is no '{}'", printable_url(url));
  return JsonText(std::string_view(reinterpret_cast<const char*>(bytes->data()), bytes->size()));
}

bool is_known(const DocumentStamp& stamp) { return stamp != DocumentStamp(); }

/// False where a later change could have the same time: times may have steps of a second (RFC 9110,
/// section 8.8.2.2).
bool is_firm(std::int64_t changed_ms, std::int64_t seen_ms) { return seen_ms - changed_ms >= 2000; }

DocumentStamp stamp_of(const FileInfo& info) {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const std::int64_t now_ms = std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
  const std::int64_t modified_ms = info.modified_ms.value_or(0);
  const bool is_past = modified_ms > 0 && is_firm(modified_ms, now_ms);
  if (info.etag.empty() && !is_past) return {};
  return {is_past ? modified_ms * 1'000'000 : 0, info.size_bytes, info.etag};
}

/// An ETag, or a Last-Modified that no later change can have.
std::string firm_version(const HttpHeaders& headers) {
  if (std::string etag = headers.get("ETag"); !etag.empty()) return etag;
  std::string modified = headers.get("Last-Modified");
  const auto changed_ms = parse_http_date_ms(modified);
  const auto sent_ms = parse_http_date_ms(headers.get("Date"));
  return changed_ms && sent_ms && is_firm(*changed_ms, *sent_ms) ? modified : "";
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
  if (!is_http_url(location)) {
    identity = location;
    return stored_text(Locations().find(location), location);
  }
  const HttpResponse response = fetch(location, from, {});
  identity = response.url;
  return JsonText(response.body);
}

HttpResponse CatalogReader::fetch(const std::string& url, const std::string& from,
                                  const DocumentStamp& known) const {
  HttpRequest request;
  request.url = url;
  request.headers = {{"Accept", "application/geo+json, application/json"}};
  request.document_url = web_url_of(from);
  request.stop = options_.stop;
  if (!known.version.empty()) {
    const bool is_date = parse_http_date(known.version).has_value();
    request.headers.add(is_date ? "If-Modified-Since" : "If-None-Match", known.version);
  }
  HttpResponse response =
      (options_.client ? options_.client : default_http_client())->send(request);
  if (known.version.empty() || response.status != kNotModified) check_success(request, response);
  return response;
}

std::optional<JsonText> CatalogReader::web_text_if_new(const std::string& url,
                                                       const std::string& from,
                                                       const DocumentStamp& known,
                                                       StampedDocument& out) const {
  const HttpResponse response = fetch(url, from, known);
  out.identity = response.url;
  if (response.status == kNotModified) {
    out.stamp = known;
    return std::nullopt;
  }
  out.stamp.version = firm_version(response.headers);
  return JsonText(response.body);
}

std::optional<JsonText> CatalogReader::text_if_new(const std::string& location,
                                                   const std::string& from,
                                                   const DocumentStamp& known,
                                                   StampedDocument& out) const {
  const auto is_same = [&] { return is_known(known) && out.stamp == known; };
  if (is_http_url(location) && options_.reads_urls)
    return web_text_if_new(location, from, known, out);
  if (is_remote(location) && options_.reads_urls) {
    const Location at = Locations().find(location);
    const auto info = at.files->stat(at.path);
    if (info) out.stamp = stamp_of(*info);
    out.identity = location;
    return is_same() ? std::nullopt : std::optional(stored_text(at, location));
  }
  if (auto state = file_state(location)) {
    out.stamp = {state->mtime_ns, state->size_bytes, ""};
    out.identity = std::move(state->identity);
  }
  return is_same() ? std::nullopt : std::optional(text_at(location, from, out.identity));
}

JsonText CatalogReader::shared_properties(const JsonText& item, const std::string& location,
                                          const Collection* above) const {
  JsonText collection;
  const std::string_view id = find_member(item.view(), "collection");
  const std::string href = collection_href(item);
  if (above != nullptr && id.starts_with('"') && from_json_string(id) == above->id) {
    collection = above->text;
  } else if (!href.empty()) {
    const std::string place = resolve_location(href, location);
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
  bool is_shared = false;
  return parse(std::move(text), location, above, is_shared);
}

Document CatalogReader::parse(JsonText text, const std::string& location, const Collection* above,
                              bool& is_shared) const {
  if (!options_.migrates) return parse_document(std::move(text), location);
  return parse_document(std::move(text), location, [&](const JsonText& old) {
    if (!shares_properties(old)) return migrated(old);
    is_shared = true;
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

StampedDocument CatalogReader::read_if_new(const std::string& location, const std::string& from,
                                           const Collection* above,
                                           const DocumentStamp& known) const {
  StampedDocument out;
  std::optional<JsonText> text = text_if_new(location, from, known, out);
  if (!text) return out;
  bool is_shared = false;
  out.document = parse(*std::move(text), location, above, is_shared);
  if (is_shared) out.stamp = {};
  return out;
}

std::string link_location(const Link& link, const std::string& from) {
  try {
    return resolve_location(link.href, from);
  } catch (const Error& e) {
    throw Error(e.code(), "{}: link '{}': {}", printable_url(from), link.rel, e.message());
  }
}

std::string catalog_file(const std::string& target) {
  const std::string location = resolve_location(target, "");
  std::error_code ec;
  if (is_remote(location) || !fs::is_directory(location, ec)) return location;
  const fs::path catalog = fs::path(location) / "catalog.json";
  return (fs::exists(catalog, ec) ? catalog : fs::path(location) / "collection.json").string();
}

}  // namespace rastream
