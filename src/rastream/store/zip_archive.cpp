// SPDX-License-Identifier: Apache-2.0
#include "rastream/store/zip_archive.h"

#include <fcntl.h>
#include <libdeflate.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "rastream/base/error.h"
#include "rastream/store/zip_signatures.h"

namespace rastream {
namespace {

constexpr std::uint64_t kMost32 = 0xFFFFFFFF;
constexpr std::uint64_t kMost16 = 0xFFFF;
constexpr std::uint16_t kNeeds = 20;
constexpr std::uint16_t kNeeds64 = 45;
constexpr std::uint16_t kMadeBy = 3 << 8 | kNeeds64;  // Unix
constexpr std::uint16_t kUtf8 = 1 << 11;
constexpr std::uint16_t kDate = 1 << 5 | 1;  // 1980-01-01
constexpr std::uint32_t kRegularFile = 0100644U << 16U;
constexpr std::size_t kPieceBytes = std::size_t{1} << 20;

/// Little-endian numbers one after the other.
class Record {
 public:
  template <typename T>
  Record& put(T value) {
    char bytes[sizeof value];
    std::memcpy(bytes, &value, sizeof value);
    bytes_.append(bytes, sizeof value);
    return *this;
  }
  Record& put_text(const std::string& text) {
    bytes_ += text;
    return *this;
  }
  Record& put_record(const Record& other) {
    bytes_ += other.bytes_;
    return *this;
  }
  std::size_t size() const { return bytes_.size(); }
  std::string take() { return std::move(bytes_); }

