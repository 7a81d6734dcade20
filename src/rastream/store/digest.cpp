// SPDX-License-Identifier: Apache-2.0
#include "rastream/store/digest.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <libdeflate.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "rastream/base/error.h"

namespace rastream {
namespace {

struct Kind {
  DigestKind kind;
  std::string_view name;
  std::size_t size_bytes;
  std::uint32_t multihash;  ///< 0: none
};

constexpr std::array kKinds = {
    Kind{DigestKind::adler32, "adler32", 4, 0},   Kind{DigestKind::md5, "md5", 16, 0xd5},
    Kind{DigestKind::sha1, "sha1", 20, 0x11},     Kind{DigestKind::sha256, "sha256", 32, 0x12},
    Kind{DigestKind::sha512, "sha512", 64, 0x13},
};

const Kind& facts_of(DigestKind kind) {
  return *std::find_if(kKinds.begin(), kKinds.end(), [&](const Kind& k) { return k.kind == kind; });
}

const EVP_MD* evp_of(DigestKind kind) {
  switch (kind) {
    case DigestKind::md5: return EVP_md5();
    case DigestKind::sha1: return EVP_sha1();
    case DigestKind::sha256: return EVP_sha256();
    case DigestKind::sha512: return EVP_sha512();
    case DigestKind::adler32: break;
  }
  return nullptr;
}

/// One varint off the front of `bytes`: seven bits a byte, the lowest first; at most four bytes.
std::uint32_t take_varint(std::span<const std::byte>& bytes, std::string_view text) {
  std::uint32_t value = 0;
  for (int i = 0; i < 4 && !bytes.empty(); ++i) {
    const auto b = std::to_integer<std::uint32_t>(bytes.front());
    bytes = bytes.subspan(1);
    value |= (b & 0x7f) << (7 * i);
    if (b < 0x80) return value;
  }
  throw Error(Errc::data_loss, "file:checksum '{}': not a multihash", text.substr(0, 160));
}

void put_varint(Bytes& out, std::uint32_t value) {
  for (; value >= 0x80; value >>= 7) out.push_back(static_cast<std::byte>(value | 0x80));
  out.push_back(static_cast<std::byte>(value));
}

}  // namespace

std::string_view to_string(DigestKind kind) { return facts_of(kind).name; }

std::string to_string(const Digest& digest) {
  return fmt::format("{}:{}", to_string(digest.kind), to_hex(digest.value));
}

struct DigestBuilder::State {
  struct FreeContext {
    void operator()(EVP_MD_CTX* c) const { EVP_MD_CTX_free(c); }
  };
  DigestKind kind;
  std::uint32_t adler = 1;
  std::unique_ptr<EVP_MD_CTX, FreeContext> context = {};
};

DigestBuilder::DigestBuilder(DigestKind kind) : state_(new State{kind}) {
  if (kind == DigestKind::adler32) return;
  state_->context.reset(EVP_MD_CTX_new());
  if (!state_->context || EVP_DigestInit_ex(state_->context.get(), evp_of(kind), nullptr) != 1)
    throw Error(Errc::unsupported, "{}: the system's OpenSSL does not offer it", to_string(kind));
}

DigestBuilder::~DigestBuilder() = default;
DigestBuilder::DigestBuilder(DigestBuilder&&) noexcept = default;

void DigestBuilder::update(std::span<const std::byte> piece) {
  if (piece.empty()) return;  // libdeflate begins anew when there is no data
  if (!state_->context) {
    state_->adler = libdeflate_adler32(state_->adler, piece.data(), piece.size());
  } else if (EVP_DigestUpdate(state_->context.get(), piece.data(), piece.size()) != 1) {
    throw Error(Errc::internal, "{}: failed", to_string(state_->kind));
  }
}

Digest DigestBuilder::finish() {
  Digest digest{state_->kind, Bytes(facts_of(state_->kind).size_bytes)};
  if (state_->context) {
    if (EVP_DigestFinal_ex(state_->context.get(),
                           reinterpret_cast<unsigned char*>(digest.value.data()), nullptr) != 1)
      throw Error(Errc::internal, "{}: failed", to_string(state_->kind));
    return digest;
  }
  for (int i = 0; i < 4; ++i)
    digest.value[static_cast<std::size_t>(i)] =
        static_cast<std::byte>(state_->adler >> (24 - 8 * i));
  return digest;
}

Digest digest_of(DigestKind kind, std::span<const std::byte> bytes) {
  DigestBuilder builder(kind);
  builder.update(bytes);
  return builder.finish();
}

Digest digest_of_file(DigestKind kind, const std::filesystem::path& path) {
  struct Closer {
    int fd;
    ~Closer() { ::close(fd); }
  };
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) throw error_from_errno(errno, "read", path.native());
  const Closer closer{fd};
  DigestBuilder builder(kind);
  Bytes piece(1 << 20);
  for (;;) {
    const ssize_t n = ::read(fd, piece.data(), piece.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) throw error_from_errno(errno, "read", path.native());
    if (n == 0) return builder.finish();
    builder.update(std::span(piece).first(static_cast<std::size_t>(n)));
  }
}

