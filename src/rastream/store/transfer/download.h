// SPDX-License-Identifier: Apache-2.0
// A file from a server to a disk: whole, checked and durable under its name, or not at all.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "rastream/store/digest.h"
#include "rastream/store/http/http_client.h"

namespace rastream {

/// What is known of a file beforehand, from a catalog (`file:size`, `file:checksum`) or a listing.
struct ExpectedFile {
  std::optional<std::int64_t> size_bytes = {};
  std::vector<Digest> digests = {};
};

struct DownloadOptions {
  ExpectedFile expected = {};
  HttpHeaders headers = {};       ///< of each request
  std::string document_url = {};  ///< see HttpRequest
  int n_streams = 4;              ///< requests at a time for one large file
  std::int64_t part_bytes = 16 << 20;
  std::int64_t max_bytes = std::int64_t{1} << 42;  ///< a longer file is refused
  /// A file that is there is left alone when its bytes have the expected digests, or, without any,
  /// the server's digest; without that too, when length and time of change are the server's.
  bool skips_intact = true;
  /// An ETag of 32 hexadecimal digits is the MD5 of the bytes, as S3's simple uploads have it.
  bool is_etag_md5 = false;
  /// Takes a body of which neither the length nor a digest is known, so that nobody can say whether
  /// it is whole.
  bool accepts_unverifiable = false;
  bool is_synced = true;     ///< the bytes are on the disk before the name is there
  bool syncs_folder = true;  ///< the name is on the disk too when download() returns
  /// Called with the number of new bytes on the disk; from many threads.
  std::function<void(std::int64_t)> on_bytes = {};
  std::stop_token stop = {};
};

struct DownloadResult {
  std::int64_t size_bytes = 0;
  bool was_intact = false;            ///< nothing was fetched
  std::int64_t n_resumed = 0;         ///< bytes that an earlier try had left
  std::int64_t n_received = 0;        ///< bytes that came over the net
  std::vector<Digest> verified = {};  ///< digests that the bytes were checked against
};

/// Fetches `url` to the file `path`, whose folder exists.
///
/// The bytes go to a temporary name in the same folder, over several requests when the server
/// serves ranges and names a version (ETag, Last-Modified) or a digest; a request that fails in a
/// way that may pass is tried again from where it stopped, at the original URL. Length and every
/// digest known (expected; Digest, Repr-Digest, Content-MD5 of the server) are checked before the
/// file gets its name. A change in the middle begins anew, three times at most. What was there
/// under the name before stays until then. When it fails, more than 1 MiB of a versioned file is
/// kept for the next call, which goes on from there.
///
/// Throws what HttpClient::send and error_of_response say; data_loss when length or digest differ;
/// unavailable "disk full".
DownloadResult download(HttpClient& client, const std::string& url,
                        const std::filesystem::path& path, const DownloadOptions& options = {});

}  // namespace rastream
