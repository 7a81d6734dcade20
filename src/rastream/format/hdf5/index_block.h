// SPDX-License-Identifier: Apache-2.0
// What the chunk indexes of HDF5's newer formats have in common: blocks that open with a signature
// and close with a checksum.
#pragma once

#include <string_view>

#include "rastream/base/bytes.h"
#include "rastream/base/error.h"
#include "rastream/format/cursor.h"
#include "rastream/format/hdf5/superblock.h"

namespace rastream {

/// data_loss: "the chunk index is damaged: the block at byte <offset> <what>".
Error damaged_index(std::uint64_t offset, std::string_view what);

/// `length` bytes at `offset`, of which the last four are the checksum of those before them;
/// returns those before them. Throws data_loss when the file does not hold them or the checksum
/// differs.
Bytes read_checked(const FileBytes& file, std::uint64_t offset, std::uint64_t length);

/// The same for a block that begins with `signature` (four letters) and version 0: returns all of
/// it but the checksum.
Bytes read_index_block(const FileBytes& file, std::uint64_t offset, std::uint64_t length,
                       std::string_view signature);

/// Bytes before a block's own fields: signature, version, and kind of its entries.
constexpr std::size_t kBlockHead = 6;
constexpr std::size_t kChecksumBytes = 4;

/// The fields of a block, after its head.
inline Cursor fields_of(const Bytes& block) {
  return Cursor(std::span<const std::byte>(block).subspan(kBlockHead));
}

/// One address from the file's first byte, or nothing for the undefined one.
std::optional<std::uint64_t> read_address(Cursor& in, const Superblock& superblock);

}  // namespace rastream
