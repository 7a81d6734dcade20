// SPDX-License-Identifier: Apache-2.0
#include "rastream/format/hdf5/block_checksums.h"

#include <fcntl.h>
#include <unistd.h>
#include <xxhash.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "rastream/base/error.h"
#include "rastream/format/file_bytes.h"

namespace rastream {
namespace {

// The last 24 bytes of the file: length of the body before them, its XXH3-64, "RSTRBLK1".
constexpr std::uint64_t kMagic = 0x314b4c4252545352;
using Footer = std::array<std::uint64_t, 3>;
// The body, 64-bit little-endian numbers: end, number of heads, the heads, one XXH3-64 a block.
constexpr std::uint64_t kMinBodyBytes = 16;

std::uint64_t hash_of(std::span<const std::byte> bytes) {
  return XXH3_64bits(bytes.data(), bytes.size());
}

std::uint64_t n_blocks(std::uint64_t end) {
  return end / BlockChecksums::kBlockBytes + (end % BlockChecksums::kBlockBytes != 0 ? 1 : 0);
}

std::vector<std::uint64_t> make_body(const FileBytes& file,
                                     const std::vector<BlockChecksums::Range>& heads) {
  std::vector<std::uint64_t> body = {file.size(), heads.size()};
  // The library may have given back space at the end that it had when a head was noted.
  for (const auto& head : heads)
    body.insert(body.end(), {std::min(head.begin, file.size()), std::min(head.end, file.size())});
  std::vector<std::byte> buffer(256 * BlockChecksums::kBlockBytes);
  for (std::uint64_t at = 0; at < file.size();) {
    const auto part = std::span(buffer).first(std::min(buffer.size(), file.size() - at));
    file.read_at(at, part);
    at += part.size();
    for (std::size_t i = 0; i < part.size(); i += BlockChecksums::kBlockBytes) {
      const auto block = part.subspan(i);
      body.push_back(hash_of(block.first(std::min(block.size(), BlockChecksums::kBlockBytes))));
    }
  }
  return body;
}

void append(const std::string& path, std::span<const std::byte> bytes) {
  const int fd = ::open(path.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC);
  int error_number = fd < 0 ? errno : 0;
  while (error_number == 0 && !bytes.empty()) {
    const ssize_t n = ::write(fd, bytes.data(), bytes.size());
    if (n < 0 && errno != EINTR) error_number = errno;
    if (n > 0) bytes = bytes.subspan(static_cast<std::size_t>(n));
  }
  if (fd >= 0) ::close(fd);
  if (error_number != 0) throw error_from_errno(error_number, "write", path);
}

[[noreturn]] void throw_damaged(const FileBytes& file) {
  throw Error(Errc::data_loss, "'{}': the checksums at its end are damaged", file.path());
}

}  // namespace

std::optional<BlockChecksums> BlockChecksums::read(const FileBytes& file) {
  Footer footer{};
  if (file.size() < sizeof(footer)) return std::nullopt;
  const std::uint64_t footer_at = file.size() - sizeof(footer);
  file.read_at(footer_at, std::as_writable_bytes(std::span(footer)));
  const auto [n_body_bytes, hash, magic] = footer;
  if (magic != kMagic) return std::nullopt;
  if (n_body_bytes > footer_at || n_body_bytes < kMinBodyBytes || n_body_bytes % 8 != 0)
    throw_damaged(file);
  std::vector<std::uint64_t> body(n_body_bytes / 8);
  file.read_at(footer_at - n_body_bytes, std::as_writable_bytes(std::span(body)));
  const std::uint64_t end = body[0];
  const std::uint64_t n_heads = body[1];
  const bool is_whole = hash_of(std::as_bytes(std::span(body))) == hash &&
                        end == footer_at - n_body_bytes && n_heads < body.size() &&
                        body.size() == 2 + 2 * n_heads + n_blocks(end);
  if (!is_whole) throw_damaged(file);
  BlockChecksums out;
  out.end_ = end;
  for (std::size_t i = 0; i < n_heads; ++i)
    out.heads_.push_back({body[2 + 2 * i], body[3 + 2 * i]});
  out.hashes_.assign(body.begin() + static_cast<std::ptrdiff_t>(2 + 2 * n_heads), body.end());
  return out;
}

BlockChecksums::Range BlockChecksums::block_at(std::uint64_t offset) const {
  const std::uint64_t begin = offset / kBlockBytes * kBlockBytes;
  return {begin, std::min(end_, begin + kBlockBytes)};
}

void BlockChecksums::check(std::uint64_t begin, std::span<const std::byte> bytes) const {
  if (hash_of(bytes) == hashes_[begin / kBlockBytes]) return;
  throw Error(Errc::data_loss, "bytes {} to {} of the file were changed: their checksum is wrong",
              begin, begin + bytes.size());
}

bool check_blocks_of(FileBytes& file) {
  auto checksums = BlockChecksums::read(file);
  if (!checksums) return false;
  const auto heads = checksums->heads();
  const std::uint64_t end = checksums->end();
  file.check_with(std::move(*checksums));
  for (const auto& head : heads) {
    if (head.begin > head.end || head.end > end) throw_damaged(file);
    file.read_at(head.begin, head.end - head.begin);
  }
  return true;
}

void append_block_checksums(const std::string& path,
                            const std::vector<BlockChecksums::Range>& heads) {
  std::vector<std::uint64_t> body = make_body(FileBytes(path), heads);
  const auto bytes = std::as_bytes(std::span(body));
  const Footer footer = {bytes.size(), hash_of(bytes), kMagic};
  body.insert(body.end(), footer.begin(), footer.end());
  append(path, std::as_bytes(std::span(body)));
}

std::vector<BlockChecksums::Range> cut_block_checksums(const std::string& path) {
  FileBytes file(path);
  const auto checksums = BlockChecksums::read(file);
  if (!checksums) return {};
  std::vector<std::byte> buffer(BlockChecksums::kBlockBytes);
  for (std::uint64_t at = 0; at < checksums->end(); at += BlockChecksums::kBlockBytes) {
    const auto [begin, end] = checksums->block_at(at);
    const auto block = std::span(buffer).first(end - begin);
    file.read_at(begin, block);
    checksums->check(begin, block);
  }
  if (::truncate(path.c_str(), static_cast<off_t>(checksums->end())) != 0)
    throw error_from_errno(errno, "truncate", path);
  return checksums->heads();
}

}  // namespace rastream
