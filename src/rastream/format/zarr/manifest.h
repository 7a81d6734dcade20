// SPDX-License-Identifier: Apache-2.0
// The manifest of a finished group: every chunk with its length and XXH3. It tells a chunk that was
// never written, by design, from one that was lost. Layout: docs/formats/manifest.md.
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rastream/base/bytes.h"

namespace rastream::zarr {

inline constexpr std::string_view kManifestKey = ".rastream/manifest.json";

std::uint64_t checksum(std::span<const std::byte> bytes);
std::uint64_t checksum(std::string_view text);

/// What became of one chunk.
struct ChunkRecord {
  static constexpr std::int64_t kMissing = -2;  ///< not yet written
  static constexpr std::int64_t kFill = -1;  ///< equal to the fill value throughout, so not stored
  std::int64_t length = kMissing;
  std::uint64_t hash = 0;
  bool is_stored() const { return length >= 0; }
  friend bool operator==(const ChunkRecord&, const ChunkRecord&) = default;
};

struct ManifestArray {
  std::uint64_t signature = 0;      ///< checksum of ArrayMetadata::signature()
  std::vector<ChunkRecord> chunks;  ///< by chunk number, C order
};

struct Manifest {
  std::string run_id;
  std::map<std::string, ManifestArray> arrays;  ///< by path below the group
};

std::string to_text(const Manifest& manifest);
/// Throws data_loss, naming `what`, when the text is not a manifest or fails its own checksum.
Manifest parse_manifest(std::string_view text, const std::string& what);

}  // namespace rastream::zarr
