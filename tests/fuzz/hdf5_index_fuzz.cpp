// SPDX-License-Identifier: Apache-2.0
// Superblock, object header, data layout and chunk index of an HDF5 file, without libhdf5.
#include "rastream/format/hdf5/layout.h"
#include "tests/fuzz/hdf5_input.h"

using namespace rastream;

namespace {

bool has_index(Layout::Kind kind) {
  return kind >= Layout::Kind::btree && kind != Layout::Kind::implicit &&
         kind != Layout::Kind::virtual_;
}

void read_index(const FileBytes& file, const fuzz::Hdf5Input& input) {
  const Superblock superblock = read_superblock(file);
  const Layout layout = read_layout(file, superblock, input.header_address);
  const std::int64_t n_chunks = product(input.array.n_along());
  if (layout.kind == Layout::Kind::implicit && layout.address && n_chunks > 0)
    implicit_chunk(file, *layout.address, input.array, n_chunks - 1);
  if (!has_index(layout.kind)) return;
  std::int64_t previous = -1;
  for (const StoredChunk& chunk : read_chunk_index(file, superblock, layout, input.array)) {
    fuzz::expect(chunk.number > previous, "chunks come in rising order");
    previous = chunk.number;
    if (layout.kind == Layout::Kind::single_chunk) continue;
    fuzz::expect(chunk.number < n_chunks, "chunks are inside the array");
    fuzz::expect(file.holds(chunk.offset, chunk.size_bytes), "chunks are inside the file");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < fuzz::kParameterBytes) return 0;
  const auto input = fuzz::split_hdf5(fuzz::bytes_of(data, size));
  fuzz::try_it([&] { read_index(FileBytes(fuzz::as_file(fuzz::hdf5_file)), input); });
  return 0;
}
