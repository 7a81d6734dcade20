// SPDX-License-Identifier: Apache-2.0
// Filter 4, szip: the unpacked length as four little-endian bytes, then an extended Rice stream
// (CCSDS 121.0-B), undone by libaec.
extern "C" {  // the header has no guard of its own for C++
#include <szlib.h>
}

#include "rastream/base/error.h"
#include "rastream/format/cursor.h"
#include "rastream/format/hdf5/chunk_filter.h"

namespace rastream {
namespace {

constexpr std::size_t kLengthBytes = 4;

class Szip final : public ChunkFilter {
 public:
  explicit Szip(const SZ_com_t& settings) : settings_(settings) {}

  // A code of one block can stand for 64 blocks of at most 32 cells of 8 bytes that are all zero.
  std::size_t max_ratio() const override { return std::size_t{64} * 32 * 8 * 8; }

  std::span<const std::byte> undo(std::span<const std::byte> in, std::span<std::byte> out,
                                  ChunkScratch&) const override {
    Cursor cursor(in);
    const std::uint64_t expected = cursor.little(kLengthBytes);
    if (expected > out.size()) throw too_many_bytes("szip", expected, out.size());
    SZ_com_t settings = settings_;
    std::size_t n_out = expected;
    const int result = SZ_BufftoBuffDecompress(out.data(), &n_out, in.data() + kLengthBytes,
                                               in.size() - kLengthBytes, &settings);
    if (result != SZ_OK || n_out != expected)
      throw Error(Errc::data_loss, "damaged szip data ({} bytes)", in.size());
    return out.first(n_out);
  }

 private:
  SZ_com_t settings_;
};

}  // namespace

ChunkFilterPtr make_szip(const Filter& filter) {
  if (filter.parameters.size() < 4) return nullptr;
  SZ_com_t s{};
  s.options_mask = static_cast<int>(filter.parameters[0]);
  s.pixels_per_block = static_cast<int>(filter.parameters[1]);
  s.bits_per_pixel = static_cast<int>(filter.parameters[2]);
  s.pixels_per_scanline = static_cast<int>(filter.parameters[3]);
  const int block = s.pixels_per_block;
  const bool is_known =
      block >= 2 && block <= SZ_MAX_PIXELS_PER_BLOCK && block % 2 == 0 &&
      ((s.bits_per_pixel >= 1 && s.bits_per_pixel <= 32) || s.bits_per_pixel == 64) &&
      s.pixels_per_scanline >= block && s.pixels_per_scanline <= SZ_MAX_PIXELS_PER_SCANLINE;
  if (!is_known) return nullptr;
  return std::make_shared<Szip>(s);
}

}  // namespace rastream
