// SPDX-License-Identifier: Apache-2.0
#include "rastream/store/http/session_cookies.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "rastream/base/trimmed.h"

namespace rastream {
namespace {

/// RFC 6265, section 6.1, asks for no more of a browser.
constexpr std::size_t kMostCookies = 50;
constexpr std::size_t kMostBytes = 4096;
constexpr std::int64_t kLongestSeconds = std::int64_t{10} * 366 * 86'400;

using TimePoint = std::chrono::system_clock::time_point;

/// What stands before the next `separator`; `rest` is what is behind it.
std::string_view take_until(std::string_view& rest, char separator) {
  const std::string_view part = rest.substr(0, rest.find(separator));
  rest.remove_prefix(std::min(part.size() + 1, rest.size()));
  return part;
}

bool is_printable_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c < 0x7f; });
}

/// The folder of the request's path (RFC 6265, section 5.1.4).
std::string default_path(const Url& url) {
  const std::size_t slash = url.path.rfind('/');
  return slash == 0 || slash == url.path.npos ? "/" : url.path.substr(0, slash);
}

std::optional<std::int64_t> parse_number(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool is_whole = error == std::errc() && end == text.data() + text.size();
  return is_whole ? std::optional(value) : std::nullopt;
}

struct SetCookie {
  std::string_view name, value, path;
  std::optional<TimePoint> end;
};

/// Nothing for what is no cookie.
std::optional<SetCookie> parse_set_cookie(std::string_view text, TimePoint now) {
  if (text.size() > kMostBytes || !is_printable_ascii(text)) return std::nullopt;
  std::string_view value = take_until(text, ';');
  if (value.find('=') == value.npos) return std::nullopt;
  SetCookie cookie;
  cookie.name = trimmed(take_until(value, '='));
  cookie.value = trimmed(value);
  if (cookie.name.empty()) return std::nullopt;
  std::optional<std::int64_t> seconds_left;
  while (!text.empty()) {
    std::string_view attribute = take_until(text, ';');
    const std::string_view key = trimmed(take_until(attribute, '='));
    const std::string_view meaning = trimmed(attribute);
    if (equals_ignoring_case(key, "Path")) cookie.path = meaning.starts_with('/') ? meaning : "";
    if (equals_ignoring_case(key, "Max-Age")) seconds_left = parse_number(meaning);
    if (equals_ignoring_case(key, "Expires")) cookie.end = parse_http_date(meaning);
  }
  // Max-Age goes before Expires.
  if (seconds_left)
    cookie.end =
        now + std::chrono::seconds(std::clamp(*seconds_left, std::int64_t{0}, kLongestSeconds));
  return cookie;
}

}  // namespace

void SessionCookies::note(const Url& url, const HttpHeaders& headers, TimePoint now) {
  const std::lock_guard lock(mutex_);
  for (const auto& [field, text] : headers) {
    if (!equals_ignoring_case(field, "Set-Cookie")) continue;
    const auto cookie = parse_set_cookie(text, now);
    if (!cookie) continue;
    const std::string path = cookie->path.empty() ? default_path(url) : std::string(cookie->path);
    std::vector<Cookie>& kept = by_origin_[url.origin()];
    std::erase_if(kept,
                  [&](const Cookie& old) { return old.name == cookie->name && old.path == path; });
    if (cookie->end && *cookie->end <= now) continue;
    if (kept.size() == kMostCookies) kept.erase(kept.begin());
    kept.push_back(
        {std::string(cookie->name), path, Secret(std::string(cookie->value)), cookie->end});
    // Those for a longer path come first.
    std::stable_sort(kept.begin(), kept.end(), [](const Cookie& a, const Cookie& b) {
      return a.path.size() > b.path.size();
    });
  }
}

std::string SessionCookies::field_for(const Url& url, TimePoint now) const {
  const std::lock_guard lock(mutex_);
  std::string field;
  const auto cookies = by_origin_.find(url.origin());
  if (cookies == by_origin_.end()) return field;
  for (const Cookie& cookie : cookies->second) {
    if (!path_covers(cookie.path, url.path) || (cookie.end && *cookie.end <= now)) continue;
    field += field.empty() ? "" : "; ";
    field += cookie.name + "=" + cookie.value.reveal();
  }
  return field;
}

}  // namespace rastream
