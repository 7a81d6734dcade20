// SPDX-License-Identifier: Apache-2.0
#include "rastream/format/zarr/written_array.h"

#include <algorithm>

#include "rastream/array/move_region.h"
#include "rastream/base/error.h"
#include "rastream/format/zarr/guard.h"
#include "rastream/format/zarr/shard.h"
#include "rastream/store/file.h"

namespace rastream::zarr {
namespace {

namespace fs = std::filesystem;

/// Records of chunks by their index: the grid may have grown along any axis.
void copy_records(const ManifestArray& from, const ChunkGrid& old_grid, const ChunkGrid& grid,
                  std::vector<ChunkRecord>& to) {
  for (std::int64_t chunk = 0; chunk < old_grid.n_chunks(); ++chunk) {
    const std::int64_t number = grid.chunk_number(old_grid.chunk_index(chunk));
    to[static_cast<std::size_t>(number)] = from.chunks[static_cast<std::size_t>(chunk)];
  }
}

/// The stored shape with room for the piece.
Extents grown_shape(const ArrayMetadata& m, const VariableSpec& spec) {
  Extents shape = m.shape;
  const Region piece = piece_of(spec);
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (piece.begin[i] < 0 || piece.begin[i] > shape[i]) {
      throw Error(Errc::invalid_argument,
                  "variable '{}': cells from {} on along '{}', where {} are stored", spec.name,
                  piece.begin[i], m.dims[i], shape[i]);
    }
    shape[i] = std::max(shape[i], piece.end[i]);
  }
  return shape;
}

}  // namespace

Region piece_of(const VariableSpec& spec) {
  const Region whole = spec.schema.whole();
  return spec.begin.empty() ? whole : moved(whole, spec.begin);
}

void WrittenArray::describe(NewArray new_array) {
  array = std::move(new_array);
  const ArrayMetadata& m = array.metadata;
  piece_cells = piece_of(spec);
  grid = ChunkGrid::regular(m.shape, m.chunk_shape);
  const Extents& object_shape = m.sharding ? m.sharding->shard_shape : m.chunk_shape;
  objects = ChunkGrid::regular(m.shape, object_shape);
  piece = update_grid(object_shape, piece_cells);
  signature = checksum(m.signature());
  records.assign(static_cast<std::size_t>(grid.n_chunks()), {});
  if (base && base->record) copy_records(*base->record, base->stored->grid(), grid, records);
  for_each_object([&](std::int64_t object) {
    for_each_chunk(object, [&](std::int64_t chunk) { record(chunk) = {}; });
  });
  is_described = true;
}

bool WrittenArray::is_whole(std::int64_t object) const {
  bool is_whole = true;
  for_each_chunk(object, [&](std::int64_t chunk) {
    is_whole = is_whole && record(chunk).length != ChunkRecord::kMissing;
  });
  return is_whole;
}

bool WrittenArray::is_on_disk(const fs::path& data, std::int64_t object) const {
  std::int64_t expected = 0;
  bool is_stored = false;
  for_each_chunk(object, [&](std::int64_t chunk) {
    is_stored = is_stored || record(chunk).is_stored();
    if (record(chunk).is_stored()) expected += record(chunk).length;
  });
  if (const auto& sharding = array.metadata.sharding)
    expected += shard_index_bytes(*sharding, array.metadata.chunk_shape);
  std::error_code error;
  const auto length = fs::file_size(data / key_of(object), error);
  return is_stored ? !error && static_cast<std::int64_t>(length) == expected : bool(error);
}

bool WrittenArray::is_settled(const fs::path& data, std::int64_t object) const {
  const ArrayMetadata& m = array.metadata;
  const FileStore files(data);
  const std::string key = key_of(object);
  std::optional<ShardReader> shards;
  if (m.sharding) shards.emplace(files, *m.sharding, m.shape, m.chunk_shape);
  try {
    for_each_chunk(object, [&](std::int64_t chunk) {
      const Extents index = grid.chunk_index(chunk);
      check_chunk(record(chunk), shards ? shards->get(key, index, true) : files.get(key));
    });
    if (files.size(key)) sync_file(data / key);
    return true;
  } catch (const Error&) {
    return false;
  }
}

void WrittenArray::take_over(const fs::path& data,
                             const std::map<JournalKey, JournalEntry>& found) {
  for_each_object([&](std::int64_t object) {
    bool is_durable = true;
    for_each_chunk(object, [&](std::int64_t chunk) {
      const auto it = found.find({spec.name, signature, chunk});
      if (it == found.end()) return;
      record(chunk) = it->second.record;
      is_durable = is_durable && it->second.state == ChunkState::durable;
    });
    if (is_whole(object) && is_on_disk(data, object) && (is_durable || is_settled(data, object)))
      return;
    for_each_chunk(object, [&](std::int64_t chunk) { record(chunk) = {}; });
  });
}

std::string WrittenArray::key_of(std::int64_t object) const {
  return spec.name + "/" + array.metadata.chunk_key(objects.chunk_index(object));
}

Region WrittenArray::in_array(const Region& region) const {
  return moved(region, piece_cells.begin);
}

std::int64_t WrittenArray::object_of(std::int64_t number) const {
  const Region region = in_array(piece.chunk_region(piece.chunk_index(number)));
  return objects.chunk_number(objects.chunks_touching(region).begin);
}

std::int64_t WrittenArray::object_of(const Region& region) const {
  if (region.rank() == piece.rank() && !region.is_empty() &&
      Region::whole(spec.schema.shape).contains(region)) {
    const Extents index = piece.chunks_touching(region).begin;
    if (piece.chunk_region(index) == region) return object_of(piece.chunk_number(index));
  }
  throw Error(Errc::invalid_argument, "variable '{}': region {} is not one of its chunks",
              spec.name, to_string(region));
}

NewArray changed_array(const BaseArray& base, const VariableSpec& spec, int zarr_format,
                       std::int64_t n_characters) {
  const ArrayMetadata& m = base.stored->metadata();
  if (m.dims != spec.schema.dims || m.cell.dtype != spec.schema.dtype) {
    throw Error(Errc::invalid_argument, "variable '{}': {} of ({}) go into {} of ({})", spec.name,
                to_string(spec.schema.dtype), fmt::join(spec.schema.dims, ", "),
                to_string(m.cell.dtype), fmt::join(m.dims, ", "));
  }
  NewArray array{base.document, base.attributes, {}, m.fill.has_value()};
  const Extents shape = grown_shape(m, spec);
  array.document["shape"] = std::vector<std::int64_t>(shape.begin(), shape.end());
  const bool is_fixed = m.cell.kind == CellKind::utf32 || m.cell.kind == CellKind::bytes;
  const std::int64_t unit = m.cell.kind == CellKind::utf32 ? 4 : 1;
  if (is_fixed && n_characters * unit > m.cell.size_bytes) {
    if (zarr_format != 2) {
      throw Error(Errc::invalid_argument,
                  "variable '{}': a text of {} does not fit its fixed length of {}", spec.name,
                  n_characters, m.cell.size_bytes / unit);
    }
    const auto old = base.document["dtype"].get<std::string>();
    array.document["dtype"] = old.substr(0, 2) + std::to_string(n_characters);
  }
  array.metadata = zarr_format == 3
                       ? parse_metadata_v3(array.document, spec.name)
                       : parse_metadata_v2(array.document, array.attributes, spec.name);
  return array;
}

}  // namespace rastream::zarr
