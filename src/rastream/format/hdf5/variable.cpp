// SPDX-License-Identifier: Apache-2.0
#include "rastream/format/hdf5/variable.h"

#include "rastream/base/error.h"

namespace rastream {
namespace {

constexpr std::int64_t kMaxChunkBytes = std::int64_t{2} << 30;

std::size_t checked_chunk_bytes(const Extents& chunk_shape, std::size_t cell_bytes) {
  auto n_bytes = static_cast<std::int64_t>(cell_bytes);
  for (const auto n : chunk_shape) n_bytes = checked_multiply(n_bytes, n, "a chunk");
  if (n_bytes > kMaxChunkBytes) {
    throw Error(Errc::unsupported, "chunks of {} bytes: at most {} are supported", n_bytes,
                kMaxChunkBytes);
  }
  return static_cast<std::size_t>(n_bytes);
}

/// Bytes of a chunk of numbers; more than any file has when they overflow.
std::uint64_t saturated_bytes(const Extents& chunk_shape, const StoredCells& cells) {
  if (cells.dtype == DType::string) return 0;
  std::uint64_t n_bytes = cells.size_bytes();
  for (const auto n : chunk_shape) {
    if (__builtin_mul_overflow(n_bytes, static_cast<std::uint64_t>(n), &n_bytes)) return UINT64_MAX;
  }
  return n_bytes;
}

}  // namespace

Hdf5Variable::Hdf5Variable(SharedFile& file, const FileRecord& record, std::size_t i)
    : file_(file),
      superblock_(record.superblock),
      metadata_(record.metadata.datasets[i]),
      layout_(record.layouts[i]),
      known_index_(record.indexes[i]) {
  if (metadata_.chunk_shape.empty()) return;
  array_ = {metadata_.stored_shape, metadata_.limits, metadata_.chunk_shape,
            saturated_bytes(metadata_.chunk_shape, metadata_.type.cells)};
  n_along_ = array_.n_along();
}

void Hdf5Variable::read(const Block& out) const {
  if (out.region.is_empty()) return;
  const Region stored = intersect(out.region, Region::whole(metadata_.stored_shape));
  if (stored == out.region) return read_stored(out);
  fill_with_cell(out, metadata_.type.cells.dtype, metadata_.beyond);
  if (!stored.is_empty()) read_stored(out.sub(stored));
}

void Hdf5Variable::read_stored(const Block& out) const {
  switch (layout_.kind) {
    case Layout::Kind::virtual_:
      throw Error(Errc::unsupported, "a virtual dataset: its cells are in other files");
    case Layout::Kind::compact: return read_compact(out);
    case Layout::Kind::contiguous: return read_contiguous(out);
    default: break;
  }
  for_each_index(chunks_of(out.region),
                 [&](const Extents& chunk_index) { read_chunk(chunk_index, out); });
}

void Hdf5Variable::read_compact(const Block& out) const {
  const auto whole = Region::whole(metadata_.stored_shape);
  const std::size_t n_bytes =
      checked_chunk_bytes(metadata_.stored_shape, metadata_.type.cells.size_bytes());
  if (layout_.compact.size() < n_bytes) {
    throw Error(Errc::data_loss, "{} bytes are stored: expected {}", layout_.compact.size(),
                n_bytes);
  }
  OwnedBlock cells(whole, metadata_.type.cells.stored_dtype());
  std::copy_n(layout_.compact.begin(), n_bytes, cells.view().data);
  finish_cells(metadata_.type.cells, cells.view());
  copy_finished(metadata_.type.cells, cells.view(), out);
}

void Hdf5Variable::read_contiguous(const Block& out) const {
  if (metadata_.has_external_files)
    throw Error(Errc::unsupported, "cells that are kept in external files");
  if (!layout_.address) return fill_with_cell(out, metadata_.type.cells.dtype, metadata_.fill);
  const std::size_t cell_bytes = metadata_.type.cells.size_bytes();
  read_file_array(
      file_.bytes,
      {*layout_.address, c_strides(metadata_.stored_shape, cell_bytes), metadata_.type.cells}, out);
  const auto n_bytes = static_cast<std::size_t>(out.n_cells()) * cell_bytes;
  count(n_bytes, n_bytes);
}

const ChunkIndex& Hdf5Variable::index() const {
  if (known_index_) return *known_index_;
  // Every chunk of every thread comes here, so that only the first ones may wait.
  if (const ChunkIndex* ready = ready_.load(std::memory_order_acquire)) return *ready;
  const std::lock_guard lock(index_mutex_);
  if (!index_) {
    index_ = std::make_unique<const ChunkIndex>(
        read_chunk_index(file_.bytes, superblock_, layout_, array_));
    ready_.store(index_.get(), std::memory_order_release);
  }
  return *index_;
}

std::optional<ChunkIndex> Hdf5Variable::newly_read_index() const {
  const std::lock_guard lock(index_mutex_);
  return index_ ? std::optional(*index_) : std::nullopt;
}

Region Hdf5Variable::chunks_of(const Region& region) const {
  Region chunks = region;
  for (std::size_t i = 0; i < region.rank(); ++i) {
    chunks.begin[i] = region.begin[i] / metadata_.chunk_shape[i];
    chunks.end[i] = (region.end[i] - 1) / metadata_.chunk_shape[i] + 1;
  }
  return chunks;
}

Region Hdf5Variable::chunk_region(const Extents& chunk_index) const {
  Region chunk{chunk_index, chunk_index};
  for (std::size_t i = 0; i < chunk_index.size(); ++i) {
    chunk.begin[i] = chunk_index[i] * metadata_.chunk_shape[i];
    chunk.end[i] = chunk.begin[i] + metadata_.chunk_shape[i];
  }
  return chunk;
}

std::int64_t Hdf5Variable::chunk_number(const Extents& chunk_index) const {
  std::int64_t number = 0;
  for (std::size_t i = 0; i < chunk_index.size(); ++i)
    number = number * n_along_[i] + chunk_index[i];
  return number;
}

void Hdf5Variable::read_chunk(const Extents& chunk_index, const Block& out) const {
  const Region chunk = chunk_region(chunk_index);
  const Block part = out.sub(intersect(out.region, chunk));
  try {
    if (metadata_.filters.is_ours()) {
      read_chunk_cells(chunk_index, chunk, part);
    } else {
      read_by_library(part);
    }
  } catch (Error& e) {
    e.add_context("chunk " + to_string(intersect(chunk, Region::whole(metadata_.stored_shape))));
    throw;
  }
}

void Hdf5Variable::read_by_library(const Block& part) const {
  const std::size_t n_bytes =
      checked_chunk_bytes(part.region.shape(), metadata_.type.cells.size_bytes());
  if (part.dtype == metadata_.type.cells.dtype && is_dense(part)) {
    file_.library.read_cells(metadata_, part);
  } else {
    const OwnedBlock cells(part.region, metadata_.type.cells.dtype);
    file_.library.read_cells(metadata_, cells.view());
    copy_cells(cells.view(), part);
  }
  count(0, n_bytes);
}

/// Cells go straight to their place when the whole chunk is wanted, in the form in which it is
/// stored; else by a buffer.
void Hdf5Variable::read_chunk_cells(const Extents& chunk_index, const Region& chunk,
                                    const Block& part) const {
  const StoredCells& cells = metadata_.type.cells;
  const std::size_t n_bytes = checked_chunk_bytes(metadata_.chunk_shape, cells.size_bytes());
  ChunkScratch& scratch = ChunkScratch::of_this_thread();
  const auto found = find(chunk_index);
  if (!found) return fill_with_cell(part, cells.dtype, metadata_.fill);
  metadata_.filters.check_stored_size(found->size_bytes, found->filter_mask, n_bytes);
  if (part.region == chunk && part.dtype == cells.dtype && !cells.is_half && is_dense(part)) {
    decode(*found, {part.data, n_bytes}, scratch);
    finish_cells(cells, part);
  } else {
    scratch.cells.reserve(n_bytes);
    const Block whole = dense_block(chunk, cells.stored_dtype(), scratch.cells.data());
    decode(*found, scratch.cells.span().first(n_bytes), scratch);
    finish_cells(cells, whole);
    copy_finished(cells, whole, part);
  }
  count(found->size_bytes, n_bytes);
  scratch.shrink();
}

std::optional<StoredChunk> Hdf5Variable::find(const Extents& chunk_index) const {
  if (!layout_.address) return std::nullopt;
  const std::int64_t number = chunk_number(chunk_index);
  if (layout_.kind == Layout::Kind::implicit)
    return implicit_chunk(file_.bytes, *layout_.address, array_, number);
  const StoredChunk* chunk = find_chunk(index(), number);
  if (chunk == nullptr) return std::nullopt;
  StoredChunk found = *chunk;
  const bool is_partial =
      !Region::whole(metadata_.stored_shape).contains(chunk_region(chunk_index));
  if (is_partial && layout_.partial_chunks_are_unfiltered) found.filter_mask = ~0U;
  return found;
}

void Hdf5Variable::decode(const StoredChunk& found, std::span<std::byte> cells,
                          ChunkScratch& scratch) const {
  if (metadata_.filters.is_identity(found.filter_mask))
    return file_.bytes.read_at(found.offset, cells);
  if (!file_.bytes.holds(found.offset, found.size_bytes)) {
    throw Error(Errc::data_loss, "{} bytes at {} are outside the file", found.size_bytes,
                found.offset);
  }
  scratch.stored.reserve(found.size_bytes);
  file_.bytes.read_at(found.offset, scratch.stored.span().first(found.size_bytes));
  metadata_.filters.decode(scratch.stored.span().first(found.size_bytes), found.filter_mask, cells,
                           scratch);
}

void Hdf5Variable::count(std::uint64_t stored_bytes, std::uint64_t decoded_bytes) const {
  file_.n_chunks.fetch_add(1, std::memory_order_relaxed);
  file_.stored_bytes.fetch_add(static_cast<std::int64_t>(stored_bytes), std::memory_order_relaxed);
  file_.decoded_bytes.fetch_add(static_cast<std::int64_t>(decoded_bytes),
                                std::memory_order_relaxed);
}

std::optional<std::int64_t> Hdf5Variable::stored_bytes(const Region& region) const {
  const Region stored = intersect(region, Region::whole(metadata_.stored_shape));
  if (stored.is_empty()) return 0;
  const auto n_bytes =
      stored.n_cells() * static_cast<std::int64_t>(metadata_.type.cells.size_bytes());
  if (layout_.kind == Layout::Kind::compact) return n_bytes;
  if (layout_.kind == Layout::Kind::contiguous) return layout_.address ? n_bytes : 0;
  std::int64_t sum = 0;
  for_each_index(chunks_of(stored), [&](const Extents& i) {
    if (const auto chunk = find(i)) sum += static_cast<std::int64_t>(chunk->size_bytes);
  });
  return sum;
}

}  // namespace rastream
