// SPDX-License-Identifier: Apache-2.0
// One filter of HDF5, undone. One filter is one file and one line in the table of filters.cpp.
#pragma once

#include <memory>
#include <optional>
#include <span>

#include "rastream/format/hdf5/filters.h"

namespace rastream {

/// Undoes what a filter did to a chunk. Immutable; safe to use from many threads.
class ChunkFilter {
 public:
  virtual ~ChunkFilter() = default;
  /// Bytes that the filter makes of `n_bytes`; nothing where that depends on the bytes.
  virtual std::optional<std::size_t> packed_size(std::size_t /*n_bytes*/) const {
    return std::nullopt;
  }
  /// Bytes that one packed byte can become at most: what a header claims beyond that is a lie.
  virtual std::size_t max_ratio() const { return 1; }
  /// The bytes before the filter: a part of `out`, or of `in` where nothing need be copied. Never
  /// writes past `out`, never takes memory that `in` merely claims to need. Throws data_loss when
  /// `in` is damaged or gives more than `out` holds.
  virtual std::span<const std::byte> undo(std::span<const std::byte> in, std::span<std::byte> out,
                                          ChunkScratch& scratch) const = 0;
};

using ChunkFilterPtr = std::shared_ptr<const ChunkFilter>;

/// A row of the table.
struct FilterKind {
  int id;  ///< registered number, H5Z_filter_t
  /// "deflate 4": for people.
  std::string (*describe)(const Filter&);
  /// nullptr where the parameters ask for something that this code does not know.
  ChunkFilterPtr (*make)(const Filter&);
};

/// Parameter `i`, or `otherwise` where the file has fewer.
inline unsigned parameter(const Filter& filter, std::size_t i, unsigned otherwise) {
  return i < filter.parameters.size() ? filter.parameters[i] : otherwise;
}

/// data_loss: "<filter> gives <n> bytes: expected at most <limit> for the chunk".
Error too_many_bytes(const char* filter, std::uint64_t n_bytes, std::size_t limit);

ChunkFilterPtr make_deflate(const Filter& filter);
ChunkFilterPtr make_shuffle(const Filter& filter);
ChunkFilterPtr make_fletcher32(const Filter& filter);
ChunkFilterPtr make_szip(const Filter& filter);
ChunkFilterPtr make_bzip2(const Filter& filter);
ChunkFilterPtr make_lzf(const Filter& filter);
ChunkFilterPtr make_blosc(const Filter& filter);
std::string describe_blosc(const Filter& filter);
ChunkFilterPtr make_lz4(const Filter& filter);
ChunkFilterPtr make_bitshuffle(const Filter& filter);
std::string describe_bitshuffle(const Filter& filter);
ChunkFilterPtr make_zstd(const Filter& filter);

}  // namespace rastream
