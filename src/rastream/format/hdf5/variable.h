// SPDX-License-Identifier: Apache-2.0
// One variable of an HDF5 file: finds, reads, decodes and copies its cells on the caller's thread.
// libhdf5 and its lock are used only for what this cannot do itself (LibraryCells).
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>

#include "rastream/format/hdf5/file_record.h"
#include "rastream/format/hdf5/library_cells.h"

namespace rastream {

/// What the variables of one open file share.
struct SharedFile {
  explicit SharedFile(const std::string& path) : bytes(path), library(path) {
    check_blocks_of(bytes);
  }
  FileBytes bytes;
  LibraryCells library;
  std::atomic<std::int64_t> n_chunks = 0;
  std::atomic<std::int64_t> stored_bytes = 0;
  std::atomic<std::int64_t> decoded_bytes = 0;
};

/// Dataset `i` of `record`. Immutable but for its chunk index, which is read at the first need
/// where the record has none. Safe to read from many threads. Keeps references.
class Hdf5Variable {
 public:
  Hdf5Variable(SharedFile& file, const FileRecord& record, std::size_t i);

  /// As DatasetFile::read, for a variable of numbers. Errors do not yet name file and variable.
  void read(const Block& out) const;
  /// As DatasetFile::stored_bytes.
  std::optional<std::int64_t> stored_bytes(const Region& region) const;
  /// The chunk index, where it was read since the file was opened.
  std::optional<ChunkIndex> newly_read_index() const;

 private:
  const ChunkIndex& index() const;
  Region chunks_of(const Region& region) const;
  Region chunk_region(const Extents& chunk_index) const;
  std::int64_t chunk_number(const Extents& chunk_index) const;
  void read_stored(const Block& out) const;
  void read_compact(const Block& out) const;
  void read_contiguous(const Block& out) const;
  void read_chunk(const Extents& chunk_index, const Block& out) const;
  void read_by_library(const Block& part) const;
  void read_chunk_cells(const Extents& chunk_index, const Region& chunk, const Block& part) const;
  std::optional<StoredChunk> find(const Extents& chunk_index) const;
  void decode(const StoredChunk& found, std::span<std::byte> cells, ChunkScratch& scratch) const;
  void count(std::uint64_t stored_bytes, std::uint64_t decoded_bytes) const;

  SharedFile& file_;
  const Superblock& superblock_;
  const DatasetMetadata& metadata_;
  const Layout& layout_;
  const std::optional<ChunkIndex>& known_index_;
  ChunkedArray array_;              ///< rank 0 unless chunked
  Extents n_along_;                 ///< chunks along each axis of the stored shape
  mutable std::mutex index_mutex_;  ///< held by the one who reads the index
  mutable std::unique_ptr<const ChunkIndex> index_;
  mutable std::atomic<const ChunkIndex*> ready_ = nullptr;  ///< *index_, once it is whole
};

}  // namespace rastream
