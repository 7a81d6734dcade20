// SPDX-License-Identifier: Apache-2.0
// The extensible array (VII.D): entries of an array with one unlimited axis, in blocks that double
// in length as it grows. The first entries are in the index block, which points to the first data
// blocks and to super blocks; those point to ever more and longer data blocks, cut in pages.
#include <algorithm>
#include <bit>

#include "rastream/format/hdf5/array_entries.h"
#include "rastream/format/hdf5/index_block.h"

namespace rastream {
namespace {

// libhdf5 writes 32 and 10.
constexpr std::uint64_t kMaxArrayBits = 60;
constexpr std::uint64_t kMaxPageBits = 19;

/// What the header says of the array's construction.
struct Plan {
  std::size_t entry_bytes = 0;
  std::uint64_t array_bits = 0;       ///< an entry's number has so many
  std::uint64_t n_first = 0;          ///< entries in the index block
  std::uint64_t min_block = 0;        ///< entries of the shortest data block
  std::uint64_t min_pointers = 0;     ///< data blocks of the smallest super block
  std::uint64_t page_length = 0;      ///< entries of a page
  std::optional<std::uint64_t> root;  ///< the index block

  std::uint64_t n_levels() const { return 1 + array_bits - bits(min_block); }
  /// Levels whose data blocks the index block itself points to.
  std::uint64_t n_direct_levels() const { return 2 * bits(min_pointers); }
  static std::uint64_t n_blocks(std::uint64_t level) { return std::uint64_t{1} << level / 2; }
  std::uint64_t block_length(std::uint64_t level) const { return min_block << (level + 1) / 2; }
  std::size_t number_bytes() const { return (array_bits + 7) / 8; }

  static std::uint64_t bits(std::uint64_t power) {
    return static_cast<std::uint64_t>(std::countr_zero(power));
  }
};

class ExtensibleArray {
 public:
  ExtensibleArray(const FileBytes& file, const Superblock& superblock, const ChunkedArray& array,
                  std::uint64_t root)
      : file_(file), superblock_(superblock), header_(root) {
    const std::uint64_t n_bytes =
        kBlockHead + 6 + 6 * superblock.length_size + superblock.address_size + kChecksumBytes;
    const Bytes header = read_index_block(file, root, n_bytes, "EAHD");
    Cursor in = fields_of(header);
    plan_.entry_bytes = in.byte();
    plan_.array_bits = in.byte();
    plan_.n_first = in.byte();
    plan_.min_block = in.byte();
    plan_.min_pointers = in.byte();
    const std::uint64_t page_bits = in.byte();
    in.skip(6 * superblock.length_size);
    plan_.root = read_address(in, superblock);
    const bool is_sound = std::has_single_bit(plan_.min_block) &&
                          std::has_single_bit(plan_.min_pointers) &&
                          plan_.array_bits <= kMaxArrayBits && page_bits <= kMaxPageBits &&
                          plan_.array_bits >= Plan::bits(plan_.min_block) &&
                          plan_.n_direct_levels() <= plan_.n_levels();
    if (!is_sound) throw damaged_index(root, "describes no extensible array");
    plan_.page_length = std::uint64_t{1} << page_bits;
    const bool is_filtered = header[5] != std::byte{0};
    entries_.emplace(file, superblock, array, is_filtered, plan_.entry_bytes);
  }

  ChunkIndex read() {
    if (plan_.root) read_index();
    return entries_->take();
  }

 private:
  std::uint64_t block_head() const { return kBlockHead + superblock_.address_size; }

  /// The fields after the address of the array's header, which every block repeats.
  Cursor own_fields(const Bytes& block, std::uint64_t offset) const {
    Cursor in = fields_of(block);
    if (superblock_.base + in.little(superblock_.address_size) != header_)
      throw damaged_index(offset, "belongs to another array");
    return in;
  }

  /// Blocks say where their entries begin, counted behind those in the index block; so a block
  /// cannot stand for many.
  void check_begin(Cursor& in, std::uint64_t begin, std::uint64_t offset) const {
    if (in.little(plan_.number_bytes()) != begin)
      throw damaged_index(offset, "is not at its place in the array");
  }

