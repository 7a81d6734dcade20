// SPDX-License-Identifier: Apache-2.0
#include "rastream/store/http/http_message.h"

#include <algorithm>
#include <charconv>
#include <limits>

#include "rastream/base/trimmed.h"
#include "rastream/store/http/url.h"

namespace rastream {
namespace {

constexpr char to_lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

/// RFC 9110, section 5.6.2.
bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    const char l = to_lower(c);
    return (l >= 'a' && l <= 'z') || (c >= '0' && c <= '9') ||
           std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
  });
}

/// Digits alone, as a length or position; -1 for all else.
std::int64_t parse_length(std::string_view text) {
  std::int64_t value = 0;
  if (text.empty() || text[0] < '0' || text[0] > '9') return -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() ? value : -1;
}

Errc code_of_status(int status) {
  switch (status) {
    case 401:
    case 403:
    case 407: return Errc::permission_denied;
    case 404:
    case 410: return Errc::not_found;
    case 408:
    case 423:
    case 425:
    case 429: return Errc::unavailable;
    case 416: return Errc::data_loss;
    case 405:
    case 501: return Errc::unsupported;
    default: return status >= 500 || status < 200 ? Errc::unavailable : Errc::invalid_argument;
  }
}

std::string_view name_of_status(int status) {
  switch (status) {
    case 301:
    case 302:
    case 303:
    case 307:
    case 308: return "a redirect that was not followed";
    case 400: return "bad request";
    case 401: return "the server wants a credential, or does not take the one that it got";
    case 403: return "forbidden";
    case 404: return "not found";
    case 405: return "method not allowed";
    case 408: return "request timeout";
    case 409: return "conflict";
    case 410: return "gone";
    case 412: return "precondition failed";
    case 416: return "range not satisfiable";
    case 423: return "locked";
    case 429: return "too many requests";
    case 500: return "internal error of the server";
    case 501: return "not implemented";
    case 502: return "bad gateway";
    case 503: return "service unavailable";
    case 504: return "gateway timeout";
    case 507: return "disk full on the server";
    default: return "";
  }
}

/// The start of what a server says in text, on one line; "" for HTML, which says little.
std::string excerpt(const HttpResponse& response) {
  constexpr std::size_t kMost = 200;
  const std::string type = response.headers.get("Content-Type");
  if (!type.starts_with("text/plain") && type.find("json") == type.npos) return "";
  std::string out;
  for (const char c : trimmed(response.body).substr(0, kMost)) {
    const auto u = static_cast<unsigned char>(c);
    out += u >= 0x20 && u < 0x7f ? c : ' ';
  }
  return out.empty() ? "" : fmt::format(": {}", out);
}

/// Who answered, when it is not who was asked.
std::string sender(const HttpRequest& request, const HttpResponse& response) {
  if (!response.was_redirected || response.url.empty()) return "";
  const std::string origin = parse_url(response.url).origin();
  return origin == parse_url(request.url).origin() ? "" : " from " + origin;
}

}  // namespace

bool equals_ignoring_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return to_lower(x) == to_lower(y); });
}

HttpHeaders::HttpHeaders(std::initializer_list<Field> fields) {
  for (const auto& [name, value] : fields) add(name, value);
}

void HttpHeaders::add(std::string name, std::string value) {
  if (!is_token(name))
    throw Error(Errc::invalid_argument, "HTTP header: '{}' is not a name of one",
                printable_url(name));
  if (value.find_first_of(std::string_view("\r\n\0", 3)) != value.npos)
    throw Error(Errc::invalid_argument, "HTTP header '{}': its value has a line break or NUL",
                name);
  value = std::string(trimmed(value));
  fields_.emplace_back(std::move(name), std::move(value));
}

void HttpHeaders::set(std::string name, std::string value) {
  remove(name);
  add(std::move(name), std::move(value));
}

void HttpHeaders::remove(std::string_view name) {
  std::erase_if(fields_, [&](const Field& f) { return equals_ignoring_case(f.first, name); });
}

const std::string* HttpHeaders::find(std::string_view name) const {
  for (const Field& f : fields_) {
    if (equals_ignoring_case(f.first, name)) return &f.second;
  }
  return nullptr;
}

std::string HttpHeaders::get(std::string_view name) const {
  const std::string* value = find(name);
  return value ? *value : "";
}

std::optional<ContentRange> parse_content_range(std::string_view text) {
  text = trimmed(text);
  if (text.size() < 6 || !equals_ignoring_case(text.substr(0, 6), "bytes ")) return std::nullopt;
  text = trimmed(text.substr(6));
  const std::size_t dash = text.find('-');
  const std::size_t slash = text.find('/');
  if (dash == text.npos || slash == text.npos || dash > slash) return std::nullopt;
  ContentRange range;
  range.begin = parse_length(text.substr(0, dash));
  const std::int64_t last = parse_length(text.substr(dash + 1, slash - dash - 1));
  const std::string_view size = text.substr(slash + 1);
  range.size = size == "*" ? -1 : parse_length(size);
  if (range.begin < 0 || last < range.begin || last == std::numeric_limits<std::int64_t>::max() ||
      (size != "*" && range.size <= last))
    return std::nullopt;
  range.end = last + 1;
  return range;
}

std::int64_t HttpResponse::content_length() const {
  const std::string* text = headers.find("Content-Length");
  return text ? parse_length(*text) : -1;
}

Error error_of_response(const HttpRequest& request, const HttpResponse& response) {
  const std::string_view name = name_of_status(response.status);
  return Error(code_of_status(response.status), "{} {}: status {}{}{}{}{}{}", request.method,
               printable_url(request.url), response.status, name.empty() ? "" : " (", name,
               name.empty() ? "" : ")", sender(request, response), excerpt(response));
}

void check_success(const HttpRequest& request, const HttpResponse& response) {
  if (!response.is_success()) throw error_of_response(request, response);
}

}  // namespace rastream
