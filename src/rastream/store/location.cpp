// SPDX-License-Identifier: Apache-2.0
#include "rastream/store/location.h"

#include <fmt/format.h>

#include "rastream/base/printable.h"
#include "rastream/store/byte_source.h"
#include "rastream/store/http/url.h"
#include "rastream/store/store_config.h"

namespace rastream {
namespace {

namespace fs = std::filesystem;

std::string without_slashes(std::string path) {
  while (path.ends_with('/')) path.pop_back();
  const std::size_t begin = path.find_first_not_of('/');
  return begin == std::string::npos ? "" : path.substr(begin);
}

/// "https://host:port/" or "dcache://surf/", the latter by the configuration; the rest is the path.
std::string root_of(const std::string& url) {
  if (const StoreConfig* config = default_store_configs().find(url))
    return config->url.ends_with('/') ? config->url : config->url + "/";
  const std::size_t slash = url.find('/', url.find("://") + 3);
  return url.substr(0, slash) + "/";
}

}  // namespace

std::string Location::shown(std::string_view path_of_store) const {
  if (!is_local) return printable(root + percent_encode(path_of_store, "/!$&'()*+,;=:@ "));
  const std::string absolute = fmt::format("/{}", path_of_store);
  if (root.empty()) return printable(absolute);
  return printable(absolute.starts_with(root) ? absolute.substr(root.size()) : absolute);
}

std::string Location::href(std::string_view path_of_store) const {
  if (is_local) return fmt::format("/{}", path_of_store);
  return root + percent_encode(path_of_store, "/!$&'()*+,;=:@");
}

std::shared_ptr<Store> Locations::open(const std::string& root) {
  for (const auto& [known, store] : opened_) {
    if (known == root) return store;
  }
  opened_.emplace_back(root, open_store(root));
  return opened_.back().second;
}

Location Locations::find_local(const std::string& text) {
  const bool is_url = text.starts_with("file://");
  const std::string name = is_url ? text.substr(7) : text;
  if (name.empty()) throw Error(Errc::invalid_argument, "'{}': expected a path or a URL", text);
  Location at;
  at.is_local = true;
  at.text = text;
  at.ends_in_slash = name.ends_with('/');
  at.path = without_slashes(fs::absolute(name).lexically_normal().native());
  at.store = open("/");
  // What the user wrote relative is shown relative.
  const bool is_relative = !is_url && !name.starts_with('/');
  if (is_relative) at.root = (fs::current_path() / "").native();
  at.files = &file_system_of(*at.store, "list files");
  return at;
}

Location Locations::find(const std::string& text) {
  const std::size_t scheme = text.find("://");
  if (scheme == std::string::npos || text.starts_with("file://")) return find_local(text);
  const bool is_http = is_http_url(text);
  const std::size_t query = is_http ? text.find('?') : std::string::npos;
  const std::string url = text.substr(0, query);
  Location at;
  at.text = printable_url(text);
  at.root = root_of(url);
  at.ends_in_slash = url.ends_with('/');
  const std::string rest = url.size() > at.root.size() ? url.substr(at.root.size()) : "";
  const auto path = percent_decode(rest);
  if (!path)
    throw Error(Errc::invalid_argument, "'{}': the path is not percent-encoded: write '%' as %25",
                at.text);
  at.path = without_slashes(*path);
  at.store = open(query == std::string::npos ? at.root : at.root + text.substr(query));
  at.files = &file_system_of(*at.store, "list files");
  at.root = printable_url(at.root);
  if (!at.path.empty()) check_key(at.path, at.text);
  return at;
}

std::vector<std::pair<Location, FileInfo>> Locations::expand(
    const std::vector<std::string>& texts) {
  std::vector<std::pair<Location, FileInfo>> found;
  for (const std::string& text : texts) {
    Location at = find(text);
    auto info = at.files->stat(at.path);
    if (info) {
      found.emplace_back(at, *std::move(info));
      continue;
    }
    if (!is_glob(at.path)) throw Error(Errc::not_found, "'{}': no such file or folder", at.text);
    std::vector<FileInfo> fitting = glob(*at.files, at.path);
    if (fitting.empty()) throw Error(Errc::not_found, "'{}': nothing fits", at.text);
    for (FileInfo& one : fitting) {
      at.path = one.path;
      found.emplace_back(at, std::move(one));
    }
  }
  return found;
}

std::string web_url_of(const std::string& href) {
  if (!is_remote(href)) return {};
  if (is_http_url(href)) return href.substr(0, href.find('?'));
  const Location at = Locations().find(href);
  const auto address = at.files->web_address(at.path);
  return address ? address->url.substr(0, address->url.find('?')) : "";
}

void check_online(const FileInfo& info, const std::string& name) {
  if (!info.locality || *info.locality == Locality::online ||
      *info.locality == Locality::online_and_nearline)
    return;
  throw Error(Errc::unavailable, "'{}' is {}: {}", name, to_string(*info.locality),
              *info.locality == Locality::nearline
                  ? "on tape alone: bring it to disk with 'rastream stage', or give --stage"
                  : "its bytes cannot be read now");
}

}  // namespace rastream
