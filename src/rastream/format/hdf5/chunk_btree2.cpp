// SPDX-License-Identifier: Apache-2.0
// The version 2 B-tree (III.A.2) with records of chunks, type 10 without and 11 with filters: the
// index of arrays with more than one unlimited axis.
#include <bit>

#include "rastream/format/hdf5/chunk_index.h"
#include "rastream/format/hdf5/index_block.h"

namespace rastream {
namespace {

constexpr std::uint64_t kMaxNodeBytes = std::uint64_t{16} << 20;
constexpr std::uint64_t kMaxDepth = 32;
constexpr std::uint64_t kPlain = 10;
constexpr std::uint64_t kFiltered = 11;
constexpr std::size_t kMaskBytes = 4;

/// Bytes that numbers up to `limit` take.
std::size_t bytes_for(std::uint64_t limit) {
  return (static_cast<std::size_t>(std::bit_width(limit)) + 7) / 8;
}

/// Invariants that bound the walk: 1. a child's depth is its parent's minus one, so there is no
/// loop; 2. no node but an empty root is without records and chunk numbers only rise, so no node is
/// met twice; 3. a node's bytes are checked against its checksum.
class TreeWalk {
 public:
  TreeWalk(const FileBytes& file, const Superblock& superblock, const ChunkedArray& array,
           std::uint64_t root)
      : file_(file),
        superblock_(superblock),
        n_along_(array.n_along()),
        chunk_bytes_(array.chunk_bytes) {
    const std::uint64_t n_bytes =
        kBlockHead + 10 + superblock.address_size + 2 + superblock.length_size + kChecksumBytes;
    const Bytes header = read_index_block(file, root, n_bytes, "BTHD");
    Cursor in = fields_of(header);
    type_ = std::to_integer<std::uint64_t>(header[5]);
    node_bytes_ = in.little(4);
    record_bytes_ = in.little(2);
    depth_ = in.little(2);
    in.skip(2);
    root_ = read_address(in, superblock);
    n_root_ = in.little(2);
    n_records_ = in.little(superblock.length_size);
    check_header(root);
    set_node_forms(root);
  }

  ChunkIndex read() {
    if (root_ && n_records_ > 0) visit(*root_, n_root_, depth_);
    if (index_.size() != n_records_) {
      throw Error(Errc::data_loss,
                  "the chunk index is damaged: it has {} chunks, its header says {}", index_.size(),
                  n_records_);
    }
    return std::move(index_);
  }

 private:
  void check_header(std::uint64_t root) {
    const std::size_t plain = superblock_.address_size + 8 * n_along_.size();
    const std::size_t with_size = plain + kMaskBytes;
    const bool is_sound = type_ == kPlain ? record_bytes_ == plain
                                          : type_ == kFiltered && record_bytes_ > with_size &&
                                                record_bytes_ <= with_size + 8;
    if (!is_sound) throw damaged_index(root, "has no records of chunks");
    if (depth_ > kMaxDepth || node_bytes_ > kMaxNodeBytes)
      throw damaged_index(root, "describes no possible tree");
    size_bytes_ = type_ == kFiltered ? record_bytes_ - with_size : 0;
  }

  /// How a node at a depth is laid out: how wide the counts beside the address of a child are.
  struct NodeForm {
    std::uint64_t max_records = 0;
    std::uint64_t max_below = 0;  ///< records of the whole subtree
    std::size_t below_bytes = 0;  ///< of the count of a subtree's records
  };

