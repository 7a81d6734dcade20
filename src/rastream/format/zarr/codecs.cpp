// SPDX-License-Identifier: Apache-2.0
// The table of codecs, and chains of them. The declared size of a chunk caps every decoder.
#include <algorithm>
#include <array>

#include "rastream/base/error.h"
#include "rastream/format/zarr/codec.h"

namespace rastream::zarr {
namespace {

constexpr std::array kCodecs = {
    CodecKind{"zstd", "zstd", make_zstd, zstd_configuration},
    CodecKind{"gzip", "gzip", make_gzip, gzip_configuration},
    CodecKind{"blosc", "blosc", make_blosc, blosc_configuration},
    CodecKind{"zlib", "numcodecs.zlib", make_zlib, nullptr},
    CodecKind{"lz4", "numcodecs.lz4", make_lz4, nullptr},
    CodecKind{"bz2", "numcodecs.bz2", make_bz2, nullptr},
    CodecKind{"lzma", "numcodecs.lzma", make_lzma, nullptr},
    CodecKind{"crc32c", "crc32c", make_crc32c, nullptr},
    CodecKind{"crc32", "numcodecs.crc32", make_crc32, nullptr},
    CodecKind{"adler32", "numcodecs.adler32", make_adler32, nullptr},
    CodecKind{"fletcher32", "numcodecs.fletcher32", make_fletcher32, nullptr},
    CodecKind{"astype", "numcodecs.astype", make_astype, nullptr},
    CodecKind{"delta", "numcodecs.delta", make_delta, nullptr},
    CodecKind{"quantize", "numcodecs.quantize", make_quantize, nullptr},
    CodecKind{"fixedscaleoffset", "numcodecs.fixedscaleoffset", make_fixed_scale_offset, nullptr},
    CodecKind{"bitround", "numcodecs.bitround", make_bitround, nullptr},
    CodecKind{"shuffle", "numcodecs.shuffle", make_shuffle, nullptr},
    CodecKind{"packbits", "numcodecs.packbits", make_packbits, nullptr},
};

/// Chunks in between two codecs have no declared size; this much is enough for any of ours.
std::size_t intermediate_limit(const std::vector<CodecPtr>& chain, std::size_t decoded_bytes) {
  std::size_t limit = decoded_bytes;
  for (const CodecPtr& codec : chain) limit *= static_cast<std::size_t>(codec->max_growth());
  return limit + limit / 8 + (64 << 10);
}

/// Runs codecs [1, n) backwards; the bytes that the first codec is to decode are the result.
std::span<const std::byte> decode_outer(const std::vector<CodecPtr>& chain,
                                        std::span<const std::byte> stored, std::size_t limit,
                                        Buffer (&scratch)[2]) {
  for (std::size_t i = chain.size(); i-- > 1;) {
    Buffer& buffer = scratch[i % 2];
    buffer.reserve(limit);
    const auto n = chain[i]->decode(stored, {buffer.data(), limit});
    if (!n)
      throw Error(Errc::data_loss, "{} decodes to more than {} bytes", chain[i]->describe(), limit);
    stored = {buffer.data(), *n};
  }
  return stored;
}

}  // namespace

CodecPtr make_codec(const Json& object, const CodecSite& site) {
  const bool is_v2 = site.zarr_format == 2;
  const std::string name = object.is_string()
                               ? object.get<std::string>()
                               : json_member<std::string>(object, is_v2 ? "id" : "name", site.what);
  static const Json kEmpty = Json::object();
  const Json* configuration = is_v2 ? &object : &kEmpty;
  if (!is_v2 && object.is_object() && object.contains("configuration"))
    configuration = &object["configuration"];
  if (!configuration->is_object()) {
    throw Error(Errc::data_loss, "{}: the configuration of codec '{}' is not an object", site.what,
                name);
  }
  for (const CodecKind& kind : kCodecs) {
    if (name == (is_v2 ? kind.v2_id : kind.v3_name)) return kind.make(*configuration, site);
  }
  throw Error(Errc::unsupported, "{}: codec '{}' is not supported", site.what, name);
}

Json compressor_metadata(std::string_view name, int level, const CodecSite& site) {
  for (const CodecKind& kind : kCodecs) {
    if (kind.v3_name != name || !kind.configuration) continue;
    Json configuration = kind.configuration(level, site);
    if (site.zarr_format == 3)
      return Json{{"name", kind.v3_name}, {"configuration", std::move(configuration)}};
    Json object = {{"id", kind.v2_id}};
    object.update(configuration);
    return object;
  }
  throw Error(Errc::invalid_argument,
              "{}: '{}' is not a compressor: expected none, zstd, gzip or blosc", site.what, name);
}

void check_plausible(const std::vector<CodecPtr>& chain, std::size_t stored_bytes,
                     std::size_t decoded_bytes) {
  double most = static_cast<double>(stored_bytes) + 64;
  for (const CodecPtr& codec : chain) most *= static_cast<double>(codec->max_ratio());
  if (static_cast<double>(decoded_bytes) > most + (64 << 10)) {
    throw Error(Errc::data_loss, "{} stored bytes cannot hold the {} bytes of a chunk",
                stored_bytes, decoded_bytes);
  }
}

void decode_exactly(const std::vector<CodecPtr>& chain, std::span<const std::byte> stored,
                    std::span<std::byte> out) {
  std::optional<std::size_t> n = stored.size();
  if (chain.empty()) {
    if (stored.size() == out.size()) std::copy(stored.begin(), stored.end(), out.begin());
  } else {
    thread_local Buffer scratch[2];
    check_plausible(chain, stored.size(), out.size());
    const auto inner = decode_outer(chain, stored, intermediate_limit(chain, out.size()), scratch);
    n = chain.front()->decode(inner, out);
  }
  if (n == out.size()) return;
  throw Error(Errc::data_loss, "the chunk has {}{} bytes after decoding: expected {}",
              n ? "" : "more than ", n.value_or(out.size()), out.size());
}

Bytes decode_any(const std::vector<CodecPtr>& chain, std::span<const std::byte> stored,
                 std::size_t limit_bytes) {
  if (chain.empty()) return Bytes(stored.begin(), stored.end());
  for (std::size_t size = std::max<std::size_t>(4 * stored.size(), 64 << 10);; size *= 4) {
    size = std::min(size, limit_bytes);
    Buffer scratch[2];
    Bytes out(size);
    const auto inner = decode_outer(chain, stored, intermediate_limit(chain, limit_bytes), scratch);
    if (const auto n = chain.front()->decode(inner, out)) {
      out.resize(*n);
      return out;
    }
    if (size == limit_bytes)
      throw Error(Errc::data_loss, "the chunk decodes to more than {} bytes", limit_bytes);
  }
}

Bytes encode_chain(const std::vector<CodecPtr>& chain, std::span<const std::byte> cells) {
  if (chain.empty()) return Bytes(cells.begin(), cells.end());
  Bytes bytes = chain.front()->encode(cells);
  for (std::size_t i = 1; i < chain.size(); ++i) bytes = chain[i]->encode(bytes);
  return bytes;
}

}  // namespace rastream::zarr
