// SPDX-License-Identifier: Apache-2.0
#include "rastream/store/s3.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>

#include "rastream/base/base64.h"
#include "rastream/store/http/body_sinks.h"
#include "rastream/store/store_config.h"
#include "rastream/store/transfer/upload.h"

namespace rastream {
namespace {

constexpr std::int64_t kPartBytes = std::int64_t{64} << 20;
constexpr std::int64_t kMostParts = 10'000;
/// A billion keys; more is a server that does not end.
constexpr std::int64_t kMostPages = 1'000'000;
constexpr std::chrono::hours kPresigned{24};

Url bucket_url(const S3Place& place, const std::string& prefix) {
  const std::string region = place.region.empty() ? "us-east-1" : place.region;
  const std::string endpoint = place.endpoint_url.empty()
                                   ? fmt::format("https://s3.{}.amazonaws.com", region)
                                   : place.endpoint_url;
  Url url = parse_url(endpoint);
  while (url.path.ends_with('/')) url.path.pop_back();
  if (place.is_path_style)
    url.path += "/" + s3_encode(place.bucket, false);
  else
    url.host = place.bucket + "." + url.host;
  url.path += "/" + s3_encode(prefix, true);
  return url;
}

std::string sha256_of(std::span<const std::byte> bytes) {
  return to_hex(digest_of(DigestKind::sha256, bytes).value);
}

std::span<const std::byte> bytes_of_text(std::string_view text) {
  return {reinterpret_cast<const std::byte*>(text.data()), text.size()};
}

/// One part of a file.
Bytes read_part(const std::filesystem::path& file, std::int64_t begin, std::int64_t size) {
  const int fd = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) throw error_from_errno(errno, "open", file.native());
  Bytes bytes(static_cast<std::size_t>(size));
  std::size_t done = 0;
  ssize_t n = 1;
  while (done < bytes.size() && n > 0) {
    n = ::pread(fd, bytes.data() + done, bytes.size() - done,
                begin + static_cast<std::int64_t>(done));
    if (n > 0) done += static_cast<std::size_t>(n);
  }
  ::close(fd);
  if (done < bytes.size())
    throw Error(Errc::data_loss, "read '{}': the file became shorter while it was read",
                file.native());
  return bytes;
}

}  // namespace

S3Store::S3Store(std::string shown, S3Place place, std::shared_ptr<HttpClient> client)
    : HttpStore(bucket_url(place, place.prefix).to_string(), std::move(client)),
      shown_(std::move(shown)),
      place_(std::move(place)),
      prefix_(place_.prefix.empty() ? "" : place_.prefix + "/") {
  if (place_.region.empty()) place_.region = "us-east-1";
  bucket_ = bucket_url(place_, prefix_);
}

HttpRequest S3Store::request_path(std::string_view method, std::string_view path) const {
  HttpRequest r = HttpStore::request_path(method, path);
  Url url = bucket_;
  url.path += s3_encode(path, true);
  r.url = url.to_string();
  return r;
}

void S3Store::sign(HttpRequest& r, std::string_view payload_sha256) const {
  if (!place_.keys) return;
  const HttpHeaders added = s3_signature(*place_.keys, place_.region, r.method, parse_url(r.url),
                                         r.headers, payload_sha256, client().options().clock.now());
  for (const auto& [name, value] : added) r.headers.set(name, value);
}

void S3Store::prepare(HttpRequest& r) const { sign(r, kUnsignedPayload); }

HttpResponse S3Store::ask(std::string_view method, std::string_view path, const std::string& query,
                          std::string body, HttpHeaders headers) const {
  HttpRequest r = request_path(method, path);
  if (!query.empty()) r.url += "?" + query;
  r.headers = std::move(headers);
  r.body = std::move(body);
  sign(r, sha256_of(bytes_of_text(r.body)));
  HttpResponse response = client().send(r);
  check_success(r, response);
  return response;
}

void S3Store::put(std::string_view key, std::span<const std::byte> value) {
  HttpRequest r = request("PUT", key);
  BytesSource source(value);
  r.source = &source;
  r.headers.add("Content-MD5", base64_encode(digest_of(DigestKind::md5, value).value));
  sign(r, sha256_of(value));
  check_success(r, client().send(r));
}

void S3Store::erase(std::string_view key) {
  HttpRequest r = request("DELETE", key);
  prepare(r);
  const HttpResponse response = client().send(r);
  if (response.status != 404) check_success(r, response);
}

