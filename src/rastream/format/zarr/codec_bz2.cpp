// SPDX-License-Identifier: Apache-2.0
// bzip2, as numcodecs writes it: one plain stream.
#include <bzlib.h>

#include <algorithm>
#include <limits>

#include "rastream/base/error.h"
#include "rastream/format/zarr/codec.h"

namespace rastream::zarr {
namespace {

/// The library's interface is not const-correct, and wants an address of nothing too; it does not
/// write to its source.
char* address_of(std::span<const std::byte> bytes) {
  static char nothing = 0;
  return bytes.empty() ? &nothing : reinterpret_cast<char*>(const_cast<std::byte*>(bytes.data()));
}

class Bz2 : public Codec {
 public:
  explicit Bz2(int level) : level_(level) {}
  std::string describe() const override { return "bz2"; }

  std::optional<std::size_t> decode(std::span<const std::byte> in,
                                    std::span<std::byte> out) const override {
    constexpr std::size_t kMost = std::numeric_limits<unsigned>::max();
    if (in.size() > kMost) throw Error(Errc::unsupported, "a bz2 chunk of {} bytes", in.size());
    auto n = static_cast<unsigned>(std::min(out.size(), kMost));
    const int result = BZ2_bzBuffToBuffDecompress(address_of(out), &n, address_of(in),
                                                  static_cast<unsigned>(in.size()), 0, 0);
    if (result == BZ_OUTBUFF_FULL) return std::nullopt;
    if (result != BZ_OK) throw Error(Errc::data_loss, "the chunk is not a whole bz2 stream");
    return n;
  }

  Bytes encode(std::span<const std::byte> in) const override {
    // The library's bound: 1 % more and 600 bytes.
    const std::size_t bound = in.size() + in.size() / 100 + 601;
    if (bound > std::numeric_limits<unsigned>::max())
      throw Error(Errc::unsupported, "a bz2 chunk of {} bytes", in.size());
    Bytes out(bound);
    auto n = static_cast<unsigned>(bound);
    const int result =
        BZ2_bzBuffToBuffCompress(reinterpret_cast<char*>(out.data()), &n, address_of(in),
                                 static_cast<unsigned>(in.size()), level_, 0, 0);
    if (result != BZ_OK) throw Error(Errc::internal, "bz2 refused to compress {} bytes", in.size());
    out.resize(n);
    return out;
  }

  // 45 bytes can hold 900 kB of one byte, and runs shrink further.
  std::int64_t max_ratio() const override { return 2'000'000; }

 private:
  int level_;
};

}  // namespace

CodecPtr make_bz2(const Json& configuration, const CodecSite& site) {
  const int level =
      configuration.contains("level") ? json_member<int>(configuration, "level", site.what) : 1;
  return std::make_shared<Bz2>(std::clamp(level, 1, 9));
}

}  // namespace rastream::zarr
