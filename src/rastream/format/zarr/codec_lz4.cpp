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

  Bytes encode(std::span<const std::byte>) const override {
    throw Error(Errc::unsupported, "codec 'lz4' is read, not written");
  }

  std::int64_t max_ratio() const override { return 256; }
};

}  // namespace

CodecPtr make_lz4(const Json&, const CodecSite&) { return std::make_shared<Lz4>(); }

}  // namespace rastream::zarr
