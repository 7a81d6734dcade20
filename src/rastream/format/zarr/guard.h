// SPDX-License-Identifier: Apache-2.0
// The manifests that cover an opened group, loaded when a first chunk is read.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "rastream/format/zarr/manifest.h"
#include "rastream/store/store.h"

namespace rastream::zarr {

/// One group's manifest. Thread safe.
class Guard {
 public:
  /// Nothing is read yet. `folder` is the group's prefix in the store ("1980/" or "").
  Guard(const Store& store, std::string folder) : store_(store), folder_(std::move(folder)) {}
  const std::string& folder() const { return folder_; }
  /// The record of array `path` (below the store's root); nullptr when the manifest does not list
  /// it. Throws data_loss when the manifest is damaged.
  const ManifestArray* find(const std::string& path) const;

 private:
  const Store& store_;
  std::string folder_;
  mutable std::once_flag once_;
  mutable std::optional<Manifest> manifest_;
};

/// Throws data_loss unless `bytes` (or their absence) is what the manifest says of the chunk.
void check_chunk(const ChunkRecord& record, const std::optional<Bytes>& bytes);

}  // namespace rastream::zarr
