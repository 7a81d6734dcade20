// SPDX-License-Identifier: Apache-2.0
#include "rastream/store/http/http_store.h"

#include "rastream/store/digest.h"
#include "rastream/store/http/body_sinks.h"
#include "rastream/store/transfer/upload.h"

namespace rastream {
namespace {

/// A value that is read whole is kept in memory.
constexpr std::int64_t kMostValueBytes = std::int64_t{8} << 30;

/// Bytes of one version; what is of another is not even received.
class VersionSink : public BytesSink {
 public:
  VersionSink(const std::string& version, std::string what)
      : version_(version), what_(std::move(what)) {}
  void begin(const HttpResponse& head) override {
    const std::string version = version_of(head.headers);
    if (!version_.empty() && !version.empty() && version != version_)
      throw Error(Errc::data_loss, "GET {}: changed on the server while it was read", what_);
    BytesSink::begin(head);
  }

 private:
  const std::string& version_;
  std::string what_;
};

/// Throws data_loss when the bytes are not those that the server says it has sent.
void check_digests(const HttpResponse& response, std::span<const std::byte> bytes,
                   const std::string& what) {
  for (const char* field : {"Digest", "Repr-Digest", "Content-MD5"}) {
    for (const Digest& said : parse_digest_field(field, response.headers.get(field))) {
      if (digest_of(said.kind, bytes) != said)
        throw Error(Errc::data_loss, "GET {}: the bytes that came are not those of {}", what,
                    to_string(said));
    }
  }
}

/// Of an answer with status 416, "bytes */123": the length; -1 when it is not said.
std::int64_t size_when_unsatisfied(const HttpResponse& response) {
  const std::string text = response.headers.get("Content-Range");
  if (!text.starts_with("bytes */")) return -1;
  const auto range = parse_content_range("bytes 0-0/" + text.substr(8));
  return range ? range->size : text == "bytes */0" ? 0 : -1;
}

}  // namespace

std::string version_of(const HttpHeaders& headers) {
  const std::string etag = headers.get("ETag");
  return etag.empty() ? headers.get("Last-Modified") : etag;
}

HttpStore::HttpStore(const std::string& url, std::shared_ptr<HttpClient> client,
                     std::string document_url)
    : url_(parse_url(url)),
      printable_(url_.without_query_and_secrets()),
      client_(std::move(client)),
      document_url_(std::move(document_url)) {}

bool HttpStore::is_absent(std::string_view, const HttpRequest& request,
                          const HttpResponse& response) const {
  if (response.status == 404 || response.status == 410) return true;
  // Servers send a reader of "folder" on to "folder/", where a page lists what is in it.
  return response.was_redirected && response.is_success() &&
         parse_url(response.url).path == parse_url(request.url).path + "/";
}

HttpRequest HttpStore::request(std::string_view method, std::string_view key) const {
  check_key(key, printable_);
  return request_path(method, key);
}

HttpRequest HttpStore::request_path(std::string_view method, std::string_view path) const {
  HttpRequest request;
  request.method = method;
  request.url = url_of_key(url_, path).to_string();
  request.accepts_gzip = false;
  request.max_body_bytes = kMostValueBytes;
  request.document_url = document_url_;
  return request;
}

std::optional<Bytes> HttpStore::get(std::string_view key, ByteRange range) const {
  return get_version(key, range, "");
}

std::optional<Bytes> HttpStore::get_version(std::string_view key, ByteRange range,
                                            const std::string& version) const {
  HttpRequest r = request("GET", key);
  const std::string what = printable_url(r.url);
  if (range.begin < 0 || (range.end >= 0 && range.end <= range.begin)) {
    const auto length = size(key);
    if (!length) return std::nullopt;
    resolve_range(range, *length, printable_, key);
    return Bytes();
  }
  if (range.begin > 0 || range.end >= 0) r.range = range;
  prepare(r);
  VersionSink sink(version, what);
  r.sink = &sink;
  const HttpResponse response = client_->send(r);
  if (is_absent(key, r, response)) return std::nullopt;
  if (response.status == 416) {
    const std::int64_t length = size_when_unsatisfied(response);
    if (range.begin == length && range.end < 0) return Bytes();
    throw Error(Errc::data_loss, "GET {}: bytes from {} were asked for, but there are {}", what,
                range.begin, length < 0 ? "fewer" : std::to_string(length));
  }
  check_success(r, response);
  Bytes bytes = sink.take();
  if (!response.is_delimited && !response.content_range)
    throw Error(Errc::unsupported, "GET {}: the server does not say how long the body is", what);
  if (range.end >= 0 && static_cast<std::int64_t>(bytes.size()) != range.end - range.begin)
    throw Error(Errc::data_loss, "GET {}: bytes {} to {} were asked for, but there are {}", what,
                range.begin, range.end, range.begin + static_cast<std::int64_t>(bytes.size()));
  if (!r.range) check_digests(response, bytes, what);
  return bytes;
}

std::optional<std::int64_t> HttpStore::size(std::string_view key) const {
  const auto known = info(key);
  return known ? std::optional(known->size_bytes) : std::nullopt;
}

std::optional<ValueInfo> HttpStore::info(std::string_view key) const {
  HttpRequest r = request("HEAD", key);
  prepare(r);
  const HttpResponse head = client_->send(r);
  if (is_absent(key, r, head)) return std::nullopt;
  const bool is_refused = head.status == 403 || head.status == 405 || head.status == 501;
  if (!is_refused) check_success(r, head);
  if (!is_refused && head.content_length() >= 0)
    return ValueInfo{head.content_length(), version_of(head.headers)};
  // Some servers and signed URLs answer to GET alone, which tells the length with its first byte.
  r = request("GET", key);
  prepare(r);
  r.range = ByteRange{0, 1};
  const HttpResponse first = client_->send(r);
  if (is_absent(key, r, first)) return std::nullopt;
  if (first.status == 416 && size_when_unsatisfied(first) == 0)
    return ValueInfo{0, version_of(first.headers)};
  check_success(r, first);
  if (!first.content_range || first.content_range->size < 0)
    throw Error(Errc::unsupported, "GET {}: the server does not say how long it is",
                printable_url(r.url));
  return ValueInfo{first.content_range->size, version_of(first.headers)};
}

void HttpStore::put(std::string_view key, std::span<const std::byte> value) {
  HttpRequest r = request("PUT", key);
  BytesSource source(value);
  r.source = &source;
  check_success(r, client_->send(r));
}

void HttpStore::erase(std::string_view key) {
  const HttpRequest r = request("DELETE", key);
  const HttpResponse response = client_->send(r);
  if (response.status != 404 && response.status != 410) check_success(r, response);
}

std::vector<std::string> HttpStore::list(std::string_view prefix) const {
  check_prefix(prefix, printable_);
  throw Error(Errc::unsupported, "{}: a plain web server does not list what it holds", printable_);
}

std::vector<std::string> HttpStore::children(std::string_view prefix) const { return list(prefix); }

std::optional<FileInfo> HttpStore::stat(std::string_view path) const {
  const auto known = info(path);
  if (!known) return std::nullopt;
  FileInfo file;
  file.path = path;
  file.size_bytes = known->size_bytes;
  if (known->version.starts_with('"') || known->version.starts_with("W/"))
    file.etag = known->version;
  else
    file.modified_ms = parse_http_date_ms(known->version);
  return file;
}

std::vector<FileInfo> HttpStore::entries(std::string_view folder) const {
  if (const auto file = folder.empty() ? std::nullopt : stat(folder)) return {*file};
  list("");
  return {};
}

void HttpStore::move(std::string_view from, std::string_view) {
  check_key(from, printable_);
  throw Error(Errc::unsupported, "{}: a plain web server does not rename", printable_);
}

std::vector<Digest> HttpStore::put_file(const std::filesystem::path& file, std::string_view path,
                                        const PutFileOptions& options) {
  UploadOptions o;
  o.on_bytes = options.on_bytes;
  o.stop = options.stop;
  return upload(*client_, file, request("PUT", path).url, o).verified;
}

std::optional<WebAddress> HttpStore::web_address(std::string_view path) const {
  HttpRequest r = request("GET", path);
  prepare(r);
  return WebAddress{client_.get(), r.url, r.headers, false, document_url_};
}

std::unique_ptr<Store> open_http_store(const std::string& url) {
  return std::make_unique<HttpStore>(url, default_http_client());
}

}  // namespace rastream
