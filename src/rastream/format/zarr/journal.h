// SPDX-License-Identifier: Apache-2.0
// The journal of a run that is under way: one line a committed chunk, so that a later run goes on
// where it ended.
#pragma once

#include <filesystem>
#include <map>
#include <mutex>
#include <string>

#include "rastream/format/zarr/manifest.h"

namespace rastream::zarr {

/// What became of the chunk of that number.
struct NumberedRecord {
  std::int64_t number = 0;  ///< in the array's grid of chunks
  ChunkRecord record;
};

/// Where the bytes of a chunk are: a process that is killed loses nothing that is written, a
/// machine that loses power nothing that is durable.
enum class ChunkState : char { written = 'w', durable = 'd' };

/// A line is "<xxh3 of the rest> <signature> <chunk number> <length> <xxh3> <w or d> <array>\n";
/// numbers of 64 bits are 16 hex digits, a length of -1 means a chunk of fill values. Lines that
/// fail their checksum (a torn end) are as if absent. Invariant: a line is appended only after its
/// chunk's bytes are in that state. append() is safe from many threads, and from many processes
/// with the same file.
class Journal {
 public:
  explicit Journal(std::filesystem::path path);
  ~Journal();
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;

  void append(const std::string& array, std::uint64_t signature,
              std::span<const NumberedRecord> chunks, ChunkState state);

 private:
  std::filesystem::path path_;
  std::mutex mutex_;
  int fd_;
  bool is_torn_;
};

struct JournalKey {
  std::string array;
  std::uint64_t signature = 0;
  std::int64_t chunk = 0;
  friend auto operator<=>(const JournalKey&, const JournalKey&) = default;
};

struct JournalEntry {
  ChunkRecord record;
  ChunkState state = ChunkState::written;
};

/// All whole lines; the last one wins. Empty when there is no file.
std::map<JournalKey, JournalEntry> read_journal(const std::filesystem::path& path);

}  // namespace rastream::zarr
