// SPDX-License-Identifier: Apache-2.0
#include "rastream/store/get_many.h"

#include <algorithm>
#include <atomic>
#include <numeric>

#include "rastream/base/error.h"
#include "rastream/base/parallel_work.h"

namespace rastream {

std::vector<CoalescedRead> coalesce(std::span<const ByteRange> ranges, const Coalescing& options) {
  for (const ByteRange& r : ranges) {
    if (r.begin < 0 || r.end < r.begin)
      throw Error(Errc::invalid_argument, "range of bytes [{}, {}): expected 0 <= begin <= end",
                  r.begin, r.end);
  }
  std::vector<std::size_t> order(ranges.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return ranges[a].begin < ranges[b].begin; });
  std::vector<CoalescedRead> reads;
  for (const std::size_t i : order) {
    const ByteRange& r = ranges[i];
    const bool joins =
        !reads.empty() && r.begin - reads.back().range.end <= options.largest_gap &&
        std::max(r.end, reads.back().range.end) - reads.back().range.begin <= options.largest_read;
    const bool is_inside = !reads.empty() && r.end <= reads.back().range.end;
    if (!joins && !is_inside) reads.push_back({r, {}});
    reads.back().range.end = std::max(reads.back().range.end, r.end);
    reads.back().wanted.push_back(i);
  }
  return reads;
}

std::optional<std::vector<Bytes>> get_many(const Store& store, std::string_view key,
                                           std::span<const ByteRange> ranges,
                                           const Coalescing& options) {
  const std::vector<CoalescedRead> reads = coalesce(ranges, options);
  std::vector<Bytes> out(ranges.size());
  std::atomic<bool> is_absent = false;
  run_parallel(options.n_threads, static_cast<std::int64_t>(reads.size()), [&](std::int64_t k) {
    const CoalescedRead& read = reads[static_cast<std::size_t>(k)];
    const std::optional<Bytes> bytes = store.get(key, read.range);
    if (!bytes) {
      is_absent = true;
      return;
    }
    for (const std::size_t i : read.wanted) {
      const auto begin = bytes->begin() + (ranges[i].begin - read.range.begin);
      out[i].assign(begin, begin + (ranges[i].end - ranges[i].begin));
    }
  });
  if (is_absent) return std::nullopt;
  return out;
}

}  // namespace rastream
