// SPDX-License-Identifier: Apache-2.0
// Filter 1, deflate: a zlib stream, inflated by libdeflate.
#include <libdeflate.h>

#include "rastream/base/error.h"
#include "rastream/format/hdf5/chunk_filter.h"

namespace rastream {
namespace {

struct Free {
  void operator()(libdeflate_decompressor* d) const { libdeflate_free_decompressor(d); }
};

libdeflate_decompressor* decompressor_of_this_thread() {
  thread_local const std::unique_ptr<libdeflate_decompressor, Free> decompressor(
      libdeflate_alloc_decompressor());
  if (!decompressor) throw std::bad_alloc();
  return decompressor.get();
}

class Deflate final : public ChunkFilter {
 public:
  // One deflate symbol of at least two bits makes at most 258 bytes; zlib's own documentation says
  // 1032 to 1.
  std::size_t max_ratio() const override { return 1032; }

  std::span<const std::byte> undo(std::span<const std::byte> in, std::span<std::byte> out,
                                  ChunkScratch&) const override {
    std::size_t n_out = 0;
    const auto result = libdeflate_zlib_decompress(decompressor_of_this_thread(), in.data(),
                                                   in.size(), out.data(), out.size(), &n_out);
    if (result == LIBDEFLATE_INSUFFICIENT_SPACE) {
      throw Error(Errc::data_loss, "deflate gives more than the {} bytes of the chunk", out.size());
    }
    if (result != LIBDEFLATE_SUCCESS)
      throw Error(Errc::data_loss, "damaged deflate data ({} bytes)", in.size());
    return out.first(n_out);
  }
};

}  // namespace

ChunkFilterPtr make_deflate(const Filter&) { return std::make_shared<Deflate>(); }

}  // namespace rastream
