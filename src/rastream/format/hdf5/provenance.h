// SPDX-License-Identifier: Apache-2.0
// Which program made a file, and what that says of its end: every NetCDF-4 file that we make has
// checksums behind it (block_checksums.h).
#pragma once

#include <cstdint>
#include <string>

#include "rastream/format/hdf5/superblock.h"

namespace rastream {

/// The value of the root's `_NCProperties`, where netcdf-c says it too and hides it from users.
std::string own_provenance();

/// True when we made the file, whoever changed it since. Throws data_loss when its root group
/// cannot be read.
bool is_own_file(const std::string& path, std::uint64_t file_bytes);

/// Throws data_loss when bytes follow the end of a file of ours that are not its checksums: they
/// were damaged or cut off. A program that changes the file through libhdf5 leaves no byte there.
void check_end_of_own_file(const FileBytes& file, const Superblock& superblock);

/// True for a file of ours that has no byte behind its end: another program has changed it, or it
/// was cut off just there.
bool has_lost_checksums(const std::string& path);

}  // namespace rastream
