// SPDX-License-Identifier: Apache-2.0
#include "rastream/format/geotiff/tile_assembler.h"

#include <cstring>

#include "rastream/array/chunk_grid.h"

namespace rastream::geotiff {
namespace {

constexpr std::int64_t kMostUnusedBytes = std::int64_t{16} << 20;

std::span<std::byte> bytes_of(const Block& dense) {
  return {dense.data, static_cast<std::size_t>(dense.n_cells()) * item_size(dense.dtype)};
}

/// Repeats the last column and row of the cells inside the raster up to the tile's edges.
void pad(std::byte* cells, std::int64_t height, std::int64_t width, std::int64_t tile_height,
         std::int64_t tile_width, std::int64_t cell_bytes) {
  const auto n = static_cast<std::size_t>(cell_bytes);
  const std::int64_t row_bytes = tile_width * cell_bytes;
  if (width < tile_width) {
    for (std::int64_t y = 0; y < height; ++y) {
      std::byte* row = cells + y * row_bytes;
      for (std::int64_t x = width; x < tile_width; ++x)
        std::memcpy(row + x * cell_bytes, row + (width - 1) * cell_bytes, n);
    }
  }
  for (std::int64_t y = height; y < tile_height; ++y) {
    std::memcpy(cells + y * row_bytes, cells + (height - 1) * row_bytes,
                static_cast<std::size_t>(row_bytes));
  }
}

}  // namespace

TileAssembler::TileAssembler(const Pyramid& pyramid, DType dtype, std::int64_t memory_bytes,
                             std::string target, OnTile on_tile)
    : pyramid_(pyramid),
      dtype_(dtype),
      tile_bytes_(pyramid.tile_cells() * static_cast<std::int64_t>(item_size(dtype))),
      memory_bytes_(memory_bytes),
      target_(std::move(target)),
      on_tile_(std::move(on_tile)) {}

std::size_t TileAssembler::n_waiting() const {
  const std::lock_guard lock(mutex_);
  return waiting_.size();
}

std::int64_t TileAssembler::spilled_bytes() const {
  const std::lock_guard lock(mutex_);
  return scratch_ ? scratch_->size() : 0;
}

void TileAssembler::add(std::size_t level, const Block& cells) {
  for_each_index(pyramid_.tiles_touching(cells.region), [&](const Extents& index) {
    const TileKey tile{level, index[0], index[1], index[2]};
    const Region inside = pyramid_.region(tile);
    const Region part = intersect(inside, cells.region);
    if (!(part == inside)) {
      add_piece(tile, inside, cells.sub(part));
      return;
    }
    Buffer whole = take_buffer();
    copy_cells(cells.sub(part), inside_of(inside, whole.data()));
    hand_on(tile, inside, std::move(whole));
  });
}

void TileAssembler::add_piece(const TileKey& tile, const Region& inside, const Block& piece) {
  std::unique_lock lock(mutex_);
  // References into a map stay valid while others come and go.
  Waiting& waiting = waiting_for(tile, inside);
  lock.unlock();
  if (waiting.cells.size() > 0) {
    copy_cells(piece, inside_of(inside, waiting.cells.data()).sub(piece.region));
  } else {
    spill(waiting, piece);
  }
  lock.lock();
  waiting.n_missing -= piece.n_cells();
  if (waiting.n_missing > 0) return;
  Waiting whole = std::move(waiting);
  waiting_.erase(tile);
  if (whole.cells.size() > 0) in_memory_ -= tile_bytes_;
  lock.unlock();
  hand_on(tile, inside, collect(std::move(whole), inside));
}

/// REQUIRES: mutex_ is held.
TileAssembler::Waiting& TileAssembler::waiting_for(const TileKey& tile, const Region& inside) {
  if (const auto at = waiting_.find(tile); at != waiting_.end()) return at->second;
  // A tile is in the map once it has its place: other threads' pieces of it rely on that, also
  // after memory or scratch could not be had here.
  Waiting waiting;
  waiting.n_missing = inside.n_cells();
  const bool is_in_memory = in_memory_ + tile_bytes_ <= memory_bytes_;
  if (is_in_memory) {
    waiting.cells = Buffer(static_cast<std::size_t>(tile_bytes_));
  } else if (!scratch_) {
    scratch_.emplace(target_);
  }
  Waiting& added = waiting_.emplace(tile, std::move(waiting)).first->second;
  if (is_in_memory) in_memory_ += tile_bytes_;
  return added;
}

void TileAssembler::spill(Waiting& waiting, const Block& piece) {
  const OwnedBlock dense(piece.region, dtype_);
  copy_cells(piece, dense.view());
  const std::int64_t offset = scratch_->append(bytes_of(dense.view()));
  const std::lock_guard lock(mutex_);
  waiting.pieces.push_back({piece.region, offset});
}

Buffer TileAssembler::collect(Waiting waiting, const Region& inside) {
  if (waiting.cells.size() > 0) return std::move(waiting.cells);
  Buffer cells = take_buffer();
  for (const Piece& piece : waiting.pieces) {
    const OwnedBlock dense(piece.region, dtype_);
    scratch_->read(piece.offset, bytes_of(dense.view()));
    copy_cells(dense.view(), inside_of(inside, cells.data()).sub(piece.region));
  }
  return cells;
}

void TileAssembler::hand_on(const TileKey& tile, const Region& inside, Buffer cells) {
  const std::int64_t cell_bytes =
      pyramid_.n_samples() * static_cast<std::int64_t>(item_size(dtype_));
  pad(cells.data(), inside.size(1), inside.size(2), pyramid_.tile_height(), pyramid_.tile_width(),
      cell_bytes);
  on_tile_(tile, inside_of(inside, cells.data()), cells.data());
  give_back(std::move(cells));
}

Block TileAssembler::inside_of(const Region& inside, std::byte* cells) const {
  const auto item = static_cast<std::int64_t>(item_size(dtype_));
  const std::int64_t cell = pyramid_.n_samples() * item;
  return {inside, dtype_, cells, {item, pyramid_.tile_width() * cell, cell}};
}

Buffer TileAssembler::take_buffer() {
  {
    const std::lock_guard lock(mutex_);
    if (!unused_.empty()) {
      Buffer buffer = std::move(unused_.back());
      unused_.pop_back();
      return buffer;
    }
  }
  return Buffer(static_cast<std::size_t>(tile_bytes_));
}

void TileAssembler::give_back(Buffer buffer) {
  const std::lock_guard lock(mutex_);
  const auto n_kept = static_cast<std::int64_t>(unused_.size()) + 1;
  if (n_kept * tile_bytes_ <= kMostUnusedBytes) unused_.push_back(std::move(buffer));
}

}  // namespace rastream::geotiff
