// SPDX-License-Identifier: Apache-2.0
// Filter 32015, Zstandard: one frame.
#include <zstd.h>

#include "rastream/base/error.h"
#include "rastream/format/hdf5/chunk_filter.h"

namespace rastream {
namespace {

struct Free {
  void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
};

class Zstd final : public ChunkFilter {
 public:
  // A run of 128 KiB takes four bytes.
  std::size_t max_ratio() const override { return 33000; }

  std::span<const std::byte> undo(std::span<const std::byte> in, std::span<std::byte> out,
                                  ChunkScratch&) const override {
    thread_local const std::unique_ptr<ZSTD_DCtx, Free> context(ZSTD_createDCtx());
    if (!context) throw std::bad_alloc();
    const std::size_t n =
        ZSTD_decompressDCtx(context.get(), out.data(), out.size(), in.data(), in.size());
    if (ZSTD_isError(n)) {
      throw Error(Errc::data_loss, "damaged zstd data ({} bytes): {}", in.size(),
                  ZSTD_getErrorName(n));
    }
    return out.first(n);
  }
};

}  // namespace

ChunkFilterPtr make_zstd(const Filter&) { return std::make_shared<Zstd>(); }

}  // namespace rastream
