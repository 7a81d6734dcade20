// SPDX-License-Identifier: Apache-2.0
// Filter 3, fletcher32: four bytes of checksum behind the chunk.
#include <algorithm>
#include <cstring>

#include "rastream/base/error.h"
#include "rastream/format/hdf5/chunk_filter.h"

namespace rastream {
namespace {

constexpr std::size_t kSumBytes = 4;

class Fletcher32 final : public ChunkFilter {
 public:
  std::optional<std::size_t> packed_size(std::size_t n_bytes) const override {
    return n_bytes + kSumBytes;
  }

  std::span<const std::byte> undo(std::span<const std::byte> in, std::span<std::byte>,
                                  ChunkScratch&) const override {
    if (in.size() < kSumBytes)
      throw Error(Errc::data_loss, "{} bytes are too few for a checksum", in.size());
    const auto body = in.first(in.size() - kSumBytes);
    std::uint32_t stored = 0;
    for (std::size_t i = 0; i < kSumBytes; ++i) {
      stored |= std::to_integer<std::uint32_t>(in[body.size() + i]) << 8 * i;
    }
    const std::uint32_t sum = fletcher32(body);
    // HDF5 1.6.2 and older stored the bytes of each half in the other order; libhdf5 takes both.
    const std::uint32_t old_sum = (sum & 0x00ff00ff) << 8 | (sum >> 8 & 0x00ff00ff);
    if (stored != sum && stored != old_sum) {
      throw Error(Errc::data_loss, "checksum fletcher32 is {:08x}: expected {:08x}", sum, stored);
    }
    return body;
  }
};

}  // namespace

std::uint32_t fletcher32(std::span<const std::byte> bytes) {
  std::uint32_t sum1 = 0;
  std::uint32_t sum2 = 0;
  const std::size_t n_words = bytes.size() / 2;
  const auto at = [&](std::size_t i) { return std::to_integer<std::uint32_t>(bytes[i]); };
  const auto fold = [](std::uint32_t s) { return (s & 0xffff) + (s >> 16); };
  // 360 words are the most that cannot overflow 32 bits between two folds. A word that n others
  // follow is added n + 1 times to the second sum; so written, the loop has no chain of additions
  // and runs in vectors.
  for (std::size_t begin = 0; begin < n_words; begin += 360) {
    const auto n = static_cast<std::uint32_t>(std::min<std::size_t>(360, n_words - begin));
    std::uint32_t plain = 0;
    std::uint32_t weighted = 0;
    for (std::uint32_t i = 0; i < n; ++i) {
      std::uint16_t word;
      std::memcpy(&word, bytes.data() + 2 * (begin + i), sizeof(word));
      const std::uint32_t value = __builtin_bswap16(word);
      plain += value;
      weighted += (n - i) * value;
    }
    sum2 = fold(sum2 + n * sum1 + weighted);
    sum1 = fold(sum1 + plain);
  }
  if (bytes.size() % 2 != 0) {
    sum1 = fold(sum1 + (at(bytes.size() - 1) << 8));
    sum2 = fold(sum2 + sum1);
  }
  return fold(sum2) << 16 | fold(sum1);
}

ChunkFilterPtr make_fletcher32(const Filter&) { return std::make_shared<Fletcher32>(); }

}  // namespace rastream
