// SPDX-License-Identifier: Apache-2.0
// An array that a run is writing: new, or cells of one that exists. Which stored objects the run
// makes, and what became of their chunks.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "rastream/format/zarr/base_group.h"
#include "rastream/format/zarr/journal.h"
#include "rastream/format/zarr/new_array.h"

namespace rastream::zarr {

/// Invariant: once described, records.size() == grid.n_chunks(). "Object" means what one key holds:
/// a chunk, or a shard of many. "Piece" means the cells that are written, in their own index space,
/// which begins at spec.begin of the array.
struct WrittenArray {
  VariableSpec spec;
  const BaseArray* base = nullptr;  ///< the array that is changed; nullptr for a new one
  NewArray array;
  ChunkGrid grid;      ///< of chunks
  ChunkGrid objects;   ///< of objects
  ChunkGrid piece;     ///< of objects, as the piece sees them
  Region piece_cells;  ///< the piece in the array's index space
  std::uint64_t signature = 0;
  std::vector<ChunkRecord> records;
  bool is_described = false;  ///< false for text before its cells are known

  /// Takes over `new_array`, all its chunks missing; those of `base` that no written object holds
  /// are there already.
  void describe(NewArray new_array);
  /// Whether the manifest lists the array: others' arrays stay plain Zarr.
  bool is_listed() const { return !base || base->record; }

  /// Calls f(object number) for each object that the run writes.
  template <typename F>
  void for_each_object(F&& f) const {
    if (piece_cells.is_empty()) return;
    for_each_index(objects.chunks_touching(piece_cells),
                   [&](const Extents& index) { f(objects.chunk_number(index)); });
  }
  /// Calls f(chunk number) for each chunk that lies in an object.
  template <typename F>
  void for_each_chunk(std::int64_t object, F&& f) const {
    const Region region = objects.chunk_region(objects.chunk_index(object));
    for_each_index(grid.chunks_touching(region),
                   [&](const Extents& index) { f(grid.chunk_number(index)); });
  }

  ChunkRecord& record(std::int64_t chunk) { return records[static_cast<std::size_t>(chunk)]; }
  const ChunkRecord& record(std::int64_t chunk) const {
    return records[static_cast<std::size_t>(chunk)];
  }
  /// True when every chunk of the object has a record.
  bool is_whole(std::int64_t object) const;
  /// True when the object is in its place below `data` with the length that the records say.
  /// REQUIRES: is_whole(object).
  bool is_on_disk(const std::filesystem::path& data, std::int64_t object) const;
  /// Takes over what the journal lists, of objects that are on the disk. Those that may not have
  /// reached it before their writer ended are read, compared with their checksums, and synced.
  void take_over(const std::filesystem::path& data,
                 const std::map<JournalKey, JournalEntry>& found);

  /// True when the bytes of all chunks of the object are those that the records say, and durable.
  bool is_settled(const std::filesystem::path& data, std::int64_t object) const;

  std::string key_of(std::int64_t object) const;
  /// The region of the array that a region of the piece is.
  Region in_array(const Region& region) const;
  /// The object of chunk `number` of the piece's grid.
  std::int64_t object_of(std::int64_t number) const;
  /// The object that the piece's cells `region` are. Throws invalid_argument when they are not the
  /// piece's part of one.
  std::int64_t object_of(const Region& region) const;
};

/// The cells of the array that `spec` means.
Region piece_of(const VariableSpec& spec);

/// What an array of `base` becomes when `spec` is written into it. Throws invalid_argument when the
/// two do not fit together. `n_characters` is the length of the longest new text.
NewArray changed_array(const BaseArray& base, const VariableSpec& spec, int zarr_format,
                       std::int64_t n_characters = 0);

}  // namespace rastream::zarr
