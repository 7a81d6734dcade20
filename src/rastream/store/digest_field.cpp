// SPDX-License-Identifier: Apache-2.0
// The header fields in which servers say what a body digests to.
#include <algorithm>
#include <array>

#include "rastream/base/base64.h"
#include "rastream/base/trimmed.h"
#include "rastream/store/digest.h"
#include "rastream/store/http/http_message.h"

namespace rastream {
namespace {

struct Name {
  std::string_view name;
  DigestKind kind;
  std::size_t size_bytes;
};

/// IANA, "HTTP Digest Algorithm Values" and "Hash Algorithms for HTTP Digest Fields".
constexpr std::array kNames = {
    Name{"adler32", DigestKind::adler32, 4}, Name{"adler", DigestKind::adler32, 4},
    Name{"md5", DigestKind::md5, 16},        Name{"sha", DigestKind::sha1, 20},
    Name{"sha-256", DigestKind::sha256, 32}, Name{"sha-512", DigestKind::sha512, 64},
};

/// Adler-32 is hexadecimal, at times without its leading zeros; the others are base64, though some
/// servers write hexadecimal.
std::optional<Bytes> parse_value(std::string_view text, const Name& name) {
  if (text.size() >= 2 && text.front() == ':' && text.back() == ':')
    text = text.substr(1, text.size() - 2);
  std::optional<Bytes> value;
  if (name.kind == DigestKind::adler32) {
    if (text.empty() || text.size() > 8) return std::nullopt;
    value = parse_hex(std::string(8 - text.size(), '0').append(text));
  } else {
    value = text.size() == 2 * name.size_bytes ? parse_hex(text) : base64_decode(text);
  }
  return value && value->size() == name.size_bytes ? value : std::nullopt;
}

}  // namespace

std::vector<Digest> parse_digest_field(std::string_view field, std::string_view value) {
  std::vector<Digest> digests;
  if (equals_ignoring_case(field, "Content-MD5")) {
    if (const auto bytes = parse_value(trimmed(value), kNames[2]))
      digests.push_back({DigestKind::md5, *bytes});
    return digests;
  }
  while (!value.empty()) {
    const std::size_t end = std::min(value.find(','), value.size());
    const std::string_view part = trimmed(value.substr(0, end));
    value.remove_prefix(std::min(end + 1, value.size()));
    const std::size_t equals = std::min(part.find('='), part.size());
    for (const Name& name : kNames) {
      if (!equals_ignoring_case(name.name, part.substr(0, equals)) || equals == part.size())
        continue;
      if (const auto bytes = parse_value(part.substr(equals + 1), name))
        digests.push_back({name.kind, *bytes});
    }
  }
  return digests;
}

std::optional<Digest> md5_of_etag(std::string_view etag) {
  if (etag.size() != 34 || etag.front() != '"' || etag.back() != '"') return std::nullopt;
  const auto bytes = parse_hex(etag.substr(1, 32));
  if (!bytes) return std::nullopt;
  return Digest{DigestKind::md5, *bytes};
}

}  // namespace rastream
