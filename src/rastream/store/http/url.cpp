// SPDX-License-Identifier: Apache-2.0
#include "rastream/store/http/url.h"

#include <fmt/format.h>

#include <algorithm>

#include "rastream/base/error.h"

namespace rastream {
namespace {

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr char to_lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }
constexpr bool is_letter(char c) { return to_lower(c) >= 'a' && to_lower(c) <= 'z'; }

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), to_lower);
  return out;
}

[[noreturn]] void refuse(std::string_view text, const char* why) {
  throw Error(Errc::invalid_argument, "URL '{}': {}", printable_url(text), why);
}

void check_characters(std::string_view text) {
  for (const char c : text) {
    const auto u = static_cast<unsigned char>(c);
    if (u <= 0x20 || u == 0x7f) refuse(text, "a space or control character must be encoded as %XX");
    if (c == '\\') refuse(text, "a backslash has no place in a URL");
  }
}

/// Length of "scheme:" at the start of `text`, 0 when there is none.
std::size_t scheme_length(std::string_view text) {
  if (text.empty() || !is_letter(text[0])) return 0;
  for (std::size_t i = 1; i < text.size(); ++i) {
    const char c = text[i];
    if (c == ':') return i + 1;
    if (!is_letter(c) && !is_digit(c) && c != '+' && c != '-' && c != '.') return 0;
  }
  return 0;
}

/// Cuts `text` at the first `mark`; what follows it is returned.
std::optional<std::string> cut_at(std::string_view& text, char mark) {
  const std::size_t at = text.find(mark);
  if (at == text.npos) return std::nullopt;
  std::string rest(text.substr(at + 1));
  text = text.substr(0, at);
  return rest;
}

int parse_port(std::string_view digits, std::string_view text) {
  int port = 0;
  for (const char c : digits) {
    if (!is_digit(c) || (port = port * 10 + (c - '0')) > 65535)
      refuse(text, "a port is 1 to 65535");
  }
  if (!digits.empty() && port == 0) refuse(text, "a port is 1 to 65535");
  return port;
}

bool is_host(std::string_view host) {
  if (host.starts_with('[')) {
    if (!host.ends_with(']') || host.size() < 4) return false;
    const auto inner = host.substr(1, host.size() - 2);
    return inner.find_first_not_of("0123456789abcdef:.") == inner.npos;
  }
  return !host.empty() && host.size() <= 255 && std::all_of(host.begin(), host.end(), [](char c) {
    return is_letter(c) || is_digit(c) || c == '.' || c == '-' || c == '_';
  });
}

void parse_authority(std::string_view authority, std::string_view text, Url& url) {
  if (const std::size_t at = authority.rfind('@'); at != authority.npos) {
    url.userinfo = authority.substr(0, at);
    authority = authority.substr(at + 1);
  }
  const std::size_t bracket = authority.rfind(']');
  const std::size_t colon = authority.rfind(':');
  if (colon != authority.npos && (bracket == authority.npos || colon > bracket)) {
    url.port = parse_port(authority.substr(colon + 1), text);
    authority = authority.substr(0, colon);
  }
  url.host = lower(authority);
  if (!is_host(url.host)) refuse(text, "the host is not a name or an address");
}

/// RFC 3986, section 5.2.3. The base of ours always has an authority and a path.
std::string merged_path(std::string_view base, std::string_view reference) {
  return std::string(base.substr(0, base.rfind('/') + 1)).append(reference);
}

}  // namespace

std::string Url::path_and_query() const { return query ? path + "?" + *query : path; }

std::string Url::to_string() const {
  std::string out = scheme + "://";
  if (!userinfo.empty()) out += userinfo + "@";
  out += host;
  if (port) out += fmt::format(":{}", port);
  out += path_and_query();
  if (fragment) out += "#" + *fragment;
  return out;
}

int Url::effective_port() const {
  if (port) return port;
  return scheme == "https" ? 443 : scheme == "http" ? 80 : 0;
}

std::string Url::origin() const {
  return fmt::format("{}://{}:{}", scheme, host, effective_port());
}

std::string Url::without_query_and_secrets() const {
  return fmt::format("{}://{}{}{}{}", scheme, host, port ? fmt::format(":{}", port) : "", path,
                     query ? "?..." : "");
}

