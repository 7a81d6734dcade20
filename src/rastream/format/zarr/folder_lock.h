// SPDX-License-Identifier: Apache-2.0
// A lock on a folder that dies with its holder: an open file description lock, which also works
// between NFS clients.
#pragma once

#include <filesystem>
#include <optional>

namespace rastream::zarr {

/// Holds a lock on `folder`/`name`. Thread-safe in that every object has its own lock.
class FolderLock {
 public:
  enum class Mode { shared, exclusive };
  /// Waits. Throws unavailable when the system cannot lock there.
  FolderLock(const std::filesystem::path& folder, const char* name, Mode mode);
  /// Nothing when another process holds it exclusively, or at all if `mode` is exclusive.
  static std::optional<FolderLock> try_lock(const std::filesystem::path& folder, const char* name,
                                            Mode mode);
  FolderLock(FolderLock&& other) noexcept;
  FolderLock& operator=(FolderLock&&) = delete;
  ~FolderLock();

  /// From exclusive to shared, without a moment of neither.
  void share();
  /// Removes the lock's file while it is held, so that a finished folder holds no trace of it.
  /// REQUIRES: exclusive.
  void remove_file();

 private:
  FolderLock(std::filesystem::path path, int fd) : path_(std::move(path)), fd_(fd) {}
  std::filesystem::path path_;
  int fd_;
};

}  // namespace rastream::zarr
