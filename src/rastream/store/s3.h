// SPDX-License-Identifier: Apache-2.0
// A bucket of S3, or of what speaks like it: MinIO, Ceph, public buckets.
#pragma once

#include "rastream/store/http/http_store.h"
#include "rastream/store/s3/listing.h"
#include "rastream/store/s3/signature.h"

namespace rastream {

/// Where a bucket is and who asks.
struct S3Place {
  std::string endpoint_url = {};  ///< "http://127.0.0.1:9000"; "" is Amazon's of the region
  std::string bucket;
  std::string prefix = {};  ///< of all keys; without '/' at its ends
  std::string region = {};  ///< "" is us-east-1
  bool is_path_style = true;
  std::optional<S3Keys> keys = {};  ///< nothing: requests are not signed
};

/// Keys are S3's own below the prefix. A PUT of S3 is atomic. Folders are prefixes of keys: they
/// are there while something is in them. A file of more than 64 MiB is put in parts. Copies whose
/// ETag is an MD5 are checked against it.
class S3Store : public HttpStore {
 public:
  S3Store(std::string shown, S3Place place, std::shared_ptr<HttpClient> client);

  std::string url() const override { return shown_; }
  void put(std::string_view key, std::span<const std::byte> value) override;
  void erase(std::string_view key) override;
  std::vector<std::string> list(std::string_view prefix) const override;
  std::vector<std::string> children(std::string_view prefix) const override;

  std::optional<FileInfo> stat(std::string_view path) const override;
  std::vector<FileInfo> entries(std::string_view folder) const override;
  void move(std::string_view from, std::string_view to) override;
  void remove(std::string_view path) override;
  std::vector<Digest> put_file(const std::filesystem::path& file, std::string_view path,
                               const PutFileOptions& options) override;
  std::optional<WebAddress> web_address(std::string_view path) const override;

 protected:
  HttpRequest request_path(std::string_view method, std::string_view path) const override;
  void prepare(HttpRequest& request) const override;

 private:
  void sign(HttpRequest& request, std::string_view payload_sha256) const;
  /// Signed, with `query` (encoded) and a body; checked.
  HttpResponse ask(std::string_view method, std::string_view path, const std::string& query,
                   std::string body = {}, HttpHeaders headers = {}) const;
  /// All pages of what begins with `prefix`: `f` is called with each. At most one level deep when
  /// `is_shallow`; one key at most when `is_probe`.
  void for_each_page(const std::string& prefix, bool is_shallow, bool is_probe,
                     const std::function<void(const S3Page&)>& f) const;
  bool has_keys_below(std::string_view folder) const;
  void move_file(std::string_view from, std::string_view to);
  std::vector<Digest> put_parts(const std::filesystem::path& file, std::string_view path,
                                const PutFileOptions& options);

  std::string shown_;
  S3Place place_;
  Url bucket_;          // "http://host/bucket/prefix/"
  std::string prefix_;  // "prefix/", or ""
};

/// Opens "s3://bucket/prefix". Keys come from the credentials (without any: not signed), endpoint
/// and region from stores.json, else $AWS_ENDPOINT_URL and $AWS_REGION.
std::unique_ptr<Store> open_s3_store(const std::string& url);

}  // namespace rastream
