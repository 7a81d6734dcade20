// SPDX-License-Identifier: Apache-2.0
#include "rastream/format/hdf5/superblock.h"

#include <algorithm>
#include <array>

#include "rastream/base/error.h"
#include "rastream/format/cursor.h"

namespace rastream {
namespace {

constexpr std::array<unsigned char, 8> kSignature = {0x89, 'H', 'D', 'F', '\r', '\n', 0x1a, '\n'};

void check_width(std::size_t n_bytes) {
  if (n_bytes != 2 && n_bytes != 4 && n_bytes != 8) {
    throw Error(Errc::data_loss,
                "the HDF5 superblock has addresses of {} bytes: expected 2, 4 or 8", n_bytes);
  }
}

Superblock parse(Cursor in) {
  Superblock s;
  in.skip(kSignature.size());
  const int version = in.byte();
  if (version > 3)
    throw Error(Errc::unsupported, "HDF5 superblock version {}: expected 0 to 3", version);
  if (version < 2) in.skip(4);
  s.address_size = in.byte();
  s.length_size = in.byte();
  check_width(s.address_size);
  check_width(s.length_size);
  // Versions 0 and 1 go on with B-tree ranks and flags, versions 2 and 3 with flags only.
  in.skip(version == 0 ? 9 : version == 1 ? 13 : 1);
  s.base = in.little(s.address_size);
  in.skip(s.address_size);
  s.end_of_file = in.little(s.address_size);
  return s;
}

}  // namespace

std::optional<std::uint64_t> find_hdf5_signature(const FileBytes& file) {
  std::array<std::byte, kSignature.size()> bytes;
  for (std::uint64_t offset = 0; file.holds(offset, bytes.size());
       offset = offset == 0 ? 512 : offset * 2) {
    file.read_at(offset, std::span(bytes));
    const auto is_equal = [](std::byte a, unsigned char b) {
      return std::to_integer<unsigned char>(a) == b;
    };
    if (std::equal(bytes.begin(), bytes.end(), kSignature.begin(), is_equal)) return offset;
  }
  return std::nullopt;
}

Superblock read_superblock(const FileBytes& file) {
  const auto offset = find_hdf5_signature(file);
  if (!offset) {
    throw Error(Errc::data_loss, "'{}' ({} bytes) is not an HDF5 file: no HDF5 signature found",
                file.path(), file.size());
  }
  constexpr std::uint64_t kMaxSuperblock = 64;
  const Bytes bytes = file.read_at(*offset, std::min(kMaxSuperblock, file.size() - *offset));
  const Superblock s = parse(Cursor(bytes));
  if (s.end_of_file > file.size()) {
    throw Error(Errc::data_loss, "'{}' is truncated: it has {} bytes, its superblock says {}",
                file.path(), file.size(), s.end_of_file);
  }
  return s;
}

}  // namespace rastream