void S3Store::for_each_page(const std::string& prefix, bool is_shallow, bool is_probe,
                            const std::function<void(const S3Page&)>& f) const {
  std::string token;
  for (std::int64_t n = 0; n < kMostPages; ++n) {
    HttpRequest r;
    Url url = bucket_url(place_, "");
    if (place_.is_path_style) url.path.pop_back();
    r.url = url.to_string();
    std::string query = "list-type=2&encoding-type=url&prefix=" + s3_encode(prefix, false);
    if (is_shallow) query += "&delimiter=%2F";
    if (is_probe) query += "&max-keys=1";
    if (!token.empty()) query += "&continuation-token=" + s3_encode(token, false);
    r.url += "?" + query;
    sign(r, sha256_of({}));
    const HttpResponse response = client().send(r);
    check_success(r, response);
    const S3Page page = parse_s3_page(response.body, prefix, shown_);
    f(page);
    if (page.next.empty() || is_probe) return;
    if (page.next == token)
      throw Error(Errc::data_loss, "list {}: the same page comes again and again", shown_);
    token = page.next;
  }
  throw Error(Errc::data_loss, "list {}: the pages do not end", shown_);
}

std::vector<std::string> S3Store::list(std::string_view prefix) const {
  check_prefix(prefix, shown_);
  std::vector<std::string> keys;
  for_each_page(prefix_ + std::string(prefix), false, false, [&](const S3Page& page) {
    for (const FileInfo& info : page.files) {
      keys.push_back(info.path.substr(prefix_.size()));
      if (!is_valid_key(keys.back()))
        throw Error(Errc::data_loss, "list {}: '{}' is a key that cannot be a path", shown_,
                    keys.back());
    }
  });
  std::sort(keys.begin(), keys.end());
  return keys;
}

bool S3Store::has_keys_below(std::string_view folder) const {
  bool has_keys = false;
  for_each_page(
      prefix_ + (folder.empty() ? "" : std::string(folder) + "/"), true, true,
      [&](const S3Page& page) { has_keys = !page.files.empty() || !page.folders.empty(); });
  return has_keys;
}

std::optional<FileInfo> S3Store::stat(std::string_view path) const {
  check_path(path, shown_);
  FileInfo folder;
  folder.path = path;
  folder.is_folder = true;
  if (path.empty()) return folder;
  HttpRequest r = request("HEAD", path);
  prepare(r);
  const HttpResponse head = client().send(r);
  if (head.status == 404) return has_keys_below(path) ? std::optional(folder) : std::nullopt;
  check_success(r, head);
  FileInfo file;
  file.path = path;
  file.size_bytes = std::max<std::int64_t>(head.content_length(), 0);
  file.etag = head.headers.get("ETag");
  if (const auto md5 = md5_of_etag(file.etag)) file.digests.push_back(*md5);
  file.modified_ms = parse_http_date_ms(head.headers.get("Last-Modified"));
  return file;
}

std::vector<FileInfo> S3Store::entries(std::string_view folder) const {
  check_path(folder, shown_);
  const std::string prefix = prefix_ + (folder.empty() ? "" : std::string(folder) + "/");
  std::vector<FileInfo> found;
  for_each_page(prefix, true, false, [&](const S3Page& page) {
    for (const FileInfo& info : page.files) found.push_back(info);
    for (const std::string& name : page.folders) {
      found.emplace_back();
      found.back().path = name.substr(0, name.size() - 1);
      found.back().is_folder = true;
    }
  });
  for (FileInfo& info : found) {
    info.path.erase(0, std::min(prefix_.size(), info.path.size()));
    if (!is_valid_key(info.path))
      throw Error(Errc::data_loss, "list {}: '{}' is a key that cannot be a path", shown_,
                  info.path);
  }
  if (found.empty() && !folder.empty()) {
    if (const auto file = stat(folder); file && !file->is_folder) return {*file};
    throw Error(Errc::not_found, "{}: no folder '{}'", shown_, folder);
  }
  sort_by_path(found);
  return found;
}

std::vector<std::string> S3Store::children(std::string_view prefix) const {
  check_prefix(prefix, shown_);
  std::vector<std::string> names;
  const std::string whole = prefix_ + std::string(prefix);
  for_each_page(whole, true, false, [&](const S3Page& page) {
    for (const FileInfo& info : page.files) names.push_back(info.path.substr(whole.size()));
    for (const std::string& folder : page.folders) names.push_back(folder.substr(whole.size()));
  });
  std::sort(names.begin(), names.end());
  return names;
}

void S3Store::move_file(std::string_view from, std::string_view to) {
  const std::string source =
      s3_encode(place_.bucket, false) + "/" + s3_encode(prefix_ + std::string(from), true);
  const HttpResponse response = ask("PUT", to, "", "", {{"x-amz-copy-source", source}});
  check_s3_answer(response.body, fmt::format("{}: move '{}'", shown_, from));
  erase(from);
}

