// SPDX-License-Identifier: Apache-2.0
// The version 1 B-tree (III.A.1): every file that netCDF-C and HDF5 1.8 write has it.
#include <algorithm>

#include "rastream/base/error.h"
#include "rastream/format/cursor.h"
#include "rastream/format/hdf5/chunk_index.h"

namespace rastream {
namespace {

/// Invariants that bound the walk: 1. a child's level is its parent's minus one, so there is no
/// loop; 2. no node but an empty root has no entries and chunk numbers only rise, so no leaf is met
/// twice; 3. every entry takes its own bytes of the file, so their number is bounded by its length.
class TreeWalk {
 public:
  TreeWalk(const FileBytes& file, const Superblock& superblock, const ChunkedArray& array)
      : file_(file),
        superblock_(superblock),
        chunk_shape_(array.chunk_shape),
        n_along_(array.n_along()),
        key_bytes_(8 + 8 * (array.shape.size() + 1)) {
    max_chunks_ = file.size() / (key_bytes_ + superblock.address_size);
  }

  ChunkIndex read(std::uint64_t root) {
    visit(root, kAnyLevel);
    return std::move(index_);
  }

 private:
  static constexpr int kAnyLevel = -1;

  void visit(std::uint64_t offset, int expected_level) {
    const std::size_t head_bytes = 8 + 2 * superblock_.address_size;
    const std::size_t entry_bytes = key_bytes_ + superblock_.address_size;
    if (!file_.holds(offset, head_bytes)) throw bad(offset, "is outside the file");
    // Most nodes have room for 64 entries, so one read gets them whole.
    const std::uint64_t guess = head_bytes + 64 * entry_bytes;
    Bytes bytes = file_.read_at(offset, std::min(guess, file_.size() - offset));
    Cursor head(bytes);
    constexpr std::uint64_t kTree = 'T' | 'R' << 8 | 'E' << 16 | 'E' << 24;
    if (head.little(4) != kTree || head.byte() != 1)
      throw bad(offset, "is not a node of a chunk index");
    const int level = head.byte();
    const std::uint64_t n_entries = head.little(2);
    if (expected_level == kAnyLevel ? level > 32 : level != expected_level)
      throw bad(offset, "has the wrong level");
    if (n_entries == 0 && (expected_level != kAnyLevel || level != 0))
      throw bad(offset, "is empty");
    const std::uint64_t n_bytes = head_bytes + n_entries * entry_bytes;
    if (n_bytes > bytes.size()) bytes = file_.read_at(offset, n_bytes);
    Cursor entries(std::span<const std::byte>(bytes).subspan(head_bytes));
    for (std::uint64_t i = 0; i < n_entries; ++i) {
      if (level == 0) {
        add_chunk(entries, offset);
      } else {
        entries.skip(key_bytes_);
        visit(superblock_.base + entries.little(superblock_.address_size), level - 1);
      }
    }
  }

  void add_chunk(Cursor& in, std::uint64_t node) {
    StoredChunk chunk;
    chunk.size_bytes = in.little(4);
    chunk.filter_mask = static_cast<std::uint32_t>(in.little(4));
    for (std::size_t i = 0; i < n_along_.size(); ++i) {
      const std::uint64_t begin = in.little(8);
      const auto length = static_cast<std::uint64_t>(chunk_shape_[i]);
      if (begin % length != 0 || begin / length >= static_cast<std::uint64_t>(n_along_[i])) {
        throw bad(node, "lists a chunk outside the array");
      }
      chunk.number = chunk.number * n_along_[i] + static_cast<std::int64_t>(begin / length);
    }
    if (in.little(8) != 0) throw bad(node, "lists a chunk that begins inside a cell");
    chunk.offset = superblock_.base + in.little(superblock_.address_size);
    if (!file_.holds(chunk.offset, chunk.size_bytes))
      throw bad(node, "lists a chunk outside the file");
    if (!index_.empty() && chunk.number <= index_.back().number)
      throw bad(node, "lists chunks out of order");
    if (index_.size() >= max_chunks_) throw bad(node, "lists more chunks than the file can hold");
    index_.push_back(chunk);
  }

  static Error bad(std::uint64_t node, const char* what) {
    return Error(Errc::data_loss, "the chunk index is damaged: the node at byte {} {}", node, what);
  }

  const FileBytes& file_;
  const Superblock& superblock_;
  Extents chunk_shape_;
  Extents n_along_;
  std::size_t key_bytes_;
  std::uint64_t max_chunks_ = 0;
  ChunkIndex index_;
};

}  // namespace

ChunkIndex read_chunk_btree(const FileBytes& file, const Superblock& superblock, std::uint64_t root,
                            const ChunkedArray& array) {
  return TreeWalk(file, superblock, array).read(root);
}

}  // namespace rastream
