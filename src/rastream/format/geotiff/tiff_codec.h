// SPDX-License-Identifier: Apache-2.0
// The compressions of TIFF that are undone without GDAL: one row a codec in tiff_codecs.cpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "rastream/base/bytes.h"

namespace rastream::geotiff {

/// Fills `out` from the start of what `in` becomes, and never writes beyond it: the last strip of
/// some writers has rows that the image has not. Throws data_loss when `in` is damaged or becomes
/// less than `out`.
using DecodeTile = void (*)(std::span<const std::byte> in, std::span<std::byte> out);

struct TiffCodec {
  int id;  ///< tag 259
  std::string_view name;
  DecodeTile decode;       ///< nullptr for stored cells
  std::int64_t max_ratio;  ///< bytes that one stored byte can become: more is a lie
};

/// nullptr for a compression that GDAL has to undo.
const TiffCodec* find_tiff_codec(int compression);

/// TIFF 6.0 section 13, codes of most significant bits first.
void decode_lzw(std::span<const std::byte> in, std::span<std::byte> out);
/// True for streams of before TIFF 5.0, which have their codes in the other bit order.
bool is_old_lzw(std::span<const std::byte> in);
/// TIFF 6.0 section 9.
void decode_packbits(std::span<const std::byte> in, std::span<std::byte> out);
void decode_deflate(std::span<const std::byte> in, std::span<std::byte> out);
void decode_zstd(std::span<const std::byte> in, std::span<std::byte> out);
void decode_lzma(std::span<const std::byte> in, std::span<std::byte> out);

}  // namespace rastream::geotiff
