// SPDX-License-Identifier: Apache-2.0
#include "rastream/catalog/href.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <filesystem>

#include "rastream/base/error.h"
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
  const fs::path path(text);
  const fs::path joined = path.is_absolute() ? path : fs::path(base_file).parent_path() / path;
  std::error_code ec;
  const fs::path absolute = fs::absolute(joined, ec);
  return (ec ? joined : absolute).lexically_normal().string();
}

std::string relative_href(const std::string& target_file, const std::string& base_file) {
  const fs::path target = fs::absolute(target_file).lexically_normal();
  const fs::path folder = fs::absolute(base_file).lexically_normal().parent_path();
  const std::string text = target.lexically_relative(folder).string();
  return text.starts_with("..") ? text : "./" + text;
}

bool is_absolute_href(std::string_view href) {
  return href.starts_with('/') || !scheme_of(href).empty();
}

std::string resolve_location(std::string_view href, const std::string& base) {
  if (is_http_url(href)) return parse_url(href).to_string();
  if (!is_http_url(base)) return resolve_href(href, base.empty() ? "./" : base);
  if (const auto scheme = scheme_of(href); !scheme.empty()) {
    const auto code = scheme == "file" ? Errc::permission_denied : Errc::unsupported;
    throw Error(code, "'{}' is not for a document of the web, such as '{}', to name",
                href.substr(0, 300), printable_url(base));
  }
  return resolve_url(parse_url(base), href).to_string();
}

std::string absolute_href(std::string_view href, const std::string& base) {
  const auto scheme = scheme_of(href);
  if (!scheme.empty() && scheme != "file") return std::string(href);
  return resolve_location(href, base);
}

namespace {

/// `target` relative to the folder of `base`, both absolute and normal.
std::string relative_path(const fs::path& target, const fs::path& base) {
  const std::string text = target.lexically_relative(base.parent_path()).string();
  return text.starts_with("..") ? text : "./" + text;
}

}  // namespace

std::string relative_location(const std::string& target, const std::string& base) {
  const bool is_url = is_http_url(target);
  if (is_url != is_http_url(base)) return target;
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
