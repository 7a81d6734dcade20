// SPDX-License-Identifier: Apache-2.0
#include "rastream/format/hdf5/index_block.h"

#include <cstring>

#include "rastream/format/hdf5/lookup3.h"

namespace rastream {

Error damaged_index(std::uint64_t offset, std::string_view what) {
  return Error(Errc::data_loss, "the chunk index is damaged: the block at byte {} {}", offset,
               what);
}

Bytes read_checked(const FileBytes& file, std::uint64_t offset, std::uint64_t length) {
  if (length < kChecksumBytes || !file.holds(offset, length))
    throw damaged_index(offset, fmt::format("of {} bytes is outside the file", length));
  Bytes bytes = file.read_at(offset, length);
  const std::size_t n_body = bytes.size() - kChecksumBytes;
  const auto stored = Cursor(std::span<const std::byte>(bytes).subspan(n_body)).little(4);
  bytes.resize(n_body);
  if (lookup3(bytes) != stored) throw damaged_index(offset, "does not match its checksum");
  return bytes;
}

Bytes read_index_block(const FileBytes& file, std::uint64_t offset, std::uint64_t length,
                       std::string_view signature) {
  Bytes bytes = read_checked(file, offset, length);
  if (bytes.size() < kBlockHead || std::memcmp(bytes.data(), signature.data(), 4) != 0)
    throw damaged_index(offset, fmt::format("does not begin with '{}'", signature));
  if (bytes[4] != std::byte{0}) throw damaged_index(offset, "has a version other than 0");
  return bytes;
}

std::optional<std::uint64_t> read_address(Cursor& in, const Superblock& superblock) {
  const std::uint64_t value = in.little(superblock.address_size);
  if (value == superblock.undefined_address()) return std::nullopt;
  return superblock.base + value;
}

}  // namespace rastream
