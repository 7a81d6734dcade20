// SPDX-License-Identifier: Apache-2.0
#include "rastream/format/geotiff/geotiff.h"

#include <array>
#include <fstream>

namespace rastream {

bool geotiff::probe(const std::string& path) {
  std::array<unsigned char, 4> magic{};
  std::ifstream file(path, std::ios::binary);
  if (!file.read(reinterpret_cast<char*>(magic.data()), magic.size())) return false;
  // TIFF 6.0 section 2: byte order and 42; BigTIFF: 43.
  const bool is_little =
      magic[0] == 'I' && magic[1] == 'I' && (magic[2] == 42 || magic[2] == 43) && magic[3] == 0;
  const bool is_big =
      magic[0] == 'M' && magic[1] == 'M' && magic[2] == 0 && (magic[3] == 42 || magic[3] == 43);
  return is_little || is_big;
}

Format geotiff_format() {
  return {"geotiff",
          {".tif", ".tiff", ".TIF", ".TIFF"},
          &geotiff::probe,
          &geotiff::open,
          &geotiff::create};
}

}  // namespace rastream
