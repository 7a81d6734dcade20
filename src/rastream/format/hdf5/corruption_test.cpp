// SPDX-License-Identifier: Apache-2.0
// Damaged files: a flipped byte or a missing end gives one Error or the right cells, never a crash,
// a hang or wrong cells where a checksum covers the byte.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <filesystem>

#include "rastream/base/error.h"
#include "rastream/format/hdf5/filters.h"
#include "rastream/format/hdf5/hdf5_file.h"
#include "rastream/format/hdf5/sample_file.h"
#include "rastream/format/hdf5/types.h"

// libhdf5 1.10 forgets memory when it gives up on damaged metadata; that our own handles are closed
// is tested below.
extern "C" const char* __lsan_default_suppressions() { return "leak:libhdf5\n"; }

namespace rastream {
namespace {

enum class Outcome { error, right_cells, wrong_cells };

Outcome read_all(const std::string& path) {
  try {
    const auto file = netcdf4_format().open(path, "");
    const std::size_t v = file->find_variable("v");
    const Schema& schema = file->variables()[v].schema;
    if (schema.size_bytes() > 1e6) return Outcome::wrong_cells;
    const OwnedBlock block(schema.whole(), DType::int32);
    file->read(v, block.view());
    for (std::int64_t i = 0; i < schema.n_cells(); ++i) {
      if (block.view().as<std::int32_t>()[i] != sample_cell(i)) return Outcome::wrong_cells;
    }
    return schema.n_cells() == 70 ? Outcome::right_cells : Outcome::wrong_cells;
  } catch (const Error& e) {
    EXPECT_NE(e.code(), Errc::internal) << e.what();
    return Outcome::error;
  }
}

struct Tally {
  int n_errors = 0;
  int n_right = 0;
  int n_wrong = 0;
};

/// Changes the byte at every `step`th place of [begin, end) in two ways.
Tally damage_each(const std::string& source, std::size_t begin, std::size_t end, std::size_t step) {
  const auto bytes = read_bytes(source);
  const std::string path = sample_path("damaged.h5");
  write_bytes(path, bytes);
  Tally tally;
  for (std::size_t at = begin; at < std::min(end, bytes.size()); at += step) {
    for (const int change : {1 << at % 8, 0xff}) {
      patch_byte(path, at, static_cast<char>(bytes[at] ^ change));
      const Outcome outcome = read_all(path);
      tally.n_errors += outcome == Outcome::error;
      tally.n_right += outcome == Outcome::right_cells;
      tally.n_wrong += outcome == Outcome::wrong_cells;
    }
    patch_byte(path, at, bytes[at]);
  }
  return tally;
}

/// The place of the first chunk's deflate stream: a zlib header of level 4 to 6 and the bytes after
/// it.
std::size_t first_zlib_stream(const std::vector<char>& bytes) {
  for (std::size_t i = 0; i + 1 < bytes.size(); ++i) {
    if (bytes[i] == 0x78 && bytes[i + 1] == 0x5e) return i;
  }
  ADD_FAILURE() << "no deflate stream";
  return 0;
}

TEST(DamagedHdf5, EveryFlippedByteOfADeflatedChunkIsFound) {
  const std::string path = write_sample("deflated.h5", {.chunk = {7, 10}, .deflate = 4});
  const std::size_t begin = first_zlib_stream(read_bytes(path));
  const Tally tally = damage_each(path, begin, begin + 100, 1);
  EXPECT_EQ(tally.n_wrong, 0);
  // Bits of the zlib header such as the level change nothing.
  EXPECT_GE(tally.n_errors, 190);
}

TEST(DamagedHdf5, EveryFlippedByteUnderAChecksumIsFound) {
  const std::string path = write_sample("checked.h5", {.chunk = {7, 10}, .fletcher32 = true});
  const auto bytes = read_bytes(path);
  std::vector<std::int32_t> cells(70);
  for (int i = 0; i < 70; ++i) cells[static_cast<std::size_t>(i)] = sample_cell(i);
  const auto* needle = reinterpret_cast<const char*>(cells.data());
  const auto found = std::search(bytes.begin(), bytes.end(), needle, needle + 280);
  ASSERT_NE(found, bytes.end());
  const auto begin = static_cast<std::size_t>(found - bytes.begin());
  const Tally tally = damage_each(path, begin, begin + 284, 1);
  EXPECT_EQ(tally.n_errors, 568);
}

TEST(DamagedHdf5, TruncationAtAnyLengthIsAnError) {
  const std::string path =
      write_sample("long.h5", {.chunk = {3, 4}, .shuffle = true, .deflate = 4, .fletcher32 = true});
  const auto bytes = read_bytes(path);
  for (std::size_t n = bytes.size() - 1; n > 7; n -= 7) {
    std::filesystem::resize_file(path, n);
    EXPECT_EQ(read_all(path), Outcome::error) << n;
  }
}

TEST(DamagedHdf5, OldMetadataWithoutChecksumsNeverCrashesOrHangs) {
  const std::string path =
      write_sample("old.h5", {.chunk = {3, 4}, .deflate = 4, .fletcher32 = true});
  const Tally tally = damage_each(path, 0, SIZE_MAX, 5);
  EXPECT_GT(tally.n_errors, 300);
  EXPECT_GT(tally.n_right, 300);
}

TEST(DamagedHdf5, MetadataWithChecksumsIsNeverBelievedWhenDamaged) {
  const Sample s{.chunk = {7, 10}, .deflate = 4, .fletcher32 = true, .is_latest_version = true};
  const Tally tally = damage_each(write_sample("new.h5", s), 0, SIZE_MAX, 1);
  EXPECT_EQ(tally.n_wrong, 0);
  EXPECT_GT(tally.n_errors, 300);
}

TEST(DamagedHdf5, ChunkIndexesOfHostileFilesEnd) {
  const std::string path = write_sample("tree.h5", {.shape = {70}, .chunk = {1}});
  const auto bytes = read_bytes(path);
  const std::string hostile = sample_path("hostile.h5");
  write_bytes(hostile, bytes);
  const char tree[] = {'T', 'R', 'E', 'E', 1};
  for (auto at = bytes.begin();; ++at) {
    at = std::search(at, bytes.end(), tree, tree + 5);
    if (at == bytes.end()) break;
    const auto node = static_cast<std::size_t>(at - bytes.begin());
    for (std::size_t i = node; i < node + 96; ++i) {
      for (const int value : {0, 1, 0x7f, 0xff}) {
        patch_byte(hostile, i, static_cast<char>(value));
        read_all(hostile);
      }
      patch_byte(hostile, i, bytes[i]);
    }
  }
}

TEST(DamagedHdf5, ANodeThatIsItsOwnChildIsDataLoss) {
  const std::string path = write_sample("circle.h5", {.shape = {70}, .chunk = {1}});
  auto bytes = read_bytes(path);
  const char root[] = {'T', 'R', 'E', 'E', 1, 1};
  const auto at = std::search(bytes.begin(), bytes.end(), root, root + 6);
  ASSERT_NE(at, bytes.end()) << "no inner node";
  const std::uint64_t address = static_cast<std::uint64_t>(at - bytes.begin());
  constexpr std::ptrdiff_t kHead = 24;
  constexpr std::ptrdiff_t kKey = 8 + 2 * 8;
  std::memcpy(&*(at + kHead + kKey), &address, sizeof(address));
  write_bytes(path, bytes);
  EXPECT_EQ(read_all(path), Outcome::error);
}

TEST(DamagedHdf5, AnErrorNamesFileVariableAndChunk) {
  const std::string path = write_sample("named.h5", {.chunk = {7, 10}, .deflate = 4});
  auto bytes = read_bytes(path);
  bytes[first_zlib_stream(bytes) + 30] ^= 0x55;
  write_bytes(path, bytes);
  const auto file = netcdf4_format().open(path, "");
  const OwnedBlock cell({{2, 3}, {3, 4}}, DType::int32);
  try {
    file->read(0, cell.view());
    ADD_FAILURE();
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), Errc::data_loss);
    for (const char* part : {"named.h5", "'v'", "[2:3, 3:4]", "[0:7, 0:10]"}) {
      EXPECT_NE(std::string(e.what()).find(part), std::string::npos) << e.what();
    }
  }
}

