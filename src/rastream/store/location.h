// SPDX-License-Identifier: Apache-2.0
// Files as users and catalogs name them: a path, or a URL of a store.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "rastream/store/file_system.h"

namespace rastream {

/// A place in a store.
struct Location {
  std::shared_ptr<Store> store;
  FileSystem* files = nullptr;  ///< of `store`
  std::string path;             ///< see FileSystem
  std::string text;             ///< as the user wrote it, without secrets
  bool is_local = false;
  bool ends_in_slash = false;  ///< the user means a folder

  /// How a path of the store is shown: as the user would write it.
  std::string shown(std::string_view path_of_store) const;
  /// How a document names a path of the store: an absolute path, or a URL without query.
  std::string href(std::string_view path_of_store) const;
  /// The text of the store's root: "webdav://host/"; of local files the part of `text` that stands
  /// for the root.
  std::string root;
};

/// Opens stores, each once.
class Locations {
 public:
  /// "dir/file", "/dir/file", "file:///dir", "webdav://host/dir", "dcache://surf/dir",
  /// "s3://bucket/key". The path of a URL is percent-encoded, and a query, which http(s) alone has,
  /// goes along with it. Throws unsupported for schemes without files, invalid_argument for ".."
  /// in a URL.
  Location find(const std::string& text);
  /// The same with a pattern (see glob) replaced by what fits it. Throws not_found when nothing
  /// does, and when there is no such file or folder. `infos` of all.
  std::vector<std::pair<Location, FileInfo>> expand(const std::vector<std::string>& texts);

 private:
  Location find_local(const std::string& text);
  std::shared_ptr<Store> open(const std::string& root);
  std::vector<std::pair<std::string, std::shared_ptr<Store>>> opened_;
};

/// Where on the web the file at `href` is, without query; "" for a path, and for what is in a store
/// that is not on the web. Throws as Locations::find.
std::string web_url_of(const std::string& href);

/// Throws unavailable for a file that is on tape alone: `name` is how it is shown.
void check_online(const FileInfo& info, const std::string& name);

}  // namespace rastream
