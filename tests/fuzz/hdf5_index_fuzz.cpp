// SPDX-License-Identifier: Apache-2.0
// Superblock, data layout and chunk index of an HDF5 file, without libhdf5. The last 18 bytes of
// the input are what libhdf5 would have told: address of the object header, rank, bytes of a cell,
// and for three axes the length, that of a chunk and how far the axis may grow.
#include <cstring>

#include "rastream/format/hdf5/chunk_index.h"
#include "rastream/format/hdf5/cursor.h"
#include "rastream/format/hdf5/layout.h"
#include "rastream/format/hdf5/lookup3.h"
#include "tests/fuzz/input.h"

namespace rastream {
namespace {

constexpr std::size_t kParameterBytes = 18;
std::span<const std::byte> input;

ChunkedArray array_of(Cursor& in) {
  ChunkedArray array;
  const std::size_t rank = 1 + in.byte() % 3;
  array.chunk_bytes = 1 + in.byte() % 16;
  for (std::size_t i = 0; i < rank; ++i) {
    array.shape.push_back(static_cast<std::int64_t>(in.little(2)));
    array.chunk_shape.push_back(std::max<std::int64_t>(1, in.byte()));
    const std::int64_t growth = in.byte();
    array.limits.push_back(growth == 255 ? kUnlimited : array.shape[i] + growth);
    array.chunk_bytes *= static_cast<std::uint64_t>(array.chunk_shape[i]);
  }
  return array;
}

void read_index(const FileBytes& file, Cursor in) {
  const Superblock superblock = read_superblock(file);
  const std::uint64_t header = in.little(4);
  const ChunkedArray array = array_of(in);
  const Layout layout = read_layout(file, superblock, header);
  if (layout.kind == Layout::Kind::implicit && layout.address) {
    const auto last = product(array.n_along()) - 1;
    if (last >= 0) implicit_chunk(file, *layout.address, array, last);
  }
  if (layout.kind < Layout::Kind::btree || layout.kind == Layout::Kind::implicit ||
      layout.kind == Layout::Kind::virtual_)
    return;
  std::int64_t previous = -1;
  for (const StoredChunk& chunk : read_chunk_index(file, superblock, layout, array)) {
    fuzz::expect(chunk.number > previous, "chunks come in rising order");
    previous = chunk.number;
    if (layout.kind == Layout::Kind::single_chunk) continue;
    fuzz::expect(chunk.number < product(array.n_along()), "chunks are inside the array");
    fuzz::expect(file.holds(chunk.offset, chunk.size_bytes), "chunks are inside the file");
  }
}

}  // namespace

/// Instead of the library's: what follows the bytes in the file, so that every checksum is right
/// and the fuzzer meets the parser behind it.
std::uint32_t lookup3(std::span<const std::byte> bytes) {
  const void* found = ::memmem(input.data(), input.size(), bytes.data(), bytes.size());
  std::uint32_t sum = 0;
  const auto at = static_cast<const std::byte*>(found) - input.data();
  if (found && input.size() - static_cast<std::size_t>(at) - bytes.size() >= sizeof sum)
    std::memcpy(&sum, input.data() + at + bytes.size(), sizeof sum);
  return sum;
}

}  // namespace rastream

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace rastream;
  if (size < kParameterBytes) return 0;
  input = fuzz::bytes_of(data, size - kParameterBytes);
  fuzz::try_it([&] {
    const FileBytes file(fuzz::as_file(input));
    read_index(file, Cursor(fuzz::bytes_of(data, size).last(kParameterBytes)));
  });
  return 0;
}
