// SPDX-License-Identifier: Apache-2.0
#include "rastream/store/store_config.h"

#include <algorithm>
#include <array>

#include "rastream/base/error.h"
#include "rastream/store/file.h"
#include "rastream/store/http/credentials.h"

namespace rastream {
namespace {

/// "dcache://host/a" of "dcache://host/a//".
std::string_view without_slashes(std::string_view url) {
  const std::size_t authority = url.find("://");
  const std::size_t least = authority == std::string_view::npos ? 0 : authority + 3;
  while (url.size() > least && url.ends_with('/')) url.remove_suffix(1);
  return url;
}

class EntryReader {
 public:
  EntryReader(const Json& json, std::string what) : json_(json), what_(std::move(what)) {
    if (!json_.is_object()) refuse("expected an object");
  }

  StoreConfig read() const {
    constexpr std::array<std::string_view, 8> kMembers = {
        "url",          "type",   "webdav_url", "api_url",
        "endpoint_url", "region", "path_style", "anonymous"};
    for (const auto& member : json_.items()) {
      if (std::find(kMembers.begin(), kMembers.end(), member.key()) == kMembers.end())
        refuse(
            fmt::format("no member '{}': there are {}", member.key(), fmt::join(kMembers, ", ")));
    }
    StoreConfig c;
    c.url = without_slashes(text("url"));
    c.type = text("type");
    if (c.url.empty()) refuse("expected 'url'");
    if (c.type != "webdav" && c.type != "dcache" && c.type != "s3")
      refuse(fmt::format("type '{}': expected webdav, dcache or s3", c.type));
    if (c.type == "s3" && is_http_url(c.url)) refuse("the url of an s3 store begins with s3://");
    c.webdav_url = http_url("webdav_url");
    c.api_url = http_url("api_url");
    c.endpoint_url = http_url("endpoint_url");
    c.region = text("region");
    c.is_path_style = flag("path_style", true);
    c.is_anonymous = flag("anonymous", false);
    return c;
  }

 private:
  [[noreturn]] void refuse(const std::string& why) const {
    throw Error(Errc::data_loss, "{}: {}", what_, why);
  }
  std::string text(const char* key) const {
    if (!json_.contains(key)) return "";
    if (!json_[key].is_string()) refuse(fmt::format("'{}': expected a text", key));
    return json_[key].get<std::string>();
  }
  bool flag(const char* key, bool otherwise) const {
    if (!json_.contains(key)) return otherwise;
    if (!json_[key].is_boolean()) refuse(fmt::format("'{}': expected true or false", key));
    return json_[key].get<bool>();
  }
  std::string http_url(const char* key) const {
    const std::string url(without_slashes(text(key)));
    if (!url.empty() && !is_http_url(url))
      refuse(fmt::format("'{}': expected an http(s) URL", key));
    if (!url.empty() && !parse_url(url).userinfo.empty())
      refuse(fmt::format("'{}': a password does not belong here, but into credentials.json", key));
    return url;
  }

  const Json& json_;
  std::string what_;
};

}  // namespace

void StoreConfigs::add(const Json& json, std::string_view what) {
  if (!json.is_object() || !json.contains("stores") || !json["stores"].is_array())
    throw Error(Errc::data_loss, "{}: expected {{\"stores\": [...]}}", what);
  for (const Json& entry : json["stores"])
    entries_.push_back(
        EntryReader(entry, fmt::format("{}, store {}", what, entries_.size())).read());
}

void StoreConfigs::add_file(const std::filesystem::path& path) {
  const auto bytes = read_file(path);
  if (!bytes) throw Error(Errc::not_found, "'{}': no such file of stores", path.native());
  const std::string_view text(reinterpret_cast<const char*>(bytes->data()), bytes->size());
  add(parse_json(text, path.native()), path.native());
}

const StoreConfig* StoreConfigs::find(std::string_view url) const {
  const StoreConfig* best = nullptr;
  for (const StoreConfig& c : entries_) {
    const bool fits = url.starts_with(c.url) && (url.size() == c.url.size() ||
                                                 url[c.url.size()] == '/' || c.url.ends_with('/'));
    if (fits && (!best || c.url.size() > best->url.size())) best = &c;
  }
  return best;
}

std::string_view rest_of(const StoreConfig& config, std::string_view url) {
  url.remove_prefix(config.url.size());
  while (url.starts_with('/')) url.remove_prefix(1);
  return url;
}

const StoreConfigs& default_store_configs() {
  static const StoreConfigs configs = [] {
    StoreConfigs out;
    const Environment environment = process_environment();
    if (const auto file = environment("RASTREAM_STORES")) {
      out.add_file(*file);
      return out;
    }
    const std::filesystem::path home = environment("HOME").value_or("/");
    const auto folder = environment("XDG_CONFIG_HOME").value_or((home / ".config").native());
    const auto file = std::filesystem::path(folder) / "rastream" / "stores.json";
    if (read_file(file)) out.add_file(file);
    return out;
  }();
  return configs;
}

}  // namespace rastream
