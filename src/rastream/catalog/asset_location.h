// SPDX-License-Identifier: Apache-2.0
// Where the file of an asset is, and what the item says of its bytes.
#pragma once

#include <string>

#include "rastream/catalog/item.h"
#include "rastream/store/transfer/download.h"

namespace rastream {

struct AssetLocation {
  std::string href;  ///< an absolute path or a URL; a URL is not to be printed: it may be signed
  /// Of a URL of the web: where on the web its item is, whether that was read by http(s) or through
  /// a store; else "": see HttpRequest.
  std::string document_url;
};

/// Throws not_found as Item::asset does; invalid_argument for a relative href of an item that has
/// no place yet; data_loss for an empty href; permission_denied where an item that is not on this
/// machine names a file of it, or a store that is neither its own, nor of the web, nor S3, nor in
/// the user's stores.json.
AssetLocation locate_asset(const Item& item, std::string_view key);

/// For readers that do not know who named `at`: throws permission_denied where its document must
/// not name its address. Asks the server, and throws what HttpClient::send does.
void check_address(const AssetLocation& at, HttpClient& client, const std::stop_token& stop = {});

/// The extensions "file" (`file:size`, `file:checksum`) and "checksum" (`checksum:multihash`). A
/// digest of a kind that is not known here is left out. Throws data_loss for a size that is none
/// and a checksum that is no multihash.
ExpectedFile expected_file(const Item& item, std::string_view key);

}  // namespace rastream
