// SPDX-License-Identifier: Apache-2.0
// Filter 32001, Blosc 1: shuffle and a fast compressor in blocks. The header inside the bytes says
// how to decode them.
#include <blosc.h>

#include <array>

#include "rastream/base/error.h"
#include "rastream/format/hdf5/chunk_filter.h"

namespace rastream {
namespace {

class Blosc final : public ChunkFilter {
 public:
  std::size_t max_ratio() const override { return 40000; }

  std::span<const std::byte> undo(std::span<const std::byte> in, std::span<std::byte> out,
                                  ChunkScratch&) const override {
    std::size_t n = 0;
    if (in.size() < BLOSC_MIN_HEADER_LENGTH ||
        blosc_cbuffer_validate(in.data(), in.size(), &n) != 0)
      throw Error(Errc::data_loss, "damaged blosc data ({} bytes): not a whole buffer", in.size());
    if (n > out.size()) throw too_many_bytes("blosc", n, out.size());
    const int done = blosc_decompress_ctx(in.data(), out.data(), n, 1);
    if (done < 0 || static_cast<std::size_t>(done) != n)
      throw Error(Errc::data_loss, "damaged blosc data ({} bytes)", in.size());
    return out.first(n);
  }
};

}  // namespace

/// Parameters: versions of filter and format, cell and chunk size, level, shuffle, compressor.
std::string describe_blosc(const Filter& filter) {
  constexpr std::array kCompressors = {"blosclz", "lz4", "lz4hc", "snappy", "zlib", "zstd"};
  constexpr std::array kShuffles = {"noshuffle", "shuffle", "bitshuffle"};
  const unsigned compressor = parameter(filter, 6, 0);
  const unsigned shuffle = parameter(filter, 5, 1);
  return fmt::format(
      "blosc {} {} {}", compressor < kCompressors.size() ? kCompressors[compressor] : "?",
      parameter(filter, 4, 5), shuffle < kShuffles.size() ? kShuffles[shuffle] : "?");
}

ChunkFilterPtr make_blosc(const Filter&) { return std::make_shared<Blosc>(); }

}  // namespace rastream
