// SPDX-License-Identifier: Apache-2.0
// Checks finished groups against their manifests, byte by byte.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace rastream {

struct VerifyReport {
  std::int64_t n_arrays = 0;    ///< arrays that a manifest lists
  std::int64_t n_chunks = 0;    ///< chunks looked at, those of fill values included
  std::int64_t size_bytes = 0;  ///< stored bytes read
  std::vector<std::string>
      problems;  ///< one line each, sorted by place; empty: all is as it was written
};

/// Checks every group at and below `group` ("" = the whole store) that has a manifest: lost,
/// truncated, changed and unexpected chunks, changed array metadata, damaged manifests; and what
/// unfinished runs left behind. Throws not_found when there is no such folder, or no manifest in
/// it.
VerifyReport verify_zarr(const std::string& path, const std::string& group);

}  // namespace rastream
