// SPDX-License-Identifier: Apache-2.0
// A group that is to be changed, as it was when the run began: its arrays, its manifest, and its
// files as hard links for the group that takes its place.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "rastream/base/json.h"
#include "rastream/format/zarr/array.h"
#include "rastream/store/file.h"

namespace rastream::zarr {

/// An array of the group.
struct BaseArray {
  Json document;    ///< .zarray or zarr.json
  Json attributes;  ///< .zattrs; null for v3
  std::unique_ptr<StoredArray> stored;
  const ManifestArray* record = nullptr;  ///< nullptr when no manifest lists it
};

/// Immutable but for arrays that were looked for: find() from one thread, their reading from many.
class BaseGroup {
 public:
  /// Throws not_found when `folder` is no group, unavailable when another run stages something
  /// inside it.
  explicit BaseGroup(std::filesystem::path folder);

  int zarr_format() const { return zarr_format_; }
  /// Nothing when the group has none: then every array is plain Zarr.
  const std::optional<Manifest>& manifest() const { return manifest_; }
  /// Changes when any file of the group does: path, inode, length, time of change.
  const std::string& fingerprint() const { return fingerprint_; }
  /// Throws unavailable when the files are not those of the beginning any more.
  void check_unchanged() const;

  /// The array `name`. Throws not_found, unsupported when it is only read or belongs to a manifest
  /// further down, data_loss when it is not what the manifest was written for.
  const BaseArray& find(const std::string& name);

  /// Links every file into `data`, but those that are there already and the keys in `replaced`;
  /// where the file system has no hard links they are copied.
  void link_rest(const std::filesystem::path& data, const std::set<std::string>& replaced) const;

 private:
  std::filesystem::path folder_;
  FileStore store_;
  int zarr_format_ = 2;
  std::optional<Manifest> manifest_;
  std::unique_ptr<Guard> guard_;
  std::string fingerprint_;
  Counters counters_;
  std::map<std::string, BaseArray> arrays_;
};

/// True when the group in `folder` has consolidated metadata.
bool has_consolidated(const std::filesystem::path& folder, int zarr_format);

}  // namespace rastream::zarr
