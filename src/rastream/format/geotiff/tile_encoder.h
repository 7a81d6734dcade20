// SPDX-License-Identifier: Apache-2.0
// From the cells of a tile to the bytes that a TIFF stores: predictor, then compression.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "rastream/array/dtype.h"
#include "rastream/base/bytes.h"

namespace rastream::geotiff {

/// TIFF's Compression tag: 8 is zlib (TIFF technical note 2), 50000 zstd (as libtiff registers it).
enum class Compression : std::uint16_t { none = 1, deflate = 8, zstd = 50000 };

/// TIFF's Predictor tag: differences of neighbouring cells (TIFF 6.0 section 14), or of the sorted
/// bytes of floating ones (TIFF technical note 3).
enum class Predictor : std::uint16_t { none = 1, horizontal = 2, floating = 3 };

struct TileCoding {
  Compression compression = Compression::deflate;
  Predictor predictor = Predictor::none;
  int level = 6;
  std::int64_t item_bytes = 1;
  std::int64_t n_samples = 1;  ///< cells side by side, each predicted by the one of its band
  std::int64_t width = 0;
  std::int64_t height = 0;

  std::int64_t tile_bytes() const { return item_bytes * n_samples * width * height; }
};

/// "none", "deflate", "gzip" (a synonym), "zstd" and "", which means deflate: every TIFF reader has
/// it. Throws invalid_argument naming `path`.
Compression parse_compression(const std::string& name, const std::string& path);

/// The level that is used when `level` < 0 was asked for; else `level` within the codec's limits.
int level_of(Compression compression, int level);

/// Floating for floats, horizontal for integers of up to 32 bits, none for 64, which older readers
/// cannot undo, and none without compression.
Predictor predictor_of(DType dtype, Compression compression);

/// What encoding one tile needs, for use again with the next.
struct EncodeMemory {
  Buffer predicted;
  Buffer compressed;
};

/// The stored bytes of a tile of coding.tile_bytes(), little endian; they lie in `memory`, or are
/// the cells themselves, until its next use. Thread-safe with a `memory` each; the codecs' states
/// are kept per thread. The bytes depend on coding and cells alone.
std::span<const std::byte> encode_tile(const TileCoding& coding, const std::byte* cells,
                                       EncodeMemory& memory);

}  // namespace rastream::geotiff
