// SPDX-License-Identifier: Apache-2.0
#include "rastream/exec/chunk_assembler.h"

#include "rastream/base/parallel_work.h"
#include "rastream/plan/waiting_chunks.h"

namespace rastream {
namespace {

/// Groups of waiting chunks that a task hands on before it goes on; the rest is shared later.
constexpr std::size_t kGroupsAtOnce = 2;

std::span<std::byte> bytes_of(const Block& dense) {
  return {dense.data, static_cast<std::size_t>(dense.n_cells()) * item_size(dense.dtype)};
}

}  // namespace

WaitingRoom waiting_room(const Program& program, const std::vector<ChunkGrid>& target_chunks) {
  return {waiting_groups(program, target_chunks), waiting_in_memory(program, target_chunks),
          kGroupsAtOnce};
}

ChunkAssembler::ChunkAssembler(std::vector<ChunkGrid> grids, OnChunk on_chunk, Skip skip,
                               WaitingRoom room)
    : grids_(std::move(grids)),
      on_chunk_(std::move(on_chunk)),
      skip_(std::move(skip)),
      room_(std::move(room)) {}

const ChunkGrid& ChunkAssembler::groups(std::size_t output) const {
  return room_.groups.empty() ? grids_[output] : room_.groups[output];
}

void ChunkAssembler::write(std::size_t output, const Block& cells) {
  const ChunkGrid& grid = groups(output);
  for_each_index(grid.chunks_touching(cells.region), [&](const Extents& index) {
    const Region whole = grid.chunk_region(index);
    const Region part = intersect(whole, cells.region);
    if (part == whole) {
      hand_on_chunks(output, cells.sub(whole), wanted_chunks(output, whole));
    } else {
      add_part(output, grid.chunk_number(index), cells.sub(part));
    }
  });
  for (std::size_t i = 0; i < room_.most_at_once; ++i) {
    const auto group = take_whole(false);
    if (!group) return;
    hand_on(*group);
  }
}

std::vector<std::int64_t> ChunkAssembler::wanted_chunks(std::size_t output,
                                                        const Region& region) const {
  std::vector<std::int64_t> wanted;
  const ChunkGrid& grid = grids_[output];
  for_each_index(grid.chunks_touching(region), [&](const Extents& index) {
    const std::int64_t chunk = grid.chunk_number(index);
    if (!skip_(output, chunk)) wanted.push_back(chunk);
  });
  return wanted;
}

void ChunkAssembler::add_part(std::size_t output, std::int64_t number, const Block& part) {
  std::unique_lock lock(mutex_);
  Group* found = find_group(output, number, part, lock);
  lock.unlock();
  if (!found) return;
  Group& group = *found;
  const std::int64_t n_cells = wanted_cells(group, part.region);
  if (group.in_memory) {
    copy_cells(part, group.cells.view().sub(part.region));
  } else {
    store_piece(group, part);
  }
  lock.lock();
  group.n_missing -= n_cells;
  if (group.n_missing > 0) return;
  const auto it = waiting_.find({output, number});
  (group.in_memory ? whole_in_memory_ : whole_in_scratch_).push_back(std::move(it->second));
  waiting_.erase(it);
}

/// The group, which is new when no cell of it has come yet; nothing when it wants no cell of
/// `part`. Makes room first where whole groups still hold memory.
ChunkAssembler::Group* ChunkAssembler::find_group(std::size_t output, std::int64_t number,
                                                  const Block& part,
                                                  std::unique_lock<std::mutex>& lock) {
  const auto known = [&](const auto& it) {
    return wanted_cells(*it->second, part.region) > 0 ? it->second.get() : nullptr;
  };
  const std::pair key{output, number};
  while (true) {
    if (const auto it = waiting_.find(key); it != waiting_.end()) return known(it);
    auto group = std::make_unique<Group>();
    group->output = output;
    group->region = groups(output).chunk_region(number);
    group->dtype = part.dtype;
    group->size_bytes = group->region.n_cells() * static_cast<std::int64_t>(item_size(part.dtype));
    group->in_memory = group->size_bytes <= room_.most_bytes - memory_bytes_;
    if (!group->in_memory) {
      lock.unlock();
      const auto whole = take_whole(true);
      if (whole) hand_on(*whole);
      lock.lock();
      if (whole) continue;
      if (const auto it = waiting_.find(key); it != waiting_.end()) return known(it);
    }
    group->wanted = wanted_chunks(output, group->region);
    group->n_missing = wanted_cells(*group, group->region);
    if (wanted_cells(*group, part.region) == 0) return nullptr;
    if (group->in_memory) {
      group->cells = OwnedBlock(group->region, part.dtype);
      memory_bytes_ += group->size_bytes;
    }
    return (waiting_[key] = std::move(group)).get();
  }
}

std::int64_t ChunkAssembler::wanted_cells(const Group& group, const Region& part) const {
  const std::int64_t n_chunks = grids_[group.output].chunks_touching(group.region).n_cells();
  if (static_cast<std::int64_t>(group.wanted.size()) == n_chunks) return part.n_cells();
  std::int64_t n = 0;
  for (const std::int64_t chunk : group.wanted)
    n += intersect(grids_[group.output].chunk_region(chunk), part).n_cells();
  return n;
}

void ChunkAssembler::store_piece(Group& group, const Block& part) {
  const OwnedBlock dense(part.region, part.dtype);
  copy_cells(part, dense.view());
  const std::span<std::byte> bytes = bytes_of(dense.view());
  std::unique_lock lock(mutex_);
  if (!scratch_) scratch_ = std::make_unique<KeptCells>(0, false);
  const auto size = static_cast<std::int64_t>(bytes.size());
  scratch_bytes_ += size;
  std::vector<std::int64_t>& places = free_places_[size];
  std::int64_t offset = scratch_end_;
  if (places.empty()) {
    scratch_end_ += size;
  } else {
    offset = places.back();
    places.pop_back();
  }
  group.pieces.push_back({part.region, offset});
  lock.unlock();
  scratch_->store(offset, bytes);
}

/// A whole group, first of those whose memory counts until hand_on gives it back.
std::unique_ptr<ChunkAssembler::Group> ChunkAssembler::take_whole(bool in_memory_only) {
  const std::lock_guard lock(mutex_);
  auto& whole = in_memory_only || !whole_in_memory_.empty() ? whole_in_memory_ : whole_in_scratch_;
  if (whole.empty()) return nullptr;
  auto group = std::move(whole.front());
  whole.pop_front();
  return group;
}

void ChunkAssembler::hand_on(Group& group) {
  if (group.in_memory) {
    hand_on_chunks(group.output, group.cells.view(), group.wanted);
    group.cells = {};
    const std::lock_guard lock(mutex_);
    memory_bytes_ -= group.size_bytes;
    return;
  }
  const OwnedBlock cells(group.region, group.dtype);
  Buffer memory;
  for (const Piece& piece : group.pieces) {
    const std::int64_t size =
        piece.region.n_cells() * static_cast<std::int64_t>(item_size(group.dtype));
    memory.reserve(static_cast<std::size_t>(size));
    const Block dense = dense_block(piece.region, group.dtype, memory.data());
    scratch_->load(piece.offset, bytes_of(dense));
    copy_cells(dense, cells.view().sub(piece.region));
    const std::lock_guard lock(mutex_);
    free_places_[size].push_back(piece.offset);
  }
  hand_on_chunks(group.output, cells.view(), group.wanted);
}

void ChunkAssembler::hand_on_chunks(std::size_t output, const Block& cells,
                                    const std::vector<std::int64_t>& chunks) {
  for (const std::int64_t chunk : chunks)
    on_chunk_(output, cells.sub(grids_[output].chunk_region(chunk)));
}

bool ChunkAssembler::finish(std::int64_t n_threads, const std::stop_token& stop) {
  return run_parallel(
      n_threads, static_cast<std::int64_t>(whole_in_memory_.size() + whole_in_scratch_.size()),
      [&](std::int64_t) { hand_on(*take_whole(false)); }, stop);
}

std::size_t ChunkAssembler::n_waiting() const {
  const std::lock_guard lock(mutex_);
  return waiting_.size();
}

std::int64_t ChunkAssembler::scratch_bytes() const {
  const std::lock_guard lock(mutex_);
  return scratch_bytes_;
}

}  // namespace rastream
