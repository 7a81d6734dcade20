// SPDX-License-Identifier: Apache-2.0
#include "rastream/format/hdf5/encode.h"

#include <libdeflate.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <memory>
#include <new>

#include "rastream/base/bytes.h"
#include "rastream/base/error.h"

namespace rastream {
namespace {

constexpr std::size_t kKeptBytes = std::size_t{64} << 20;

struct FreeCompressor {
  void operator()(libdeflate_compressor* c) const { libdeflate_free_compressor(c); }
};

/// What one thread uses again for chunk after chunk.
struct EncodeScratch {
  Buffer shuffled;
  Buffer packed;
  std::array<std::unique_ptr<libdeflate_compressor, FreeCompressor>, 10> compressors;

  libdeflate_compressor* compressor(int level) {
    auto& slot = compressors.at(static_cast<std::size_t>(level));
    if (!slot) slot.reset(libdeflate_alloc_compressor(level));
    if (!slot) throw std::bad_alloc();
    return slot.get();
  }
};

/// Byte k of cell i to out[k * stride + i].
template <std::size_t kBytes>
void separate(const std::byte* __restrict in, std::size_t n, std::size_t stride,
              std::byte* __restrict out) {
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t k = 0; k < kBytes; ++k) out[k * stride + i] = in[kBytes * i + k];
  }
}

/// The same for cells of some words of four bytes, in two steps that compilers turn into vectors:
/// words first, in pieces that stay in the cache, then the bytes of each.
template <std::size_t kWords>
void separate_words(const std::byte* __restrict in, std::size_t n, std::byte* __restrict out) {
  using Word = std::uint32_t;
  constexpr std::size_t kPiece = 1024;
  std::array<Word, kWords * kPiece> cells;
  std::array<Word, kWords * kPiece> planes;
  for (std::size_t at = 0; at < n; at += kPiece) {
    const std::size_t n_piece = std::min(kPiece, n - at);
    std::memcpy(cells.data(), in + at * kWords * sizeof(Word), n_piece * kWords * sizeof(Word));
    for (std::size_t i = 0; i < n_piece; ++i) {
      for (std::size_t k = 0; k < kWords; ++k) planes[k * kPiece + i] = cells[kWords * i + k];
    }
    for (std::size_t k = 0; k < kWords; ++k) {
      separate<sizeof(Word)>(reinterpret_cast<const std::byte*>(planes.data() + k * kPiece),
                             n_piece, n, out + k * sizeof(Word) * n + at);
    }
  }
}

}  // namespace

void shuffle(std::span<const std::byte> in, std::size_t cell_bytes, std::span<std::byte> out) {
  const std::size_t n = cell_bytes > 1 ? in.size() / cell_bytes : 0;
  switch (cell_bytes) {
    case 2: separate<2>(in.data(), n, n, out.data()); break;
    case 4: separate<4>(in.data(), n, n, out.data()); break;
    case 8: separate_words<2>(in.data(), n, out.data()); break;
    case 16: separate_words<4>(in.data(), n, out.data()); break;
    default:
      for (std::size_t k = 0; n > 0 && k < cell_bytes; ++k) {
        for (std::size_t i = 0; i < n; ++i) out[k * n + i] = in[cell_bytes * i + k];
      }
  }
  const std::size_t done = n * cell_bytes;
  if (done < in.size()) std::memcpy(out.data() + done, in.data() + done, in.size() - done);
}

std::span<const std::byte> shuffle_and_deflate(std::span<const std::byte> cells,
                                               std::size_t cell_bytes, int level) {
  thread_local EncodeScratch scratch;
  std::span<const std::byte> in = cells;
  if (cell_bytes > 1) {
    scratch.shuffled.reserve(cells.size());
    shuffle(cells, cell_bytes, scratch.shuffled.span().first(cells.size()));
    in = scratch.shuffled.span().first(cells.size());
  }
  auto* compressor = scratch.compressor(level);
  const std::size_t bound = libdeflate_zlib_compress_bound(compressor, in.size());
  if (scratch.packed.size() > kKeptBytes && bound <= kKeptBytes) scratch.packed = Buffer();
  scratch.packed.reserve(bound);
  const std::size_t n = libdeflate_zlib_compress(compressor, in.data(), in.size(),
                                                 scratch.packed.data(), scratch.packed.size());
  if (n == 0) throw Error(Errc::internal, "deflate refused to compress {} bytes", in.size());
  if (scratch.shuffled.size() > kKeptBytes) scratch.shuffled = Buffer();
  return scratch.packed.span().first(n);
}

}  // namespace rastream
