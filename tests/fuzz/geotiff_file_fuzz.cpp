// SPDX-License-Identifier: Apache-2.0
// A TIFF through the whole driver, GDAL included.
#include "rastream/format/geotiff/geotiff.h"
#include "tests/fuzz/input.h"

using namespace rastream;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string& path = fuzz::as_file(fuzz::bytes_of(data, size));
  fuzz::try_it([&] { fuzz::read_some(*geotiff_format().open(path, "")); });
  return 0;
}
