// SPDX-License-Identifier: Apache-2.0
// Every index of chunks, long and sparse enough to have all its parts: what we read is what libhdf5
// reads, and no damaged index is believed.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <random>

#include "rastream/base/error.h"
#include "rastream/format/hdf5/chunk_index.h"
#include "rastream/format/hdf5/hdf5_file.h"
#include "rastream/format/hdf5/lookup3.h"
#include "rastream/format/hdf5/sample_file.h"

namespace rastream {
namespace {

constexpr hsize_t kNone = H5S_UNLIMITED;

/// A dataset of int32 of which chunks at random places are written.
struct Scattered {
  std::vector<hsize_t> shape;
  std::vector<hsize_t> limits;
  std::vector<hsize_t> chunk;
  int n_writes = 100;
  bool is_deflated = false;
  bool is_early = false;
  bool partial_is_unfiltered = false;
};

hid_t creation_of(const Scattered& s) {
  const hid_t creation = H5Pcreate(H5P_DATASET_CREATE);
  H5Pset_chunk(creation, static_cast<int>(s.chunk.size()), s.chunk.data());
  const std::int32_t fill = -7;
  H5Pset_fill_value(creation, H5T_NATIVE_INT32, &fill);
  if (s.is_deflated) H5Pset_deflate(creation, 1);
  if (s.is_early) H5Pset_alloc_time(creation, H5D_ALLOC_TIME_EARLY);
  if (s.partial_is_unfiltered) H5Pset_chunk_opts(creation, H5D_CHUNK_DONT_FILTER_PARTIAL_CHUNKS);
  return creation;
}

/// One cell in a chunk at random, so that most chunks stay unwritten.
void write_scattered(hid_t dataset, const Scattered& s) {
  std::mt19937 random(7);
  const hid_t space = H5Dget_space(dataset);
  const std::vector<hsize_t> one(s.shape.size(), 1);
  const hid_t memory = H5Screate_simple(static_cast<int>(one.size()), one.data(), nullptr);
  for (std::int32_t i = 0; i < s.n_writes; ++i) {
    std::vector<hsize_t> at;
    for (const hsize_t n : s.shape) at.push_back(random() % n);
    H5Sselect_hyperslab(space, H5S_SELECT_SET, at.data(), nullptr, one.data(), nullptr);
    EXPECT_GE(H5Dwrite(dataset, H5T_NATIVE_INT32, memory, space, H5P_DEFAULT, &i), 0);
  }
  H5Sclose(memory);
  H5Sclose(space);
}

std::string write_file(const std::string& name, const Scattered& s) {
  const std::string path = sample_path(name);
  const hid_t access = H5Pcreate(H5P_FILE_ACCESS);
  H5Pset_libver_bounds(access, H5F_LIBVER_LATEST, H5F_LIBVER_LATEST);
  const hid_t file = H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, access);
  const hid_t space =
      H5Screate_simple(static_cast<int>(s.shape.size()), s.shape.data(), s.limits.data());
  const hid_t creation = creation_of(s);
  const hid_t dataset =
      H5Dcreate2(file, "v", H5T_STD_I32LE, space, H5P_DEFAULT, creation, H5P_DEFAULT);
  EXPECT_GE(dataset, 0);
  write_scattered(dataset, s);
  H5Dclose(dataset);
  H5Pclose(creation);
  H5Sclose(space);
  H5Fclose(file);
  H5Pclose(access);
  return path;
}

std::vector<std::int32_t> read_by_libhdf5(const std::string& path, std::int64_t n_cells) {
  std::vector<std::int32_t> cells(static_cast<std::size_t>(n_cells));
  const hid_t file = H5Fopen(path.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT);
  const hid_t dataset = H5Dopen2(file, "v", H5P_DEFAULT);
  EXPECT_GE(H5Dread(dataset, H5T_NATIVE_INT32, H5S_ALL, H5S_ALL, H5P_DEFAULT, cells.data()), 0);
  H5Dclose(dataset);
  H5Fclose(file);
  return cells;
}

std::vector<std::int32_t> read_ours(const std::string& path) {
  const auto file = netcdf4_format().open(path, "");
  const Schema& schema = file->variables().at(0).schema;
  const OwnedBlock block(schema.whole(), DType::int32);
  file->read(0, block.view());
  const auto* first = block.view().as<std::int32_t>();
  return {first, first + schema.n_cells()};
}

/// `signature` must be in the file: the part of an index that the test is about.
void expect_as_libhdf5(const std::string& name, const Scattered& s, std::string_view signature) {
  SCOPED_TRACE(name);
  const std::string path = write_file(name, s);
  const auto bytes = read_bytes(path);
  EXPECT_NE(std::search(bytes.begin(), bytes.end(), signature.begin(), signature.end()),
            bytes.end())
      << "no " << signature;
  std::int64_t n_cells = 1;
  for (const hsize_t n : s.shape) n_cells *= static_cast<std::int64_t>(n);
  const auto ours = read_ours(path);
  EXPECT_TRUE(ours == read_by_libhdf5(path, n_cells));
  EXPECT_TRUE(s.n_writes == 0 ||
              std::any_of(ours.begin(), ours.end(), [](std::int32_t c) { return c > 0; }));
}

/// With and without a filter, and with chunks at the edge left unfiltered.
void expect_in_every_form(const std::string& name, Scattered s, std::string_view signature) {
  expect_as_libhdf5(name + ".h5", s, signature);
  s.is_deflated = true;
  expect_as_libhdf5(name + "_deflated.h5", s, signature);
  s.partial_is_unfiltered = true;
  expect_as_libhdf5(name + "_partial.h5", s, signature);
}

TEST(ChunkIndex, AFixedArrayIsReadWholeAndInPages) {
  expect_in_every_form("fixed", {{100, 7}, {100, 7}, {3, 2}}, "FADB");
  expect_in_every_form("fixed_pages", {{3000, 7}, {3000, 7}, {1, 2}, 300}, "FADB");
  expect_in_every_form("fixed_sparse", {{90000}, {90000}, {2}, 5}, "FADB");
  expect_in_every_form("fixed_larger_limit", {{50, 20}, {120, 33}, {4, 5}}, "FADB");
  expect_in_every_form("fixed_full_page", {{4096}, {4096}, {2}, 4000}, "FADB");
}

TEST(ChunkIndex, AnExtensibleArrayIsReadWithItsSuperBlocksAndPages) {
  expect_in_every_form("extensible", {{3, 7}, {kNone, 7}, {3, 4}, 5}, "EAIB");
  expect_in_every_form("extensible_blocks", {{60, 7}, {kNone, 7}, {2, 2}}, "EADB");
  expect_in_every_form("extensible_super", {{3000, 7}, {kNone, 7}, {2, 2}, 500}, "EASB");
  expect_in_every_form("extensible_pages", {{400000}, {kNone}, {2}, 1500}, "EASB");
  expect_in_every_form("extensible_dense", {{30000}, {kNone}, {2}, 30000}, "EASB");
}

TEST(ChunkIndex, TheUnlimitedAxisOfAnExtensibleArrayMayBeAnyAxis) {
  expect_in_every_form("second_axis", {{5, 300, 4}, {5, kNone, 4}, {2, 3, 3}, 200}, "EASB");
  expect_in_every_form("last_axis", {{5, 4, 300}, {9, 4, kNone}, {2, 3, 3}, 200}, "EASB");
}

TEST(ChunkIndex, AVersion2TreeIsReadAtEveryDepth) {
  expect_in_every_form("leaf", {{7, 10}, {kNone, kNone}, {2, 3}, 10}, "BTLF");
  expect_in_every_form("tree", {{100, 100}, {kNone, kNone}, {2, 3}, 500}, "BTIN");
  expect_in_every_form("deep_tree", {{300, 300}, {kNone, kNone}, {2, 2}, 20000}, "BTIN");
}

TEST(ChunkIndex, ImplicitChunksFollowOneAnother) {
  Scattered s{{100, 7}, {100, 7}, {3, 2}};
  s.is_early = true;
  expect_as_libhdf5("implicit.h5", s, "OHDR");
  s.limits = {200, 9};
  expect_as_libhdf5("implicit_limits.h5", s, "OHDR");
}

TEST(ChunkIndex, ChunksThatWereNeverWrittenAreFill) {
  expect_in_every_form("no_fixed", {{100, 7}, {100, 7}, {3, 2}, 0}, "OHDR");
  expect_in_every_form("no_extensible", {{100, 7}, {kNone, 7}, {3, 2}, 0}, "OHDR");
  expect_in_every_form("no_tree", {{100, 7}, {kNone, kNone}, {3, 2}, 0}, "OHDR");
}

/// Every block of a chunk index in the file: its place and its length with its checksum.
std::vector<std::pair<std::size_t, std::size_t>> index_blocks(const std::vector<char>& bytes) {
  std::vector<std::pair<std::size_t, std::size_t>> blocks;
  const auto all = std::as_bytes(std::span(bytes));
  for (std::size_t at = 0; at + 12 < bytes.size(); ++at) {
    const std::string_view name(bytes.data() + at, 4);
    const bool is_block = name == "FAHD" || name == "FADB" || name == "EAHD" || name == "EAIB" ||
                          name == "EASB" || name == "EADB" || name == "BTHD" || name == "BTIN" ||
                          name == "BTLF";
    for (std::size_t n = 8; is_block && n < 5000 && at + n + 4 <= bytes.size(); ++n) {
      std::uint32_t stored;
      std::memcpy(&stored, bytes.data() + at + n, 4);
      if (lookup3(all.subspan(at, n)) != stored) continue;
      blocks.emplace_back(at, n + 4);
      break;
    }
  }
  return blocks;
}

const std::vector<Scattered> kSmallFiles = {{{40, 5}, {40, 5}, {3, 2}, 50, true},
                                            {{3000}, {3000}, {2}, 30, false},
                                            {{300, 5}, {kNone, 5}, {3, 2}, 60, true},
                                            {{6000}, {kNone}, {2}, 30, false},
                                            {{60, 60}, {kNone, kNone}, {2, 2}, 400, true}};

TEST(ChunkIndex, AnyFlippedByteOfAnIndexIsFound) {
  for (const Scattered& s : kSmallFiles) {
    const std::string path = write_file("flipped.h5", s);
    const auto bytes = read_bytes(path);
    const auto blocks = index_blocks(bytes);
    ASSERT_GE(blocks.size(), 2);
    const auto right = read_ours(path);
    for (const auto& [at, length] : blocks) {
      for_each_flipped_byte(
          path, bytes, at, at + length, 1 + length / 60, [&, first = at](std::size_t i) {
            EXPECT_THROW(read_ours(path), Error) << "byte " << i - first << " of " << &bytes[first];
          });
    }
    EXPECT_EQ(read_ours(path), right);
  }
}

TEST(ChunkIndex, AHostileIndexWithRightChecksumsEnds) {
  for (const Scattered& s : kSmallFiles) {
    const std::string path = write_file("forged.h5", s);
    const auto bytes = read_bytes(path);
    int n_errors = 0;
    for (const auto& [at, length] : index_blocks(bytes)) {
      for (std::size_t i = at + 5; i < at + length - 4; i += 1 + length / 30) {
        for (const int value : {0, 1, 0xff}) {
          auto forged = std::vector<char>(bytes.begin() + static_cast<std::ptrdiff_t>(at),
                                          bytes.begin() + static_cast<std::ptrdiff_t>(at + length));
          forged[i - at] = static_cast<char>(value);
          const auto sum = lookup3(std::as_bytes(std::span(forged)).first(length - 4));
          std::memcpy(forged.data() + length - 4, &sum, 4);
          for (const std::size_t k : {i - at, length - 4, length - 3, length - 2, length - 1})
            patch_byte(path, at + k, forged[k]);
          try {
            read_ours(path);
          } catch (const Error& e) {
            EXPECT_NE(e.code(), Errc::internal) << e.what();
            ++n_errors;
          }
          for (const std::size_t k : {i - at, length - 4, length - 3, length - 2, length - 1})
            patch_byte(path, at + k, bytes[at + k]);
        }
      }
    }
    EXPECT_GT(n_errors, 50);
  }
}

TEST(ChunkIndex, ATreeThatIsItsOwnChildIsDataLoss) {
  const std::string path = write_file("circle2.h5", {{60, 60}, {kNone, kNone}, {2, 2}, 400, false});
  auto bytes = read_bytes(path);
  const auto blocks = index_blocks(bytes);
  const auto inner = std::find_if(blocks.begin(), blocks.end(), [&](const auto& b) {
    return std::string_view(bytes.data() + b.first, 4) == "BTIN";
  });
  ASSERT_NE(inner, blocks.end());
  const auto [at, length] = *inner;
  // The last child: address (8), number of records (1).
  const std::uint64_t self = at;
  std::memcpy(bytes.data() + at + length - 4 - 9, &self, 8);
  const auto sum = lookup3(std::as_bytes(std::span(bytes)).subspan(at, length - 4));
  std::memcpy(bytes.data() + at + length - 4, &sum, 4);
  write_bytes(path, bytes);
  EXPECT_THROW(read_ours(path), Error);
}

TEST(ChunkIndex, ChunksOfTheLongestAxisAreCounted) {
  constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
  const ChunkedArray array{{kMost, 5}, {kMost, 5}, {2, 2}, 4};
  EXPECT_EQ(array.n_along(), Extents({std::int64_t{1} << 62, 3}));
}

TEST(ChunkIndex, TheChecksumIsLookup3) {
  const auto sum = [](std::string_view text) { return lookup3(std::as_bytes(std::span(text))); };
  EXPECT_EQ(sum(""), 0xdeadbeefU);
  EXPECT_EQ(sum("Four score and seven years ago"), 0x17770551U);
}

}  // namespace
}  // namespace rastream
