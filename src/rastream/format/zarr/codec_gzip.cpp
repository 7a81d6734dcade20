// SPDX-License-Identifier: Apache-2.0
// gzip (RFC 1952) and zlib (RFC 1950) by libdeflate, which decodes whole buffers at twice zlib's
// speed.
#include <libdeflate.h>

#include <array>

#include "rastream/base/error.h"
#include "rastream/format/zarr/codec.h"

namespace rastream::zarr {
namespace {

enum class Wrapper { gzip, zlib };

struct FreeDecompressor {
  void operator()(libdeflate_decompressor* d) const { libdeflate_free_decompressor(d); }
};
struct FreeCompressor {
  void operator()(libdeflate_compressor* c) const { libdeflate_free_compressor(c); }
};

libdeflate_decompressor* decompressor() {
  thread_local std::unique_ptr<libdeflate_decompressor, FreeDecompressor> d(
      libdeflate_alloc_decompressor());
  if (!d) throw std::bad_alloc();
  return d.get();
}

libdeflate_compressor* compressor(int level) {
  thread_local std::array<std::unique_ptr<libdeflate_compressor, FreeCompressor>, 10> c;
  auto& slot = c[static_cast<std::size_t>(level)];
  if (!slot) slot.reset(libdeflate_alloc_compressor(level));
  if (!slot) throw std::bad_alloc();
  return slot.get();
}

class Deflate : public Codec {
 public:
  Deflate(Wrapper wrapper, int level) : wrapper_(wrapper), level_(level) {}

  std::string describe() const override { return fmt::format("{} {}", name(), level_); }

  // A gzip stream may have several members; RFC 1952 says that they mean their concatenation.
  std::optional<std::size_t> decode(std::span<const std::byte> in,
                                    std::span<std::byte> out) const override {
    const auto call =
        wrapper_ == Wrapper::gzip ? libdeflate_gzip_decompress_ex : libdeflate_zlib_decompress_ex;
    std::size_t done = 0;
    do {
      std::size_t n_in = 0;
      std::size_t n_out = 0;
      const auto result = call(decompressor(), in.data(), in.size(), out.data() + done,
                               out.size() - done, &n_in, &n_out);
      if (result == LIBDEFLATE_INSUFFICIENT_SPACE) return std::nullopt;
      if (result != LIBDEFLATE_SUCCESS)
        throw Error(Errc::data_loss, "the chunk is not a whole {} stream", name());
      done += n_out;
      in = in.subspan(n_in);
    } while (!in.empty());
    return done;
  }

  Bytes encode(std::span<const std::byte> in) const override {
    const bool is_gzip = wrapper_ == Wrapper::gzip;
    auto* c = compressor(level_);
    Bytes out(is_gzip ? libdeflate_gzip_compress_bound(c, in.size())
                      : libdeflate_zlib_compress_bound(c, in.size()));
    const auto call = is_gzip ? libdeflate_gzip_compress : libdeflate_zlib_compress;
    const std::size_t n = call(c, in.data(), in.size(), out.data(), out.size());
    if (n == 0) throw Error(Errc::internal, "{} refused to compress {} bytes", name(), in.size());
    out.resize(n);
    return out;
  }

  std::int64_t max_ratio() const override { return 1040; }

 private:
  std::string_view name() const { return wrapper_ == Wrapper::gzip ? "gzip" : "zlib"; }
  Wrapper wrapper_;
  int level_;
};

CodecPtr make(Wrapper wrapper, const Json& configuration, const CodecSite& site) {
  const int level =
      configuration.contains("level") ? json_member<int>(configuration, "level", site.what) : 6;
  if (level < -1 || level > 9)
    throw Error(Errc::data_loss, "{}: gzip level {}: expected 0 to 9", site.what, level);
  return std::make_shared<Deflate>(wrapper, level < 0 ? 6 : level);
}

}  // namespace

CodecPtr make_gzip(const Json& configuration, const CodecSite& site) {
  return make(Wrapper::gzip, configuration, site);
}

CodecPtr make_zlib(const Json& configuration, const CodecSite& site) {
  return make(Wrapper::zlib, configuration, site);
}

Json gzip_configuration(int level, const CodecSite&) { return {{"level", level < 0 ? 6 : level}}; }

}  // namespace rastream::zarr
