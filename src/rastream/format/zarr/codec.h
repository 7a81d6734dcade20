// SPDX-License-Identifier: Apache-2.0
// A Zarr codec: one step from bytes to stored bytes and back. One codec is one file, listed in
// codecs.cpp.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rastream/base/bytes.h"
#include "rastream/base/json.h"

namespace rastream::zarr {

/// Where a codec stands: what its configuration may depend on.
struct CodecSite {
  int zarr_format = 2;
  std::int64_t item_size = 1;
  std::string_view what;  ///< the metadata document, for errors
};

/// Immutable; safe to use from many threads.
class Codec {
 public:
  virtual ~Codec() = default;
  /// For people, and part of an array's signature: "zstd 3", "blosc lz4 5 shuffle".
  virtual std::string describe() const = 0;
  /// Decodes into `out` and returns the number of bytes; nothing when they do not fit. Never writes
  /// beyond `out`, never allocates what the input merely claims. Throws data_loss when `in` is not
  /// of this codec or fails its checksum.
  virtual std::optional<std::size_t> decode(std::span<const std::byte> in,
                                            std::span<std::byte> out) const = 0;
  /// Throws unsupported where this codec is only read.
  virtual Bytes encode(std::span<const std::byte> in) const = 0;
  /// Bytes that one stored byte can become at most: what a header claims beyond that is a lie.
  virtual std::int64_t max_ratio() const { return 1; }
  /// Stored bytes that one byte can become at most, besides a header.
  virtual std::int64_t max_growth() const { return 1; }
};

using CodecPtr = std::shared_ptr<const Codec>;

/// A row of the table of codecs.cpp.
struct CodecKind {
  std::string_view v2_id;    ///< numcodecs' id; empty when Zarr v2 has none
  std::string_view v3_name;  ///< empty when Zarr v3 has none
  CodecPtr (*make)(const Json& configuration, const CodecSite& site);
  /// The configuration of a new array at `level` (< 0: the default); nullptr when arrays are not
  /// written with it.
  Json (*configuration)(int level, const CodecSite& site);
};

/// The codec of a v2 `{"id": ...}` or v3 `{"name": ..., "configuration": ...}` object. Throws
/// unsupported, naming the codec, for one that is not in the table, and data_loss for a malformed
/// object.
CodecPtr make_codec(const Json& object, const CodecSite& site);

/// The metadata object of compressor `name` ("zstd", "gzip", "blosc") for a new array. Throws
/// invalid_argument.
Json compressor_metadata(std::string_view name, int level, const CodecSite& site);

/// Throws data_loss when so few stored bytes cannot become that many: asked before memory is taken
/// for them.
void check_plausible(const std::vector<CodecPtr>& chain, std::size_t stored_bytes,
                     std::size_t decoded_bytes);
/// Runs the chain backwards: `stored` must become exactly out.size() bytes. Throws data_loss.
void decode_exactly(const std::vector<CodecPtr>& chain, std::span<const std::byte> stored,
                    std::span<std::byte> out);
/// The same where the decoded length is not known beforehand: at most `limit_bytes`.
Bytes decode_any(const std::vector<CodecPtr>& chain, std::span<const std::byte> stored,
                 std::size_t limit_bytes);
Bytes encode_chain(const std::vector<CodecPtr>& chain, std::span<const std::byte> cells);

CodecPtr make_gzip(const Json& configuration, const CodecSite& site);
Json gzip_configuration(int level, const CodecSite& site);
CodecPtr make_zlib(const Json& configuration, const CodecSite& site);
CodecPtr make_zstd(const Json& configuration, const CodecSite& site);
Json zstd_configuration(int level, const CodecSite& site);
CodecPtr make_blosc(const Json& configuration, const CodecSite& site);
Json blosc_configuration(int level, const CodecSite& site);
CodecPtr make_lz4(const Json& configuration, const CodecSite& site);
CodecPtr make_bz2(const Json& configuration, const CodecSite& site);
CodecPtr make_lzma(const Json& configuration, const CodecSite& site);
CodecPtr make_fletcher32(const Json& configuration, const CodecSite& site);
CodecPtr make_crc32c(const Json& configuration, const CodecSite& site);
CodecPtr make_crc32(const Json& configuration, const CodecSite& site);
CodecPtr make_adler32(const Json& configuration, const CodecSite& site);
CodecPtr make_astype(const Json& configuration, const CodecSite& site);
CodecPtr make_delta(const Json& configuration, const CodecSite& site);
CodecPtr make_quantize(const Json& configuration, const CodecSite& site);
CodecPtr make_fixed_scale_offset(const Json& configuration, const CodecSite& site);
CodecPtr make_bitround(const Json& configuration, const CodecSite& site);
CodecPtr make_shuffle(const Json& configuration, const CodecSite& site);
CodecPtr make_packbits(const Json& configuration, const CodecSite& site);

}  // namespace rastream::zarr
