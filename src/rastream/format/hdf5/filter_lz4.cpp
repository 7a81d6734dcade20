// SPDX-License-Identifier: Apache-2.0
// Filter 32004, LZ4: the unpacked length (8 bytes) and the length of a block (4), both big-endian;
// then for each block its packed length (4) and its bytes, which are plain when that is the block's
// own length.
#include <lz4.h>

#include <algorithm>
#include <cstring>

#include "rastream/base/error.h"
#include "rastream/format/cursor.h"
#include "rastream/format/hdf5/chunk_filter.h"

namespace rastream {
namespace {

void undo_block(std::span<const std::byte> in, std::span<std::byte> out) {
  if (in.size() == out.size()) {
    std::memcpy(out.data(), in.data(), in.size());
    return;
  }
  const int done =
      in.size() > LZ4_MAX_INPUT_SIZE
          ? -1
          : LZ4_decompress_safe(reinterpret_cast<const char*>(in.data()),
                                reinterpret_cast<char*>(out.data()), static_cast<int>(in.size()),
                                static_cast<int>(out.size()));
  if (done < 0 || static_cast<std::size_t>(done) != out.size())
    throw Error(Errc::data_loss, "damaged lz4 data: a block of {} bytes", in.size());
}

class Lz4 final : public ChunkFilter {
 public:
  std::size_t max_ratio() const override { return 256; }

  std::span<const std::byte> undo(std::span<const std::byte> in, std::span<std::byte> out,
                                  ChunkScratch&) const override {
    Cursor cursor(in);
    const std::uint64_t n_bytes = cursor.big(8);
    const std::uint64_t block_bytes = cursor.big(4);
    if (n_bytes > out.size()) throw too_many_bytes("lz4", n_bytes, out.size());
    if (block_bytes == 0 || block_bytes > LZ4_MAX_INPUT_SIZE)
      throw Error(Errc::data_loss, "damaged lz4 data: blocks of {} bytes", block_bytes);
    for (std::uint64_t at = 0; at < n_bytes; at += block_bytes) {
      const std::uint64_t n = std::min(block_bytes, n_bytes - at);
      undo_block(cursor.take(cursor.big(4)), out.subspan(at, n));
    }
    return out.first(n_bytes);
  }
};

}  // namespace

ChunkFilterPtr make_lz4(const Filter&) { return std::make_shared<Lz4>(); }

}  // namespace rastream
