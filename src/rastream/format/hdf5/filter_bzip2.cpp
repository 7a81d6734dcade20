// SPDX-License-Identifier: Apache-2.0
// Filter 307, bzip2: one stream.
#include <bzlib.h>

#include <algorithm>
#include <limits>

#include "rastream/base/error.h"
#include "rastream/format/hdf5/chunk_filter.h"

namespace rastream {
namespace {

class Bzip2 final : public ChunkFilter {
 public:
  // 45 bytes can hold 900 kB of one byte, and runs shrink further.
  std::size_t max_ratio() const override { return 2'000'000; }

  std::span<const std::byte> undo(std::span<const std::byte> in, std::span<std::byte> out,
                                  ChunkScratch&) const override {
    constexpr std::size_t kMost = std::numeric_limits<unsigned>::max();
    if (in.size() > kMost) throw Error(Errc::unsupported, "a bzip2 chunk of {} bytes", in.size());
    auto n = static_cast<unsigned>(std::min(out.size(), kMost));
    // The library's interface is not const-correct; it does not write to its source.
    auto* source = reinterpret_cast<char*>(const_cast<std::byte*>(in.data()));
    const int result = BZ2_bzBuffToBuffDecompress(reinterpret_cast<char*>(out.data()), &n, source,
                                                  static_cast<unsigned>(in.size()), 0, 0);
    if (result == BZ_OUTBUFF_FULL)
      throw Error(Errc::data_loss, "bzip2 gives more than the {} bytes of the chunk", out.size());
    if (result != BZ_OK) throw Error(Errc::data_loss, "damaged bzip2 data ({} bytes)", in.size());
    return out.first(n);
  }
};

}  // namespace

ChunkFilterPtr make_bzip2(const Filter&) { return std::make_shared<Bzip2>(); }

}  // namespace rastream