void S3Store::move(std::string_view from, std::string_view to) {
  check_move(from, to, shown_);
  const auto source = stat(from);
  if (!source) throw Error(Errc::not_found, "{}: no file or folder '{}'", shown_, from);
  const auto target = stat(to);
  if (target && (target->is_folder || source->is_folder))
    throw Error(Errc::invalid_argument, "{}: '{}' is there already: only a file replaces a file",
                shown_, to);
  if (!source->is_folder) return move_file(from, to);
  for (const std::string& key : list(std::string(from) + "/"))
    move_file(key, std::string(to) + key.substr(from.size()));
}

void S3Store::remove(std::string_view path) {
  check_path(path, shown_);
  if (has_keys_below(path)) {
    const auto found = stat(path);
    if (!found || found->is_folder)
      throw Error(Errc::invalid_argument, "{}: folder '{}' is not empty", shown_, path);
  }
  if (!path.empty()) erase(path);
}

std::vector<Digest> S3Store::put_file(const std::filesystem::path& file, std::string_view path,
                                      const PutFileOptions& options) {
  std::error_code error;
  const auto size = static_cast<std::int64_t>(std::filesystem::file_size(file, error));
  if (error) throw error_from_errno(error.value(), "open", file.native());
  if (size > kPartBytes) return put_parts(file, path, options);
  const Bytes bytes = read_part(file, 0, size);
  put(path, bytes);
  if (options.on_bytes) options.on_bytes(size);
  return {digest_of(DigestKind::md5, bytes)};  // the server refuses a body of another MD5
}

std::vector<Digest> S3Store::put_parts(const std::filesystem::path& file, std::string_view path,
                                       const PutFileOptions& options) {
  check_key(path, shown_);
  const auto size = static_cast<std::int64_t>(std::filesystem::file_size(file));
  const std::int64_t part_bytes = std::max(kPartBytes, (size + kMostParts - 1) / kMostParts);
  const std::string what = fmt::format("{}: put '{}'", shown_, path);
  const std::string id = parse_s3_upload_id(ask("POST", path, "uploads=").body, what);
  const std::string upload = "uploadId=" + s3_encode(id, false);
  try {
    std::vector<std::string> etags;
    for (std::int64_t begin = 0; begin < size; begin += part_bytes) {
      if (options.stop.stop_requested()) throw Error(Errc::unavailable, "{}: stopped", what);
      const Bytes part = read_part(file, begin, std::min(part_bytes, size - begin));
      BytesSource source(part);
      HttpRequest r = request("PUT", path);
      r.url += fmt::format("?partNumber={}&{}", etags.size() + 1, upload);
      r.source = &source;
      r.headers.add("Content-MD5", base64_encode(digest_of(DigestKind::md5, part).value));
      sign(r, sha256_of(part));
      const HttpResponse response = client().send(r);
      check_success(r, response);
      etags.push_back(response.headers.get("ETag"));
      if (options.on_bytes) options.on_bytes(static_cast<std::int64_t>(part.size()));
    }
    check_s3_answer(ask("POST", path, upload, s3_completion(etags)).body, what);
  } catch (...) {
    try {
      ask("DELETE", path, upload);
    } catch (const Error&) {
      // The first failure is the one to tell; parts without an upload are the bucket's to expire.
    }
    throw;
  }
  return {};
}

std::optional<WebAddress> S3Store::web_address(std::string_view path) const {
  HttpRequest r = request("GET", path);
  if (place_.keys)
    r.url = s3_presigned(*place_.keys, place_.region, parse_url(r.url),
                         client().options().clock.now(), kPresigned)
                .to_string();
  return WebAddress{&client(), r.url, {}, true};
}

std::unique_ptr<Store> open_s3_store(const std::string& url) {
  const std::shared_ptr<HttpClient> client = default_http_client();
  const Environment environment = process_environment();
  const Url parsed = parse_url(url);
  S3Place place;
  place.bucket = parsed.host;
  const auto prefix = percent_decode(parsed.path);
  if (!prefix) throw Error(Errc::invalid_argument, "'{}': not percent-encoded", printable_url(url));
  place.prefix = *prefix;
  while (place.prefix.starts_with('/')) place.prefix.erase(0, 1);
  while (place.prefix.ends_with('/')) place.prefix.pop_back();
  const StoreConfig* config = default_store_configs().find(url);
  const auto& credentials = client->options().credentials;
  if (const Credential* own = credentials ? credentials->find_s3(parsed) : nullptr) {
    if (!config || !config->is_anonymous) place.keys = own->s3;
    place.region = own->s3.region;
  }
  place.endpoint_url = environment("AWS_ENDPOINT_URL").value_or("");
  if (place.region.empty()) place.region = environment("AWS_REGION").value_or("");
  if (config) {
    if (!config->endpoint_url.empty()) place.endpoint_url = config->endpoint_url;
    if (!config->region.empty()) place.region = config->region;
    place.is_path_style = config->is_path_style;
  }
  return std::make_unique<S3Store>(printable_url(url), std::move(place), client);
}

}  // namespace rastream
