// SPDX-License-Identifier: Apache-2.0
// Where an HDF5 dataset keeps its cells: the data layout message of its object header. libhdf5 does
// not tell the address of a chunk index, and asking it for chunks one by one takes time that grows
// with the square of their number. HDF5 File Format Specification 3.0, sections IV.A (object
// headers) and IV.A.2.i (data layout message).
#pragma once

#include <cstdint>
#include <optional>

#include "rastream/base/bytes.h"
#include "rastream/format/hdf5/superblock.h"

namespace rastream {

struct Layout {
  enum class Kind {
    compact,      ///< cells are in `compact`
    contiguous,   ///< cells are at `address`
    btree,        ///< chunks, listed in the version 1 B-tree at `address`
    btree2,       ///< the same, version 2
    fixed_array,  ///< chunks, listed in the array at `address`
    extensible_array,
    implicit,      ///< chunks follow one another from `address`
    single_chunk,  ///< the one chunk is at `address`
    virtual_       ///< cells of other datasets
  };
  Kind kind = Kind::contiguous;
  std::optional<std::uint64_t> address =
      std::nullopt;  ///< from the file's first byte; nothing: storage was never allocated
  Bytes compact = {};
  std::optional<std::uint64_t> single_chunk_bytes = {};  ///< nothing: as many as the cells take
  std::uint32_t single_chunk_mask = 0;                   ///< filters that were skipped
  bool partial_chunks_are_unfiltered = false;
};

/// Layout of the dataset whose object header is at `address` (as libhdf5 gives it, relative to the
/// superblock's base). Throws data_loss when the header is damaged or has no layout message,
/// unsupported for a layout or chunk index from the future.
Layout read_layout(const FileBytes& file, const Superblock& superblock, std::uint64_t address);

}  // namespace rastream
