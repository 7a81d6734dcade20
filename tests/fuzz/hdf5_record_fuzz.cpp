// SPDX-License-Identifier: Apache-2.0
// A record of the metadata cache.
#include "rastream/format/hdf5/file_record.h"
#include "tests/fuzz/input.h"

using namespace rastream;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::try_it([&] {
    const std::string bytes = to_bytes(file_record_from(fuzz::bytes_of(data, size)));
    fuzz::expect(to_bytes(file_record_from(std::as_bytes(std::span(bytes)))) == bytes,
                 "a record comes back as it was kept");
  });
  return 0;
}
