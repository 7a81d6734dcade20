// SPDX-License-Identifier: Apache-2.0
#include "rastream/format/hdf5/chunk_journal.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <optional>

#include "rastream/base/error.h"

namespace rastream {
namespace {

constexpr std::uint64_t kMagic = 0x314b4e4843535241;  // "ARSCHNK1"
using Header = std::array<std::uint64_t, 6>;

std::uint64_t hash_of(std::span<const std::byte> bytes) {
  return XXH3_64bits(bytes.data(), bytes.size());
}

std::uint64_t hash_of(const Header& header) {
  return hash_of(std::as_bytes(std::span(header).first<5>()));
}

Header make_header(const ChunkJournal::Key& key, std::span<const std::byte> body) {
  Header header = {kMagic,      key.signature, static_cast<std::uint64_t>(key.chunk),
                   body.size(), hash_of(body), 0};
  header[5] = hash_of(header);
  return header;
}

}  // namespace

ChunkJournal::ChunkJournal(const std::filesystem::path& path)
    : path_(path), fd_(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666)) {
  if (fd_ < 0) throw error_from_errno(errno, "open", path_.native());
  try {
    scan();
  } catch (...) {
    ::close(fd_);
    throw;
  }
}

ChunkJournal::~ChunkJournal() { ::close(fd_); }

void ChunkJournal::scan() {
  struct stat info {};
  if (::fstat(fd_, &info) != 0) throw error_from_errno(errno, "stat", path_.native());
  const std::int64_t size = info.st_size;
  Buffer buffer;
  Header header{};
  constexpr auto kHeaderBytes = static_cast<std::int64_t>(sizeof(Header));
  while (size - end_ >= kHeaderBytes) {
    const bool is_read = read_at(end_, std::as_writable_bytes(std::span(header)));
    if (!is_read || header[0] != kMagic || header[5] != hash_of(header)) break;
    const Record record{end_ + kHeaderBytes, static_cast<std::int64_t>(header[3]), header[4]};
    if (record.n_bytes < 0 || record.n_bytes > size - record.offset) break;
    const auto n_bytes = static_cast<std::size_t>(record.n_bytes);
    buffer.reserve(n_bytes);
    const auto body = buffer.span().first(n_bytes);
    if (read_at(record.offset, body) && hash_of(body) == record.hash)
      found_[{header[1], static_cast<std::int64_t>(header[2])}] = record;
    end_ = record.offset + record.n_bytes;
  }
  if (size > end_ && ::ftruncate(fd_, end_) != 0)
    throw error_from_errno(errno, "truncate", path_.native());
}

ChunkJournal::Record ChunkJournal::append(const Key& key, std::span<const std::byte> body) {
  const Header header = make_header(key, body);
  Record record{0, static_cast<std::int64_t>(body.size()), header[4]};
  {
    const std::lock_guard lock(mutex_);
    write_at(end_, std::as_bytes(std::span(header)));
    record.offset = end_ + static_cast<std::int64_t>(sizeof(Header));
    end_ = record.offset + record.n_bytes;
  }
  write_at(record.offset, body);
  return record;
}

std::span<const std::byte> ChunkJournal::read(const Record& record, Buffer& buffer) const {
  const auto n_bytes = static_cast<std::size_t>(record.n_bytes);
  buffer.reserve(n_bytes);
  const auto body = buffer.span().first(n_bytes);
  if (!read_at(record.offset, body) || hash_of(body) != record.hash) {
    throw Error(Errc::data_loss, "'{}': the chunk at byte {} is not what was written there",
                path_.native(), record.offset);
  }
  return body;
}

void ChunkJournal::write_at(std::int64_t offset, std::span<const std::byte> bytes) const {
  while (!bytes.empty()) {
    const ssize_t n = ::pwrite(fd_, bytes.data(), bytes.size(), offset);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) throw error_from_errno(errno, "write", path_.native());
    bytes = bytes.subspan(static_cast<std::size_t>(n));
    offset += n;
  }
}

/// False when the file ends before.
bool ChunkJournal::read_at(std::int64_t offset, std::span<std::byte> bytes) const {
  while (!bytes.empty()) {
    const ssize_t n = ::pread(fd_, bytes.data(), bytes.size(), offset);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) throw error_from_errno(errno, "read", path_.native());
    if (n == 0) return false;
    bytes = bytes.subspan(static_cast<std::size_t>(n));
    offset += n;
  }
  return true;
}

}  // namespace rastream
