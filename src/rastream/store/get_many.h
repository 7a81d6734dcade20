// SPDX-License-Identifier: Apache-2.0
// Many ranges of one value in few requests: ranges that lie near each other are read as one.
#pragma once

#include <span>
#include <vector>

#include "rastream/store/store.h"

namespace rastream {

struct Coalescing {
  std::int64_t largest_gap = 64 << 10;  ///< bytes read in vain to save a request
  std::int64_t largest_read = 16 << 20;
  int n_threads = 4;  ///< requests under way
};

/// One request, and which of the wanted ranges it holds.
struct CoalescedRead {
  ByteRange range;
  std::vector<std::size_t> wanted;  ///< indices into the ranges that were given
};

/// `ranges` (begin <= end, no open ends: invalid_argument) as few reads, in the order of their
/// begin. A range is never split, so that a read may be longer than largest_read.
std::vector<CoalescedRead> coalesce(std::span<const ByteRange> ranges, const Coalescing& options);

/// The bytes of each of `ranges`, in their order; nothing when the key is absent. Throws what
/// Store::get throws.
std::optional<std::vector<Bytes>> get_many(const Store& store, std::string_view key,
                                           std::span<const ByteRange> ranges,
                                           const Coalescing& options = {});

}  // namespace rastream
