// SPDX-License-Identifier: Apache-2.0
// A chunk of HDF5 and the filters to undo. Input: number of filters (0 to 3), for each its id and
// two parameters, the mask, two bytes of chunk length, then the stored bytes.
#include "rastream/format/cursor.h"
#include "rastream/format/hdf5/filters.h"
#include "tests/fuzz/input.h"

using namespace rastream;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::try_it([&] {
    Cursor in(fuzz::bytes_of(data, size));
    std::vector<Filter> filters(in.byte() % 4);
    for (Filter& filter : filters) {
      filter.id = static_cast<int>(in.little(2));
      filter.parameters.resize(in.byte() % 9);
      for (unsigned& parameter : filter.parameters) parameter = static_cast<unsigned>(in.little(2));
      describe_filter(filter);
    }
    const FilterPipeline pipeline(std::move(filters));
    const auto mask = static_cast<std::uint32_t>(in.byte());
    Bytes out(in.little(2));
    const auto stored = in.take(in.n_left());
    if (!pipeline.is_ours()) return;
    pipeline.check_stored_size(stored.size(), mask, out.size());
    pipeline.decode(stored, mask, out, ChunkScratch::of_this_thread());
  });
  return 0;
}
