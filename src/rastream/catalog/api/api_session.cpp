// SPDX-License-Identifier: Apache-2.0
#include "rastream/catalog/api/api_session.h"

#include <algorithm>
#include <array>

#include "rastream/base/error.h"
#include "rastream/catalog/json_element.h"

namespace rastream {
namespace {

constexpr std::size_t kMaxLinkBytes = 64 << 10;
constexpr std::size_t kMaxBodyBytes = 4 << 20;

void add_query(Url& url, const std::vector<std::pair<std::string, std::string>>& query) {
  if (query.empty()) return;
  const std::string before = url.query.value_or("");
  url.query = fmt::format("{}{}{}", before, before.empty() ? "" : "&", encode_query(query));
}

/// Headers that are about the connection, which no document has a say in.
bool is_for_links(std::string_view name) {
  static constexpr std::array<std::string_view, 9> kOurs = {
      "Host", "Content-Length", "Transfer-Encoding", "Connection", "Upgrade", "Expect",
      "TE",   "Trailer",        "Accept-Encoding"};
  return std::none_of(kOurs.begin(), kOurs.end(),
                      [&](std::string_view own) { return equals_ignoring_case(own, name); });
}

/// A value may be one text, or a list of them, as in the STAC API.
void add_link_headers(std::string_view object, HttpHeaders& headers, const std::string& where) {
  if (!object.starts_with('{')) return;
  const Json json = parse_json(object, where);
  for (const auto& [name, value] : json.items()) {
    if (!is_for_links(name)) continue;
    const Json& text = value.is_array() && !value.empty() ? value.front() : value;
    try {
      if (text.is_string()) headers.set(name, text.get<std::string>());
    } catch (const Error&) {
      throw Error(Errc::data_loss, "{}: a link asks for a header that is none", where);
    }
  }
}

bool is_true(std::string_view json) { return json == "true"; }

}  // namespace

ApiSession::ApiSession(std::string root_url, ApiOptions options)
    : origin_(parse_url(root_url).origin()), options_(std::move(options)) {
  if (!options_.client) options_.client = default_http_client();
}

bool ApiSession::is_at_home(const Url& url) const { return url.origin() == origin_; }

Url ApiSession::with_parameters(Url url) const {
  if (is_at_home(url)) add_query(url, options_.parameters);
  return url;
}

ApiAnswer ApiSession::fetch(const ApiRequest& request) const {
  const Url url = parse_url(request.url);
  HttpRequest http;
  http.method = request.method;
  http.url = with_parameters(url).to_string();
  http.document_url = request.document_url;
  http.stop = options_.stop;
  http.is_idempotent = true;  // nothing that is asked here changes anything
  http.headers.add("Accept", "application/geo+json, application/json");
  if (is_at_home(url)) {
    for (const auto& [name, value] : options_.headers) http.headers.set(name, value);
    for (const auto& [name, value] : request.headers) http.headers.set(name, value);
  }
  if (request.method == "POST") {
    http.body = request.body.dump();
    http.headers.set("Content-Type", "application/json");
  }
  if (options_.timeout.count() > 0) {
    http.timeouts = options_.client->options().timeouts;
    http.timeouts->total = options_.timeout;
  }
  const HttpResponse response = options_.client->send(http);
  if (response.status != request.status_allowed) check_success(http, response);
  ApiAnswer answer{response.status, JsonText(response.body), response.url};
  if (!response.is_success()) return answer;
  parse_element(answer.text, printable_url(response.url));
  return answer;
}

ApiRequest request_of_link(std::string_view link, const std::string& base,
                           const ApiRequest& first) {
  const std::string where = printable_url(base);
  const auto members = members_of(link);
  const std::string_view href = find_member(members, "href");
  if (!href.starts_with('"')) throw Error(Errc::data_loss, "{}: a link has no href", where);
  if (link.size() > kMaxBodyBytes || href.size() > kMaxLinkBytes) {
    throw Error(Errc::data_loss,
                "{}: a link has {} bytes: expected at most {} in its href and {} in all", where,
                link.size(), kMaxLinkBytes, kMaxBodyBytes);
  }
  ApiRequest request;
  request.url = resolve_url(parse_url(base), from_json_string(href)).to_string();
  request.document_url = base;
  const std::string_view method = find_member(members, "method");
  if (method.starts_with('"')) request.method = from_json_string(method);
  if (request.method != "GET" && request.method != "POST") {
    throw Error(Errc::data_loss, "{}: a link asks for '{}': expected GET or POST", where,
                request.method.substr(0, 20));
  }
  add_link_headers(find_member(members, "headers"), request.headers, where);
  if (request.method == "POST") {
    const std::string_view body = find_member(members, "body");
    request.body = is_true(find_member(members, "merge")) && first.body.is_object()
                       ? first.body
                       : Json::object();
    if (body.starts_with('{')) request.body.update(parse_json(body, where));
  }
  return request;
}

std::string with_query(const std::string& url,
                       const std::vector<std::pair<std::string, std::string>>& query) {
  Url parsed = parse_url(url);
  add_query(parsed, query);
  return parsed.to_string();
}

std::string url_below(const std::string& url, std::string_view part) {
  Url parsed = parse_url(url);
  if (!parsed.path.ends_with('/')) parsed.path += '/';
  parsed.path += percent_encode(part);
  return parsed.to_string();
}

}  // namespace rastream
