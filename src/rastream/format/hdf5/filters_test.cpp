// SPDX-License-Identifier: Apache-2.0
// Filters that libhdf5 has not: chunks made by encoders of this test or of the C libraries are
// stored as they are, and read back; damaged ones give one error.
#include "rastream/format/hdf5/filters.h"

#include <blosc.h>
#include <bzlib.h>
#include <gtest/gtest.h>
#include <lz4.h>
#include <zstd.h>

#include <cstring>
#include <functional>
#include <random>

#include "rastream/base/error.h"
#include "rastream/format/hdf5/hdf5_file.h"
#include "rastream/format/hdf5/sample_file.h"

namespace rastream {
namespace {

using Packed = std::vector<std::byte>;

void append_big(Packed& out, std::uint64_t value, int n_bytes) {
  for (int i = n_bytes; i-- > 0;) out.push_back(static_cast<std::byte>(value >> 8 * i));
}

Packed lz4_block(std::span<const std::byte> in) {
  Packed out(static_cast<std::size_t>(LZ4_compressBound(static_cast<int>(in.size()))));
  const int n = LZ4_compress_default(reinterpret_cast<const char*>(in.data()),
                                     reinterpret_cast<char*>(out.data()),
                                     static_cast<int>(in.size()), static_cast<int>(out.size()));
  out.resize(static_cast<std::size_t>(n));
  return out;
}

Packed zstd_frame(std::span<const std::byte> in) {
  Packed out(ZSTD_compressBound(in.size()));
  out.resize(ZSTD_compress(out.data(), out.size(), in.data(), in.size(), 3));
  return out;
}

Packed bzip2_stream(std::span<const std::byte> in) {
  Packed out(in.size() + in.size() / 100 + 600);
  auto n = static_cast<unsigned>(out.size());
  auto* source = reinterpret_cast<char*>(const_cast<std::byte*>(in.data()));
  EXPECT_EQ(BZ2_bzBuffToBuffCompress(reinterpret_cast<char*>(out.data()), &n, source,
                                     static_cast<unsigned>(in.size()), 9, 0, 0),
            BZ_OK);
  out.resize(n);
  return out;
}

Packed blosc_buffer(std::span<const std::byte> in, const char* compressor, int shuffle) {
  Packed out(in.size() + BLOSC_MAX_OVERHEAD);
  const int n = blosc_compress_ctx(5, shuffle, 4, in.size(), in.data(), out.data(), out.size(),
                                   compressor, 0, 1);
  EXPECT_GT(n, 0);
  out.resize(static_cast<std::size_t>(n));
  return out;
}

Packed lz4_chunk(std::span<const std::byte> in, std::size_t block_bytes) {
  Packed out;
  append_big(out, in.size(), 8);
  append_big(out, block_bytes, 4);
  for (std::size_t at = 0; at < in.size(); at += block_bytes) {
    const auto block = in.subspan(at, std::min(block_bytes, in.size() - at));
    Packed packed = lz4_block(block);
    if (packed.size() >= block.size()) packed.assign(block.begin(), block.end());
    append_big(out, packed.size(), 4);
    out.insert(out.end(), packed.begin(), packed.end());
  }
  return out;
}

/// Literals, and back references to the same byte run four or 300 bytes before.
Packed lzf_stream(std::span<const std::byte> in) {
  Packed out;
  std::size_t at = 0;
  while (at < in.size()) {
    const auto matches = [&](std::size_t distance) {
      std::size_t n = 0;
      while (at >= distance && n < 264 && at + n < in.size() && in[at + n] == in[at + n - distance])
        ++n;
      return n;
    };
    const std::size_t distance = matches(4) > matches(300) ? 4 : 300;
    const std::size_t n = matches(distance);
    if (n >= 3) {
      const std::size_t offset = distance - 1;
      const std::size_t length = n - 2;
      out.push_back(static_cast<std::byte>((length < 7 ? length : 7) << 5 | offset >> 8));
      if (length >= 7) out.push_back(static_cast<std::byte>(length - 7));
      out.push_back(static_cast<std::byte>(offset & 0xff));
      at += n;
      continue;
    }
    out.push_back(std::byte{0});
    out.push_back(in[at++]);
  }
  return out;
}

/// Bit by bit, as bitshuffle's README says.
Packed bits_shuffled(std::span<const std::byte> cells, std::size_t cell_bytes) {
  const std::size_t n = cells.size() / cell_bytes;
  Packed out(cells.size());
  for (std::size_t cell = 0; cell < n; ++cell) {
    for (std::size_t bit = 0; bit < 8 * cell_bytes; ++bit) {
      const int value = std::to_integer<int>(cells[cell * cell_bytes + bit / 8]) >> bit % 8 & 1;
      out[bit * (n / 8) + cell / 8] |= static_cast<std::byte>(value << cell % 8);
    }
  }
  return out;
}

Packed bitshuffle_chunk(std::span<const std::byte> in, std::size_t cell_bytes,
                        std::size_t block_cells, unsigned compressor) {
  Packed out;
  if (compressor != 0) {
    append_big(out, in.size(), 8);
    append_big(out, block_cells * cell_bytes, 4);
  }
  const std::size_t n_shuffled = in.size() / cell_bytes / 8 * 8;
  for (std::size_t at = 0; at < n_shuffled; at += block_cells) {
    const std::size_t n = std::min(block_cells, n_shuffled - at);
    Packed block = bits_shuffled(in.subspan(at * cell_bytes, n * cell_bytes), cell_bytes);
    if (compressor != 0) {
      block = compressor == 2 ? lz4_block(block) : zstd_frame(block);
      append_big(out, block.size(), 4);
    }
    out.insert(out.end(), block.begin(), block.end());
  }
  const auto rest = in.subspan(n_shuffled * cell_bytes);
  out.insert(out.end(), rest.begin(), rest.end());
  return out;
}

struct Codec {
  std::string name;  ///< as it is shown to people
  Filter filter;
  std::function<Packed(std::span<const std::byte>)> pack;
};

std::vector<Codec> codecs() {
  std::vector<Codec> all = {
      {"bzip2 9", {307, {9}, ""}, bzip2_stream},
      {"lzf", {32000, {4, 261, 4000}, ""}, lzf_stream},
      {"zstd 3", {32015, {3}, ""}, zstd_frame},
      {"lz4", {32004, {0}, ""}, [](auto in) { return lz4_chunk(in, 1000); }},
  };
  const char* shuffles[] = {"noshuffle", "shuffle", "bitshuffle"};
  const char* compressors[] = {"blosclz", "lz4", "lz4hc", "", "zlib", "zstd"};
  for (const unsigned compressor : {0U, 1U, 2U, 4U, 5U}) {
    for (const unsigned shuffle : {0U, 1U, 2U}) {
      const char* name = compressors[compressor];
      all.push_back({fmt::format("blosc {} 5 {}", name, shuffles[shuffle]),
                     {32001, {2, 2, 4, 4000, 5, shuffle, compressor}, ""},
                     [=](auto in) { return blosc_buffer(in, name, static_cast<int>(shuffle)); }});
    }
  }
  const char* inner[] = {"bitshuffle", "", "bitshuffle lz4", "bitshuffle zstd"};
  for (const unsigned compressor : {0U, 2U, 3U}) {
    for (const unsigned block : {0U, 64U}) {
      all.push_back({inner[compressor], {32008, {0, 3, 4, block, compressor}, ""}, [=](auto in) {
                       return bitshuffle_chunk(in, 4, block == 0 ? 2048 : block, compressor);
                     }});
    }
  }
  return all;
}

/// Cells that compress, though not to nothing.
std::vector<std::int32_t> some_cells(std::size_t n) {
  std::vector<std::int32_t> cells(n);
  std::mt19937 random(3);
  for (std::size_t i = 0; i < n; ++i)
    cells[i] = static_cast<std::int32_t>(i / 50 * 1000 + random() % 3);
  return cells;
}

std::optional<std::vector<std::byte>> decoded(const FilterPipeline& pipeline,
                                              std::span<const std::byte> stored,
                                              std::size_t n_bytes) {
  std::vector<std::byte> out(n_bytes);
  try {
    pipeline.check_stored_size(stored.size(), 0, n_bytes);
    pipeline.decode(stored, 0, out, ChunkScratch::of_this_thread());
    return out;
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), Errc::data_loss) << e.what();
    return std::nullopt;
  }
}

