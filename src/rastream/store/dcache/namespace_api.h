// SPDX-License-Identifier: Apache-2.0
// The REST frontend of dCache: names, sizes, digests, tape. (dCache user guide, chapter "Frontend";
// bulk requests as of dCache 8.2.)
#pragma once

#include <chrono>
#include <memory>

#include "rastream/base/json.h"
#include "rastream/store/file_system.h"
#include "rastream/store/http/http_client.h"

namespace rastream {

/// Paths are absolute ones of dCache's namespace: "/pnfs/host/folder". Names in answers are checked
/// to be plain names. Safe from many threads. Throws what error_of_response says, and data_loss for
/// answers that are not what they should be.
class NamespaceApi {
 public:
  /// "https://host:3880/api/v1"
  NamespaceApi(std::string api_url, std::shared_ptr<HttpClient> client)
      : api_url_(std::move(api_url)), client_(std::move(client)) {}

  /// `path` of what is returned is "" here. Nothing when there is none.
  std::optional<FileInfo> stat(const std::string& path) const;
  /// What lies in a folder, sorted; `path` of each is its name. Asked for a page at a time. Nothing
  /// when `path` is no folder.
  std::optional<std::vector<FileInfo>> entries(const std::string& path) const;
  /// By the file's id, for frontends that tell digests nowhere else.
  std::vector<Digest> digests(const std::string& path) const;
  /// In a folder that is there.
  void make_folder(const std::string& folder, const std::string& name);
  void move(const std::string& from, const std::string& to);
  /// A file or an empty folder; no error when there is none.
  void remove(const std::string& path);

  /// Asks for files to be on disk for so long; returns the URL of the request.
  std::string pin(const std::vector<std::string>& paths, std::chrono::hours kept);
  StageState pin_state(const std::string& request) const;

 private:
  /// The answer as JSON; nothing on 404.
  std::optional<Json> ask(std::string_view method, const std::string& url,
                          const Json& body = {}) const;
  HttpResponse send(std::string_view method, const std::string& url, const Json& body) const;
  std::string namespace_url(const std::string& path) const;

  std::string api_url_;
  std::shared_ptr<HttpClient> client_;
};

}  // namespace rastream
