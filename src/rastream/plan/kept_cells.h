// SPDX-License-Identifier: Apache-2.0
// Steps that one walk keeps for the next: in memory, or in a scratch file that has no name and so
// is gone with the process. Safe for many threads at different places.
#pragma once

#include <cstdint>
#include <mutex>
#include <span>
#include <string>

#include "rastream/base/bytes.h"

namespace rastream {

class KeptCells {
 public:
  /// `size_bytes` is the most that will be stored. Throws unavailable when the scratch file cannot
  /// be made.
  KeptCells(std::int64_t size_bytes, bool in_memory);
  ~KeptCells();
  KeptCells(const KeptCells&) = delete;
  KeptCells& operator=(const KeptCells&) = delete;

  void store(std::int64_t offset, std::span<const std::byte> bytes);
  void load(std::int64_t offset, std::span<std::byte> bytes) const;

 private:
  Buffer memory_;
  int file_ = -1;
};

/// Folder of scratch files: $TMPDIR, else /var/tmp (memory file systems would defeat the purpose).
std::string scratch_folder();

}  // namespace rastream
