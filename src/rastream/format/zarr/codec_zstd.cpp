// SPDX-License-Identifier: Apache-2.0
// Zstandard (RFC 8878). A frame's own checksum is verified where it has one.
#include <zstd.h>
#include <zstd_errors.h>

#include "rastream/base/error.h"
#include "rastream/format/zarr/codec.h"

namespace rastream::zarr {
namespace {

struct FreeContext {
  void operator()(ZSTD_DCtx* c) const { ZSTD_freeDCtx(c); }
  void operator()(ZSTD_CCtx* c) const { ZSTD_freeCCtx(c); }
};

class Zstd : public Codec {
 public:
  Zstd(int level, bool has_checksum) : level_(level), has_checksum_(has_checksum) {}

  std::string describe() const override { return fmt::format("zstd {}", level_); }

  std::optional<std::size_t> decode(std::span<const std::byte> in,
                                    std::span<std::byte> out) const override {
    thread_local std::unique_ptr<ZSTD_DCtx, FreeContext> context(ZSTD_createDCtx());
    if (!context) throw std::bad_alloc();
    const std::size_t n =
        ZSTD_decompressDCtx(context.get(), out.data(), out.size(), in.data(), in.size());
    if (!ZSTD_isError(n)) return n;
    if (ZSTD_getErrorCode(n) == ZSTD_error_dstSize_tooSmall) return std::nullopt;
    throw Error(Errc::data_loss, "the chunk is not a whole zstd frame ({})", ZSTD_getErrorName(n));
  }

  Bytes encode(std::span<const std::byte> in) const override {
    thread_local std::unique_ptr<ZSTD_CCtx, FreeContext> context(ZSTD_createCCtx());
    if (!context) throw std::bad_alloc();
    ZSTD_CCtx_reset(context.get(), ZSTD_reset_session_and_parameters);
    ZSTD_CCtx_setParameter(context.get(), ZSTD_c_compressionLevel, level_);
    ZSTD_CCtx_setParameter(context.get(), ZSTD_c_checksumFlag, has_checksum_ ? 1 : 0);
    Bytes out(ZSTD_compressBound(in.size()));
    const std::size_t n =
        ZSTD_compress2(context.get(), out.data(), out.size(), in.data(), in.size());
    if (ZSTD_isError(n))
      throw Error(Errc::internal, "zstd refused to compress: {}", ZSTD_getErrorName(n));
    out.resize(n);
    return out;
  }

  // A block of 128 KiB of one byte takes four bytes.
  std::int64_t max_ratio() const override { return 40000; }

 private:
  int level_;
  bool has_checksum_;
};

}  // namespace

CodecPtr make_zstd(const Json& configuration, const CodecSite& site) {
  const int level =
      configuration.contains("level") ? json_member<int>(configuration, "level", site.what) : 0;
  if (level < ZSTD_minCLevel() || level > ZSTD_maxCLevel()) {
    throw Error(Errc::data_loss, "{}: zstd level {}: expected at most {}", site.what, level,
                ZSTD_maxCLevel());
  }
  const bool has_checksum =
      configuration.contains("checksum") && json_member<bool>(configuration, "checksum", site.what);
  return std::make_shared<Zstd>(level, has_checksum);
}

// Older numcodecs do not know "checksum" and refuse the whole array, so v2 metadata leaves it out.
Json zstd_configuration(int level, const CodecSite& site) {
  Json configuration = {{"level", level < 0 ? 3 : level}};
  if (site.zarr_format == 3) configuration["checksum"] = false;
  return configuration;
}

}  // namespace rastream::zarr