  void read_index() {
    std::uint64_t n_direct = 0;
    for (std::uint64_t level = 0; level < plan_.n_direct_levels(); ++level)
      n_direct += Plan::n_blocks(level);
    const std::uint64_t n_pointers = n_direct + plan_.n_levels() - plan_.n_direct_levels();
    const std::uint64_t n_bytes = block_head() + plan_.n_first * plan_.entry_bytes +
                                  n_pointers * superblock_.address_size + kChecksumBytes;
    const Bytes block = read_index_block(file_, *plan_.root, n_bytes, "EAIB");
    Cursor in = own_fields(block, *plan_.root);
    entries_->read(in, 0, plan_.n_first);
    std::uint64_t begin = 0;
    for (std::uint64_t level = 0; level < plan_.n_levels(); ++level) {
      if (level < plan_.n_direct_levels()) {
        begin = read_direct(in, level, begin);
        continue;
      }
      if (const auto address = read_address(in, superblock_)) read_super(*address, level, begin);
      begin += Plan::n_blocks(level) * plan_.block_length(level);
    }
  }

  /// libhdf5 writes into these blocks the beginning of their level plus their length times their
  /// number among all blocks of the index block.
  std::uint64_t read_direct(Cursor& in, std::uint64_t level, std::uint64_t begin) {
    const std::uint64_t length = plan_.block_length(level);
    const std::uint64_t level_begin = begin;
    for (std::uint64_t i = 0; i < Plan::n_blocks(level); ++i, ++n_direct_read_, begin += length) {
      const auto address = read_address(in, superblock_);
      if (!address) continue;
      if (length > plan_.page_length)
        throw damaged_index(*address, "is too long for the index block");
      read_block(*address, length, begin, level_begin + n_direct_read_ * length);
    }
    return begin;
  }

  void read_super(std::uint64_t offset, std::uint64_t level, std::uint64_t begin) {
    const std::uint64_t n_blocks = Plan::n_blocks(level);
    const std::uint64_t length = plan_.block_length(level);
    const std::uint64_t n_pages = length > plan_.page_length ? length / plan_.page_length : 0;
    const std::uint64_t n_map = n_blocks * ((n_pages + 7) / 8);
    const std::uint64_t n_bytes = block_head() + plan_.number_bytes() + n_map +
                                  n_blocks * superblock_.address_size + kChecksumBytes;
    const Bytes block = read_index_block(file_, offset, n_bytes, "EASB");
    Cursor in = own_fields(block, offset);
    check_begin(in, begin, offset);
    const auto is_written = in.take(n_map);
    for (std::uint64_t i = 0; i < n_blocks; ++i, begin += length) {
      const auto address = read_address(in, superblock_);
      if (!address) continue;
      if (n_pages == 0) {
        read_block(*address, length, begin, begin);
      } else {
        read_pages(*address, {is_written, i * n_pages, n_pages}, begin);
      }
    }
  }

  void read_block(std::uint64_t offset, std::uint64_t length, std::uint64_t begin,
                  std::uint64_t stored_begin) {
    const std::uint64_t n_bytes =
        block_head() + plan_.number_bytes() + length * plan_.entry_bytes + kChecksumBytes;
    const Bytes block = read_index_block(file_, offset, n_bytes, "EADB");
    Cursor in = own_fields(block, offset);
    check_begin(in, stored_begin, offset);
    entries_->read(in, plan_.n_first + begin, length);
  }

  /// Which pages of a data block were written: bits [first, first + n) of a map, the highest bit of
  /// a byte first.
  struct PageMap {
    std::span<const std::byte> map;
    std::uint64_t first;
    std::uint64_t n;
    bool is_written(std::uint64_t page) const {
      const std::uint64_t bit = first + page;
      return (std::to_integer<int>(map[bit / 8]) & 0x80 >> bit % 8) != 0;
    }
  };

  void read_pages(std::uint64_t offset, const PageMap& pages, std::uint64_t begin) {
    const std::uint64_t n_head = block_head() + plan_.number_bytes() + kChecksumBytes;
    const Bytes head = read_index_block(file_, offset, n_head, "EADB");
    Cursor fields = own_fields(head, offset);
    check_begin(fields, begin, offset);
    const std::uint64_t page_bytes = plan_.page_length * plan_.entry_bytes + kChecksumBytes;
    for (std::uint64_t page = 0; page < pages.n; ++page) {
      if (!pages.is_written(page)) continue;
      const Bytes bytes = read_checked(file_, offset + n_head + page * page_bytes, page_bytes);
      Cursor in{bytes};
      entries_->read(in, plan_.n_first + begin + page * plan_.page_length, plan_.page_length);
    }
  }

  const FileBytes& file_;
  const Superblock& superblock_;
  std::uint64_t header_;
  Plan plan_;
  std::uint64_t n_direct_read_ = 0;
  std::optional<EntryReader> entries_;
};

}  // namespace

ChunkIndex read_extensible_array(const FileBytes& file, const Superblock& superblock,
                                 std::uint64_t root, const ChunkedArray& array) {
  return ExtensibleArray(file, superblock, array, root).read();
}

}  // namespace rastream
