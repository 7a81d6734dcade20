// SPDX-License-Identifier: Apache-2.0
// One value that is read at offsets: a regular file of this machine, or a remote one.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "rastream/base/bytes.h"

namespace rastream {

/// What changes when a file does: compared, never interpreted.
struct FileStamp {
  std::uint64_t size = 0;
  std::int64_t modified_ns = 0;  ///< since 1970
  std::int64_t changed_ns = 0;   ///< of the inode
  std::uint64_t inode = 0;
  bool operator==(const FileStamp&) const = default;
};

/// Of a size that is known when it is opened. Safe to read from many threads at once.
class ByteSource {
 public:
  virtual ~ByteSource() = default;
  virtual const FileStamp& stamp() const = 0;
  /// Fills `out` from `offset`. REQUIRES: the bytes are inside stamp().size. Throws data_loss when
  /// the value has changed or become shorter, unavailable when reading fails.
  virtual void read(std::uint64_t offset, std::span<std::byte> out) const = 0;
};

/// Opens a regular file. Thousands may be open at once: where the process may have no more
/// descriptors, its limit is raised as far as the system lets it. Throws not_found,
/// permission_denied, or invalid_argument when `path` is a folder or a device.
std::unique_ptr<ByteSource> open_local_bytes(const std::string& path);

}  // namespace rastream
