// SPDX-License-Identifier: Apache-2.0
// What reading one group's metadata of a file gave, as a value that can be kept: with it the group
// is opened without libhdf5, and its cells are found without walking an index.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "rastream/format/hdf5/chunk_index.h"
#include "rastream/format/hdf5/layout.h"
#include "rastream/format/hdf5/metadata.h"
#include "rastream/format/hdf5/superblock.h"

namespace rastream {

struct FileRecord {
  Superblock superblock;
  GroupMetadata metadata;
  std::vector<Layout> layouts;                     ///< of metadata.datasets
  std::vector<std::optional<ChunkIndex>> indexes;  ///< nothing: not read yet
};

/// Reads all but the indexes from the file. Throws as read_group_metadata and read_layout do.
FileRecord read_file_record(const FileBytes& file, const std::string& group);

/// As bytes, and back. Throws data_loss for bytes that to_bytes has not made.
std::string to_bytes(const FileRecord& record);
FileRecord file_record_from(std::span<const std::byte> bytes);

}  // namespace rastream
