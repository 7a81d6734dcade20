// SPDX-License-Identifier: Apache-2.0
// dCache mass storage: bytes through its WebDAV door and pools, names, digests and tape through its
// REST frontend.
#pragma once

#include "rastream/store/dcache/namespace_api.h"
#include "rastream/store/webdav.h"

namespace rastream {

/// Like WebDavStore, and:
/// * the door answers GET and PUT with a redirect to a pool, whose URL is good for one request and
///   gets no credential (HttpClient sees to both; a retry begins at the door again);
/// * whole values are checked against the Adler-32 that dCache keeps, in both directions, and an
///   upload carries its MD5, so that dCache refuses what was damaged on the way;
/// * with an api_url, names are asked for and changed by REST; without, all goes through the door
///   and stage() is unsupported.
class DCacheStore : public WebDavStore {
 public:
  /// `webdav_url` is the door with the folder that is the store's root; `api_url` may be "".
  DCacheStore(std::string shown, const std::string& webdav_url, const std::string& api_url,
              std::shared_ptr<HttpClient> client);

  void put(std::string_view key, std::span<const std::byte> value) override;
  std::optional<FileInfo> stat(std::string_view path) const override;
  std::vector<FileInfo> entries(std::string_view folder) const override;
  void make_folder(std::string_view path) override;
  void move(std::string_view from, std::string_view to) override;
  void remove(std::string_view path) override;
  std::vector<Digest> digests(std::string_view path) const override;
  std::string stage(std::span<const std::string> paths, std::chrono::hours kept) override;
  StageState stage_state(const std::string& request) const override;

 protected:
  HttpHeaders writing_headers() const override { return {{"Expect", "100-continue"}}; }
  void prepare(HttpRequest& request) const override;
  void delete_file(std::string_view path) override;
  void move_over(std::string_view from, std::string_view to) override;

 private:
  /// "/pnfs/host/root/path"
  std::string namespace_path(std::string_view path) const;
  const NamespaceApi& api(std::string_view wanted) const;

  std::string root_;  // in the namespace, without '/' at its end
  std::optional<NamespaceApi> api_;
};

/// Opens "dcache://host:port/path": https://host:port (2880) is the door, unless stores.json says
/// otherwise.
std::unique_ptr<Store> open_dcache_store(const std::string& url);

}  // namespace rastream
