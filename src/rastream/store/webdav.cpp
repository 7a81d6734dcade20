// SPDX-License-Identifier: Apache-2.0
#include "rastream/store/webdav.h"

#include <array>

#include "rastream/base/parallel_work.h"
#include "rastream/store/file.h"
#include "rastream/store/http/body_sinks.h"
#include "rastream/store/transfer/upload.h"
#include "rastream/store/webdav/multistatus.h"

namespace rastream {
namespace {

/// A listing of some 400,000 files.
constexpr std::int64_t kMostListingBytes = std::int64_t{256} << 20;
/// Others that replace the same file may come between question and answer so often.
constexpr int kMostMoves = 20;
/// Folders of one level that are listed at the same time.
constexpr std::int64_t kListers = 8;

bool is_nothing(const HttpResponse& response) {
  return response.status == 404 || response.status == 410;
}

Error of_status(std::string_view method, const HttpResponse& response) {
  HttpRequest request;
  request.method = method;
  request.url = response.url;
  return error_of_response(request, response);
}

}  // namespace

WebDavStore::WebDavStore(std::string shown, const std::string& base_url,
                         std::shared_ptr<HttpClient> client)
    : HttpStore(base_url, std::move(client)), shown_(std::move(shown)) {}

HttpResponse WebDavStore::send(std::string_view method, std::string_view path, HttpHeaders headers,
                               std::string body) const {
  HttpRequest r = request_path(method, path);
  r.headers = std::move(headers);
  r.body = std::move(body);
  r.accepts_gzip = true;
  r.max_body_bytes = kMostListingBytes;
  HttpResponse response = client().send(r);
  note_server(response);
  return response;
}

void WebDavStore::note_server(const HttpResponse& response) const {
  const std::string name = response.headers.get("Server");
  if (name.starts_with("Apache") || name.starts_with("nginx")) server_ = Server::puts_atomically;
  if (name.starts_with("dCache")) server_ = Server::dcache;
  if (name.starts_with("XrootD")) server_ = Server::xrootd;
}

bool WebDavStore::can_move_to(std::string_view path) const {
  if (server_ == Server::xrootd) return percent_encode(path, "/") == path;
  return server_ != Server::unknown || path.find_first_of(";?#%") == std::string_view::npos;
}

bool WebDavStore::is_absent(std::string_view key, const HttpRequest& request,
                            const HttpResponse& response) const {
  note_server(response);
  if (HttpStore::is_absent(key, request, response)) return true;
  // Servers show a folder as a page, or forbid to look at it. XrootD does not say that it is one.
  const bool is_page = response.headers.get("Content-Type").starts_with("text/html") ||
                       (server_ == Server::xrootd && !request.range);
  const bool may_be_folder =
      response.is_success() ? is_page : response.status == 403 || response.status == 405;
  if (!may_be_folder) return false;
  const auto found = stat(key);
  return !found || found->is_folder;
}

std::optional<Bytes> WebDavStore::get_version(std::string_view key, ByteRange range,
                                              const std::string& version) const {
  // XrootD (5.5) answers 206 to ranges that end, or lie, beyond the value, and has no open ones.
  if (server_ == Server::xrootd && (range.begin != 0 || range.end >= 0)) {
    const auto n = size(key);
    if (!n) return std::nullopt;
    range = resolve_range(range, *n, shown_, key);
  }
  return HttpStore::get_version(key, range, version);
}

std::string WebDavStore::temporary_key(std::string_view key) {
  const std::string name = temporary_name(std::filesystem::path(key)).filename().native();
  const std::string_view folder = parent_of(key);
  return folder.empty() ? name : fmt::format("{}/{}", folder, name);
}

HttpResponse WebDavStore::put_value(std::string_view key, std::span<const std::byte> value,
                                    HttpHeaders headers) {
  BytesSource source(value);
  HttpRequest r = request_path("PUT", key);
  r.headers = std::move(headers);
  r.source = &source;
  HttpResponse response = client().send(r);
  // No folder: 409 as RFC 4918 says, or 404 or 403 on servers that read it otherwise.
  const bool may_lack_folder =
      response.status == 409 || response.status == 404 || response.status == 403;
  if (may_lack_folder && !stat(parent_of(key))) {
    make_folder(parent_of(key));
    source.rewind();
    response = client().send(r);
  }
  check_success(r, response);
  note_server(response);
  return response;
}

void WebDavStore::put(std::string_view key, std::span<const std::byte> value) {
  check_key(key, shown_);
  if (server_ == Server::puts_atomically || !can_move_to(key)) return void(put_value(key, value));
  const std::string temporary = temporary_key(key);
  try {
    put_value(temporary, value);
    if (can_move_to(key)) return move_over(temporary, key);
    put_value(key, value);  // the answer has told that this is XrootD
    delete_file(temporary);
  } catch (...) {
    drop_temporary(temporary);
    throw;
  }
}

void WebDavStore::drop_temporary(std::string_view key) noexcept {
  try {
    send("DELETE", key);
  } catch (...) {
    // The first failure is the one to tell; no listing shows what is left.
  }
}

void WebDavStore::move_over(std::string_view from, std::string_view to) {
  HttpHeaders headers = {{"Destination", request_path("MOVE", to).url}, {"Overwrite", "F"}};
  HttpResponse response = send("MOVE", from, headers);
  for (int i = 0; i < kMostMoves && response.status == 412; ++i) {
    const auto target = stat(to);
    if (target && target->is_folder)
      throw Error(Errc::invalid_argument, "{}: '{}' is a folder: it is not replaced", shown_, to);
    // Without a target another has it between his fingers, or the server means another name: what
    // is there must not be replaced then.
    headers.set("Overwrite", target ? "T" : "F");
    response = send("MOVE", from, headers);
  }
  if (!response.is_success()) throw of_status("MOVE", response);
}

void WebDavStore::delete_file(std::string_view path) {
  const HttpResponse response = send("DELETE", path);
  if (!is_nothing(response) && !response.is_success()) throw of_status("DELETE", response);
}

void WebDavStore::erase(std::string_view key) {
  check_key(key, shown_);
  const auto found = stat(key);
  if (!found) return;
  if (found->is_folder)
    throw Error(Errc::invalid_argument, "{}: '{}' is a folder: expected a file", shown_, key);
  delete_file(key);
}

std::optional<std::vector<FileInfo>> WebDavStore::propfind(std::string_view path, int depth) const {
  const HttpHeaders headers = {{"Depth", std::to_string(depth)},
                               {"Content-Type", "application/xml; charset=\"utf-8\""}};
  const std::string body(propfind_body());
  // apache2 redirects to the name with '/', and then finds no file under it (400).
  const bool asks_with_slash = depth == 1 && folders_end_in_slash_ && !path.empty();
  HttpResponse response = send(
      "PROPFIND", asks_with_slash ? std::string(path) + "/" : std::string(path), headers, body);
  if (asks_with_slash && response.status == 400) response = send("PROPFIND", path, headers, body);
  if (is_nothing(response)) return std::nullopt;
  if (response.status != 207) throw of_status("PROPFIND", response);
  const Url asked = parse_url(response.url);
  if (response.was_redirected && asked.path.ends_with('/')) folders_end_in_slash_ = true;
  std::vector<FileInfo> found = parse_multistatus(
      response.body, asked, server_ == Server::xrootd ? HrefText::raw : HrefText::encoded);
  for (FileInfo& info : found) {
    info.path = info.path.empty() ? std::string(path)
                : path.empty()    ? info.path
                                  : fmt::format("{}/{}", path, info.path);
  }
  return found;
}

std::optional<FileInfo> WebDavStore::stat(std::string_view path) const {
  check_path(path, shown_);
  try {
    auto found = propfind(path, 0);
    if (!found) return std::nullopt;
    return std::move(found->front());
  } catch (const Error&) {
    // Below a file apache2 says 400 and XrootD 500 in the place of 404.
    if (path.empty() || !is_below_a_file(path)) throw;
    return std::nullopt;
  }
}

std::vector<FileInfo> WebDavStore::entries(std::string_view folder) const {
  check_path(folder, shown_);
  auto found = propfind(folder, 1);
  if (!found) throw Error(Errc::not_found, "{}: no folder '{}'", shown_, folder);
  if (!found->front().is_folder) return {found->front()};
  found->erase(found->begin());
  sort_by_path(*found);
  return std::move(*found);
}

std::vector<std::string> WebDavStore::list(std::string_view prefix) const {
  check_prefix(prefix, shown_);
  std::vector<std::string> keys;
  std::vector<std::string> level = {
      std::string(prefix.substr(0, prefix.empty() ? 0 : prefix.size() - 1))};
  const auto first = stat(level.front());
  if (!first || !first->is_folder) return {};
  for (int n = 1; !level.empty(); ++n) {
    check_level(n, level.front());
    std::vector<std::vector<FileInfo>> found(level.size());
    run_parallel(kListers, static_cast<std::int64_t>(level.size()), [&](std::int64_t i) {
      found[static_cast<std::size_t>(i)] = entries(level[static_cast<std::size_t>(i)]);
    });
    level.clear();
    for (const auto& folder : found) {
      for (const FileInfo& info : folder) (info.is_folder ? level : keys).push_back(info.path);
    }
  }
  std::sort(keys.begin(), keys.end());
  return keys;
}

std::vector<std::string> WebDavStore::children(std::string_view prefix) const {
  check_prefix(prefix, shown_);
  const std::string_view folder = prefix.substr(0, prefix.empty() ? 0 : prefix.size() - 1);
  const auto self = stat(folder);
  std::vector<std::string> names;
  if (!self || !self->is_folder) return names;
  for (const FileInfo& info : entries(folder))
    names.push_back(std::string(info.name()) + (info.is_folder ? "/" : ""));
  std::sort(names.begin(), names.end());
  return names;
}

void WebDavStore::make_folder(std::string_view path) {
  check_path(path, shown_);
  try {
    make_collection(parse_url(request_path("MKCOL", path).url));
  } catch (const Error&) {
    if (path.empty() || !is_below_a_file(path)) throw;
    throw Error(Errc::invalid_argument, "{}: cannot make folder '{}': a file is in the way", shown_,
                path);
  }
}

bool WebDavStore::is_below_a_file(std::string_view path) const {
  const auto above = stat(parent_of(path));
  return above && !above->is_folder;
}

std::optional<bool> WebDavStore::is_collection(Url url) const {
  while (url.path.size() > 1 && url.path.ends_with('/')) url.path.pop_back();
  HttpRequest request;
  request.method = "PROPFIND";
  request.url = url.to_string();
  request.headers = {{"Depth", "0"}};
  const HttpResponse seen = client().send(request);
  if (seen.status != 207) return std::nullopt;
  return parse_multistatus(seen.body, parse_url(seen.url)).front().is_folder;
}

void WebDavStore::make_collection(Url url) {
  if (!url.path.ends_with('/')) url.path += '/';
  HttpRequest request;
  request.method = "MKCOL";
  request.url = url.to_string();
  HttpResponse made = client().send(request);
  if (made.is_success()) return;
  Url above = url;
  if (url.path != "/")
    above.path = above.path.substr(0, above.path.rfind('/', above.path.size() - 2) + 1);
  const bool lacks_parent = made.status == 409 || made.status == 404;
  if (lacks_parent && above.path != url.path) {
    make_collection(above);
    made = client().send(request);
    if (made.is_success()) return;
  }
  // It may be there: made before, or by another in the meantime.
  const std::optional<bool> is_folder = is_collection(url);
  if (is_folder == true) return;
  if (is_folder == false)
    throw Error(Errc::invalid_argument, "{}: cannot make folder {}: a file is in the way", shown_,
                url.without_query_and_secrets());
  throw of_status("MKCOL", made);
}

void WebDavStore::move(std::string_view from, std::string_view to) {
  check_move(from, to, shown_);
  const auto source = stat(from);
  if (!source) throw Error(Errc::not_found, "{}: no file or folder '{}'", shown_, from);
  const auto target = stat(to);
  if (target && (target->is_folder || source->is_folder))
    throw Error(Errc::invalid_argument, "{}: '{}' is there already: only a file replaces a file",
                shown_, to);
  if (!target && !stat(parent_of(to)))
    throw Error(Errc::not_found, "{}: no folder '{}'", shown_, parent_of(to));
  if (!can_move_to(to))
    throw Error(Errc::unsupported,
                "{}: this server may mistake the name '{}' in a rename: expected letters, digits "
                "and -._~ (copy it instead)",
                shown_, to);
  move_over(from, to);
}

void WebDavStore::remove(std::string_view path) {
  check_path(path, shown_);
  const auto found = stat(path);
  if (!found) return;
  if (!found->is_folder) return delete_file(path);
  if (!entries(path).empty())
    throw Error(Errc::invalid_argument, "{}: folder '{}' is not empty", shown_, path);
  WebDavStore::delete_file(std::string(path) + "/");
}

std::vector<Digest> WebDavStore::put_file(const std::filesystem::path& file, std::string_view path,
                                          const PutFileOptions& options) {
  check_key(path, shown_);
  UploadOptions o;
  o.headers = writing_headers();
  o.on_bytes = options.on_bytes;
  o.stop = options.stop;
  if (!can_move_to(path)) return upload(client(), file, request_path("PUT", path).url, o).verified;
  const std::string temporary = temporary_key(path);
  try {
    const UploadResult sent = upload(client(), file, request_path("PUT", temporary).url, o);
    move_over(temporary, path);
    return sent.verified;
  } catch (...) {
    drop_temporary(temporary);
    throw;
  }
}

std::unique_ptr<Store> open_webdav_store(const std::string& url) {
  const Url parsed = parse_url(url);
  Url base = parsed;
  base.scheme = parsed.scheme.ends_with('s') ? "https" : "http";
  return std::make_unique<WebDavStore>(printable_url(url), base.to_string(), default_http_client());
}

}  // namespace rastream
