// SPDX-License-Identifier: Apache-2.0
// Filter 32008, Bitshuffle: in blocks of some thousand cells, the lowest bits of all cells come
// first, then the next ones, and so on; the blocks are then plain, or packed by LZ4 or Zstandard.
// Packed chunks begin with the unpacked length (8 bytes) and the length of a block (4), both
// big-endian, and each block with its packed length (4). Cells that do not fill a group of eight
// follow as they are. Layout: bitshuffle's README and bshuf_h5filter.
#include <lz4.h>
#include <zstd.h>

#include <algorithm>
#include <cstring>

#include "rastream/base/error.h"
#include "rastream/format/cursor.h"
#include "rastream/format/hdf5/chunk_filter.h"

namespace rastream {
namespace {

constexpr unsigned kNone = 0;
constexpr unsigned kLz4 = 2;
constexpr unsigned kZstd = 3;
constexpr std::size_t kGroup = 8;  ///< cells whose bits share a byte
constexpr std::size_t kMaxCellBytes = 1024;
constexpr std::size_t kMaxBlockBytes = std::size_t{16} << 20;

/// Transposes an 8 x 8 matrix of bits; row i is byte i (Hacker's Delight, 7-3).
std::uint64_t transposed(std::uint64_t x) {
  std::uint64_t t = (x ^ (x >> 7)) & 0x00aa00aa00aa00aaULL;
  x ^= t ^ (t << 7);
  t = (x ^ (x >> 14)) & 0x0000cccc0000ccccULL;
  x ^= t ^ (t << 14);
  t = (x ^ (x >> 28)) & 0x00000000f0f0f0f0ULL;
  return x ^ t ^ (t << 28);
}

/// Row 8 k + b of `in`, n / 8 bytes long, has bit b of byte k of each of n cells. REQUIRES: n is a
/// multiple of 8.
void gather_bits(const std::byte* in, std::size_t n, std::size_t cell_bytes, std::byte* out) {
  const std::size_t row = n / kGroup;
  for (std::size_t k = 0; k < cell_bytes; ++k) {
    const std::byte* rows = in + kGroup * k * row;
    for (std::size_t group = 0; group < row; ++group) {
      std::uint64_t bits = 0;
      for (std::size_t b = 0; b < kGroup; ++b)
        bits |= std::to_integer<std::uint64_t>(rows[b * row + group]) << 8 * b;
      bits = transposed(bits);
      for (std::size_t i = 0; i < kGroup; ++i)
        out[(group * kGroup + i) * cell_bytes + k] = static_cast<std::byte>(bits >> 8 * i);
    }
  }
}

class Bitshuffle final : public ChunkFilter {
 public:
  Bitshuffle(std::size_t cell_bytes, std::size_t block_cells, unsigned compressor)
      : cell_bytes_(cell_bytes), block_cells_(block_cells), compressor_(compressor) {}

  std::optional<std::size_t> packed_size(std::size_t n_bytes) const override {
    return compressor_ == kNone ? std::optional(n_bytes) : std::nullopt;
  }
  std::size_t max_ratio() const override {
    return compressor_ == kNone ? 1 : compressor_ == kLz4 ? 256 : 33000;
  }

  std::span<const std::byte> undo(std::span<const std::byte> in, std::span<std::byte> out,
                                  ChunkScratch& scratch) const override {
    Cursor cursor(in);
    std::uint64_t n_bytes = in.size();
    std::size_t block_cells = block_cells_;
    if (compressor_ != kNone) {
      n_bytes = cursor.big(8);
      block_cells = cursor.big(4) / cell_bytes_;
    }
    if (n_bytes > out.size()) throw too_many_bytes("bitshuffle", n_bytes, out.size());
    if (block_cells == 0 || block_cells % kGroup != 0 || n_bytes % cell_bytes_ != 0 ||
        block_cells > kMaxBlockBytes / cell_bytes_) {
      throw Error(Errc::data_loss, "damaged bitshuffle data: blocks of {} cells in {} bytes",
                  block_cells, n_bytes);
    }
    undo_blocks(cursor, block_cells, out.first(n_bytes), scratch.block);
    return out.first(n_bytes);
  }

 private:
  void undo_blocks(Cursor& in, std::size_t block_cells, std::span<std::byte> out,
                   Buffer& block) const {
    const std::size_t n_cells = out.size() / cell_bytes_;
    const std::size_t n_shuffled = n_cells / kGroup * kGroup;
    for (std::size_t at = 0; at < n_shuffled; at += block_cells) {
      const std::size_t n = std::min(block_cells, n_shuffled - at);
      gather_bits(unpacked(in, n * cell_bytes_, block).data(), n, cell_bytes_,
                  out.data() + at * cell_bytes_);
    }
    const auto rest = out.subspan(n_shuffled * cell_bytes_);
    const auto plain = in.take(rest.size());
    std::copy(plain.begin(), plain.end(), rest.begin());
  }

  /// The next block's shuffled bytes.
  std::span<const std::byte> unpacked(Cursor& in, std::size_t n_bytes, Buffer& block) const {
    if (compressor_ == kNone) return in.take(n_bytes);
    const auto packed = in.take(in.big(4));
    block.reserve(n_bytes);
    const auto out = block.span().first(n_bytes);
    const bool is_whole = compressor_ == kLz4 ? unpack_lz4(packed, out) : unpack_zstd(packed, out);
    if (!is_whole)
      throw Error(Errc::data_loss, "damaged bitshuffle data: a block of {} bytes", packed.size());
    return out;
  }

  static bool unpack_lz4(std::span<const std::byte> in, std::span<std::byte> out) {
    if (in.size() > LZ4_MAX_INPUT_SIZE) return false;
    const int n = LZ4_decompress_safe(reinterpret_cast<const char*>(in.data()),
                                      reinterpret_cast<char*>(out.data()),
                                      static_cast<int>(in.size()), static_cast<int>(out.size()));
    return n >= 0 && static_cast<std::size_t>(n) == out.size();
  }

  static bool unpack_zstd(std::span<const std::byte> in, std::span<std::byte> out) {
    return ZSTD_decompress(out.data(), out.size(), in.data(), in.size()) == out.size();
  }

  std::size_t cell_bytes_;
  std::size_t block_cells_;
  unsigned compressor_;
};

/// Cells of a block where the file leaves it to the library: about 8 KiB, at least 128 cells.
std::size_t default_block_cells(std::size_t cell_bytes) {
  return std::max<std::size_t>(8192 / cell_bytes / kGroup * kGroup, 128);
}

}  // namespace

std::string describe_bitshuffle(const Filter& filter) {
  switch (parameter(filter, 4, kNone)) {
    case kNone: return "bitshuffle";
    case kLz4: return "bitshuffle lz4";
    case kZstd: return "bitshuffle zstd";
    default: return fmt::format("bitshuffle with compressor {}", filter.parameters[4]);
  }
}

/// Parameters: two numbers of a version, cell size, block size, compressor, its level.
ChunkFilterPtr make_bitshuffle(const Filter& filter) {
  const std::size_t cell_bytes = parameter(filter, 2, 0);
  const std::size_t block_cells = parameter(filter, 3, 0);
  const unsigned compressor = parameter(filter, 4, kNone);
  if (cell_bytes == 0 || cell_bytes > kMaxCellBytes) return nullptr;
  if (compressor != kNone && compressor != kLz4 && compressor != kZstd) return nullptr;
  return std::make_shared<Bitshuffle>(
      cell_bytes, block_cells != 0 ? block_cells : default_block_cells(cell_bytes), compressor);
}

}  // namespace rastream
