// SPDX-License-Identifier: Apache-2.0
// TIFF files made by hand, each with one lie: one clear error, and no memory for what it claims.
#include <gtest/gtest.h>
#include <zlib.h>
#include <zstd.h>

#include <cstring>
#include <fstream>
#include <functional>

#include "rastream/format/geotiff/tiff_cells.h"
#include "tests/suites/errors.h"
#include "tests/suites/scratch_folder.h"

namespace rastream::geotiff {
namespace {

struct Entry {
  std::uint16_t tag;
  std::uint16_t type;
  std::uint32_t count;
  std::uint32_t value;
};

constexpr std::uint16_t kShort = 3;
constexpr std::uint16_t kLong = 4;

void append(std::string& bytes, const void* data, std::size_t n) {
  bytes.append(static_cast<const char*>(data), n);
}

template <typename T>
void append(std::string& bytes, T value) {
  append(bytes, &value, sizeof(value));
}

constexpr std::uint32_t kTileOffset = 8;

/// A little-endian classic file: header, the bytes of one tile, one directory that leads to `next`.
std::string file_of(const std::string& tile, const std::vector<Entry>& entries,
                    std::uint32_t next = 0) {
  std::string bytes = "II*";
  bytes.push_back('\0');
  append(bytes, static_cast<std::uint32_t>(kTileOffset + tile.size()));
  bytes += tile;
  append(bytes, static_cast<std::uint16_t>(entries.size()));
  for (const Entry& e : entries) {
    append(bytes, e.tag);
    append(bytes, e.type);
    append(bytes, e.count);
    append(bytes, e.value);
  }
  append(bytes, next);
  return bytes;
}

/// One tile of 64 x 64 bytes.
std::vector<Entry> directory_of(std::uint32_t compression, std::uint32_t size) {
  return {{256, kLong, 1, 64},           {257, kLong, 1, 64}, {258, kShort, 1, 8},
          {259, kShort, 1, compression}, {262, kShort, 1, 1}, {277, kShort, 1, 1},
          {322, kLong, 1, 64},           {323, kLong, 1, 64}, {324, kLong, 1, kTileOffset},
          {325, kLong, 1, size}};
}

std::vector<Entry> with(std::vector<Entry> entries, std::uint16_t tag, std::uint32_t value,
                        std::uint32_t count = 1) {
  for (Entry& e : entries) {
    if (e.tag == tag) e.value = value, e.count = count;
  }
  return entries;
}

std::string deflated(const std::string& cells) {
  uLongf n = compressBound(cells.size());
  std::string out(n, '\0');
  compress(reinterpret_cast<Bytef*>(out.data()), &n, reinterpret_cast<const Bytef*>(cells.data()),
           cells.size());
  out.resize(n);
  return out;
}

std::string zstd_of(const std::string& cells) {
  std::string out(ZSTD_compressBound(cells.size()), '\0');
  out.resize(ZSTD_compress(out.data(), out.size(), cells.data(), cells.size(), 3));
  return out;
}

constexpr std::uint32_t kPlain = 1;
constexpr std::uint32_t kLzw = 5;
constexpr std::uint32_t kDeflate = 8;
constexpr std::uint32_t kPackbits = 32773;
constexpr std::uint32_t kZstd = 50000;

class TiffDamageTest : public testing::Test {
 protected:
  std::shared_ptr<const FileBytes> write(const std::string& bytes) {
    const std::string path = folder_ / "a.tif";
    std::ofstream(path, std::ios::binary) << bytes;
    return std::make_shared<FileBytes>(path);
  }

  std::vector<std::uint8_t> read(const std::string& bytes) {
    const auto file = write(bytes);
    const TiffFile tiff = read_tiff_directories(*file);
    const TiffDirectory& d = tiff.directories[0];
    const TiffCells cells(file, d, tiff.is_big_endian, *tiff_support(d, false).type, {});
    std::vector<std::uint8_t> out(64 * 64);
    const Region corner{{0, 0, 0}, {1, 64, 64}};
    cells.read(dense_block(corner, DType::uint8, reinterpret_cast<std::byte*>(out.data())));
    return out;
  }

  void expect_damage(const std::string& bytes, const std::string& word) {
    const Error e = error_of([&] { read(bytes); });
    EXPECT_EQ(e.code(), Errc::data_loss) << e.what();
    EXPECT_NE(std::string(e.what()).find(word), std::string::npos) << e.what();
    EXPECT_NE(std::string(e.what()).find("a.tif"), std::string::npos) << e.what();
  }

