// SPDX-License-Identifier: Apache-2.0
#include "rastream/store/transfer/intact_file.h"

#include <sys/stat.h>

#include <algorithm>

namespace rastream {
namespace {

std::optional<HttpResponse> ask(HttpClient& client, const std::string& url,
                                const DownloadOptions& options) {
  HttpRequest request;
  request.method = "HEAD";
  request.url = url;
  request.headers = options.headers;
  if (!request.headers.find("Want-Digest"))
    request.headers.add("Want-Digest", "adler32, md5;q=0.5");
  request.accepts_gzip = false;
  request.document_url = options.document_url;
  request.stop = options.stop;
  HttpResponse response = client.send(request);
  if (!response.is_success()) return std::nullopt;
  return response;
}

std::vector<Digest> digests_in(const HttpHeaders& headers) {
  std::vector<Digest> digests;
  for (const auto& [name, value] : headers) {
    if (!equals_ignoring_case(name, "Digest") && !equals_ignoring_case(name, "Repr-Digest") &&
        !equals_ignoring_case(name, "Content-MD5"))
      continue;
    for (Digest& digest : parse_digest_field(name, value)) digests.push_back(std::move(digest));
  }
  return digests;
}

}  // namespace

bool has_digests(const std::filesystem::path& path, const std::vector<Digest>& digests) {
  return std::all_of(digests.begin(), digests.end(), [&](const Digest& digest) {
    return digest_of_file(digest.kind, path) == digest;
  });
}

std::optional<FileInfo> web_file_info(HttpClient& client, const std::string& url,
                                      const DownloadOptions& options) {
  const auto head = ask(client, url, options);
  if (!head || head->content_length() < 0) return std::nullopt;
  FileInfo info;
  info.size_bytes = head->content_length();
  info.etag = head->headers.get("ETag");
  info.digests = digests_in(head->headers);
  info.modified_ms = parse_http_date_ms(head->headers.get("Last-Modified"));
  return info;
}

std::optional<std::int64_t> intact_size(HttpClient& client, const std::string& url,
                                        const std::filesystem::path& path,
                                        const DownloadOptions& options) {
  struct stat info {};
  if (::lstat(path.c_str(), &info) != 0 || !S_ISREG(info.st_mode)) return std::nullopt;
  const std::int64_t size = info.st_size;
  if (options.expected.size_bytes.value_or(size) != size) return std::nullopt;
  if (!options.expected.digests.empty())
    return has_digests(path, options.expected.digests) ? std::optional(size) : std::nullopt;
  const auto head = ask(client, url, options);
  if (!head || head->content_length() != size) return std::nullopt;
  const std::vector<Digest> digests = digests_in(head->headers);
  if (!digests.empty()) return has_digests(path, digests) ? std::optional(size) : std::nullopt;
  const auto changed_at = parse_http_date(head->headers.get("Last-Modified"));
  const bool is_same_time =
      changed_at && std::chrono::system_clock::to_time_t(*changed_at) == info.st_mtim.tv_sec;
  return is_same_time ? std::optional(size) : std::nullopt;
}

}  // namespace rastream
