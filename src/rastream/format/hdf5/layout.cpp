// SPDX-License-Identifier: Apache-2.0
#include "rastream/format/hdf5/layout.h"

#include <deque>

#include "rastream/base/error.h"
#include "rastream/format/cursor.h"

namespace rastream {
namespace {

constexpr int kLayoutMessage = 0x08;
constexpr int kContinuationMessage = 0x10;
// A dataset's header is a few kilobytes; a thousand continuation blocks only come from a loop.
constexpr int kMaxHeaderBlocks = 1024;

struct HeaderBlock {
  std::uint64_t offset;
  std::uint64_t length;
};

/// Walks an object header's blocks until it meets the layout message.
class HeaderReader {
 public:
  HeaderReader(const FileBytes& file, const Superblock& superblock)
      : file_(file), superblock_(superblock) {}

  Bytes find_layout_message(std::uint64_t offset) {
    read_prefix(offset);
    for (int n = 0; !blocks_.empty(); ++n) {
      if (n == kMaxHeaderBlocks)
        throw Error(Errc::data_loss, "the object header at {} runs in a circle", offset);
      const HeaderBlock block = blocks_.front();
      blocks_.pop_front();
      if (auto message = search(block)) return std::move(*message);
    }
    throw Error(Errc::data_loss, "the object header at {} has no data layout", offset);
  }

 private:
  void read_prefix(std::uint64_t offset) {
    if (!file_.holds(offset, 16))
      throw Error(Errc::data_loss, "the object header at {} is outside the file", offset);
    const Bytes bytes = file_.read_at(offset, std::min<std::uint64_t>(64, file_.size() - offset));
    Cursor in(bytes);
    const auto first = in.little(4);
    constexpr std::uint64_t kOhdr = 'O' | 'H' << 8 | 'D' << 16 | 'R' << 24;
    is_version_2_ = first == kOhdr;
    if (!is_version_2_) {
      if ((first & 0xff) != 1) throw Error(Errc::data_loss, "no object header at {}", offset);
      in.skip(4);
      blocks_.push_back({offset + 16, in.little(4)});
      return;
    }
    in.skip(1);
    const int flags = in.byte();
    if (flags & 0x20) in.skip(16);
    if (flags & 0x10) in.skip(4);
    has_creation_order_ = (flags & 0x04) != 0;
    const auto length = in.little(std::size_t{1} << (flags & 3));
    blocks_.push_back({offset + bytes.size() - in.n_left(), length});
  }

  std::optional<Bytes> search(const HeaderBlock& block) {
    const Bytes bytes = file_.read_at(block.offset, block.length);
    Cursor in(bytes);
    const std::size_t prefix = is_version_2_ ? (has_creation_order_ ? 6 : 4) : 8;
    while (in.n_left() >= prefix) {
      const int type = static_cast<int>(in.little(is_version_2_ ? 1 : 2));
      const auto size = in.little(2);
      in.skip(prefix - (is_version_2_ ? 3 : 4));
      const auto body = in.take(size);
      if (type == kLayoutMessage) return Bytes(body.begin(), body.end());
      if (type == kContinuationMessage) add_continuation(Cursor(body));
    }
    return std::nullopt;
  }

  void add_continuation(Cursor in) {
    HeaderBlock block{};
    block.offset = superblock_.base + in.little(superblock_.address_size);
    block.length = in.little(superblock_.length_size);
    if (is_version_2_) {  // "OCHK" before the messages and a checksum after them
      if (block.length < 8)
        throw Error(Errc::data_loss, "an object header block of {} bytes", block.length);
      block.offset += 4;
      block.length -= 8;
    }
    blocks_.push_back(block);
  }

  const FileBytes& file_;
  const Superblock& superblock_;
  bool is_version_2_ = false;
  bool has_creation_order_ = false;
  std::deque<HeaderBlock> blocks_;
};

class LayoutParser {
 public:
  LayoutParser(std::span<const std::byte> message, const Superblock& superblock)
      : in_(message), superblock_(superblock) {}

  Layout parse() {
    const int version = in_.byte();
    if (version == 1 || version == 2) return parse_old();
    if (version != 3 && version != 4) {
      throw Error(Errc::unsupported, "data layout version {}: expected 1 to 4", version);
    }
    const int kind = in_.byte();
    switch (kind) {
      case 0: return compact(in_.little(2));
      case 1: return contiguous();
      case 2: return version == 3 ? chunked() : chunked_version_4();
      case 3: return Layout{.kind = Layout::Kind::virtual_};
      default: throw Error(Errc::data_loss, "data layout class {}: expected 0 to 3", kind);
    }
  }

 private:
  std::optional<std::uint64_t> address() {
    const auto value = in_.little(superblock_.address_size);
    if (value == superblock_.undefined_address()) return std::nullopt;
    return superblock_.base + value;
  }

  Layout compact(std::uint64_t size) {
    const auto cells = in_.take(size);
    return Layout{.kind = Layout::Kind::compact, .compact = Bytes(cells.begin(), cells.end())};
  }

  Layout contiguous() { return Layout{.kind = Layout::Kind::contiguous, .address = address()}; }

  Layout chunked() {
    in_.skip(1);
    return Layout{.kind = Layout::Kind::btree, .address = address()};
  }

  Layout parse_old() {
    const int rank = in_.byte();
    const int kind = in_.byte();
    in_.skip(5);
    if (kind == 1) return contiguous();
    if (kind == 2) return Layout{.kind = Layout::Kind::btree, .address = address()};
    if (kind != 0) throw Error(Errc::data_loss, "data layout class {}: expected 0 to 2", kind);
    in_.skip(4 * static_cast<std::size_t>(rank));
    return compact(in_.little(4));
  }

  Layout chunked_version_4() {
    const int flags = in_.byte();
    const std::size_t rank = in_.byte();
    in_.skip(rank * in_.byte());
    Layout layout{.kind = index_kind(in_.byte())};
    layout.partial_chunks_are_unfiltered = (flags & 1) != 0;
    if (layout.kind == Layout::Kind::single_chunk && (flags & 2) != 0) {
      layout.single_chunk_bytes = in_.little(superblock_.length_size);
      layout.single_chunk_mask = static_cast<std::uint32_t>(in_.little(4));
    }
    in_.skip(parameter_bytes(layout.kind));
    layout.address = address();
    return layout;
  }

  static Layout::Kind index_kind(int number) {
    switch (number) {
      case 1: return Layout::Kind::single_chunk;
      case 2: return Layout::Kind::implicit;
      case 3: return Layout::Kind::fixed_array;
      case 4: return Layout::Kind::extensible_array;
      case 5: return Layout::Kind::btree2;
      default: throw Error(Errc::unsupported, "chunk index type {}: expected 1 to 5", number);
    }
  }

  /// Creation parameters before the address, which the index's own header repeats.
  static std::size_t parameter_bytes(Layout::Kind kind) {
    switch (kind) {
      case Layout::Kind::fixed_array: return 1;
      case Layout::Kind::extensible_array: return 5;
      case Layout::Kind::btree2: return 6;
      default: return 0;
    }
  }

  Cursor in_;
  const Superblock& superblock_;
};

}  // namespace

Layout read_layout(const FileBytes& file, const Superblock& superblock, std::uint64_t address) {
  const Bytes message =
      HeaderReader(file, superblock).find_layout_message(superblock.base + address);
  return LayoutParser(message, superblock).parse();
}

}  // namespace rastream
