// SPDX-License-Identifier: Apache-2.0
// numcodecs' lz4: the decoded length as four little-endian bytes, then one LZ4 block.
#include <lz4.h>

#include <algorithm>
#include <cstring>
#include <limits>

#include "rastream/base/error.h"
#include "rastream/format/zarr/codec.h"

namespace rastream::zarr {
namespace {

class Lz4 : public Codec {
 public:
  std::string describe() const override { return "lz4"; }

  std::optional<std::size_t> decode(std::span<const std::byte> in,
                                    std::span<std::byte> out) const override {
    std::uint32_t n = 0;
    if (in.size() < sizeof n || in.size() > std::numeric_limits<int>::max()) {
      throw Error(Errc::data_loss, "the chunk is not an lz4 buffer");
    }
    std::memcpy(&n, in.data(), sizeof n);
    if (n > out.size()) return std::nullopt;
    const auto* block = reinterpret_cast<const char*>(in.data() + sizeof n);
    const int done = LZ4_decompress_safe(
        block, reinterpret_cast<char*>(out.data()), static_cast<int>(in.size() - 4),
        static_cast<int>(std::min<std::uint32_t>(n, LZ4_MAX_INPUT_SIZE)));
    if (done < 0 || static_cast<std::uint32_t>(done) != n) {
      throw Error(Errc::data_loss, "the chunk's lz4 block is damaged");
    }
    return n;
  }

  Bytes encode(std::span<const std::byte> in) const override {
    if (in.size() > LZ4_MAX_INPUT_SIZE)
      throw Error(Errc::unsupported, "an lz4 chunk of {} bytes", in.size());
    const auto n = static_cast<std::uint32_t>(in.size());
    const int bound = LZ4_compressBound(static_cast<int>(n));
    Bytes out(sizeof n + static_cast<std::size_t>(bound));
    std::memcpy(out.data(), &n, sizeof n);
    const int done = LZ4_compress_default(reinterpret_cast<const char*>(in.data()),
                                          reinterpret_cast<char*>(out.data() + sizeof n),
                                          static_cast<int>(n), bound);
    if (done <= 0) throw Error(Errc::internal, "lz4 refused to compress {} bytes", n);
    out.resize(sizeof n + static_cast<std::size_t>(done));
    return out;
  }

  std::int64_t max_ratio() const override { return 256; }
};

}  // namespace

CodecPtr make_lz4(const Json&, const CodecSite&) { return std::make_shared<Lz4>(); }

}  // namespace rastream::zarr