TEST(Filters, EveryCodecGivesTheCellsBack) {
  for (const std::size_t n : {1, 7, 8, 1001, 5000}) {
    const auto cells = some_cells(n);
    const auto bytes = std::as_bytes(std::span(cells));
    for (const Codec& codec : codecs()) {
      SCOPED_TRACE(codec.name);
      EXPECT_EQ(describe_filter(codec.filter), codec.name);
      const FilterPipeline pipeline({codec.filter});
      ASSERT_TRUE(pipeline.is_ours());
      const auto out = decoded(pipeline, codec.pack(bytes), bytes.size());
      ASSERT_TRUE(out);
      EXPECT_EQ(std::memcmp(out->data(), bytes.data(), bytes.size()), 0);
    }
  }
}

TEST(Filters, CodecsMayFollowOneAnother) {
  const auto cells = some_cells(3000);
  const auto bytes = std::as_bytes(std::span(cells));
  const FilterPipeline pipeline({{32000, {}, ""}, {32015, {}, ""}, {307, {}, ""}});
  const auto out = decoded(pipeline, bzip2_stream(zstd_frame(lzf_stream(bytes))), bytes.size());
  ASSERT_TRUE(out);
  EXPECT_EQ(std::memcmp(out->data(), bytes.data(), bytes.size()), 0);
}

