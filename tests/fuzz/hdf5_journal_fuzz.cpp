// SPDX-License-Identifier: Apache-2.0
// The journal of chunks of a file that is being written: what an accident leaves of it. Input: two
// bytes of length to cut to, place and value of a byte to change, then the chunks, each a byte of
// length and that many bytes.
#include <filesystem>
#include <fstream>

#include "rastream/format/cursor.h"
#include "rastream/format/hdf5/chunk_journal.h"
#include "tests/fuzz/input.h"

using namespace rastream;

namespace {

void damage(const std::string& path, std::uint64_t length, std::uint64_t at, char value) {
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(static_cast<std::streamoff>(at));
  file.put(value);
  file.close();
  const auto n_bytes = std::filesystem::file_size(path);
  std::filesystem::resize_file(path, std::min<std::uintmax_t>(n_bytes, 40 + length));
}

void check_found(const ChunkJournal& journal,
                 const std::vector<std::span<const std::byte>>& chunks) {
  Buffer buffer;
  for (const auto& [key, record] : journal.found()) {
    const auto body = journal.read(record, buffer);
    const auto i = static_cast<std::size_t>(key.chunk);
    fuzz::expect(key.signature == 7 && i < chunks.size() &&
                     std::equal(body.begin(), body.end(), chunks[i].begin(), chunks[i].end()),
                 "what is found was appended");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::try_it([&] {
    Cursor in(fuzz::bytes_of(data, size));
    const std::uint64_t length = in.little(2);
    const std::uint64_t at = in.little(2);
    const char value = static_cast<char>(in.byte());
    std::vector<std::span<const std::byte>> chunks;
    while (in.n_left() > 0)
      chunks.push_back(in.take(std::min<std::size_t>(in.byte(), in.n_left())));
    const std::string& path = fuzz::as_file({});
    {
      ChunkJournal journal(path);
      for (std::size_t i = 0; i < chunks.size(); ++i)
        journal.append({7, static_cast<std::int64_t>(i)}, chunks[i]);
    }
    damage(path, length, at, value);
    {
      ChunkJournal journal(path);
      check_found(journal, chunks);
      if (!chunks.empty()) journal.append({7, 0}, chunks[0]);
    }
    const ChunkJournal journal(path);
    check_found(journal, chunks);
    fuzz::expect(chunks.empty() || journal.found().contains({7, 0}), "what was appended is found");
  });
  return 0;
}