 private:
  std::string bytes_;
};

std::uint32_t narrow(std::uint64_t value) {
  return static_cast<std::uint32_t>(std::min(value, kMost32));
}

std::span<const std::byte> bytes_of(std::string_view record) {
  return std::as_bytes(std::span(record));
}

/// The zip64 extra field with those of `values` that do not fit; empty when all do.
Record extra64(std::initializer_list<std::uint64_t> values) {
  Record numbers;
  for (const std::uint64_t value : values) {
    if (value >= kMost32) numbers.put(value);
  }
  Record extra;
  if (numbers.size() > 0)
    extra.put(std::uint16_t{1}).put(static_cast<std::uint16_t>(numbers.size())).put_record(numbers);
  return extra;
}

std::uint16_t flags_of(const std::string& name) {
  const bool is_ascii = std::all_of(name.begin(), name.end(),
                                    [](char c) { return static_cast<unsigned char>(c) < 0x80; });
  return is_ascii ? std::uint16_t{0} : kUtf8;
}

/// What a local header and a directory entry have in common.
Record fields_of(const std::string& name, std::uint64_t size_bytes, std::uint32_t crc32,
                 const Record& extra) {
  return Record()
      .put(extra.size() > 0 ? kNeeds64 : kNeeds)
      .put(flags_of(name))
      .put(std::uint16_t{0})  // stored
      .put(std::uint16_t{0})  // midnight
      .put(kDate)
      .put(crc32)
      .put(narrow(size_bytes))
      .put(narrow(size_bytes))
      .put(static_cast<std::uint16_t>(name.size()))
      .put(static_cast<std::uint16_t>(extra.size()));
}

}  // namespace

ZipArchive::ZipArchive(std::filesystem::path path, std::int64_t begin)
    : path_(std::move(path)),
      fd_(::open(path_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666)),
      end_(static_cast<std::uint64_t>(begin)) {
  if (fd_ < 0) throw error_from_errno(errno, "create", path_.native());
}

ZipArchive::~ZipArchive() { ::close(fd_); }

void ZipArchive::write_at(std::uint64_t offset, std::span<const std::byte> bytes) const {
  while (!bytes.empty()) {
    const ssize_t n = ::pwrite(fd_, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) throw error_from_errno(errno, "write", path_.native());
    bytes = bytes.subspan(static_cast<std::size_t>(n));
    offset += static_cast<std::uint64_t>(n);
  }
}

void ZipArchive::write(std::span<const std::byte> bytes) {
  write_at(end_, bytes);
  end_ += bytes.size();
}

// Section 4.3.7; both sizes are in the extra field when one is.
std::string ZipArchive::local_header(const Entry& e) {
  const Record extra = extra64({e.size_bytes, e.size_bytes});
  return Record()
      .put(zip::kLocalHeader)
      .put_record(fields_of(e.name, e.size_bytes, e.crc32, extra))
      .put_text(e.name)
      .put_record(extra)
      .take();
}

// Section 4.3.12.
std::string ZipArchive::directory_entry(const Entry& e) {
  const Record extra = extra64({e.size_bytes, e.size_bytes, e.offset});
  return Record()
      .put(zip::kEntry)
      .put(kMadeBy)
      .put_record(fields_of(e.name, e.size_bytes, e.crc32, extra))
      .put(std::uint16_t{0})  // comment
      .put(std::uint16_t{0})  // disk
      .put(std::uint16_t{0})  // internal attributes
      .put(kRegularFile)
      .put(narrow(e.offset))
      .put_text(e.name)
      .put_record(extra)
      .take();
}

// Sections 4.3.14 to 4.3.16.
std::string ZipArchive::ends(std::uint64_t offset, std::uint64_t n_bytes) const {
  const std::uint64_t n = entries_.size();
  Record out;
  if (n >= kMost16 || offset >= kMost32 || n_bytes >= kMost32) {
    out.put(zip::kEnd64).put(std::uint64_t{44}).put(kMadeBy).put(kNeeds64);
    out.put(std::uint32_t{0}).put(std::uint32_t{0}).put(n).put(n).put(n_bytes).put(offset);
    out.put(zip::kLocator64).put(std::uint32_t{0}).put(offset + n_bytes);
    out.put(std::uint32_t{1});
  }
  const auto n16 = static_cast<std::uint16_t>(std::min(n, kMost16));
  out.put(zip::kEnd).put(std::uint16_t{0}).put(std::uint16_t{0}).put(n16).put(n16);
  out.put(narrow(n_bytes)).put(narrow(offset)).put(std::uint16_t{0});
  return out.take();
}

void ZipArchive::add(const std::string& name, std::span<const std::byte> value) {
  const Entry entry{name, end_, value.size(), libdeflate_crc32(0, value.data(), value.size())};
  write(bytes_of(local_header(entry)));
  write(value);
  entries_.push_back(entry);
}

// The header with the checksum follows the bytes into the room that was left for it.
void ZipArchive::add_file(const std::string& name, const std::filesystem::path& file) {
  std::error_code error;
  Entry entry{name, end_, std::filesystem::file_size(file, error), 0};
  if (error) throw error_from_errno(error.value(), "read", file.native());
  const int fd = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) throw error_from_errno(errno, "open", file.native());
  end_ += local_header(entry).size();
  Bytes piece(kPieceBytes);
  std::uint64_t n_all = 0;
  try {
    for (;;) {
      const ssize_t n = ::read(fd, piece.data(), piece.size());
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) throw error_from_errno(errno, "read", file.native());
      if (n == 0) break;
      const auto bytes = std::span(piece).first(static_cast<std::size_t>(n));
      entry.crc32 = libdeflate_crc32(entry.crc32, bytes.data(), bytes.size());
      n_all += bytes.size();
      write(bytes);
    }
  } catch (...) {
    ::close(fd);
    throw;
  }
  ::close(fd);
  if (n_all != entry.size_bytes)
    throw Error(Errc::data_loss, "read '{}': its length changed while it was read", file.native());
  write_at(entry.offset, bytes_of(local_header(entry)));
  entries_.push_back(std::move(entry));
}

void ZipArchive::finish() {
  const std::uint64_t offset = end_;
  for (const Entry& entry : entries_) write(bytes_of(directory_entry(entry)));
  write(bytes_of(ends(offset, end_ - offset)));
  if (::fsync(fd_) != 0) throw error_from_errno(errno, "write", path_.native());
}

}  // namespace rastream