  ScratchFolder folder_;
};

const std::string kCells(64 * 64, 'c');
const std::vector<std::uint8_t> kExpected(64 * 64, 'c');

TEST_F(TiffDamageTest, WholeFilesAreRead) {
  const std::string d = deflated(kCells);
  const std::string z = zstd_of(kCells);
  EXPECT_EQ(read(file_of(kCells, directory_of(kPlain, 4096))), kExpected);
  EXPECT_EQ(read(file_of(d, directory_of(kDeflate, static_cast<std::uint32_t>(d.size())))),
            kExpected);
  EXPECT_EQ(read(file_of(z, directory_of(kZstd, static_cast<std::uint32_t>(z.size())))), kExpected);
}

TEST_F(TiffDamageTest, AChainThatReturnsEnds) {
  const auto entries = directory_of(kPlain, 4096);
  const auto first = static_cast<std::uint32_t>(kTileOffset + kCells.size());
  expect_damage(file_of(kCells, entries, first), "comes back");
}

TEST_F(TiffDamageTest, DirectoriesInEachOtherAreRefused) {
  // The second directory is the last two entries of the first: its count of 2 is in the width.
  const std::vector<Entry> entries = {
      {256, kLong, 1, 2 << 16 | 64}, {257, kLong, 1, 64}, {262, kShort, 1, 1}};
  expect_damage(file_of("", entries, kTileOffset + 12), "overlap");
}

TEST_F(TiffDamageTest, AChainBeyondTheFileIsNamed) {
  expect_damage(file_of(kCells, directory_of(kPlain, 4096), 0x7ffffff0), "directory 1");
}

TEST_F(TiffDamageTest, CountsThatTheFileCannotHoldAreRefused) {
  const auto entries = directory_of(kPlain, 4096);
  expect_damage(file_of(kCells, with(entries, 324, 8, 0x7fffffff)), "tag 324");
  expect_damage(file_of(kCells, with(entries, 325, 0xfffffff0, 2)), "tag 325");
  std::string many = file_of(kCells, entries);
  many[kTileOffset + kCells.size()] = '\xff';
  many[kTileOffset + kCells.size() + 1] = '\xff';
  expect_damage(many, "entries");
  expect_damage(file_of(kCells, with(with(entries, 256, 6400), 257, 6400)), "lists 1 tiles");
}

TEST_F(TiffDamageTest, SidesOfNoCellsAreRefused) {
  const auto entries = directory_of(kPlain, 4096);
  for (const std::uint16_t tag : {256, 257, 277, 322, 323})
    expect_damage(file_of(kCells, with(entries, tag, 0)), "is 0: expected");
  std::vector<Entry> without = entries;
  without.erase(without.begin());
  expect_damage(file_of(kCells, without), "no width");
}

TEST_F(TiffDamageTest, TilesOutsideTheFileAreNamed) {
  expect_damage(file_of(kCells, directory_of(kPlain, 0x7fffffff)), "tile 0 at byte 8");
  expect_damage(file_of(kCells, with(directory_of(kPlain, 4096), 324, 0x7fffff00)),
                "not in the file");
  expect_damage(file_of(kCells, with(directory_of(kPlain, 4096), 324, 0)), "at byte 0");
  expect_damage(file_of(kCells, directory_of(kPlain, 0)), "at byte 8");
}

TEST_F(TiffDamageTest, ShortTilesAreDamage) {
  expect_damage(file_of(kCells, directory_of(kPlain, 4095)), "cannot become 4096");
  const std::string d = deflated(kCells.substr(1));
  expect_damage(file_of(d, directory_of(kDeflate, static_cast<std::uint32_t>(d.size()))),
                "4095 bytes: expected 4096");
  const std::string z = zstd_of(kCells.substr(1));
  expect_damage(file_of(z, directory_of(kZstd, static_cast<std::uint32_t>(z.size()))),
                "4095 bytes: expected 4096");
  expect_damage(
      file_of(std::string("\x81g", 2) + std::string(62, '\x80'), directory_of(kPackbits, 64)),
      "128 bytes: expected 4096");
  // Clear, 'a', end.
  expect_damage(
      file_of(std::string("\x80\x0c\x28\x08", 4) + std::string(60, '\0'), directory_of(kLzw, 64)),
      "LZW");
}

TEST_F(TiffDamageTest, EveryFlippedByteOfATileIsFoundOrHarmless) {
  const std::string d = deflated(kCells);
  std::size_t n_found = 0;
  for (std::size_t i = 0; i < d.size(); ++i) {
    std::string damaged = d;
    damaged[i] = static_cast<char>(damaged[i] ^ 0x55);
    try {
      EXPECT_EQ(
          read(file_of(damaged, directory_of(kDeflate, static_cast<std::uint32_t>(d.size())))),
          kExpected);
    } catch (const Error& e) {
      EXPECT_EQ(e.code(), Errc::data_loss) << e.what();
      ++n_found;
    }
  }
  EXPECT_GT(n_found, d.size() / 2);
}

TEST_F(TiffDamageTest, BombsAreRefusedBeforeMemoryIsTaken) {
  // Tiles of 2^31 bytes behind 64 stored ones.
  for (const std::uint32_t codec : {kPlain, kLzw, kDeflate, kPackbits, kZstd}) {
    auto entries = directory_of(codec, 64);
    for (const std::uint16_t tag : {256, 257, 322, 323})
      entries = with(entries, tag, tag == 256 || tag == 322 ? 65536 : 32767);
    expect_damage(file_of(std::string(64, 'x'), entries), "claims tiles");
    auto tile = directory_of(codec, 2);
    for (const std::uint16_t tag : {256, 257, 322, 323})
      tile = with(tile, tag, tag == 256 || tag == 322 ? 8192 : 512);
    expect_damage(file_of(std::string(64, 'x'), tile), "cannot become");
  }
}

TEST_F(TiffDamageTest, WhatAStripHasTooMuchIsLeftOut) {
  const std::string d = deflated(std::string(6000, 'c'));
  const std::string z = zstd_of(std::string(std::size_t{16} << 20, 'c'));
  EXPECT_EQ(read(file_of(d, directory_of(kDeflate, static_cast<std::uint32_t>(d.size())))),
            kExpected);
  EXPECT_EQ(read(file_of(z, directory_of(kZstd, static_cast<std::uint32_t>(z.size())))), kExpected);
  const std::string bomb = deflated(std::string(std::size_t{16} << 20, 'c'));
  expect_damage(file_of(bomb, directory_of(kDeflate, static_cast<std::uint32_t>(bomb.size()))),
                "far more");
  std::string damaged = d;
  damaged.back() = static_cast<char>(damaged.back() ^ 1);
  expect_damage(file_of(damaged, directory_of(kDeflate, static_cast<std::uint32_t>(d.size()))),
                "damaged");
}

TEST_F(TiffDamageTest, RandomBytesNeverCrashADecoder) {
  std::uint32_t state = 1;
  for (int round = 0; round < 3000; ++round) {
    std::string tile(64 + round % 200, '\0');
    for (char& c : tile) c = static_cast<char>((state = state * 1664525 + 1013904223) >> 24);
    if (round % 3 == 0) tile[0] = '\x80';  // a clear code, as LZW starts with
    std::vector<std::byte> out(4096);
    for (const int codec : {5, 8, 32773, 50000, 34925}) {
      try {
        find_tiff_codec(codec)->decode(
            {reinterpret_cast<const std::byte*>(tile.data()), tile.size()}, out);
      } catch (const Error& e) {
        EXPECT_TRUE(e.code() == Errc::data_loss || e.code() == Errc::unsupported) << e.what();
      }
    }
  }
}

TEST_F(TiffDamageTest, RandomDirectoriesNeverCrashTheParser) {
  const std::string whole = file_of(kCells, directory_of(kPlain, 4096));
  std::uint32_t state = 7;
  const auto random = [&] { return (state = state * 1664525 + 1013904223) >> 8; };
  const std::size_t first = kTileOffset + kCells.size();
  for (int round = 0; round < 2000; ++round) {
    std::string damaged = whole;
    for (std::uint32_t k = 0; k <= random() % 3; ++k)
      damaged[first + random() % (whole.size() - first)] = static_cast<char>(random());
    const auto file = write(damaged);
    try {
      const TiffFile tiff = read_tiff_directories(*file);
      for (const TiffDirectory& d : tiff.directories) {
        const TiffSupport support = tiff_support(d, false);
        if (!support.type) continue;
        const TiffCells cells(file, d, tiff.is_big_endian, *support.type, {});
        const Region cell{{0, 0, 0}, {1, 1, 1}};
        const OwnedBlock out(cell, support.type->dtype);
        cells.read(out.view());
      }
    } catch (const Error& e) {
      EXPECT_TRUE(e.code() == Errc::data_loss || e.code() == Errc::unsupported) << e.what();
    }
  }
}

}  // namespace
}  // namespace rastream::geotiff