TEST(DamagedHdf5, NoHandleStaysOpen) {
  const std::string path = write_sample("handles.h5", {.chunk = {3, 4}, .deflate = 4});
  native_type(DType::complex64);  // the types of complex cells stay open for the process
  const auto n_open = H5Fget_obj_count(H5F_OBJ_ALL, H5F_OBJ_ALL);
  const auto bytes = read_bytes(path);
  for (std::size_t at = 0; at < bytes.size(); at += 11) {
    patch_byte(path, at, static_cast<char>(~bytes[at]));
    read_all(path);
    patch_byte(path, at, bytes[at]);
  }
  EXPECT_EQ(read_all(path), Outcome::right_cells);
  EXPECT_EQ(H5Fget_obj_count(H5F_OBJ_ALL, H5F_OBJ_ALL), n_open);
}

TEST(Filters, FletcherOfKnownBytesIsHdf5s) {
  const auto sum = [](std::string_view text) { return fletcher32(std::as_bytes(std::span(text))); };
  EXPECT_EQ(sum(""), 0U);
  EXPECT_EQ(sum("ab"), 0x61626162U);
  EXPECT_EQ(sum("abc"), 0x25c5c462U);
}

TEST(Filters, UnshufflingGathersTheBytesOfEachCell) {
  for (const std::size_t cell_bytes : {1, 2, 3, 4, 8, 16}) {
    const std::size_t n = 37;
    std::vector<std::byte> shuffled(n * cell_bytes + 1);
    for (std::size_t i = 0; i < n; ++i) {
      for (std::size_t k = 0; k < cell_bytes; ++k)
        shuffled[k * n + i] = static_cast<std::byte>(i * cell_bytes + k);
    }
    shuffled.back() = std::byte{99};
    std::vector<std::byte> cells(shuffled.size());
    unshuffle(shuffled, cell_bytes, cells);
    for (std::size_t i = 0; i + 1 < cells.size(); ++i)
      EXPECT_EQ(cells[i], static_cast<std::byte>(i));
    EXPECT_EQ(cells.back(), std::byte{99});
  }
}

TEST(Filters, AChunkThatDeflateCannotHoldIsRefusedBeforeMemoryIsTaken) {
  const FilterPipeline deflate({{1, {4}, ""}});
  EXPECT_THROW(deflate.check_stored_size(100, 0, 1 << 20), Error);
  EXPECT_NO_THROW(deflate.check_stored_size(1100, 0, 1 << 20));
  EXPECT_THROW(deflate.check_stored_size(1100, 1, 1 << 20), Error);
}

}  // namespace
}  // namespace rastream
