// SPDX-License-Identifier: Apache-2.0
// Files as users name them: a path, or a URL of a store. Shared by ls, stat, cat, cp, mv, rm, mkdir
// and stage.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "rastream/base/json.h"
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

/// "1234567" or, for people, "1.2 M".
std::string shown_size(std::int64_t size_bytes, bool for_people);
/// "2023-05-04T22:47:35Z"; "-" when it is not known.
std::string shown_time(std::optional<std::int64_t> ms);
/// Text without control characters, which would move a terminal's cursor: "\n" becomes "\x0a".
std::string printable(std::string_view text);
/// What ls --json and stat --json say of a file; `name` is how it is shown.
Json json_of(const FileInfo& info, const std::string& name);
/// Throws unavailable for a file that is on tape alone: `name` is how it is shown.
void check_online(const FileInfo& info, const std::string& name);

}  // namespace rastream
