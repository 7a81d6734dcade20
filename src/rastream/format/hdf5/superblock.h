// SPDX-License-Identifier: Apache-2.0
// The first structure of an HDF5 file: where the file's own addresses start, how wide they are,
// where the file ends. HDF5 File Format Specification 3.0, section II.A, versions 0 to 3.
#pragma once

#include <cstdint>
#include <optional>

#include "rastream/format/file_bytes.h"

namespace rastream {

struct Superblock {
  std::uint64_t base = 0;         ///< added to every address in the file
  std::uint64_t end_of_file = 0;  ///< bytes the file must have
  std::size_t address_size = 8;   ///< bytes of an address
  std::size_t length_size = 8;    ///< bytes of a length

  /// The address with all bits set: storage that was never allocated.
  std::uint64_t undefined_address() const {
    return address_size == 8 ? ~0ULL : (1ULL << 8 * address_size) - 1;
  }
};

/// Offset of the HDF5 signature, at 0, 512, 1024, 2048, ...; nothing when the file is not HDF5.
std::optional<std::uint64_t> find_hdf5_signature(const FileBytes& file);

/// Throws data_loss when the file is not HDF5, its superblock is damaged, or the file is shorter
/// than it says.
Superblock read_superblock(const FileBytes& file);

}  // namespace rastream
