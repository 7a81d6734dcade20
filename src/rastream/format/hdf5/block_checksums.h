// SPDX-License-Identifier: Apache-2.0
// Checksums of every 16 KiB of a file that we wrote, kept behind its end, where libhdf5 and
// netcdf-c do not look. They tell a flipped bit, and a chunk in another's place, from data. A
// program that changes the file through libhdf5 cuts them off, and it is then a file like any
// other. Layout: docs/formats/netcdf4-writing.md.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace rastream {

class FileBytes;

/// Immutable; safe to use from many threads.
class BlockChecksums {
 public:
  static constexpr std::uint64_t kBlockBytes = 16384;
  /// [begin, end), in bytes.
  struct Range {
    std::uint64_t begin = 0;
    std::uint64_t end = 0;
  };

  /// Those at the end of `file`; nothing when there are none. Throws data_loss when they are
  /// damaged themselves.
  static std::optional<BlockChecksums> read(const FileBytes& file);

  /// Bytes of the file before the checksums.
  std::uint64_t end() const { return end_; }
  /// What libhdf5 reads past us: object headers, attributes, texts.
  const std::vector<Range>& heads() const { return heads_; }
  /// The bytes of one block. REQUIRES: begin < end().
  Range block_at(std::uint64_t offset) const;
  /// Throws data_loss when `bytes`, one whole block from `begin`, are not what was written.
  void check(std::uint64_t begin, std::span<const std::byte> bytes) const;

 private:
  std::uint64_t end_ = 0;
  std::vector<Range> heads_;
  std::vector<std::uint64_t> hashes_;
};

/// Lets `file` check every byte that it reads from now on, and checks the heads at once. Nothing
/// happens without checksums. Throws data_loss. Returns whether there are some.
bool check_blocks_of(FileBytes& file);

/// Appends the checksums of all bytes of the file `path`. Throws unavailable.
void append_block_checksums(const std::string& path,
                            const std::vector<BlockChecksums::Range>& heads);

/// Removes the checksums, if any, after every block was checked. Returns the heads. Throws
/// data_loss when the file is damaged.
std::vector<BlockChecksums::Range> cut_block_checksums(const std::string& path);

}  // namespace rastream
