// SPDX-License-Identifier: Apache-2.0
// Checksums of files as catalogs and servers give them, computed while the bytes go by.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rastream/base/bytes.h"

namespace rastream {

enum class DigestKind { adler32, md5, sha1, sha256, sha512 };

/// "adler32", "md5", "sha1", "sha256", "sha512".
std::string_view to_string(DigestKind kind);

/// What a file's bytes should digest to.
struct Digest {
  DigestKind kind = DigestKind::md5;
  Bytes value = {};  ///< in the byte order in which it is written
  bool operator==(const Digest&) const = default;
};

/// "md5:0123..." in hexadecimal.
std::string to_string(const Digest& digest);

/// Takes bytes in pieces. Not thread safe.
class DigestBuilder {
 public:
  explicit DigestBuilder(DigestKind kind);
  ~DigestBuilder();
  DigestBuilder(DigestBuilder&&) noexcept;
  void update(std::span<const std::byte> piece);
  /// The digest of all pieces; the builder is used up.
  Digest finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

Digest digest_of(DigestKind kind, std::span<const std::byte> bytes);
/// Of a file, a piece at a time. Throws not_found, unavailable.
Digest digest_of_file(DigestKind kind, const std::filesystem::path& path);

/// HMAC-SHA-256 (RFC 2104): what signs requests to S3.
Bytes hmac_sha256(std::span<const std::byte> key, std::string_view text);

/// Lower case.
std::string to_hex(std::span<const std::byte> bytes);
/// Nothing when `text` is not pairs of hexadecimal digits.
std::optional<Bytes> parse_hex(std::string_view text);

/// `file:checksum` of STAC: a multihash in hexadecimal (multiformats, "multihash"): code and length
/// as varints, then the digest. Codes 0x11 sha1, 0x12 sha2-256, 0x13 sha2-512, 0xd5 md5. Throws
/// unsupported for another code, data_loss for what is no multihash.
Digest parse_multihash(std::string_view hex);
/// The other way round; adler32 has no code: invalid_argument.
std::string to_multihash(const Digest& digest);

/// The digests in the header fields that servers send: `Digest` (RFC 3230: adler32=03da0195,
/// md5=base64, sha=, sha-256=), `Repr-Digest` (RFC 9530: sha-256=:base64:) and `Content-MD5`. What
/// is not understood is left out. `field` is the name, in any case of letters.
std::vector<Digest> parse_digest_field(std::string_view field, std::string_view value);

/// An ETag that is an MD5, as those of S3's simple uploads are: 32 hexadecimal digits in quotes,
/// not weak. Whether a given server means that is the caller's knowledge.
std::optional<Digest> md5_of_etag(std::string_view etag);

}  // namespace rastream
