// SPDX-License-Identifier: Apache-2.0
// Addresses of things on the web (RFC 3986): taken apart, put together, resolved, and made fit to
// be printed.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rastream {

/// An absolute URL with an authority ("https://host:port/path?query"). Scheme and host are in lower
/// case; all else is as it was written, so that a signature over the text stays valid.
struct Url {
  std::string scheme;                        ///< "https", "dcache", ...
  std::string userinfo;                      ///< "user:password", without '@'; mostly empty
  std::string host;                          ///< a name, an IPv4 address or "[IPv6]"
  int port = 0;                              ///< 0: the scheme's own
  std::string path;                          ///< begins with '/' (a URL without a path gets "/")
  std::optional<std::string> query = {};     ///< without '?'
  std::optional<std::string> fragment = {};  ///< without '#'

  /// The text; parse_url(to_string()) is this URL again. Shows secrets: not to be printed.
  std::string to_string() const;
  /// The text that a server is asked for: path and query.
  std::string path_and_query() const;
  /// port, or 80 and 443 of http and https.
  int effective_port() const;
  /// Scheme, host and port, as text: "https://host:443". A credential never leaves its origin.
  std::string origin() const;
  /// "https://host/path" without userinfo, query and fragment, where tokens hide; "?..." shows that
  /// there was a query.
  std::string without_query_and_secrets() const;
};

/// Throws invalid_argument, with the secrets of `text` left out, for anything that is not an
/// absolute URL with an authority: spaces and control characters, a bad port, a host with other
/// characters than letters, digits, '.', '-' and '_' ("[...]" of IPv6 apart), a backslash.
Url parse_url(std::string_view text);

/// True when `text` begins with "http://" or "https://", in any case of letters.
bool is_http_url(std::string_view text);

/// `reference` (absolute, "//host/x", "/x", "x", "../x", "?q", "#f", "") as it counts from `base`:
/// RFC 3986, section 5.2. Throws invalid_argument as parse_url does.
Url resolve_url(const Url& base, std::string_view reference);

/// Path without its "." and ".." parts: RFC 3986, section 5.2.4; never climbs above "/".
std::string remove_dot_segments(std::string_view path);

/// All but letters, digits and "-._~" (and the characters of `keep`) as %XX.
std::string percent_encode(std::string_view text, std::string_view keep = "");
/// "name=value&name=value", encoded, as a query without '?'.
std::string encode_query(const std::vector<std::pair<std::string, std::string>>& query,
                         std::string_view keep = "");
/// Nothing when a '%' is not followed by two hexadecimal digits.
std::optional<std::string> percent_decode(std::string_view text);

/// True when `path` is `prefix` or lies below it: "/a" covers "/a" and "/a/b", not "/ab".
bool path_covers(std::string_view prefix, std::string_view path);

/// `base` with a '/' at its end, followed by the store's `key`, percent-encoded; the query of
/// `base` is kept.
Url url_of_key(const Url& base, std::string_view key);

/// Whatever looks like a URL, fit to be printed; also for text that parse_url refuses.
std::string printable_url(std::string_view text);

}  // namespace rastream
