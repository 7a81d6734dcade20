// SPDX-License-Identifier: Apache-2.0
// The encoded chunks of a file that is being written, appended as they come by many threads. The
// file itself is made from them at the end, in order; a run that died goes on from what is here.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <mutex>
#include <span>

#include "rastream/base/bytes.h"

namespace rastream {

/// Records are 48 bytes of header (magic, variable's signature, chunk number, length, XXH3-64 of
/// the body, XXH3-64 of the header so far; 64-bit little-endian numbers each) and the body.
/// Headers are written in order under a lock, bodies outside it, so that a process killed at any
/// moment leaves headers that can be walked. No fsync: a record counts only while its body has the
/// header's checksum, also after the machine lost power. One process at a time; append() and read()
/// from many threads.
class ChunkJournal {
 public:
  struct Key {
    std::uint64_t signature = 0;  ///< of all that decides what the variable's bytes mean
    std::int64_t chunk = 0;
    friend auto operator<=>(const Key&, const Key&) = default;
  };
  /// Where a body is.
  struct Record {
    std::int64_t offset = 0;
    std::int64_t n_bytes = 0;
    std::uint64_t hash = 0;
  };

  /// Opens or makes the journal. Everything in it is read once; after the last whole header it is
  /// cut off. Throws unavailable, permission_denied.
  explicit ChunkJournal(const std::filesystem::path& path);
  ~ChunkJournal();
  ChunkJournal(const ChunkJournal&) = delete;
  ChunkJournal& operator=(const ChunkJournal&) = delete;

  /// Whole records of earlier runs; of two with one key the later one.
  const std::map<Key, Record>& found() const { return found_; }
  /// Throws unavailable ("disk full").
  Record append(const Key& key, std::span<const std::byte> body);
  /// The body, in `buffer`. Throws data_loss when it is not what was appended.
  std::span<const std::byte> read(const Record& record, Buffer& buffer) const;

 private:
  void scan();
  void write_at(std::int64_t offset, std::span<const std::byte> bytes) const;
  bool read_at(std::int64_t offset, std::span<std::byte> bytes) const;
  std::filesystem::path path_;
  int fd_;
  std::mutex mutex_;
  std::int64_t end_ = 0;
  std::map<Key, Record> found_;
};

}  // namespace rastream
