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

/// Characters of the longest text, at least 1. Throws invalid_argument for bad UTF-8.
std::int64_t longest_text(const std::vector<std::string>& texts);
/// The same in the characters that cells of `type` have: bytes for |S.
std::int64_t longest_text(const std::vector<std::string>& texts, const CellType& type);

/// The texts of a chunk before its codecs; the inverse of decode_text. Fixed cells are padded with
/// NUL; vlen-utf8 has the count, then length and bytes of each, in four-byte little-endian numbers.
/// Throws invalid_argument for bad UTF-8. REQUIRES: they fit into cells of that type.
Bytes encode_text(const std::vector<std::string>& texts, const CellType& type);

/// `texts`, which are the cells of `region` in C order, into those of an array of `shape`.
void copy_texts(const std::vector<std::string>& texts, const Region& region, const Extents& shape,
                std::vector<std::string>& array);
/// The cells of the chunk that begins where `chunk` does, in their stored order, from those of the
/// whole array; those beyond its edge are empty.
std::vector<std::string> texts_of_chunk(const std::vector<std::string>& array,
                                        const ArrayMetadata& metadata, const Region& chunk);

}  // namespace rastream::zarr
