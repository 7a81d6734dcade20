// SPDX-License-Identifier: Apache-2.0
#include "rastream/store/dcache.h"

#include <algorithm>

#include "rastream/base/base64.h"
#include "rastream/store/store_config.h"

namespace rastream {
namespace {

constexpr int kDoorPort = 2880;

}  // namespace

DCacheStore::DCacheStore(std::string shown, const std::string& webdav_url,
                         const std::string& api_url, std::shared_ptr<HttpClient> client)
    : WebDavStore(std::move(shown), webdav_url, client) {
  const auto root = percent_decode(parse_url(webdav_url).path);
  if (!root) throw Error(Errc::invalid_argument, "{}: the path is not percent-encoded", url());
  root_ = *root;
  while (root_.ends_with('/')) root_.pop_back();
  if (!api_url.empty()) api_.emplace(api_url, std::move(client));
}

std::string DCacheStore::namespace_path(std::string_view path) const {
  if (path.empty()) return root_.empty() ? "/" : root_;
  return fmt::format("{}/{}", root_, path);
}

const NamespaceApi& DCacheStore::api(std::string_view wanted) const {
  if (api_) return *api_;
  throw Error(Errc::unsupported,
              "{}: cannot {} through a WebDAV door alone: name the api_url of this dCache in "
              "stores.json",
              url(), wanted);
}

void DCacheStore::prepare(HttpRequest& request) const {
  request.headers.set("Want-Digest", "adler32");
}

void DCacheStore::put(std::string_view key, std::span<const std::byte> value) {
  check_key(key, url());
  const std::string temporary = temporary_key(key);
  try {
    const Digest md5 = digest_of(DigestKind::md5, value);
    put_value(temporary, value,
              {{"Expect", "100-continue"}, {"Content-MD5", base64_encode(md5.value)}});
    const Digest ours = digest_of(DigestKind::adler32, value);
    const HttpResponse head = send("HEAD", temporary, {{"Want-Digest", "adler32"}});
    for (const Digest& theirs : parse_digest_field("Digest", head.headers.get("Digest"))) {
      if (theirs.kind == ours.kind && theirs != ours)
        throw Error(Errc::data_loss, "{}: '{}' arrived as {}, and was sent as {}", url(), key,
                    to_string(theirs), to_string(ours));
    }
    move_over(temporary, key);
  } catch (...) {
    drop_temporary(temporary);
    throw;
  }
}

std::optional<FileInfo> DCacheStore::stat(std::string_view path) const {
  if (!api_) return WebDavStore::stat(path);
  check_path(path, url());
  auto found = api_->stat(namespace_path(path));
  if (found) found->path = path;
  return found;
}

std::vector<FileInfo> DCacheStore::entries(std::string_view folder) const {
  if (!api_) return WebDavStore::entries(folder);
  check_path(folder, url());
  auto found = api_->entries(namespace_path(folder));
  if (!found) {
    if (const auto file = stat(folder)) return {*file};
    throw Error(Errc::not_found, "{}: no folder '{}'", url(), folder);
  }
  for (FileInfo& info : *found) {
    if (!folder.empty()) info.path = fmt::format("{}/{}", folder, info.path);
  }
  return std::move(*found);
}

std::vector<Digest> DCacheStore::digests(std::string_view path) const {
  if (!api_) return WebDavStore::digests(path);
  check_path(path, url());
  return api_->digests(namespace_path(path));
}

void DCacheStore::make_folder(std::string_view path) {
  check_path(path, url());
  // The root is made through the door, which can be asked for the folders above it too.
  if (!api_ || path.empty()) return WebDavStore::make_folder(path);
  const auto found = stat(path);
  if (found && found->is_folder) return;
  if (found)
    throw Error(Errc::invalid_argument, "{}: cannot make folder '{}': a file is in the way", url(),
                path);
  make_folder(parent_of(path));
  try {
    api_->make_folder(namespace_path(parent_of(path)),
                      std::string(path.substr(path.rfind('/') + 1)));
  } catch (const Error&) {
    // Another may have made it in the meantime.
    const auto now = stat(path);
    if (!now || !now->is_folder) throw;
  }
}

void DCacheStore::move_over(std::string_view from, std::string_view to) {
  if (!api_) return WebDavStore::move_over(from, to);
  api_->move(namespace_path(from), namespace_path(to));
}

void DCacheStore::move(std::string_view from, std::string_view to) {
  if (!api_) return WebDavStore::move(from, to);
  check_move(from, to, url());
  const auto source = stat(from);
  if (!source) throw Error(Errc::not_found, "{}: no file or folder '{}'", url(), from);
  const auto target = stat(to);
  if (target && (target->is_folder || source->is_folder))
    throw Error(Errc::invalid_argument, "{}: '{}' is there already: only a file replaces a file",
                url(), to);
  if (!target && !stat(parent_of(to)))
    throw Error(Errc::not_found, "{}: no folder '{}'", url(), parent_of(to));
  move_over(from, to);
}

void DCacheStore::delete_file(std::string_view path) {
  if (!api_) return WebDavStore::delete_file(path);
  api_->remove(namespace_path(path));
}

void DCacheStore::remove(std::string_view path) {
  if (!api_) return WebDavStore::remove(path);
  const auto found = stat(path);
  if (!found) return;
  if (found->is_folder && !entries(path).empty())
    throw Error(Errc::invalid_argument, "{}: folder '{}' is not empty", url(), path);
  api_->remove(namespace_path(path));
}

std::string DCacheStore::stage(std::span<const std::string> paths, std::chrono::hours kept) {
  static_cast<void>(api("stage files"));
  std::vector<std::string> targets;
  for (const std::string& path : paths) {
    check_key(path, url());
    targets.push_back(namespace_path(path));
  }
  return api_->pin(targets, kept);
}

StageState DCacheStore::stage_state(const std::string& request) const {
  StageState state = api("stage files").pin_state(request);
  for (std::string& path : state.failed) {
    if (path.starts_with(root_ + "/")) path.erase(0, root_.size() + 1);
  }
  return state;
}

std::unique_ptr<Store> open_dcache_store(const std::string& url) {
  const std::string shown = printable_url(url);
  if (const StoreConfig* config = default_store_configs().find(url)) {
    const std::string& door = config->webdav_url.empty() ? config->url : config->webdav_url;
    const std::string_view rest = rest_of(*config, url);
    return std::make_unique<DCacheStore>(shown,
                                         rest.empty() ? door : fmt::format("{}/{}", door, rest),
                                         config->api_url, default_http_client());
  }
  Url door = parse_url(url);
  door.scheme = "https";
  if (door.port == 0) door.port = kDoorPort;
  return std::make_unique<DCacheStore>(shown, door.to_string(), "", default_http_client());
}

}  // namespace rastream
