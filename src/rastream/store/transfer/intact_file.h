// SPDX-License-Identifier: Apache-2.0
// Whether a file is there already, so that it need not be fetched.
#pragma once

#include "rastream/store/file_system.h"
#include "rastream/store/transfer/download.h"

namespace rastream {

/// The length of the file `path` when it is what `url` holds: see DownloadOptions::skips_intact.
/// Equal length alone is not enough. Nothing when it is not, or when the server does not say.
std::optional<std::int64_t> intact_size(HttpClient& client, const std::string& url,
                                        const std::filesystem::path& path,
                                        const DownloadOptions& options);

/// What the server says of a file of the web: length, ETag, time of change and digests. Nothing
/// when it does not answer that.
std::optional<FileInfo> web_file_info(HttpClient& client, const std::string& url,
                                      const DownloadOptions& options);

/// True when the file has each of `digests`.
bool has_digests(const std::filesystem::path& path, const std::vector<Digest>& digests);

}  // namespace rastream
