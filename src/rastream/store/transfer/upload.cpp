// SPDX-License-Identifier: Apache-2.0
#include "rastream/store/transfer/upload.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "rastream/base/base64.h"
#include "rastream/store/http/url.h"

namespace rastream {
namespace {

/// What kinds the server may be asked about afterwards; all are computed on the way.
constexpr DigestKind kKinds[] = {DigestKind::adler32, DigestKind::md5};

/// A file's bytes as a body, with their digests.
class FileSource : public BodySource {
 public:
  FileSource(const std::filesystem::path& path, const UploadOptions& options)
      : path_(path),
        options_(options),
        fd_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {
    if (fd_ < 0) throw error_from_errno(errno, "read", path.native());
    if (::fstat(fd_, &before_) == 0 && S_ISREG(before_.st_mode)) {
      rewind();
      return;
    }
    ::close(fd_);
    throw Error(Errc::invalid_argument, "'{}': expected a regular file", path.native());
  }
  ~FileSource() override { ::close(fd_); }
  FileSource(const FileSource&) = delete;
  FileSource& operator=(const FileSource&) = delete;

  std::int64_t size() const override { return before_.st_size; }

  void rewind() override {
    if (options_.on_bytes && at_ > 0) options_.on_bytes(-at_);
    at_ = 0;
    builders_.clear();
    for (const DigestKind kind : kKinds) builders_.emplace_back(kind);
  }

  std::size_t read(std::span<std::byte> into) override {
    const auto left = static_cast<std::size_t>(size() - at_);
    into = into.first(std::min(into.size(), left));
    if (into.empty()) return 0;
    ssize_t n = 0;
    do {
      n = ::pread(fd_, into.data(), into.size(), at_);
    } while (n < 0 && errno == EINTR);
    if (n < 0) throw error_from_errno(errno, "read", path_.native());
    if (n == 0) refuse_change();
    at_ += n;
    for (DigestBuilder& builder : builders_)
      builder.update(into.first(static_cast<std::size_t>(n)));
    if (options_.on_bytes) options_.on_bytes(n);
    return static_cast<std::size_t>(n);
  }

  /// Digests of what was sent. Throws data_loss when the file is another one by now.
  std::vector<Digest> finish() {
    struct stat after {};
    if (::fstat(fd_, &after) != 0 || after.st_size != before_.st_size ||
        after.st_mtim.tv_sec != before_.st_mtim.tv_sec ||
        after.st_mtim.tv_nsec != before_.st_mtim.tv_nsec)
      refuse_change();
    std::vector<Digest> digests;
    for (DigestBuilder& builder : builders_) digests.push_back(builder.finish());
    return digests;
  }

 private:
  [[noreturn]] void refuse_change() const {
    throw Error(Errc::data_loss, "'{}': changed while it was sent", path_.native());
  }

  const std::filesystem::path& path_;
  const UploadOptions& options_;
  int fd_;
  struct stat before_ {};
  std::int64_t at_ = 0;
  std::vector<DigestBuilder> builders_;
};

HttpRequest request_for(const std::string& method, const std::string& url,
                        const UploadOptions& options) {
  HttpRequest request;
  request.method = method;
  request.url = url;
  request.headers = options.headers;
  request.accepts_gzip = false;
  request.stop = options.stop;
  return request;
}

/// Compares what the server says with what was sent; returns what could be compared.
std::vector<Digest> compare(const HttpHeaders& headers, const std::vector<Digest>& sent,
                            const std::string& url) {
  std::vector<Digest> verified;
  for (const auto& [name, value] : headers) {
    if (!equals_ignoring_case(name, "Digest") && !equals_ignoring_case(name, "Repr-Digest"))
      continue;
    for (const Digest& theirs : parse_digest_field(name, value)) {
      for (const Digest& ours : sent) {
        if (ours.kind != theirs.kind) continue;
        if (ours != theirs)
          throw Error(Errc::data_loss, "PUT {}: the server has {}: expected {}", printable_url(url),
                      to_string(theirs), to_string(ours));
        verified.push_back(theirs);
      }
    }
  }
  return verified;
}

std::vector<Digest> verify(HttpClient& client, const std::string& url, std::int64_t size_bytes,
                           const std::vector<Digest>& sent, const UploadOptions& options) {
  HttpRequest request = request_for("HEAD", url, options);
  request.headers.set("Want-Digest", "adler32, md5;q=0.5");
  const HttpResponse response = client.send(request);
  check_success(request, response);
  if (response.content_length() >= 0 && response.content_length() != size_bytes)
    throw Error(Errc::data_loss, "PUT {}: the server has {} bytes: expected {}", printable_url(url),
                response.content_length(), size_bytes);
  return compare(response.headers, sent, url);
}

}  // namespace

UploadResult upload(HttpClient& client, const std::filesystem::path& path, const std::string& url,
                    const UploadOptions& options) {
  HttpRequest request = request_for("PUT", url, options);
  if (options.sends_md5)
    request.headers.set("Content-MD5", base64_encode(digest_of_file(DigestKind::md5, path).value));
  FileSource source(path, options);
  request.source = &source;
  HttpResponse response = client.send(request);
  check_success(request, response);
  UploadResult result;
  result.size_bytes = source.size();
  const std::vector<Digest> sent = source.finish();
  result.verified = options.verifies ? verify(client, url, source.size(), sent, options)
                                     : compare(response.headers, sent, url);
  result.headers = std::move(response.headers);
  return result;
}

}  // namespace rastream
