// SPDX-License-Identifier: Apache-2.0
// A TIFF file: its directories, and cells of every image that is read without GDAL.
#include "rastream/format/geotiff/tiff_cells.h"
#include "tests/fuzz/input.h"

using namespace rastream;
using namespace rastream::geotiff;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::try_it([&] {
    const auto file = std::make_shared<FileBytes>(fuzz::as_file(fuzz::bytes_of(data, size)));
    const TiffFile tiff = read_tiff_directories(*file);
    for (std::size_t i = 0; i < std::min<std::size_t>(4, tiff.directories.size()); ++i) {
      const TiffDirectory& directory = tiff.directories[i];
      const TiffSupport support = tiff_support(directory, (directory.subfile_type & 4) != 0);
      if (!support.type) continue;
      fuzz::try_it([&] {
        const TiffCells cells(file, directory, tiff.is_big_endian, *support.type, {});
        if (cells.is_old_lzw()) return;
        const Extents shape{directory.samples, directory.height, directory.width};
        for (const bool from_end : {false, true}) {
          const Region region = fuzz::few_cells(shape, from_end);
          const OwnedBlock block(region, support.type->dtype);
          fuzz::try_it([&] { cells.read(block.view()); });
          cells.stored_bytes(region);
        }
      });
    }
  });
  return 0;
}
