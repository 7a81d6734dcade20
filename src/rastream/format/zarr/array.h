// SPDX-License-Identifier: Apache-2.0
// Cells of one stored array: chunk by chunk, checked against the manifest where there is one.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "rastream/array/block.h"
#include "rastream/array/schema.h"
#include "rastream/format/format.h"
#include "rastream/format/zarr/guard.h"
#include "rastream/format/zarr/metadata.h"

namespace rastream::zarr {

struct Counters {
  std::atomic<std::int64_t> n_chunks{0};
  std::atomic<std::int64_t> stored_bytes{0};
  std::atomic<std::int64_t> decoded_bytes{0};
};

/// Immutable but for its counters; `read` is safe from many threads.
class StoredArray {
 public:
  /// `path` is the array's folder in the store. `guard` may be nullptr. The referred objects must
  /// outlive this one.
  StoredArray(const Store& store, std::string path, ArrayMetadata metadata, const Guard* guard,
              Counters& counters);

  const ArrayMetadata& metadata() const { return metadata_; }
  const ChunkGrid& grid() const { return grid_; }
  void read(const Block& out) const;
  std::vector<std::string> read_text() const;
  std::int64_t stored_bytes(const Region& region) const;
  /// What the manifest says of this array; nullptr when it does not list it. Throws data_loss when
  /// it was written for other metadata.
  const ManifestArray* find_record() const;

 private:
  void check_readable() const;
  /// The stored bytes of a chunk, checked; nothing for a chunk of fill values.
  std::optional<Bytes> fetch(const Extents& chunk_index, const ManifestArray* record) const;
  void read_chunk(const Extents& chunk_index, const Block& out, const ManifestArray* record) const;
  void decode(const Bytes& stored, const Region& chunk, const Block& part) const;
  /// The key of the stored object that holds a chunk.
  std::string key(const Extents& chunk_index) const;
  std::string chunk_name(const Extents& chunk_index) const;

  const Store& store_;
  std::string path_;
  ArrayMetadata metadata_;
  ChunkGrid grid_;
  std::unique_ptr<ShardReader> shards_;  // when chunks lie in shards
  const Guard* guard_;
  Counters& counters_;
};

/// The whole stored chunk that begins at `begin` as a view over its cells in the stored axis order
/// (text: over the numbers of its cells).
Block stored_view(const ArrayMetadata& metadata, const Extents& begin, std::byte* data);

/// Decoded bytes as this machine's cells: byte order, and bool as 0 or 1 whatever the file says. Of
/// cells that are whole already it makes the stored bytes.
void to_native(std::span<std::byte> bytes, const CellType& cell);

bool is_c_order(const ArrayMetadata& metadata);

}  // namespace rastream::zarr
