// SPDX-License-Identifier: Apache-2.0
// A file without a name that only grows: what a writer cannot keep in memory. It is gone with its
// last descriptor, also when the process is killed.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace rastream::geotiff {

/// append() and read() are safe to call from many threads at once.
class ScratchFile {
 public:
  /// In the folder of `target`, which errors name. Throws not_found or permission_denied as for
  /// `target` itself.
  explicit ScratchFile(const std::string& target);
  ~ScratchFile();
  ScratchFile(const ScratchFile&) = delete;
  ScratchFile& operator=(const ScratchFile&) = delete;

  /// Returns where the bytes are. Throws unavailable when the disk is full.
  std::int64_t append(std::span<const std::byte> bytes);
  void read(std::int64_t offset, std::span<std::byte> bytes) const;
  std::int64_t size() const { return size_; }
  int descriptor() const { return descriptor_; }

 private:
  std::string target_;
  int descriptor_ = -1;
  std::atomic<std::int64_t> size_{0};
};

/// Writes all of `bytes` at `offset`; throws unavailable naming `path`.
void write_at(int descriptor, std::int64_t offset, std::span<const std::byte> bytes,
              const std::string& path);

}  // namespace rastream::geotiff