TEST(Filters, ATruncatedChunkOfAnyCodecIsDataLoss) {
  const auto cells = some_cells(1001);
  const auto bytes = std::as_bytes(std::span(cells));
  for (const Codec& codec : codecs()) {
    const FilterPipeline pipeline({codec.filter});
    const Packed packed = codec.pack(bytes);
    for (std::size_t n = 0; n < packed.size(); n += 1 + packed.size() / 100) {
      // A copy of its own, so that a read past the end is seen.
      const Packed part(packed.begin(), packed.begin() + static_cast<std::ptrdiff_t>(n));
      EXPECT_FALSE(decoded(pipeline, part, bytes.size())) << codec.name << ", " << n << " bytes";
    }
  }
}

TEST(Filters, AFlippedBitOfAnyCodecNeverCrashes) {
  const auto cells = some_cells(1001);
  const auto bytes = std::as_bytes(std::span(cells));
  for (const Codec& codec : codecs()) {
    const FilterPipeline pipeline({codec.filter});
    Packed packed = codec.pack(bytes);
    int n_errors = 0;
    for (std::size_t i = 0; i < packed.size(); i += i < 40 ? 1 : 1 + packed.size() / 150) {
      packed[i] ^= static_cast<std::byte>(1 << i % 8);
      n_errors += !decoded(pipeline, packed, bytes.size());
      packed[i] ^= static_cast<std::byte>(1 << i % 8);
    }
    EXPECT_TRUE(n_errors > 0 || codec.name == "bitshuffle") << codec.name;
  }
}

TEST(Filters, UnderAChecksumEveryFlippedBitIsFound) {
  const auto cells = some_cells(1001);
  const auto bytes = std::as_bytes(std::span(cells));
  for (const Codec& codec : codecs()) {
    const FilterPipeline pipeline({codec.filter, {3, {}, ""}});
    Packed packed = codec.pack(bytes);
    const std::uint32_t sum = fletcher32(packed);
    for (int i = 0; i < 4; ++i) packed.push_back(static_cast<std::byte>(sum >> 8 * i));
    ASSERT_TRUE(decoded(pipeline, packed, bytes.size())) << codec.name;
    for (std::size_t i = 0; i < packed.size(); i += 1 + packed.size() / 100) {
      packed[i] ^= std::byte{0x10};
      EXPECT_FALSE(decoded(pipeline, packed, bytes.size())) << codec.name << ", byte " << i;
      packed[i] ^= std::byte{0x10};
    }
  }
}

TEST(Filters, AChunkThatUnpacksToMoreOrFewerBytesIsDataLoss) {
  const auto cells = some_cells(5000);
  const auto bytes = std::as_bytes(std::span(cells));
  for (const Codec& codec : codecs()) {
    const FilterPipeline pipeline({codec.filter});
    const Packed packed = codec.pack(bytes);
    for (const std::size_t n : {std::size_t{4}, bytes.size() - 4, bytes.size() + 4})
      EXPECT_FALSE(decoded(pipeline, packed, n)) << codec.name << ", " << n;
  }
}

TEST(Filters, FewBytesThatClaimToBeManyAreRefusedBeforeMemoryIsTaken) {
  for (const Codec& codec : codecs()) {
    const FilterPipeline pipeline({codec.filter});
    EXPECT_THROW(pipeline.check_stored_size(20, 0, std::size_t{1} << 40), Error) << codec.name;
  }
}

TEST(Filters, ParametersThatNobodyKnowsAreLeftToLibhdf5) {
  EXPECT_FALSE(FilterPipeline({{32008, {0, 3, 0, 0, 2}, ""}}).is_ours());
  EXPECT_FALSE(FilterPipeline({{32008, {0, 3, 4, 0, 9}, ""}}).is_ours());
  EXPECT_FALSE(FilterPipeline({{4, {4, 7, 32, 16}, ""}}).is_ours());
  EXPECT_FALSE(FilterPipeline({{4, {4, 8}, ""}}).is_ours());
  EXPECT_FALSE(FilterPipeline({{32013, {}, "zfp"}}).is_ours());
}

