// SPDX-License-Identifier: Apache-2.0
// Block checksums behind the end of a file. Input: what to do, place and value of a byte to change;
// then either the file's own bytes, or a body of checksums that gets a footer with the right hash.
#include <xxhash.h>

#include "rastream/format/cursor.h"
#include "rastream/format/file_bytes.h"
#include "tests/fuzz/input.h"

using namespace rastream;

namespace {

Bytes all_bytes(const FileBytes& file, std::uint64_t begin) {
  return begin <= file.size() ? file.read_at(begin, file.size() - begin) : Bytes();
}

void read_in_pieces(const std::string& path) {
  FileBytes file(path);
  check_blocks_of(file);
  for (const std::uint64_t begin : {0, 1, 16384}) fuzz::try_it([&] { all_bytes(file, begin); });
}

void append_to(Bytes& file, std::span<const std::byte> bytes) {
  file.insert(file.end(), bytes.begin(), bytes.end());
}

/// The place of the change is after the first checksummed byte, or among the checksums.
void damaged_file(std::span<const std::byte> content, std::uint64_t at, std::byte value) {
  const std::string path = fuzz::as_file(content);
  append_block_checksums(path, {{0, content.size() / 2}});
  Bytes whole = all_bytes(FileBytes(path), 0);
  whole[at % whole.size()] = value;
  FileBytes file(fuzz::as_file(whole));
  check_blocks_of(file);
  Bytes found(content.size());
  file.read_at(0, std::span(found));
  fuzz::expect(std::equal(found.begin(), found.end(), content.begin()) ||
                   at % whole.size() >= content.size() || !BlockChecksums::read(file),
               "no changed byte is read unseen");
}

void forged_checksums(std::span<const std::byte> body) {
  const auto n_body = body.size() / 8 * 8;
  const std::uint64_t footer[] = {n_body, XXH3_64bits(body.data(), n_body), 0x314b4c4252545352};
  Bytes whole(32768);
  append_to(whole, body.first(n_body));
  append_to(whole, std::as_bytes(std::span(footer)));
  read_in_pieces(fuzz::as_file(whole));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::try_it([&] {
    Cursor in(fuzz::bytes_of(data, size));
    const int kind = in.byte() % 3;
    const std::uint64_t at = in.little(2);
    const std::byte value{in.byte()};
    const auto rest = in.take(in.n_left());
    if (kind == 0) read_in_pieces(fuzz::as_file(rest));
    if (kind == 1) damaged_file(rest, at, value);
    if (kind == 2) forged_checksums(rest);
  });
  return 0;
}
