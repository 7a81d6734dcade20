// SPDX-License-Identifier: Apache-2.0
// Every layout, index and filter that libhdf5 writes is read back with the cells that went in.
#include <gtest/gtest.h>

#include <thread>

#include "rastream/base/error.h"
#include "rastream/format/hdf5/hdf5_file.h"
#include "rastream/format/hdf5/sample_file.h"

namespace rastream {
namespace {

/// What cell `index` of the sample must read as.
double expected_cell(const Sample& s, const Extents& index) {
  std::int64_t number = 0;
  bool is_written = true;
  for (std::size_t i = 0; i < index.size(); ++i) {
    number = number * static_cast<std::int64_t>(s.shape[i]) + index[i];
    is_written &= s.written.empty() || index[i] < static_cast<std::int64_t>(s.written[i]);
  }
  return is_written ? sample_cell(number) : -7;
}

void expect_cells(const Sample& s, const DatasetFile& file, const Region& region, DType dtype) {
  const OwnedBlock block(region, dtype);
  file.read(0, block.view());
  int n_wrong = 0;
  for_each_index(region, [&](const Extents& i) {
    n_wrong += cell_as_double(block.view(), i) != expected_cell(s, i);
  });
  EXPECT_EQ(n_wrong, 0) << to_string(region);
}

/// The whole, a part that cuts chunks, one cell, and another dtype.
void expect_sample(const std::string& name, const Sample& s) {
  SCOPED_TRACE(name);
  const auto file = netcdf4_format().open(write_sample(name, s), "");
  ASSERT_EQ(file->variables().size(), 1);
  const Region whole = file->variables()[0].schema.whole();
  ASSERT_EQ(whole.rank(), s.shape.size());
  expect_cells(s, *file, whole, file->variables()[0].schema.dtype);
  expect_cells(s, *file, whole, DType::float64);
  Region part = whole;
  for (std::size_t i = 0; i < part.rank(); ++i) {
    part.begin[i] = whole.end[i] / 3;
    part.end[i] = whole.end[i] - whole.end[i] / 4;
  }
  expect_cells(s, *file, part, DType::int64);
  for (std::size_t i = 0; i < part.rank(); ++i) part.end[i] = part.begin[i] + 1;
  expect_cells(s, *file, part, DType::int32);
}

TEST(Hdf5Layout, ContiguousCompactAndChunkedHoldTheSameCells) {
  expect_sample("contiguous.h5", {});
  expect_sample("compact.h5", {.is_compact = true});
  expect_sample("chunked.h5", {.chunk = {3, 4}});
  expect_sample("one_chunk.h5", {.chunk = {7, 10}});
  expect_sample("cell_chunks.h5", {.chunk = {1, 1}});
  expect_sample("long_chunk.h5", {.limits = {H5S_UNLIMITED, H5S_UNLIMITED}, .chunk = {16, 16}});
}

TEST(Hdf5Layout, EveryOrderOfBytesAndIntegerWidthIsRead) {
  for (const hid_t type :
       {H5T_STD_I16LE, H5T_STD_I16BE, H5T_STD_I32BE, H5T_STD_I64LE, H5T_STD_I64BE, H5T_IEEE_F32LE,
        H5T_IEEE_F32BE, H5T_IEEE_F64LE, H5T_IEEE_F64BE}) {
    expect_sample("plain_type.h5", {.file_type = type});
    expect_sample("compact_type.h5", {.file_type = type, .is_compact = true});
    expect_sample("packed_type.h5",
                  {.file_type = type, .chunk = {3, 4}, .shuffle = true, .deflate = 1});
  }
}

TEST(Hdf5Layout, EveryCombinationOfOurFiltersIsUndone) {
  for (int bits = 0; bits < 8; ++bits) {
    Sample s{.shape = {9, 8, 11}, .chunk = {2, 8, 5}};
    s.shuffle = (bits & 1) != 0;
    s.deflate = (bits & 2) != 0 ? 4 : -1;
    s.fletcher32 = (bits & 4) != 0;
    expect_sample("filters" + std::to_string(bits) + ".h5", s);
    s.file_type = H5T_IEEE_F64BE;
    expect_sample("swapped_filters" + std::to_string(bits) + ".h5", s);
  }
}

TEST(Hdf5Layout, FiltersThatAreNotOursGoThroughTheLibrary) {
  expect_sample("scaleoffset.h5", {.chunk = {3, 5}, .foreign_filter = H5Z_FILTER_SCALEOFFSET});
  expect_sample("nbit.h5", {.chunk = {3, 5}, .foreign_filter = H5Z_FILTER_NBIT});
}

TEST(Hdf5Layout, ChunksThatWereNeverWrittenReadAsFill) {
  expect_sample("nothing.h5", {.written = {0, 0}});
  expect_sample("no_chunk.h5", {.chunk = {2, 2}, .written = {0, 0}});
  expect_sample("some_chunks.h5", {.chunk = {2, 2}, .deflate = 2, .written = {3, 5}});
  expect_sample("latest_some_chunks.h5", {.limits = {H5S_UNLIMITED, 10},
                                          .chunk = {2, 2},
                                          .deflate = 2,
                                          .is_latest_version = true,
                                          .written = {3, 5}});
}

TEST(Hdf5Layout, EveryChunkIndexOfTheLatestFormatIsRead) {
  const hsize_t none = H5S_UNLIMITED;
  for (const int deflate : {-1, 3}) {
    const auto sample = [&](std::vector<hsize_t> limits, std::vector<hsize_t> chunk) {
      return Sample{.limits = std::move(limits),
                    .chunk = std::move(chunk),
                    .deflate = deflate,
                    .is_latest_version = true};
    };
    expect_sample("single.h5", sample({}, {7, 10}));
    expect_sample("fixed_array.h5", sample({}, {2, 3}));
    expect_sample("extensible_array.h5", sample({none, 10}, {2, 3}));
    expect_sample("btree2.h5", sample({none, none}, {2, 3}));
  }
  expect_sample("latest_contiguous.h5", {.is_latest_version = true});
  expect_sample("latest_compact.h5", {.is_compact = true, .is_latest_version = true});
}

TEST(Hdf5Layout, AUserBlockShiftsEveryAddress) {
  expect_sample("user_block.h5", {.chunk = {3, 4}, .deflate = 1, .user_block = 1024});
  expect_sample("user_block_contiguous.h5", {.user_block = 512});
}

TEST(Hdf5Layout, CodecsAndStoredBytesAreKnownWithoutReading) {
  const Sample s{.chunk = {3, 4}, .shuffle = true, .deflate = 5, .fletcher32 = true};
  const auto file = netcdf4_format().open(write_sample("codecs.h5", s), "");
  const VariableInfo& v = file->variables()[0];
  EXPECT_EQ(v.codecs, (std::vector<std::string>{"shuffle", "deflate 5", "fletcher32"}));
  EXPECT_EQ(v.fill_value, -7);
  EXPECT_EQ(v.schema.chunks.n_chunks(), 9);
  const auto whole = file->stored_bytes(0, v.schema.whole());
  const auto corner = file->stored_bytes(0, {{0, 0}, {1, 1}});
  ASSERT_TRUE(whole && corner);
  EXPECT_GT(*corner, 0);
  EXPECT_GT(*whole, 8 * *corner / 2);
  EXPECT_EQ(file->statistics().n_chunks, 0);
  const OwnedBlock block(v.schema.whole(), DType::int32);
  file->read(0, block.view());
  EXPECT_EQ(file->statistics().n_chunks, 9);
  EXPECT_EQ(file->statistics().stored_bytes, *whole);
  EXPECT_EQ(file->statistics().decoded_bytes, 9 * 3 * 4 * 4);
}

TEST(Hdf5Layout, TensOfThousandsOfChunksAreIndexedInOrder) {
  const Sample s{.shape = {26280}, .chunk = {1}};
  const auto file = netcdf4_format().open(write_sample("many_chunks.h5", s), "");
  EXPECT_EQ(file->stored_bytes(0, {{0}, {26280}}), 26280 * 4);
  expect_cells(s, *file, {{0}, {26280}}, DType::int32);
}

TEST(Hdf5Layout, ThreadsReadTheSameCellsAsOneThread) {
  const Sample s{.shape = {64, 50, 40},
                 .chunk = {1, 25, 40},
                 .shuffle = true,
                 .deflate = 1,
                 .fletcher32 = true};
  const Sample exotic{.shape = {20, 9},
                      .limits = {H5S_UNLIMITED, H5S_UNLIMITED},
                      .chunk = {2, 2},
                      .deflate = 1,
                      .is_latest_version = true};
  const auto file = netcdf4_format().open(write_sample("threads.h5", s), "");
  const auto library_file = netcdf4_format().open(write_sample("library_threads.h5", exotic), "");
  std::vector<std::jthread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (std::int64_t i = t; i < 64; i += 2)
        expect_cells(s, *file, {{i, 3, 0}, {i + 1, 50, 39}}, DType::int32);
      for (std::int64_t i = t; i < 20; i += 2)
        expect_cells(exotic, *library_file, {{i, 0}, {i + 1, 9}}, DType::float32);
    });
  }
}

TEST(Hdf5Layout, AWholeChunkReadIntoStridedMemoryFillsOnlyItsPlace) {
  const Sample s{.chunk = {3, 4}, .deflate = 1};
  const auto file = netcdf4_format().open(write_sample("strided.h5", s), "");
  OwnedBlock canvas({{0, 0}, {7, 10}}, DType::int32);
  fill_cells(canvas.view(), 12345);
  file->read(0, canvas.view().sub({{3, 4}, {6, 8}}));
  for_each_index(canvas.view().region, [&](const Extents& i) {
    const bool is_inside = Region({3, 4}, {6, 8}).contains({i, {i[0] + 1, i[1] + 1}});
    EXPECT_EQ(cell_as_double(canvas.view(), i), is_inside ? expected_cell(s, i) : 12345);
  });
}

}  // namespace
}  // namespace rastream
