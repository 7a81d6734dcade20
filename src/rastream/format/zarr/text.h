// SPDX-License-Identifier: Apache-2.0
// Text cells: fixed bytes (|S), fixed UTF-32 (<U) and numcodecs' vlen-utf8.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "rastream/base/bytes.h"
#include "rastream/format/zarr/metadata.h"

namespace rastream::zarr {

/// The `n_cells` texts of one decoded chunk, as UTF-8. Throws data_loss when the bytes are not that
/// many texts.
std::vector<std::string> decode_text(std::span<const std::byte> bytes, const CellType& type,
                                     std::int64_t n_cells);

/// Texts as UTF-32 little endian, each padded with NUL to `n_characters`. Throws invalid_argument
/// for bad UTF-8.
Bytes encode_utf32(const std::vector<std::string>& texts, std::int64_t n_characters);
/// Characters of the longest text, at least 1. Throws invalid_argument for bad UTF-8.
std::int64_t longest_text(const std::vector<std::string>& texts);
/// numcodecs vlen-utf8: the count, then length and bytes of each, in four-byte little-endian
/// numbers.
Bytes encode_vlen_utf8(const std::vector<std::string>& texts);

}  // namespace rastream::zarr
