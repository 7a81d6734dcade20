// SPDX-License-Identifier: Apache-2.0
// One value that is read at offsets: a regular file of this machine, or a remote one.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "rastream/base/bytes.h"

namespace rastream {

/// What changes when a file does: compared, never interpreted.
struct FileStamp {
  std::uint64_t size = 0;
  std::int64_t modified_ns = 0;  ///< since 1970; 0 of a remote value
  std::int64_t changed_ns = 0;   ///< of the inode
  std::uint64_t inode = 0;
  std::string version = {};  ///< of a remote value: ValueInfo::version
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
std::shared_ptr<const ByteSource> open_local_bytes(const std::string& path);

/// Opens a value of any store by its URL, read in blocks that are kept for all remote values
/// together (store/block_cache.h). Throws not_found, permission_denied, unavailable, unsupported.
std::shared_ptr<const ByteSource> open_remote_bytes(const std::string& url);

/// The most that kept blocks of remote values take.
inline constexpr std::int64_t kRemoteCacheBytes = std::int64_t{64} << 20;
/// The most that one request for blocks fetches.
inline constexpr std::int64_t kLargestRemoteRead = std::int64_t{8} << 20;

/// True for "scheme://..." of a store that is not this machine's files.
bool is_remote(std::string_view path_or_url);

/// Opens one or the other, also by its public_name().
std::shared_ptr<const ByteSource> open_bytes(const std::string& path_or_url);

}  // namespace rastream
