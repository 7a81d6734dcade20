// SPDX-License-Identifier: Apache-2.0
// Digests of a file while it comes: what comes in order is not read again.
#pragma once

#include <atomic>
#include <optional>
#include <span>
#include <vector>

#include "rastream/store/digest.h"
#include "rastream/store/transfer/partial_file.h"

namespace rastream {

/// `update` is safe from many threads when no two of them bring the same bytes.
class RunningDigests {
 public:
  explicit RunningDigests(const std::vector<DigestKind>& kinds);
  /// Takes bytes that begin where the last ones ended; others are left for read_rest.
  void update(std::int64_t at, std::span<const std::byte> bytes);
  /// Reads from the file what has not been taken, up to `size_bytes`, and ends the digests.
  void read_rest(const PartialFile& file, std::int64_t size_bytes);
  /// After read_rest. REQUIRES: `kind` was among the kinds.
  const Digest& of(DigestKind kind) const;

 private:
  std::vector<DigestBuilder> builders_;
  std::vector<Digest> digests_;
  std::atomic<std::int64_t> at_ = 0;
};

}  // namespace rastream
