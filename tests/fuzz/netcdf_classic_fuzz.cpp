// SPDX-License-Identifier: Apache-2.0
// A classic NetCDF file: its header, and cells of its variables.
#include "rastream/format/netcdf.h"
#include "tests/fuzz/input.h"

using namespace rastream;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string& path = fuzz::as_file(fuzz::bytes_of(data, size));
  fuzz::try_it([&] { fuzz::read_some(*netcdf_classic_format().open(path, "")); });
  return 0;
}
