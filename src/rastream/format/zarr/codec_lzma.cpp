// SPDX-License-Identifier: Apache-2.0
// LZMA as numcodecs writes it: an .xz container (format 1) or a legacy .lzma one (2). Raw streams
// (3), whose filters stand in the metadata, are refused.
#include <lzma.h>

#include "rastream/base/error.h"
#include "rastream/format/zarr/codec.h"

namespace rastream::zarr {
namespace {

/// What a dictionary may take: that of preset 9.
constexpr std::uint64_t kMemoryLimit = std::uint64_t{80} << 20;

class Lzma : public Codec {
 public:
  std::string describe() const override { return "lzma"; }

  std::optional<std::size_t> decode(std::span<const std::byte> in,
                                    std::span<std::byte> out) const override {
    lzma_stream stream = LZMA_STREAM_INIT;
    if (lzma_auto_decoder(&stream, kMemoryLimit, 0) != LZMA_OK)
      throw Error(Errc::unavailable, "no memory for an LZMA decoder");
    stream.next_in = reinterpret_cast<const std::uint8_t*>(in.data());
    stream.avail_in = in.size();
    stream.next_out = reinterpret_cast<std::uint8_t*>(out.data());
    stream.avail_out = out.size();
    const lzma_ret result = lzma_code(&stream, LZMA_FINISH);
    const std::size_t n_in = stream.total_in;
    const std::size_t n_out = stream.total_out;
    lzma_end(&stream);
    if (result == LZMA_STREAM_END && n_in == in.size()) return n_out;
    if (n_out == out.size() && result != LZMA_DATA_ERROR && n_in < in.size()) return std::nullopt;
    throw Error(Errc::data_loss, "the chunk is not a whole LZMA stream");
  }

  Bytes encode(std::span<const std::byte>) const override {
    throw Error(Errc::unsupported, "codec 'lzma' is read, not written");
  }

  // A match of 273 bytes can take less than a bit.
  std::int64_t max_ratio() const override { return 8192; }
};

}  // namespace

CodecPtr make_lzma(const Json& configuration, const CodecSite& site) {
  const Json format = configuration.contains("format") ? configuration["format"] : Json(1);
  if (format != 1 && format != 2)
    throw Error(Errc::unsupported, "{}: lzma format {}: expected 1 or 2", site.what, format.dump());
  return std::make_shared<Lzma>();
}

}  // namespace rastream::zarr
