// SPDX-License-Identifier: Apache-2.0
#include "rastream/catalog/href.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <filesystem>

#include "rastream/base/error.h"
#include "rastream/store/byte_source.h"
#include "rastream/store/http/url.h"

namespace rastream {
namespace {

namespace fs = std::filesystem;

/// "https" of "https://host/x"; empty for a path. One letter is no scheme (RFC 3986 allows it, but
/// it is a drive).
std::string_view scheme_of(std::string_view href) {
  const auto colon = href.find(':');
  if (colon == std::string_view::npos || colon < 2) return {};
  const auto name = href.substr(0, colon);
  const bool is_scheme = std::all_of(name.begin(), name.end(), [](unsigned char c) {
    return std::isalnum(c) || c == '+' || c == '-' || c == '.';
  });
  const bool has_authority = href.substr(colon).starts_with("://");
  return is_scheme && (has_authority || name == "file") ? name : std::string_view{};
}

std::string percent_decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    unsigned value = 0;
    if (text[i] == '%' && i + 2 < text.size()) {
      const char* first = text.data() + i + 1;
      if (std::from_chars(first, first + 2, value, 16).ptr == first + 2) {
        out += static_cast<char>(value);
        i += 2;
        continue;
      }
    }
    out += text[i];
  }
  return out;
}

/// The path of "file:///a/b" or "file://localhost/a/b".
std::string path_of_file_url(std::string_view href) {
  std::string_view rest = href.substr(5);
  if (rest.starts_with("//")) {
    rest.remove_prefix(2);
    const auto slash = rest.find('/');
    const auto host = rest.substr(0, slash);
    if (slash == std::string_view::npos || !(host.empty() || host == "localhost")) {
      throw Error(Errc::unsupported, "'{}' is not a local path: expected file:///path", href);
    }
    rest.remove_prefix(slash);
  }
  return percent_decoded(rest);
}

/// An absolute path without ".", ".." and empty parts. By hand: a catalog has a path for each
/// link, and std::filesystem takes longer for one than reading a document does.
std::string normal_path(std::string_view path) {
  std::string out;
  out.reserve(path.size());
  for (std::size_t at = 0; at < path.size();) {
    const std::size_t begin = at + (path[at] == '/' ? 1 : 0);
    at = std::min(path.find('/', begin), path.size());
    const std::string_view part = path.substr(begin, at - begin);
    if (part == "..")
      out.resize(std::min(out.rfind('/'), out.size()));
    else if (!part.empty() && part != ".")
      (out += '/') += part;
  }
  if (path.ends_with('/') || out.empty()) out += '/';
  return out;
}

/// `target` relative to the folder of `base`, both absolute and normal.
std::string relative_path(std::string_view target, std::string_view base) {
  const std::size_t n = std::min(target.size(), base.size());
  std::size_t same = 0;  // up to and with the last '/' that both have
  for (std::size_t i = 0; i < n && target[i] == base[i]; ++i) {
    if (target[i] == '/') same = i + 1;
  }
  const auto n_up = std::count(base.begin() + static_cast<std::ptrdiff_t>(same), base.end(), '/');
  std::string out = n_up == 0 ? "./" : "";
  for (std::ptrdiff_t i = 0; i < n_up; ++i) out += "../";
  return out += target.substr(same);
}

}  // namespace

std::string resolve_href(std::string_view href, const std::string& base_file) {
  std::string text(href);
  const auto scheme = scheme_of(href);
  if (scheme == "file")
    text = path_of_file_url(href);
  else if (!scheme.empty())
    throw Error(Errc::unsupported, "'{}' is not a local path", href.substr(0, 300));
  if (text.empty() || text.find('\0') != std::string::npos) {
    throw Error(Errc::data_loss, "an href of '{}' is empty or holds a NUL", base_file);
  }
  std::string joined =
      text.starts_with('/') ? text : base_file.substr(0, base_file.rfind('/') + 1) + text;
  if (!joined.starts_with('/')) joined = fs::current_path().string() + "/" + joined;
  return normal_path(joined);
}

std::string relative_href(const std::string& target_file, const std::string& base_file) {
  return relative_path(fs::absolute(target_file).lexically_normal().string(),
                       fs::absolute(base_file).lexically_normal().string());
}

std::string folder_of(const std::string& href) { return href.substr(0, href.rfind('/') + 1); }

bool is_absolute_href(std::string_view href) {
  return href.starts_with('/') || !scheme_of(href).empty();
}

std::string resolve_location(std::string_view href, const std::string& base) {
  if (!is_remote(base)) {
    return is_remote(href) ? parse_url(href).to_string()
                           : resolve_href(href, base.empty() ? "./" : base);
  }
  const Url from = parse_url(base);
  if (href.empty()) throw Error(Errc::data_loss, "an href of '{}' is empty", printable_url(base));
  if (scheme_of(href).empty()) return resolve_url(from, href).to_string();
  if (is_remote(href)) {
    const Url to = parse_url(href);
    if (is_http_url(href) || to.origin() == from.origin()) return to.to_string();
  }
  throw Error(Errc::permission_denied, "'{}' is not for a document of another store, '{}', to name",
              printable_url(href.substr(0, 300)), printable_url(base));
}

std::string absolute_href(std::string_view href, const std::string& base) {
  const auto scheme = scheme_of(href);
  if (!scheme.empty() && scheme != "file") return std::string(href);
  return resolve_location(href, base);
}

std::string lasting_href(const std::string& href, const std::string& from) {
  if (href.empty() || is_remote(href)) return href;
  try {
    return absolute_href(href, from);
  } catch (const Error&) {
    if (!is_remote(from)) return href;  // what names nothing goes on naming nothing
    // Such as a name with blanks. What looks like a scheme is none that may be followed.
    const bool has_scheme = href.find(':') < href.find('/');
    const char* keep = has_scheme ? "" : "/!$&'()*+,;=:@?#%~";
    return resolve_url(parse_url(from), percent_encode(href, keep)).to_string();
  }
}

std::string relative_location(const std::string& target, const std::string& base) {
  const bool is_url = is_remote(target);
  if (is_url != is_remote(base)) return target;
  if (!is_url) return scheme_of(target).empty() ? relative_path(target, base) : target;
  Url to = parse_url(target);
  const Url from = parse_url(base);
  if (to.origin() != from.origin() || to.userinfo != from.userinfo) return target;
  std::string text = relative_path(to.path, from.path);
  if (to.query) text += "?" + *to.query;
  if (to.fragment) text += "#" + *to.fragment;
  return text;
}

}  // namespace rastream