Bytes hmac_sha256(std::span<const std::byte> key, std::string_view text) {
  Bytes out(32);
  unsigned int size = 0;
  if (!HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
            reinterpret_cast<const unsigned char*>(text.data()), text.size(),
            reinterpret_cast<unsigned char*>(out.data()), &size))
    throw Error(Errc::internal, "HMAC-SHA-256: failed");
  return out;
}

std::string to_hex(std::span<const std::byte> bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out;
  for (const std::byte b : bytes) {
    out += kDigits[std::to_integer<std::size_t>(b) >> 4];
    out += kDigits[std::to_integer<std::size_t>(b) & 15];
  }
  return out;
}

std::optional<Bytes> parse_hex(std::string_view text) {
  const auto digit = [](char c) {
    const char lower = c >= 'A' && c <= 'F' ? static_cast<char>(c + 32) : c;
    const std::size_t at = std::string_view("0123456789abcdef").find(lower);
    return at == std::string_view::npos ? -1 : static_cast<int>(at);
  };
  if (text.size() % 2 != 0) return std::nullopt;
  Bytes out;
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const int high = digit(text[i]);
    const int low = digit(text[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    out.push_back(static_cast<std::byte>(high * 16 + low));
  }
  return out;
}

Digest parse_multihash(std::string_view hex) {
  const auto bytes = parse_hex(hex);
  std::span<const std::byte> rest =
      bytes ? std::span<const std::byte>(*bytes) : std::span<const std::byte>();
  const std::uint32_t code = take_varint(rest, hex);
  const std::uint32_t size = take_varint(rest, hex);
  for (const Kind& kind : kKinds) {
    if (kind.multihash == 0 || kind.multihash != code) continue;
    if (size != kind.size_bytes || rest.size() != size)
      throw Error(Errc::data_loss, "file:checksum '{}': {} has {} bytes", hex.substr(0, 160),
                  kind.name, kind.size_bytes);
    return {kind.kind, Bytes(rest.begin(), rest.end())};
  }
  throw Error(Errc::unsupported,
              "file:checksum: multihash of kind {:#x}: expected md5, sha1, "
              "sha2-256 or sha2-512",
              code);
}

std::string to_multihash(const Digest& digest) {
  const Kind& kind = facts_of(digest.kind);
  if (kind.multihash == 0)
    throw Error(Errc::invalid_argument, "{}: has no code as a multihash", kind.name);
  Bytes out;
  put_varint(out, kind.multihash);
  put_varint(out, static_cast<std::uint32_t>(kind.size_bytes));
  out.insert(out.end(), digest.value.begin(), digest.value.end());
  return to_hex(out);
}

}  // namespace rastream
