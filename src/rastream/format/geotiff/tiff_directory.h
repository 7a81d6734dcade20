// SPDX-License-Identifier: Apache-2.0
// The directories (IFDs) of a TIFF file: how the cells of each of its images are cut and packed.
// TIFF 6.0 sections 2, 8, 14 and 15; BigTIFF (AWare Systems); tags 50000 and 34925 of libtiff.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "rastream/format/file_bytes.h"

namespace rastream::geotiff {

/// TIFF 6.0 section 19, SampleFormat.
enum class SampleFormat {
  unsigned_integer = 1,
  integer,
  floating,
  unspecified,
  complex_integer,
  complex_floating
};

/// A list of integers somewhere in the file: checked to lie inside it, not read yet.
struct TiffNumbers {
  std::uint64_t offset = 0;
  std::uint64_t count = 0;
  int item_bytes = 0;
};

/// One image. Bits of NewSubfileType: 1 a reduced one (overview), 2 a page, 4 a mask.
struct TiffDirectory {
  std::size_t number = 0;    ///< in the chain, from 0
  std::uint64_t offset = 0;  ///< where it is in the file
  unsigned subfile_type = 0;
  std::int64_t width = 0;
  std::int64_t height = 0;
  std::int64_t samples = 1;  ///< bands
  int bits = 1;              ///< of a sample; 0 where samples differ
  SampleFormat format = SampleFormat::unsigned_integer;
  bool has_one_format = true;  ///< all samples have `format`
  int compression = 1;
  int photometric = -1;
  int fill_order = 1;
  int predictor = 1;
  bool is_planar = false;  ///< each tile holds one band
  bool is_tiled = false;   ///< else strips: tiles as wide as the image
  std::int64_t tile_width = 0;
  std::int64_t tile_height = 0;
  TiffNumbers offsets;  ///< of the tiles; count 0 where the tag is absent
  TiffNumbers sizes;
};

struct TiffFile {
  bool is_big_endian = false;
  std::vector<TiffDirectory> directories;
};

/// Reads the chain of directories. Throws data_loss, naming the directory and where it is, for one
/// that is not wholly inside the file, a chain that returns to itself, and sizes that no image has.
TiffFile read_tiff_directories(const FileBytes& file);

/// The list itself. Throws data_loss when the file became shorter.
std::vector<std::uint64_t> read_numbers(const FileBytes& file, const TiffNumbers& numbers,
                                        bool is_big_endian);

}  // namespace rastream::geotiff
