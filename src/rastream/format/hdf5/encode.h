// SPDX-License-Identifier: Apache-2.0
// The filters of a chunk that is written: shuffle and deflate, as libhdf5 would apply them. The
// inverse is in filters.h.
#pragma once

#include <cstddef>
#include <span>

namespace rastream {

/// The shuffle filter: byte k of cell i goes to out[k * n + i]; bytes after the last whole cell are
/// copied. REQUIRES: the spans are equally long and apart.
void shuffle(std::span<const std::byte> in, std::size_t cell_bytes, std::span<std::byte> out);

/// `cells` shuffled (unless a cell is one byte) and compressed to a zlib stream (RFC 1950) of
/// `level` 0 to 9, in memory of the calling thread that its next call uses again.
std::span<const std::byte> shuffle_and_deflate(std::span<const std::byte> cells,
                                               std::size_t cell_bytes, int level);

}  // namespace rastream
