// SPDX-License-Identifier: Apache-2.0
// The fixed array (VII.C): one entry a chunk of an array that cannot grow without end. Long arrays
// are cut in pages, and a page that has no chunk yet was never written.
#include <algorithm>

#include "rastream/format/hdf5/array_entries.h"
#include "rastream/format/hdf5/index_block.h"

namespace rastream {
namespace {

// libhdf5 writes 10; up to here a page is no larger than what may be read for a lie.
constexpr int kMaxPageBits = 19;

class FixedArray {
 public:
  FixedArray(const FileBytes& file, const Superblock& superblock, const ChunkedArray& array,
             std::uint64_t root)
      : file_(file), superblock_(superblock), root_(root) {
    const std::uint64_t n_bytes =
        kBlockHead + 2 + superblock.length_size + superblock.address_size + kChecksumBytes;
    const Bytes header = read_index_block(file, root, n_bytes, "FAHD");
    Cursor in = fields_of(header);
    const bool is_filtered = header[5] != std::byte{0};
    const std::size_t entry_bytes = in.byte();
    page_bits_ = in.byte();
    n_entries_ = in.little(superblock.length_size);
    data_ = read_address(in, superblock);
    entries_.emplace(file, superblock, array, is_filtered, entry_bytes);
    if (page_bits_ > kMaxPageBits) throw damaged_index(root, "has pages that are too large");
    if (entries_->order().n_entries() != n_entries_)
      throw damaged_index(root, "has not one entry a chunk");
  }

  ChunkIndex read() {
    if (data_) {
      if (n_entries_ > page_length()) {
        read_pages();
      } else {
        read_whole();
      }
    }
    return entries_->take();
  }

 private:
  std::uint64_t page_length() const { return std::uint64_t{1} << page_bits_; }
  std::uint64_t head_bytes() const { return kBlockHead + superblock_.address_size; }

  Cursor block_fields(const Bytes& block) const {
    Cursor in = fields_of(block);
    if (superblock_.base + in.little(superblock_.address_size) != root_)
      throw damaged_index(*data_, "belongs to another array");
    return in;
  }

  void read_whole() {
    const std::uint64_t n_bytes = head_bytes() + n_entries_ * entries_->entry_bytes();
    const Bytes block = read_index_block(file_, *data_, n_bytes + kChecksumBytes, "FADB");
    Cursor in = block_fields(block);
    entries_->read(in, 0, n_entries_);
  }

  void read_pages() {
    const std::uint64_t n_pages = (n_entries_ - 1) / page_length() + 1;
    const std::uint64_t n_map = (n_pages + 7) / 8;
    const std::uint64_t n_head = head_bytes() + n_map + kChecksumBytes;
    const Bytes head = read_index_block(file_, *data_, n_head, "FADB");
    const auto is_written = block_fields(head).take(n_map);
    const std::uint64_t page_bytes = page_length() * entries_->entry_bytes() + kChecksumBytes;
    for (std::uint64_t page = 0; page < n_pages; ++page) {
      if ((std::to_integer<int>(is_written[page / 8]) & 0x80 >> page % 8) == 0) continue;
      const std::uint64_t first = page * page_length();
      const std::uint64_t n = std::min(page_length(), n_entries_ - first);
      const Bytes bytes = read_checked(file_, *data_ + n_head + page * page_bytes,
                                       n * entries_->entry_bytes() + kChecksumBytes);
      Cursor in{bytes};
      entries_->read(in, first, n);
    }
  }

  const FileBytes& file_;
  const Superblock& superblock_;
  std::uint64_t root_;
  int page_bits_ = 0;
  std::uint64_t n_entries_ = 0;
  std::optional<std::uint64_t> data_;
  std::optional<EntryReader> entries_;
};

}  // namespace

ChunkIndex read_fixed_array(const FileBytes& file, const Superblock& superblock, std::uint64_t root,
                            const ChunkedArray& array) {
  return FixedArray(file, superblock, array, root).read();
}

}  // namespace rastream
