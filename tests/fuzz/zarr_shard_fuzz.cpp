// SPDX-License-Identifier: Apache-2.0
// One shard of 4 x 4 chunks, read as each kind of index: at the start or the end, either byte
// order. There is no checksum, which would keep the fuzzer out.
#include "rastream/format/zarr/shard.h"
#include "rastream/store/memory.h"
#include "tests/fuzz/input.h"

using namespace rastream;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  MemoryStore store;
  store.put("c/0/0", fuzz::bytes_of(data, size));
  for (const int kind : {0, 1, 2, 3}) {
    const zarr::Sharding sharding{{8, 8}, (kind & 1) != 0, (kind & 2) != 0, {}, 0};
    const zarr::ShardReader reader(store, sharding, {8, 8}, {2, 2});
    for (const std::int64_t chunk : {0, 1, 3}) {
      fuzz::try_it([&] { reader.get("c/0/0", {chunk, chunk}); });
      fuzz::try_it([&] { reader.get("c/0/0", {chunk, 0}, true); });
    }
  }
  return 0;
}
