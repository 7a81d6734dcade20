// SPDX-License-Identifier: Apache-2.0
// What stands behind the URL of a store: kinds of servers and their addresses. No secrets: those
// are in Credentials.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "rastream/base/json.h"

namespace rastream {

/// One entry. Plain data.
struct StoreConfig {
  std::string url;            ///< prefix: "dcache://surf/", "https://cloud.example.org/dav/"
  std::string type;           ///< "webdav", "dcache" or "s3"
  std::string webdav_url;     ///< dcache: the door that stands for `url`; default: `url` itself
  std::string api_url;        ///< dcache: ".../api/v1" of the REST frontend; "" : there is none
  std::string endpoint_url;   ///< s3: "" is Amazon's
  std::string region;         ///< s3: "" is the credentials', else us-east-1
  bool is_path_style = true;  ///< s3: http://host/bucket/key rather than http://bucket.host/key
  bool is_anonymous = false;  ///< s3: requests are not signed
};

class StoreConfigs {
 public:
  /// {"stores": [{"url": .., "type": .., "api_url": ..}]}. Throws data_loss, naming `what` and the
  /// entry, for other members, missing ones, and URLs that are none.
  void add(const Json& json, std::string_view what);
  /// The same of a file. Throws not_found.
  void add_file(const std::filesystem::path& path);
  /// The entry with the longest prefix of `url`, at a '/' or as a whole; nullptr when there is
  /// none.
  const StoreConfig* find(std::string_view url) const;

 private:
  std::vector<StoreConfig> entries_;
};

/// What follows the prefix of `config` in `url`, without '/' at its front.
std::string_view rest_of(const StoreConfig& config, std::string_view url);

/// $RASTREAM_STORES, else $XDG_CONFIG_HOME/rastream/stores.json, else
/// ~/.config/rastream/stores.json where that is there; read once.
const StoreConfigs& default_store_configs();

}  // namespace rastream
