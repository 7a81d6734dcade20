// SPDX-License-Identifier: Apache-2.0
// A file from a disk to a server, with the means for both sides to see that it arrived.
#pragma once

#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>

#include "rastream/store/digest.h"
#include "rastream/store/http/http_client.h"

namespace rastream {

struct UploadOptions {
  HttpHeaders headers = {};
  /// Content-MD5 goes along, so that the server refuses what was damaged on the way; the file is
  /// read once more for it.
  bool sends_md5 = true;
  /// Afterwards the server is asked for length and digest of what it has.
  bool verifies = true;
  std::function<void(std::int64_t)> on_bytes = {};  ///< new bytes that were sent
  std::stop_token stop = {};
};

struct UploadResult {
  std::int64_t size_bytes = 0;
  std::vector<Digest> verified = {};  ///< the server's digests that were compared
  HttpHeaders headers = {};           ///< of the answer to the PUT: ETag, Location
};

/// PUTs the file `path` to `url`; retried and redirected as HttpClient::send does. Throws not_found
/// for the file; data_loss when the file changed meanwhile, or the server afterwards has another
/// length or digest; what error_of_response says.
UploadResult upload(HttpClient& client, const std::filesystem::path& path, const std::string& url,
                    const UploadOptions& options = {});

}  // namespace rastream
