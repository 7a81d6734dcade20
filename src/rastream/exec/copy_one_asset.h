// SPDX-License-Identifier: Apache-2.0
// The file of one asset, whole or cut, from where it is to its place.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <stop_token>

#include "rastream/catalog/asset_location.h"
#include "rastream/exec/asset_places.h"
#include "rastream/exec/copy_assets.h"

namespace rastream {

struct AssetSource {
  AssetLocation at;
  std::optional<Location> location = {};  ///< nothing for http(s), whose URLs are sent as written
  ExpectedFile expected = {};
  bool is_cuttable = false;
};

struct AssetCopyOptions {
  IfThere if_there = IfThere::replace_unless_intact;
  AssetPart part = {};
  CutOptions cut = {};
  std::shared_ptr<HttpClient> client = {};  ///< null: default_http_client()
  std::function<void(std::int64_t)> on_bytes = {};
  std::stop_token stop = {};
};

struct AssetCopyResult {
  std::int64_t size_bytes = 0;
  bool was_there = false;
  std::optional<Digest> cut_digest = {};  ///< SHA-256 of a file that is a part of its source
};

/// See copy_assets. Safe from many threads for different places; cuts wait for each other, for each
/// takes all threads.
AssetCopyResult copy_one_asset(const AssetSource& source, const AssetPlace& place,
                               const AssetCopyOptions& options);

}  // namespace rastream
