// SPDX-License-Identifier: Apache-2.0
#include "rastream/format/hdf5/file_record.h"

#include "rastream/format/hdf5/archive.h"
#include "rastream/format/hdf5/provenance.h"

namespace rastream {

// Found by Saver and Loader through their arguments, so not in an anonymous namespace. A change of
// any list below needs a new number in metadata_cache.cpp.

template <class A>
void fields(A& a, Superblock& s) {
  a(s.base, s.end_of_file, s.address_size, s.length_size);
}

template <class A>
void fields(A& a, DimensionInfo& d) {
  a(d.name, d.size, d.is_unlimited);
}

template <class A>
void fields(A& a, Numbers& n) {
  a(n.dtype, n.integers, n.floats);
}

template <class A>
void fields(A& a, Attributes& attributes) {
  std::vector<Attributes::Entry> entries(attributes.begin(), attributes.end());
  a(entries);
  if constexpr (A::kIsLoading) {
    for (auto& [name, value] : entries) attributes.set(std::move(name), std::move(value));
  }
}

template <class A>
void fields(A& a, Schema& s) {
  Extents chunk = s.chunks.max_chunk_shape();
  a(s.dims, s.shape, s.dtype, chunk);
  if constexpr (A::kIsLoading) {
    if (s.dims.size() != s.shape.size() || chunk.size() != s.shape.size())
      throw Error(Errc::data_loss, "the record is damaged");
    s = make_schema(std::move(s.dims), s.shape, s.dtype, ChunkGrid::regular(s.shape, chunk));
  }
}

template <class A>
void fields(A& a, VariableInfo& v) {
  a(v.name, v.schema, v.attributes, v.fill_value, v.codecs, v.is_dimension_scale);
}

template <class A>
void fields(A& a, CellType& t) {
  a(t.kind, t.cells.dtype, t.cells.is_swapped, t.cells.is_half, t.text_bytes);
}

template <class A>
void fields(A& a, Filter& f) {
  a(f.id, f.parameters, f.name);
}

template <class A>
void fields(A& a, FilterPipeline& pipeline) {
  std::vector<Filter> filters = pipeline.filters();
  a(filters);
  if constexpr (A::kIsLoading) pipeline = FilterPipeline(std::move(filters));
}

template <class A>
void fields(A& a, DatasetMetadata& d) {
  a(d.info, d.header_address, d.type, d.stored_shape, d.limits, d.chunk_shape, d.filters, d.fill,
    d.beyond, d.has_external_files);
}

template <class A>
void fields(A& a, RefusedVariable& r) {
  a(r.name, r.reason);
}

template <class A>
void fields(A& a, GroupMetadata& g) {
  a(g.dimensions, g.datasets, g.refused, g.attributes, g.groups);
}

template <class A>
void fields(A& a, Layout& l) {
  a(l.kind, l.address, l.compact, l.single_chunk_bytes, l.single_chunk_mask,
    l.partial_chunks_are_unfiltered);
}

/// Each number as the distance to what the chunk before lets expect, which is mostly 0. Unsigned,
/// as damaged distances overflow.
struct ChunkList {
  ChunkIndex index;
};

template <class A>
void fields(A& a, ChunkList& list) {
  std::size_t n_chunks = list.index.size();
  a(n_chunks);
  std::uint64_t number = 0;
  std::uint64_t end = 0;
  for (std::size_t i = 0; i < n_chunks; ++i) {
    StoredChunk chunk = A::kIsLoading ? StoredChunk{} : list.index[i];
    std::uint64_t skipped = static_cast<std::uint64_t>(chunk.number) - number;
    std::uint64_t gap = chunk.offset - end;
    a(skipped, gap, chunk.size_bytes, chunk.filter_mask);
    chunk.number = static_cast<std::int64_t>(number + skipped);
    chunk.offset = end + gap;
    if constexpr (A::kIsLoading) list.index.push_back(chunk);
    number += skipped + 1;
    end = chunk.offset + chunk.size_bytes;
  }
}

template <class A>
void fields(A& a, FileRecord& r) {
  a(r.superblock, r.metadata, r.layouts);
  std::vector<std::optional<ChunkList>> lists;
  for (auto& index : r.indexes)
    lists.push_back(index ? std::optional(ChunkList{*index}) : std::nullopt);
  a(lists);
  if constexpr (A::kIsLoading) {
    for (auto& list : lists)
      r.indexes.push_back(list ? std::optional(std::move(list->index)) : std::nullopt);
  }
}

FileRecord read_file_record(const FileBytes& file, const std::string& group) {
  FileRecord record;
  record.superblock = read_superblock(file);
  check_end_of_own_file(file, record.superblock);
  record.metadata = read_group_metadata(file.path(), group, file.size());
  for (const DatasetMetadata& dataset : record.metadata.datasets) {
    try {
      record.layouts.push_back(read_layout(file, record.superblock, dataset.header_address));
    } catch (Error& e) {
      throw e.add_context("variable '" + dataset.info.name + "'");
    }
  }
  record.indexes.resize(record.layouts.size());
  return record;
}

std::string to_bytes(const FileRecord& record) {
  Saver saver;
  FileRecord copy = record;  // the lists of fields serve both ways, so they take no const
  saver(copy);
  return saver.take();
}

FileRecord file_record_from(std::span<const std::byte> bytes) {
  Loader loader(bytes);
  FileRecord record;
  loader(record);
  const std::size_t n = record.metadata.datasets.size();
  if (!loader.is_at_end() || record.layouts.size() != n || record.indexes.size() != n)
    throw Error(Errc::data_loss, "the record is damaged");
  return record;
}

}  // namespace rastream
