// SPDX-License-Identifier: Apache-2.0
// What the bits of a stored sample are as a cell: which dtype, and what has to be done to them.
#pragma once

#include <optional>
#include <string>

#include "rastream/array/dtype.h"
#include "rastream/format/geotiff/tiff_directory.h"

namespace rastream::geotiff {

struct TiffCellType {
  enum class Kind {
    native,        ///< whole bytes, only perhaps in the other order
    half,          ///< float16, read as float32
    packed,        ///< 1 to 31 bits, most significant first, without gaps in a row
    mask,          ///< one bit: 0 or 255
    integer_pair,  ///< a complex number of two integers of 16 or 32 bits
  };
  DType dtype = DType::uint8;
  Kind kind = Kind::native;
  int bits = 8;  ///< stored ones of a sample

  /// Bytes of a stored sample; 0 where they are packed.
  std::int64_t stored_bytes() const {
    return kind == Kind::packed || kind == Kind::mask ? 0 : bits / 8;
  }
  /// Bytes that have one order: those of a part of a complex number.
  std::int64_t part_bytes() const { return is_complex(dtype) ? bits / 16 : stored_bytes(); }
};

/// The cells of an image, or why they are read through GDAL: "JPEG compression (7)".
struct TiffSupport {
  std::optional<TiffCellType> type;
  std::string reason;
};

TiffSupport tiff_support(const TiffDirectory& directory, bool is_mask);

/// `n` values of a row as cells of `type.dtype`; for all kinds but native. Value i is the one at
/// `first + i` of the row.
void unpack_values(const std::byte* row, std::int64_t first, std::int64_t n,
                   const TiffCellType& type, std::byte* out);

}  // namespace rastream::geotiff
