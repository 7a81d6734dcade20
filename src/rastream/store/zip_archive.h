// SPDX-License-Identifier: Apache-2.0
// Writes a zip archive whose entries are stored as they are, so that a store's chunks can be read
// from it without the others. The bytes depend on names, values and their order alone.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>

#include "rastream/base/bytes.h"

namespace rastream {

/// PKWARE APPNOTE 6.3.10, method 0; zip64 where a size, an offset or the number of entries asks for
/// it (4.3.14, 4.5.3). All entries are of 1980-01-01. Not thread safe. An archive that is destroyed
/// before finish() is no archive.
class ZipArchive {
 public:
  /// Makes or empties `path`; the archive begins at byte `begin`, as one behind a program does.
  /// Throws unavailable (disk full), permission_denied.
  explicit ZipArchive(std::filesystem::path path, std::int64_t begin = 0);
  ~ZipArchive();
  ZipArchive(const ZipArchive&) = delete;
  ZipArchive& operator=(const ZipArchive&) = delete;

  void add(const std::string& name, std::span<const std::byte> value);
  /// The file's bytes, a piece at a time. Throws data_loss when it changes its length meanwhile.
  void add_file(const std::string& name, const std::filesystem::path& file);
  /// Writes the directory and brings all to the disk.
  void finish();

 private:
  struct Entry {
    std::string name;
    std::uint64_t offset = 0;
    std::uint64_t size_bytes = 0;
    std::uint32_t crc32 = 0;
  };

  void write(std::span<const std::byte> bytes);
  void write_at(std::uint64_t offset, std::span<const std::byte> bytes) const;
  static std::string local_header(const Entry& entry);
  static std::string directory_entry(const Entry& entry);
  std::string ends(std::uint64_t directory_offset, std::uint64_t directory_bytes) const;

  std::filesystem::path path_;
  int fd_;
  std::uint64_t end_;
  std::vector<Entry> entries_;
};

}  // namespace rastream
