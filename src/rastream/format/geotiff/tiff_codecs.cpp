// SPDX-License-Identifier: Apache-2.0
// The table of codecs, and those that a library undoes.
#include <libdeflate.h>
#include <lzma.h>
#include <zlib.h>
#include <zstd.h>
#include <zstd_errors.h>

#include <algorithm>
#include <array>
#include <limits>
#include <memory>

#include "rastream/base/error.h"
#include "rastream/format/geotiff/tiff_codec.h"

namespace rastream::geotiff {
namespace {

// Ratios: deflate by zlib's documentation; LZW's longest string is below 4096 bytes and its code 12
// bits; packbits repeats a byte 128 times with two; a zstd block of 128 KiB takes at least four
// bytes. For LZMA nobody says; xz reaches about 7000.
constexpr std::array<TiffCodec, 7> kCodecs = {{
    {1, "none", nullptr, 1},
    {5, "lzw", &decode_lzw, 2731},
    {8, "deflate", &decode_deflate, 1032},
    {32773, "packbits", &decode_packbits, 64},
    {32946, "deflate", &decode_deflate, 1032},
    {34925, "lzma", &decode_lzma, 65536},
    {50000, "zstd", &decode_zstd, 40000},
}};

struct Free {
  void operator()(libdeflate_decompressor* d) const { libdeflate_free_decompressor(d); }
  void operator()(ZSTD_DCtx* c) const { ZSTD_freeDCtx(c); }
};

[[noreturn]] void too_short(std::string_view codec, std::size_t n, std::size_t expected) {
  throw Error(Errc::data_loss, "{} gives {} bytes: expected {}", codec, n, expected);
}

/// Takes what a stream has after the tile, so that its checksum is looked at; a strip may have more
/// rows than the image. Returns whether it ended as it should, within so many bytes.
bool ends_well(z_stream& z, std::size_t most) {
  std::array<Bytef, 16384> rest;
  for (std::size_t n = 0; n <= most; n += rest.size()) {
    z.next_out = rest.data();
    z.avail_out = static_cast<uInt>(rest.size());
    const int result = inflate(&z, Z_NO_FLUSH);
    if (result == Z_STREAM_END) return true;
    if (result != Z_OK || z.avail_out != 0) return false;
  }
  return false;
}

/// The slow way, for streams that are longer than the tile.
void inflate_start(std::span<const std::byte> in, std::span<std::byte> out) {
  constexpr std::size_t kMost = std::numeric_limits<uInt>::max();
  if (in.size() > kMost || out.size() > kMost)
    throw Error(Errc::unsupported, "a deflate tile of more than 4 GiB");
  z_stream z{};
  if (inflateInit(&z) != Z_OK) throw std::bad_alloc();
  z.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(in.data()));
  z.avail_in = static_cast<uInt>(in.size());
  z.next_out = reinterpret_cast<Bytef*>(out.data());
  z.avail_out = static_cast<uInt>(out.size());
  inflate(&z, Z_SYNC_FLUSH);
  const std::size_t n = out.size() - z.avail_out;
  const bool is_whole = n == out.size() && ends_well(z, out.size() + (std::size_t{1} << 20));
  inflateEnd(&z);
  if (n != out.size()) too_short("deflate", n, out.size());
  if (!is_whole)
    throw Error(Errc::data_loss, "deflate data that are damaged, or far more than {} bytes",
                out.size());
}

void unzstd_start(ZSTD_DCtx* context, std::span<const std::byte> in, std::span<std::byte> out) {
  ZSTD_DCtx_reset(context, ZSTD_reset_session_only);
  ZSTD_inBuffer from{in.data(), in.size(), 0};
  ZSTD_outBuffer to{out.data(), out.size(), 0};
  while (to.pos < to.size) {
    const std::size_t before = from.pos + to.pos;
    const std::size_t n = ZSTD_decompressStream(context, &to, &from);
    if (ZSTD_isError(n))
      throw Error(Errc::data_loss, "damaged zstd data ({})", ZSTD_getErrorName(n));
    if (from.pos + to.pos == before) too_short("zstd", to.pos, out.size());
  }
}

}  // namespace

const TiffCodec* find_tiff_codec(int compression) {
  const auto* found = std::find_if(kCodecs.begin(), kCodecs.end(),
                                   [&](const TiffCodec& c) { return c.id == compression; });
  return found == kCodecs.end() ? nullptr : found;
}

void decode_deflate(std::span<const std::byte> in, std::span<std::byte> out) {
  thread_local std::unique_ptr<libdeflate_decompressor, Free> decompressor(
      libdeflate_alloc_decompressor());
  if (!decompressor) throw std::bad_alloc();
  std::size_t n = 0;
  const auto result = libdeflate_zlib_decompress(decompressor.get(), in.data(), in.size(),
                                                 out.data(), out.size(), &n);
  if (result == LIBDEFLATE_INSUFFICIENT_SPACE) return inflate_start(in, out);
  if (result != LIBDEFLATE_SUCCESS)
    throw Error(Errc::data_loss, "damaged deflate data ({} bytes)", in.size());
  if (n != out.size()) too_short("deflate", n, out.size());
}

void decode_zstd(std::span<const std::byte> in, std::span<std::byte> out) {
  thread_local std::unique_ptr<ZSTD_DCtx, Free> context(ZSTD_createDCtx());
  if (!context) throw std::bad_alloc();
  const std::size_t n =
      ZSTD_decompressDCtx(context.get(), out.data(), out.size(), in.data(), in.size());
  // A count of bytes may be longer than the frame in it, and a frame longer than the tile.
  if (ZSTD_isError(n)) return unzstd_start(context.get(), in, out);
  if (n != out.size()) too_short("zstd", n, out.size());
}

void decode_lzma(std::span<const std::byte> in, std::span<std::byte> out) {
  // Enough for the presets of xz, which take 65 MiB at most.
  constexpr std::uint64_t kMaxMemory = std::uint64_t{80} << 20;
  lzma_stream s = LZMA_STREAM_INIT;
  if (lzma_stream_decoder(&s, kMaxMemory, 0) != LZMA_OK) throw std::bad_alloc();
  s.next_in = reinterpret_cast<const std::uint8_t*>(in.data());
  s.avail_in = in.size();
  s.next_out = reinterpret_cast<std::uint8_t*>(out.data());
  s.avail_out = out.size();
  const lzma_ret result = lzma_code(&s, LZMA_FINISH);
  const std::size_t n = out.size() - s.avail_out;
  lzma_end(&s);
  if (n == out.size() && (result == LZMA_OK || result == LZMA_STREAM_END)) return;
  if (result == LZMA_MEMLIMIT_ERROR)
    throw Error(Errc::unsupported, "LZMA data that need more than {}",
                format_bytes(static_cast<double>(kMaxMemory)));
  if (result != LZMA_STREAM_END && result != LZMA_OK && result != LZMA_BUF_ERROR)
    throw Error(Errc::data_loss, "damaged LZMA data ({} bytes)", in.size());
  too_short("LZMA", n, out.size());
}

}  // namespace rastream::geotiff
