// SPDX-License-Identifier: Apache-2.0
#include "rastream/store/dcache/namespace_api.h"

#include <algorithm>
#include <unordered_set>

#include "rastream/base/error.h"

namespace rastream {
namespace {

constexpr std::int64_t kPage = 1000;
/// A folder of ten million files; more is a server that does not end.
constexpr std::int64_t kMostPages = 10'000;
constexpr std::int64_t kMostAnswerBytes = 64 << 20;

bool is_plain_name(std::string_view name) {
  return !name.empty() && name != "." && name != ".." && name.find('/') == name.npos &&
         name.find('\0') == name.npos;
}

/// {"type": "ADLER32", "value": "3da0195"}: leading zeros may be missing.
std::optional<Digest> digest_of_json(const Json& json) {
  if (!json.is_object() || !json.contains("type") || !json.contains("value")) return std::nullopt;
  if (!json["type"].is_string() || !json["value"].is_string()) return std::nullopt;
  const std::string type = json["type"];
  std::string hex = json["value"];
  const std::size_t length = type == "ADLER32" ? 8 : 32;
  if ((type != "ADLER32" && type != "MD5_TYPE") || hex.size() > length) return std::nullopt;
  hex.insert(0, length - hex.size(), '0');
  const auto value = parse_hex(hex);
  if (!value) return std::nullopt;
  return Digest{type == "ADLER32" ? DigestKind::adler32 : DigestKind::md5, *value};
}

std::vector<Digest> digests_of_json(const Json& json) {
  std::vector<Digest> found;
  if (!json.contains("checksums") || !json["checksums"].is_array()) return found;
  for (const Json& one : json["checksums"]) {
    if (const auto digest = digest_of_json(one)) found.push_back(*digest);
  }
  return found;
}

std::optional<std::int64_t> time_of_json(const Json& json, const char* key) {
  if (!json.contains(key) || !holds_integer<std::int64_t>(json[key])) return std::nullopt;
  return json[key].get<std::int64_t>();
}

FileInfo info_of_json(const Json& json, std::string_view what) {
  FileInfo info;
  const auto type = json_member<std::string>(json, "fileType", what);
  info.is_folder = type == "DIR";
  info.is_link = type == "LINK";
  // A file that is being written has no size yet.
  if (json.contains("size")) info.size_bytes = json_member<std::int64_t>(json, "size", what);
  if (info.size_bytes < 0) throw Error(Errc::data_loss, "{}: a negative size", what);
  info.created_ms = time_of_json(json, "creationTime");
  info.modified_ms = time_of_json(json, "mtime");
  info.digests = digests_of_json(json);
  if (json.contains("fileLocality") && json["fileLocality"].is_string())
    info.locality = parse_locality(json["fileLocality"].get<std::string>());
  return info;
}

FileInfo child_of_json(const Json& json, std::string_view what) {
  FileInfo info = info_of_json(json, what);
  info.path = json_member<std::string>(json, "fileName", what);
  if (!is_plain_name(info.path))
    throw Error(Errc::data_loss, "{}: the server's answer is not to be trusted: '{}' is no name",
                what, info.path);
  return info;
}

}  // namespace

std::string NamespaceApi::namespace_url(const std::string& path) const {
  return api_url_ + "/namespace/" + percent_encode(path);
}

HttpResponse NamespaceApi::send(std::string_view method, const std::string& url,
                                const Json& body) const {
  HttpRequest request;
  request.method = method;
  request.url = url;
  request.headers = {{"Accept", "application/json"}};
  request.max_body_bytes = kMostAnswerBytes;
  if (!body.is_null()) {
    request.headers.add("Content-Type", "application/json");
    request.body = body.dump();
  }
  HttpResponse response = client_->send(request);
  if (response.status != 404) check_success(request, response);
  return response;
}

std::optional<Json> NamespaceApi::ask(std::string_view method, const std::string& url,
                                      const Json& body) const {
  const HttpResponse response = send(method, url, body);
  if (response.status == 404) return std::nullopt;
  Json json = parse_json(response.body, printable_url(url));
  if (!json.is_object())
    throw Error(Errc::data_loss, "{}: expected a JSON object", printable_url(url));
  return json;
}

std::optional<FileInfo> NamespaceApi::stat(const std::string& path) const {
  const std::string url = namespace_url(path);
  const auto json = ask("GET", url + "?children=false&locality=true&checksum=true");
  if (!json) return std::nullopt;
  return info_of_json(*json, url);
}

std::optional<std::vector<FileInfo>> NamespaceApi::entries(const std::string& path) const {
  const std::string url = namespace_url(path);
  std::vector<FileInfo> found;
  std::unordered_set<std::string> names;
  for (std::int64_t page = 0; page < kMostPages; ++page) {
    const auto json =
        ask("GET", fmt::format("{}?children=true&locality=true&checksum=true&limit={}&offset={}",
                               url, kPage, page * kPage));
    if (!json || json_member<std::string>(*json, "fileType", url) != "DIR") return std::nullopt;
    const bool has_children = json->contains("children") && (*json)["children"].is_array();
    const std::size_t n_before = found.size();
    std::int64_t n_children = 0;
    for (const Json& child : has_children ? (*json)["children"] : Json::array()) {
      FileInfo info = child_of_json(child, url);
      ++n_children;
      // Pages shift while files come and go, so that one may be seen twice.
      const bool is_new = names.insert(info.path).second;
      if (is_new && !info.path.ends_with(kTemporarySuffix)) found.push_back(std::move(info));
    }
    // A frontend that knows no offset gives the same page for ever.
    if (n_children < kPage || found.size() == n_before) {
      sort_by_path(found);
      return found;
    }
  }
  throw Error(Errc::data_loss, "{}: more than {} files in one folder", url, kMostPages * kPage);
}

std::vector<Digest> NamespaceApi::digests(const std::string& path) const {
  const std::string url = namespace_url(path);
  const auto json = ask("GET", url + "?checksum=true");
  if (!json) return {};
  std::vector<Digest> found = digests_of_json(*json);
  if (!found.empty() || !json->contains("pnfsId")) return found;
  const auto id = json_member<std::string>(*json, "pnfsId", url);
  const auto by_id = ask("GET", api_url_ + "/id/" + percent_encode(id));
  return by_id ? digests_of_json(*by_id) : found;
}

void NamespaceApi::make_folder(const std::string& folder, const std::string& name) {
  ask("POST", namespace_url(folder), {{"action", "mkdir"}, {"name", name}});
}

void NamespaceApi::move(const std::string& from, const std::string& to) {
  const HttpResponse response =
      send("POST", namespace_url(from), {{"action", "mv"}, {"destination", to}});
  if (response.status == 404)
    throw Error(Errc::not_found, "move {}: no such file or folder", namespace_url(from));
}

void NamespaceApi::remove(const std::string& path) { send("DELETE", namespace_url(path), {}); }

std::string NamespaceApi::pin(const std::vector<std::string>& paths, std::chrono::hours kept) {
  const std::string url = api_url_ + "/bulk-requests";
  const Json body = {
      {"activity", "PIN"},
      {"target", paths},
      {"arguments", {{"lifetime", std::to_string(kept.count())}, {"lifetimeUnit", "HOURS"}}},
      {"expand_directories", "NONE"},
  };
  const HttpResponse response = send("POST", url, body);
  const std::string request = response.headers.get("request-url");
  if (response.status == 404 || request.empty())
    throw Error(Errc::unsupported, "stage: {} takes no bulk requests", url);
  // The name alone counts: where to ask is known, and must not be the server's choice.
  return request.substr(request.rfind('/') + 1);
}

StageState NamespaceApi::pin_state(const std::string& request) const {
  const std::string url = api_url_ + "/bulk-requests/" + percent_encode(request);
  StageState state;
  std::int64_t offset = 0;
  for (std::int64_t page = 0; page < kMostPages; ++page) {
    const auto json = ask("GET", offset == 0 ? url : fmt::format("{}?offset={}", url, offset));
    if (!json) throw Error(Errc::not_found, "stage: no request {}", url);
    for (const Json& target : json->value("targets", Json::array())) {
      const auto word = json_member<std::string>(target, "state", url);
      if (word == "COMPLETED" || word == "SKIPPED")
        ++state.n_ready;
      else if (word == "FAILED" || word == "CANCELLED")
        state.failed.push_back(json_member<std::string>(target, "target", url));
      else
        ++state.n_waiting;
    }
    const auto next = time_of_json(*json, "nextId");
    if (!next || *next <= offset) return state;
    offset = *next;
  }
  throw Error(Errc::data_loss, "stage: {} does not end", url);
}

}  // namespace rastream
