// SPDX-License-Identifier: Apache-2.0
// A store behind a plain web server: read by range, written by PUT where the server lets one.
#pragma once

#include <memory>

#include "rastream/store/file_system.h"
#include "rastream/store/http/http_client.h"
#include "rastream/store/http/url.h"

namespace rastream {

/// Keys are paths below a URL; its query, where tokens hide, goes along with each request and is
/// never shown. A web server lists nothing: list and children throw unsupported, and of what a
/// FileSystem does there are single files alone.
class HttpStore : public Store, public FileSystem {
 public:
  /// `document_url`: see HttpRequest.
  HttpStore(const std::string& url, std::shared_ptr<HttpClient> client,
            std::string document_url = {});
  std::string url() const override { return printable_; }
  std::optional<Bytes> get(std::string_view key, ByteRange range = {}) const override;
  std::optional<std::int64_t> size(std::string_view key) const override;
  std::optional<ValueInfo> info(std::string_view key) const override;
  std::optional<Bytes> get_version(std::string_view key, ByteRange range,
                                   const std::string& version) const override;
  void put(std::string_view key, std::span<const std::byte> value) override;
  void erase(std::string_view key) override;
  std::vector<std::string> list(std::string_view prefix) const override;
  std::vector<std::string> children(std::string_view prefix) const override;

  std::optional<FileInfo> stat(std::string_view path) const override;
  std::vector<FileInfo> entries(std::string_view folder) const override;
  void make_folder(std::string_view) override {}
  void move(std::string_view from, std::string_view to) override;
  void remove(std::string_view path) override { erase(path); }
  std::vector<Digest> put_file(const std::filesystem::path& file, std::string_view path,
                               const PutFileOptions& options) override;
  std::optional<WebAddress> web_address(std::string_view path) const override;

 protected:
  /// Whether the answer to GET or HEAD says that there is no value of that key.
  virtual bool is_absent(std::string_view key, const HttpRequest& request,
                         const HttpResponse& response) const;
  HttpRequest request(std::string_view method, std::string_view key) const;
  /// The same for what is no key: the root, and names that end in '/'.
  virtual HttpRequest request_path(std::string_view method, std::string_view path) const;
  HttpClient& client() const { return *client_; }
  /// Last touch to each GET and HEAD: header fields, a signature.
  virtual void prepare(HttpRequest& request) const { static_cast<void>(request); }

 private:
  Url url_;
  std::string printable_;
  std::shared_ptr<HttpClient> client_;
  std::string document_url_;
};

/// What tells one state of a resource from another: its ETag, else its Last-Modified, else "".
std::string version_of(const HttpHeaders& headers);

/// Over default_http_client().
std::unique_ptr<Store> open_http_store(const std::string& url);

}  // namespace rastream
