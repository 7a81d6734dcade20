// SPDX-License-Identifier: Apache-2.0
#include "rastream/format/geotiff/tile_encoder.h"

#include <libdeflate.h>
#include <zstd.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <memory>

#include "rastream/base/error.h"

namespace rastream::geotiff {
namespace {

static_assert(std::endian::native == std::endian::little, "cells are stored as they lie in memory");

template <typename T>
void difference_row(const T* in, T* out, std::size_t n, std::size_t stride) {
  std::copy_n(in, std::min(stride, n), out);
  for (std::size_t i = stride; i < n; ++i) out[i] = static_cast<T>(in[i] - in[i - stride]);
}

/// Most significant bytes first, each place in a run of its own; then differences of bytes, across
/// the runs too.
template <typename T>
void difference_floating_row(const T* in, std::uint8_t* sorted, std::uint8_t* out, std::size_t n,
                             std::size_t stride) {
  for (std::size_t place = 0; place < sizeof(T); ++place) {
    const std::size_t shift = 8 * (sizeof(T) - 1 - place);
    std::uint8_t* run = sorted + place * n;
    for (std::size_t i = 0; i < n; ++i) run[i] = static_cast<std::uint8_t>(in[i] >> shift);
  }
  difference_row(sorted, out, n * sizeof(T), stride);
}

void predict(const TileCoding& coding, const std::byte* cells, std::byte* out) {
  const auto stride = static_cast<std::size_t>(coding.n_samples);
  const std::size_t n = stride * static_cast<std::size_t>(coding.width);
  visit_bits(coding.item_bytes, [&](auto bits) {
    using T = decltype(bits);
    if constexpr (std::is_integral_v<T>) {
      Bytes sorted(coding.predictor == Predictor::floating ? n * sizeof(T) : 0);
      for (std::int64_t y = 0; y < coding.height; ++y) {
        const std::size_t at = static_cast<std::size_t>(y) * n * sizeof(T);
        const T* row = reinterpret_cast<const T*>(cells + at);
        if (coding.predictor == Predictor::horizontal) {
          difference_row(row, reinterpret_cast<T*>(out + at), n, stride);
        } else {
          difference_floating_row(row, reinterpret_cast<std::uint8_t*>(sorted.data()),
                                  reinterpret_cast<std::uint8_t*>(out + at), n, stride);
        }
      }
    }
  });
}

libdeflate_compressor* deflate_compressor(int level) {
  struct Free {
    void operator()(libdeflate_compressor* c) const { libdeflate_free_compressor(c); }
  };
  thread_local std::unique_ptr<libdeflate_compressor, Free> compressor;
  thread_local int compressor_level = -1;
  if (!compressor || compressor_level != level) {
    compressor.reset(libdeflate_alloc_compressor(level));
    compressor_level = level;
  }
  if (!compressor) throw std::bad_alloc();
  return compressor.get();
}

std::size_t deflate(int level, std::span<const std::byte> in, Buffer& out) {
  libdeflate_compressor* compressor = deflate_compressor(level);
  out.reserve(libdeflate_zlib_compress_bound(compressor, in.size()));
  const std::size_t n =
      libdeflate_zlib_compress(compressor, in.data(), in.size(), out.data(), out.size());
  if (n == 0) throw Error(Errc::internal, "libdeflate found no room within its own bound");
  return n;
}

std::size_t compress_zstd(int level, std::span<const std::byte> in, Buffer& out) {
  struct Free {
    void operator()(ZSTD_CCtx* c) const { ZSTD_freeCCtx(c); }
  };
  thread_local const std::unique_ptr<ZSTD_CCtx, Free> context(ZSTD_createCCtx());
  if (!context) throw std::bad_alloc();
  out.reserve(ZSTD_compressBound(in.size()));
  const std::size_t n =
      ZSTD_compressCCtx(context.get(), out.data(), out.size(), in.data(), in.size(), level);
  if (ZSTD_isError(n)) throw Error(Errc::internal, "zstd: {}", ZSTD_getErrorName(n));
  return n;
}

}  // namespace

Compression parse_compression(const std::string& name, const std::string& path) {
  if (name == "none") return Compression::none;
  if (name.empty() || name == "deflate" || name == "gzip") return Compression::deflate;
  if (name == "zstd") return Compression::zstd;
  throw Error(Errc::invalid_argument,
              "'{}': GeoTIFF cannot be compressed with '{}': expected deflate, zstd or none", path,
              name);
}

int level_of(Compression compression, int level) {
  if (compression == Compression::zstd) return level < 0 ? 9 : std::clamp(level, 1, 22);
  return level < 0 ? 6 : std::clamp(level, 1, 12);
}

Predictor predictor_of(DType dtype, Compression compression) {
  if (compression == Compression::none) return Predictor::none;
  if (is_floating(dtype)) return Predictor::floating;
  return item_size(dtype) <= 4 ? Predictor::horizontal : Predictor::none;
}

std::span<const std::byte> encode_tile(const TileCoding& coding, const std::byte* cells,
                                       EncodeMemory& memory) {
  const auto n = static_cast<std::size_t>(coding.tile_bytes());
  std::span<const std::byte> plain(cells, n);
  if (coding.compression == Compression::none) return plain;
  if (coding.predictor != Predictor::none) {
    memory.predicted.reserve(n);
    predict(coding, cells, memory.predicted.data());
    plain = {memory.predicted.data(), n};
  }
  const auto compress = coding.compression == Compression::zstd ? compress_zstd : deflate;
  const std::size_t size = compress(coding.level, plain, memory.compressed);
  return {memory.compressed.data(), size};
}

}  // namespace rastream::geotiff
