// SPDX-License-Identifier: Apache-2.0
// A file on its way: bytes at their places under a temporary name, with a small file beside it that
// says which of them are durable, until it is whole and gets its name.
#pragma once

#include <chrono>
#include <filesystem>
#include <mutex>
#include <optional>
#include <span>
#include <string>

#include "rastream/store/digest.h"
#include "rastream/store/transfer/byte_set.h"

namespace rastream {

/// What the bytes are of: bytes of two states of a resource are never put together.
struct PartialIdentity {
  std::string source;            ///< digest of the URL without its query
  std::int64_t size_bytes = -1;  ///< -1: not known
  std::string version;           ///< ETag or Last-Modified; "" cannot be resumed
  bool operator==(const PartialIdentity&) const = default;
};

/// The temporary is named after `path`, so that a later process finds it; while it is locked by
/// another process, or cannot be trusted (a link, another user's), a unique name is taken instead.
/// write and read are safe from many threads, the rest is not.
class PartialFile {
 public:
  explicit PartialFile(std::filesystem::path path);
  /// Neither committed nor kept, it is removed.
  ~PartialFile();
  PartialFile(const PartialFile&) = delete;
  PartialFile& operator=(const PartialFile&) = delete;

  /// What an earlier process left of the same resource; nothing when there is nothing of use.
  std::optional<PartialIdentity> resume(const std::string& source);
  /// Forgets all bytes; what is written from now on is of `identity`.
  void restart(PartialIdentity identity);
  const PartialIdentity& identity() const { return identity_; }

  /// Throws unavailable ("disk full").
  void write(std::int64_t at, std::span<const std::byte> bytes);
  std::int64_t n_written() const;
  std::vector<ByteRange> missing(std::int64_t size_bytes) const;
  /// Bytes [begin, end) as they are in the file. Throws data_loss when it is shorter.
  void read(std::int64_t begin, std::span<std::byte> into) const;

  /// Brings what was written to the disk, and then writes down that it is there.
  void checkpoint();
  /// The same when so much was written since the last time; for long transfers.
  void checkpoint_if_due();
  /// Keeps what is there for a later resume, if that is worth it and possible.
  void keep() noexcept;
  /// The file gets its name. It must have `size_bytes`: data_loss. With `is_synced`, the bytes have
  /// reached the disk before, and the name has when `syncs_folder`.
  void commit(std::int64_t size_bytes,
              std::optional<std::chrono::system_clock::time_point> changed_at, bool is_synced,
              bool syncs_folder);

 private:
  void open_shared();
  void open_unique();
  bool is_trusted() const;
  void forget();

  std::filesystem::path path_;
  std::filesystem::path temporary_;
  std::filesystem::path notes_;  ///< "" for a unique temporary, which nobody could find again
  int fd_ = -1;
  bool is_done_ = false;
  PartialIdentity identity_;
  mutable std::mutex mutex_;
  ByteSet written_;
  std::int64_t n_since_checkpoint_ = 0;
};

}  // namespace rastream
