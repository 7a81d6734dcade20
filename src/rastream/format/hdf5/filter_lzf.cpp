// SPDX-License-Identifier: Apache-2.0
// Filter 32000, LZF as h5py writes it: a bare stream of literal runs and back references. A byte
// below 32 is followed by that many literals and one more; else its upper three bits (and, when all
// are set, the next byte) are a length less 2, and its lower five with the next byte a distance
// less 1.
#include <cstring>

#include "rastream/base/error.h"
#include "rastream/format/cursor.h"
#include "rastream/format/hdf5/chunk_filter.h"

namespace rastream {
namespace {

class Lzf final : public ChunkFilter {
 public:
  // Three bytes become at most 7 + 255 + 2.
  std::size_t max_ratio() const override { return 88; }

  std::span<const std::byte> undo(std::span<const std::byte> in, std::span<std::byte> out,
                                  ChunkScratch&) const override {
    Cursor cursor(in);
    std::size_t n_out = 0;
    while (cursor.n_left() > 0) {
      const unsigned control = cursor.byte();
      n_out += control < 32 ? copy_literals(cursor, control + 1, out.subspan(n_out))
                            : copy_back(cursor, control, out, n_out);
    }
    return out.first(n_out);
  }

 private:
  static std::size_t copy_literals(Cursor& in, std::size_t n, std::span<std::byte> out) {
    if (n > out.size()) throw Error(Errc::data_loss, "lzf gives more bytes than the chunk has");
    std::memcpy(out.data(), in.take(n).data(), n);
    return n;
  }

  static std::size_t copy_back(Cursor& in, unsigned control, std::span<std::byte> out,
                               std::size_t at) {
    std::size_t n = control >> 5;
    if (n == 7) n += in.byte();
    n += 2;
    const std::size_t distance = ((control & 0x1f) << 8 | in.byte()) + 1;
    if (distance > at || n > out.size() - at)
      throw Error(Errc::data_loss, "damaged lzf data: {} bytes from {} before {}", n, distance, at);
    // The runs may overlap: what was just written is repeated.
    for (std::size_t i = 0; i < n; ++i) out[at + i] = out[at + i - distance];
    return n;
  }
};

}  // namespace

ChunkFilterPtr make_lzf(const Filter&) { return std::make_shared<Lzf>(); }

}  // namespace rastream
