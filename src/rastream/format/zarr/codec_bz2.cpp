// SPDX-License-Identifier: Apache-2.0
// bzip2, as numcodecs writes it: one plain stream.
#include <bzlib.h>

#include <algorithm>
#include <limits>

#include "rastream/base/error.h"
#include "rastream/format/zarr/codec.h"

namespace rastream::zarr {
namespace {

class Bz2 : public Codec {
 public:
  std::string describe() const override { return "bz2"; }

  std::optional<std::size_t> decode(std::span<const std::byte> in,
                                    std::span<std::byte> out) const override {
    constexpr std::size_t kMost = std::numeric_limits<unsigned>::max();
    if (in.size() > kMost) throw Error(Errc::unsupported, "a bz2 chunk of {} bytes", in.size());
    auto n = static_cast<unsigned>(std::min(out.size(), kMost));
    // The library's interface is not const-correct; it does not write to its source.
    auto* source = reinterpret_cast<char*>(const_cast<std::byte*>(in.data()));
    const int result = BZ2_bzBuffToBuffDecompress(reinterpret_cast<char*>(out.data()), &n, source,
                                                  static_cast<unsigned>(in.size()), 0, 0);
    if (result == BZ_OUTBUFF_FULL) return std::nullopt;
    if (result != BZ_OK) throw Error(Errc::data_loss, "the chunk is not a whole bz2 stream");
    return n;
  }

  Bytes encode(std::span<const std::byte>) const override {
    throw Error(Errc::unsupported, "codec 'bz2' is read, not written");
  }

  // 45 bytes can hold 900 kB of one byte, and runs shrink further.
  std::int64_t max_ratio() const override { return 2'000'000; }
};

}  // namespace

CodecPtr make_bz2(const Json&, const CodecSite&) { return std::make_shared<Bz2>(); }

}  // namespace rastream::zarr