  void set_node_forms(std::uint64_t root) {
    constexpr std::uint64_t kFrame = kBlockHead + kChecksumBytes;
    if (node_bytes_ < kFrame + record_bytes_) throw damaged_index(root, "has nodes too small");
    const std::uint64_t in_leaf = (node_bytes_ - kFrame) / record_bytes_;
    forms_.push_back({in_leaf, in_leaf, 0});
    count_bytes_ = bytes_for(in_leaf);
    for (std::uint64_t depth = 1; depth <= depth_; ++depth) {
      const NodeForm& below = forms_.back();
      const std::uint64_t pointer = superblock_.address_size + count_bytes_ + below.below_bytes;
      if (node_bytes_ < kFrame + pointer + record_bytes_ + pointer)
        throw damaged_index(root, "has nodes too small");
      const std::uint64_t n = (node_bytes_ - kFrame - pointer) / (record_bytes_ + pointer);
      if (below.max_below > (UINT64_MAX - n) / (n + 1))
        throw damaged_index(root, "describes no possible tree");
      const std::uint64_t total = (n + 1) * below.max_below + n;
      forms_.push_back({n, total, bytes_for(total)});
    }
  }

  void visit(std::uint64_t offset, std::uint64_t n_records, std::uint64_t depth) {
    if (n_records == 0 || n_records > forms_[depth].max_records)
      throw damaged_index(offset, fmt::format("cannot have {} records", n_records));
    const std::size_t below_bytes = depth > 0 ? forms_[depth - 1].below_bytes : 0;
    const std::size_t pointer = superblock_.address_size + count_bytes_ + below_bytes;
    const std::uint64_t n_bytes = kBlockHead + n_records * record_bytes_ +
                                  (depth > 0 ? (n_records + 1) * pointer : 0) + kChecksumBytes;
    const Bytes node = read_index_block(file_, offset, n_bytes, depth > 0 ? "BTIN" : "BTLF");
    if (std::to_integer<std::uint64_t>(node[5]) != type_)
      throw damaged_index(offset, "is of another kind of tree");
    Cursor records = fields_of(node);
    Cursor children = records;
    children.skip(n_records * record_bytes_);
    for (std::uint64_t i = 0; i <= n_records; ++i) {
      if (depth > 0) visit_child(children, offset, below_bytes, depth - 1);
      if (i < n_records) add_chunk(records, offset);
    }
  }

  void visit_child(Cursor& in, std::uint64_t parent, std::size_t below_bytes, std::uint64_t depth) {
    const auto address = read_address(in, superblock_);
    const std::uint64_t n_records = in.little(count_bytes_);
    in.skip(below_bytes);
    if (!address) throw damaged_index(parent, "has a child without an address");
    visit(*address, n_records, depth);
  }

  void add_chunk(Cursor& in, std::uint64_t node) {
    StoredChunk chunk;
    const auto address = read_address(in, superblock_);
    chunk.size_bytes = type_ == kFiltered ? in.little(size_bytes_) : chunk_bytes_;
    if (type_ == kFiltered) chunk.filter_mask = static_cast<std::uint32_t>(in.little(kMaskBytes));
    for (const std::int64_t n : n_along_) {
      const std::uint64_t at = in.little(8);
      if (at >= static_cast<std::uint64_t>(n))
        throw damaged_index(node, "lists a chunk outside the array");
      chunk.number = chunk.number * n + static_cast<std::int64_t>(at);
    }
    if (!address || !file_.holds(*address, chunk.size_bytes))
      throw damaged_index(node, "lists a chunk outside the file");
    chunk.offset = *address;
    if (!index_.empty() && chunk.number <= index_.back().number)
      throw damaged_index(node, "lists chunks out of order");
    index_.push_back(chunk);
  }

  const FileBytes& file_;
  const Superblock& superblock_;
  Extents n_along_;
  std::uint64_t chunk_bytes_;
  std::uint64_t type_ = 0;
  std::uint64_t node_bytes_ = 0;
  std::size_t record_bytes_ = 0;
  std::size_t size_bytes_ = 0;
  std::uint64_t depth_ = 0;
  std::optional<std::uint64_t> root_;
  std::uint64_t n_root_ = 0;
  std::uint64_t n_records_ = 0;
  std::size_t count_bytes_ = 0;
  std::vector<NodeForm> forms_;
  ChunkIndex index_;
};

}  // namespace

ChunkIndex read_chunk_btree2(const FileBytes& file, const Superblock& superblock,
                             std::uint64_t root, const ChunkedArray& array) {
  return TreeWalk(file, superblock, array, root).read();
}

}  // namespace rastream
