// SPDX-License-Identifier: Apache-2.0
// From cells in memory to the bytes of a stored chunk, before its codecs.
#pragma once

#include <span>

#include "rastream/array/block.h"
#include "rastream/base/bytes.h"
#include "rastream/format/zarr/metadata.h"

namespace rastream::zarr {

/// The cells of the chunk of which `block` is the part inside the array: whole, in the stored order
/// of axes and this machine's byte order, cells outside the array filled. The bytes are those of
/// the block itself where they lie so already (never where they are stored big-endian), else those
/// of `memory`.
std::span<const std::byte> chunk_cells(const Block& block, const ArrayMetadata& metadata,
                                       Buffer& memory);

/// True when every cell is the fill value bit for bit, so that -0.0 and other NaNs are kept.
/// REQUIRES: the array has one.
bool is_all_fill(std::span<const std::byte> cells, const ArrayMetadata& metadata);

}  // namespace rastream::zarr
