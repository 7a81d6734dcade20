// SPDX-License-Identifier: Apache-2.0
// An HDF5 file through the whole driver, libhdf5 included.
#include "rastream/format/hdf5/hdf5_file.h"
#include "tests/fuzz/input.h"

using namespace rastream;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string& path = fuzz::as_file(fuzz::bytes_of(data, size));
  fuzz::try_it([&] { fuzz::read_some(*netcdf4_format().open(path, "")); });
  return 0;
}