/// A file with one dataset of 20 x 30 cells in chunks of 8 x 30, stored as `codec` packs them.
std::string write_packed(const Codec& codec, const std::vector<std::int32_t>& cells) {
  const std::string path = sample_path("packed.h5");
  const hid_t file = H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
  const hsize_t shape[] = {20, 30};
  const hsize_t chunk[] = {8, 30};
  const hid_t space = H5Screate_simple(2, shape, nullptr);
  const hid_t creation = H5Pcreate(H5P_DATASET_CREATE);
  H5Pset_chunk(creation, 2, chunk);
  H5Pset_filter(creation, codec.filter.id, H5Z_FLAG_OPTIONAL, codec.filter.parameters.size(),
                codec.filter.parameters.data());
  const hid_t dataset =
      H5Dcreate2(file, "v", H5T_STD_I32LE, space, H5P_DEFAULT, creation, H5P_DEFAULT);
  for (hsize_t row = 0; row < 20; row += 8) {
    std::vector<std::int32_t> part(240, -1);
    const std::size_t n = std::min<std::size_t>(240, 600 - 30 * row);
    std::copy_n(cells.begin() + static_cast<std::ptrdiff_t>(30 * row), n, part.begin());
    const Packed packed = codec.pack(std::as_bytes(std::span(part)));
    const hsize_t at[] = {row, 0};
    EXPECT_GE(H5Dwrite_chunk(dataset, H5P_DEFAULT, 0, at, packed.size(), packed.data()), 0);
  }
  H5Dclose(dataset);
  H5Pclose(creation);
  H5Sclose(space);
  H5Fclose(file);
  return path;
}

TEST(Filters, FilesPackedByEveryCodecAreRead) {
  const auto cells = some_cells(600);
  for (const Codec& codec : codecs()) {
    SCOPED_TRACE(codec.name);
    const auto file = netcdf4_format().open(write_packed(codec, cells), "");
    EXPECT_EQ(file->variables()[0].codecs, std::vector<std::string>{codec.name});
    const OwnedBlock block({{0, 0}, {20, 30}}, DType::int32);
    file->read(0, block.view());
    EXPECT_EQ(std::memcmp(block.view().data, cells.data(), 2400), 0);
  }
}

TEST(Filters, AFilterThatNobodyHasIsRefusedByName) {
  const Codec codec = {"", {32013, {1, 2, 3}, ""}, zstd_frame};
  const auto file = netcdf4_format().open(write_packed(codec, some_cells(600)), "");
  const OwnedBlock block({{0, 0}, {20, 30}}, DType::int32);
  try {
    file->read(0, block.view());
    ADD_FAILURE();
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), Errc::unsupported);
    EXPECT_NE(std::string(e.what()).find("32013"), std::string::npos) << e.what();
    EXPECT_NE(std::string(e.what()).find("'v'"), std::string::npos) << e.what();
  }
}

TEST(Filters, SzipIsUndoneWithoutLibhdf5) {
  ASSERT_GT(H5Zfilter_avail(H5Z_FILTER_SZIP), 0);
  for (const unsigned mask : {H5_SZIP_NN_OPTION_MASK, H5_SZIP_EC_OPTION_MASK}) {
    for (const hid_t type : {H5T_STD_I8LE, H5T_STD_I16BE, H5T_STD_I32LE, H5T_IEEE_F64LE}) {
      Sample s{.file_type = type, .shape = {33, 50}, .chunk = {11, 25}, .foreign_filter = 4};
      s.szip_mask = mask;
      const auto file = netcdf4_format().open(write_sample("szip_mask.h5", s), "");
      EXPECT_EQ(file->variables()[0].codecs, std::vector<std::string>{"szip"});
      const OwnedBlock block({{0, 0}, {33, 50}}, DType::float64);
      file->read(0, block.view());
      EXPECT_GT(file->statistics().stored_bytes, 0) << "libhdf5 has read it";
      for (std::int64_t i = 0; i < 33 * 50; ++i) {
        const double wanted =
            type == H5T_STD_I8LE ? std::clamp(sample_cell(i), std::int32_t{-128}, std::int32_t{127})
                                 : sample_cell(i);
        ASSERT_EQ(block.view().as<double>()[i], wanted) << i;
      }
    }
  }
}

}  // namespace
}  // namespace rastream
