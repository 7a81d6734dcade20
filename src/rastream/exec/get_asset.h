// SPDX-License-Identifier: Apache-2.0
// What an asset holds: arrays, text or bytes, from wherever its href points; what stac2dcache's
// get_asset does.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <variant>

#include "rastream/base/bytes.h"
#include "rastream/catalog/catalog.h"
#include "rastream/ops/open_dataset.h"

namespace rastream {

class HttpClient;

enum class AssetForm {
  guessed,  ///< by media type, else by the suffix of the name: array, text, or else bytes
  array,
  text,
  bytes,
};

struct GetAssetOptions {
  AssetForm form = AssetForm::guessed;
  OpenOptions open = {};                            ///< of an array
  std::int64_t max_bytes = std::int64_t{64} << 20;  ///< of text and bytes; more is refused
  std::shared_ptr<HttpClient> client = {};          ///< null: default_http_client()
};

using AssetContent = std::variant<Dataset, std::string, Bytes>;

/// The asset `key` of an item. An array is opened lazily, and read straight from where it is; text
/// and bytes are read whole, and compared with the length and the checksums of the item.
///
/// Throws what locate_asset, open_dataset and the store say; not_found; data_loss for bytes that
/// are not those of the checksum, for more than max_bytes, and for text that is not UTF-8.
AssetContent get_asset(const Item& item, std::string_view key, const GetAssetOptions& options = {});

/// The same of the first item with this id in a catalog or below.
AssetContent get_asset(const Catalog& catalog, std::string_view item_id, std::string_view key,
                       const GetAssetOptions& options = {});

}  // namespace rastream
