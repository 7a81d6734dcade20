// SPDX-License-Identifier: Apache-2.0
// A folder that keeps what was learnt of NetCDF-4 files, so that thousands of them open in seconds.
// Only there to save time: an entry that is absent, stale or damaged is as good as none, and
// failing to write one is no failure. docs/formats/netcdf4.md, "The metadata cache".
#pragma once

#include <optional>
#include <string>

#include "rastream/format/hdf5/file_record.h"

namespace rastream {

/// Immutable; safe to use from many threads and processes at once.
class MetadataCache {
 public:
  explicit MetadataCache(std::string folder) : folder_(std::move(folder)) {}
  /// The folder that the environment variable RASTREAM_CACHE names; nothing when it is unset.
  static std::optional<MetadataCache> from_environment();

  /// What was kept of `group` of the file: nothing unless the file has the path, size and times of
  /// then. Never throws but for lack of memory.
  std::optional<FileRecord> find(const FileBytes& file, const std::string& group) const;
  /// False when the file changed in the last two seconds, as its times may then not show the next
  /// change.
  static bool is_settled(const FileStamp& stamp);
  /// Keeps a record, in one rename. Never throws but for lack of memory. REQUIRES: the file was
  /// settled when the record was read.
  void keep(const FileBytes& file, const std::string& group, const FileRecord& record) const;
  /// Where the entry of a group is.
  std::string entry_path(const std::string& file_path, const std::string& group) const;

 private:
  std::string folder_;
};

}  // namespace rastream
