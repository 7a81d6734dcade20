// SPDX-License-Identifier: Apache-2.0
// An HDF5 file without libhdf5: what that would have told of its one array stands in the last
// kParameterBytes bytes of the input. Address of the object header, rank, bytes of a cell, and for
// three axes the length, that of a chunk and how far the axis may grow; then the filters.
#pragma once

#include <cstring>

#include "rastream/format/cursor.h"
#include "rastream/format/hdf5/chunk_index.h"
#include "rastream/format/hdf5/lookup3.h"
#include "tests/fuzz/input.h"

namespace rastream {
namespace fuzz {

inline constexpr std::size_t kParameterBytes = 20;
/// The file's bytes.
inline std::span<const std::byte> hdf5_file;

struct Hdf5Input {
  std::uint64_t header_address = 0;
  ChunkedArray array;
  int filters = 0;
};

/// Splits an input of at least kParameterBytes.
inline Hdf5Input split_hdf5(std::span<const std::byte> bytes) {
  hdf5_file = bytes.first(bytes.size() - kParameterBytes);
  Cursor in(bytes.last(kParameterBytes));
  Hdf5Input out;
  out.header_address = in.little(4);
  const std::size_t rank = 1 + in.byte() % 3;
  ChunkedArray& array = out.array;
  array.chunk_bytes = 1 + in.byte() % 16;
  for (std::size_t i = 0; i < 3; ++i) {
    auto length = static_cast<std::int64_t>(in.little(2));
    const std::int64_t chunk = in.byte();
    const std::int64_t growth = in.byte();
    if (i >= rank) continue;
    if (growth == 254) length <<= rank == 1 ? 45 : 12;
    array.shape.push_back(length);
    array.chunk_shape.push_back(std::max<std::int64_t>(1, chunk));
    array.limits.push_back(growth == 255 ? kUnlimited : length + growth);
    array.chunk_bytes *= static_cast<std::uint64_t>(array.chunk_shape[i]);
  }
  out.filters = in.byte();
  return out;
}

}  // namespace fuzz

/// Instead of the library's: what follows the bytes in the file, so that every checksum is right
/// and the fuzzer meets the parser behind it.
std::uint32_t lookup3(std::span<const std::byte> bytes) {
  const auto file = fuzz::hdf5_file;
  const void* found = ::memmem(file.data(), file.size(), bytes.data(), bytes.size());
  if (!found) return 0;
  const auto at = static_cast<std::size_t>(static_cast<const std::byte*>(found) - file.data());
  std::uint32_t sum = 0;
  if (file.size() - at - bytes.size() >= sizeof sum)
    std::memcpy(&sum, file.data() + at + bytes.size(), sizeof sum);
  return sum;
}

}  // namespace rastream
