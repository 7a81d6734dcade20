// SPDX-License-Identifier: Apache-2.0
// What the fuzz targets share: hostile bytes as a file, as text, and what may come of them.
#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <span>
#include <string>
#include <string_view>

#include "rastream/base/error.h"
#include "rastream/format/format.h"

namespace rastream::fuzz {

/// Runs `f`. An Error is a good answer to any input; our own bug, another exception and a
/// sanitizer's report are not.
template <class F>
void try_it(F&& f) {
  try {
    f();
  } catch (const Error& e) {
    if (e.code() != Errc::internal) return;
    std::fprintf(stderr, "internal error: %s\n", e.what());
    std::abort();
  }
}

/// A law that holds for every input.
inline void expect(bool holds, const char* law) {
  if (holds) return;
  std::fprintf(stderr, "broken law: %s\n", law);
  std::abort();
}

inline std::span<const std::byte> bytes_of(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const std::byte*>(data), size};
}

inline std::string_view text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

inline std::string_view text_of(const std::uint8_t* data, std::size_t size) {
  return text_of(bytes_of(data, size));
}

/// Path of a file that holds `bytes`; the next call gives it others. It lies in TMPDIR.
inline const std::string& as_file(std::span<const std::byte> bytes) {
  static const char* folder = std::getenv("TMPDIR");
  static std::string path = std::string(folder ? folder : "/dev/shm") + "/rastream-fuzz-XXXXXX";
  static const int file = ::mkostemp(path.data(), O_CLOEXEC);
  const bool is_written =
      ::ftruncate(file, 0) == 0 &&
      ::pwrite(file, bytes.data(), bytes.size(), 0) == static_cast<ssize_t>(bytes.size());
  expect(is_written, "a file holds what is written to it");
  return path;
}

/// Few cells of an array of this shape, from its first one on or up to its last one.
inline Region few_cells(const Extents& shape, bool from_end) {
  Region region = Region::whole(shape);
  std::int64_t left = 512;
  for (std::size_t axis = shape.size(); axis-- > 0;) {
    const std::int64_t n = std::min(shape[axis], std::max<std::int64_t>(1, left));
    (from_end ? region.begin[axis] : region.end[axis]) = from_end ? shape[axis] - n : n;
    left /= std::max<std::int64_t>(1, n);
  }
  return region;
}

/// Looks at all that an opened file offers: cells at both ends, as float64 and as they are, texts.
inline void read_some(const DatasetFile& file) {
  constexpr std::size_t kVariables = 16;
  for (std::size_t v = 0; v < std::min(kVariables, file.variables().size()); ++v) {
    const Schema& schema = file.variables()[v].schema;
    if (schema.dtype == DType::string) {
      try_it([&] { file.read_strings(v); });
      continue;
    }
    for (const bool from_end : {false, true}) {
      const Region region = few_cells(schema.shape, from_end);
      for (const DType dtype : {schema.dtype, DType::float64}) {
        if (is_complex(schema.dtype) != is_complex(dtype)) continue;
        const OwnedBlock block(region, dtype);
        try_it([&] { file.read(v, block.view()); });
      }
      try_it([&] { file.stored_bytes(v, region); });
    }
  }
}

}  // namespace rastream::fuzz