Url parse_url(std::string_view text) {
  check_characters(text);
  const std::size_t n = scheme_length(text);
  if (n == 0 || !text.substr(n).starts_with("//")) refuse(text, "expected scheme://host/path");
  Url url;
  url.scheme = lower(text.substr(0, n - 1));
  std::string_view rest = text.substr(n + 2);
  url.fragment = cut_at(rest, '#');
  url.query = cut_at(rest, '?');
  const std::size_t slash = std::min(rest.find('/'), rest.size());
  parse_authority(rest.substr(0, slash), text, url);
  url.path = slash < rest.size() ? rest.substr(slash) : "/";
  return url;
}

bool is_http_url(std::string_view text) {
  const std::string start = lower(text.substr(0, 8));
  return start.starts_with("http://") || start == "https://";
}

Url resolve_url(const Url& base, std::string_view reference) {
  check_characters(reference);
  if (scheme_length(reference) > 0) {
    Url url = parse_url(reference);
    url.path = remove_dot_segments(url.path);
    return url;
  }
  if (reference.starts_with("//"))
    return resolve_url(base, base.scheme + ":" + std::string(reference));
  Url url = base;
  url.fragment = cut_at(reference, '#');
  const std::optional<std::string> query = cut_at(reference, '?');
  if (reference.empty()) {
    if (query) url.query = query;
    return url;
  }
  url.query = query;
  url.path = remove_dot_segments(reference.starts_with('/') ? std::string(reference)
                                                            : merged_path(base.path, reference));
  return url;
}

std::string remove_dot_segments(std::string_view path) {
  std::string out;
  for (std::size_t at = 0; at < path.size();) {
    const std::size_t end = std::min(path.find('/', at + 1), path.size());
    const std::string_view part = path.substr(at, end - at);  // "/name", "/.", "/.."
    const bool is_last = end == path.size();
    if (part == "/..") {
      out.resize(out.rfind('/') == out.npos ? 0 : out.rfind('/'));
      if (is_last) out += '/';
    } else if (part == "/.") {
      if (is_last) out += '/';
    } else {
      out += part;
    }
    at = end;
  }
  return out.empty() ? "/" : out;
}

std::string percent_encode(std::string_view text, std::string_view keep) {
  std::string out;
  for (const char c : text) {
    if (is_letter(c) || is_digit(c) || std::string_view("-._~").find(c) != std::string_view::npos ||
        keep.find(c) != keep.npos) {
      out += c;
    } else {
      out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return out;
}

std::string encode_query(const std::vector<std::pair<std::string, std::string>>& query,
                         std::string_view keep) {
  std::string text;
  for (const auto& [name, value] : query)
    text += fmt::format("{}{}={}", text.empty() ? "" : "&", percent_encode(name),
                        percent_encode(value, keep));
  return text;
}

std::optional<std::string> percent_decode(std::string_view text) {
  const auto digit = [](char c) {
    const std::size_t at = std::string_view("0123456789abcdef").find(to_lower(c));
    return at == std::string_view::npos ? -1 : static_cast<int>(at);
  };
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    if (i + 2 >= text.size() || digit(text[i + 1]) < 0 || digit(text[i + 2]) < 0)
      return std::nullopt;
    out += static_cast<char>(digit(text[i + 1]) * 16 + digit(text[i + 2]));
    i += 2;
  }
  return out;
}

bool path_covers(std::string_view prefix, std::string_view path) {
  if (!path.starts_with(prefix)) return false;
  return prefix.ends_with('/') || path.size() == prefix.size() || path[prefix.size()] == '/';
}

Url url_of_key(const Url& base, std::string_view key) {
  Url url = base;
  if (!url.path.ends_with('/')) url.path += '/';
  url.path += percent_encode(key, "/!$&'()*+,;=:@");
  url.fragment.reset();
  return url;
}

std::string printable_url(std::string_view text) {
  const std::size_t query = text.find_first_of("?#");
  std::string out(text.substr(0, query));
  if (const std::size_t authority = out.find("//"); authority != out.npos) {
    const std::size_t end = std::min(out.find('/', authority + 2), out.size());
    const std::size_t at = out.rfind('@', end);
    if (at != out.npos && at > authority && at < end) out.erase(authority + 2, at - authority - 1);
  }
  for (char& c : out) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
  }
  if (query != text.npos) out += "?...";
  return out;
}

}  // namespace rastream
