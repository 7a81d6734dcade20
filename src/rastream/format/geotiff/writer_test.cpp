// SPDX-License-Identifier: Apache-2.0
// What the writer's file has whatever the order, threads, chunks and memory; how its directories
// and tiles are stored. That other programs read it is tested by tests/oracle/geotiff_check.py.
#include "rastream/format/geotiff/writer.h"

#include <gtest/gtest.h>
#include <libdeflate.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <numeric>
#include <random>
#include <thread>

#include "rastream/format/geotiff/cog_builder.h"
#include "rastream/format/geotiff/geotiff.h"
#include "rastream/format/geotiff/staged_file.h"
#include "rastream/store/file.h"
#include "tests/suites/errors.h"
#include "tests/suites/scratch_folder.h"

namespace rastream::geotiff {
namespace {

namespace fs = std::filesystem;

VariableSpec raster_spec(const Extents& shape, const Extents& chunk, DType dtype) {
  VariableSpec spec;
  spec.name = "v";
  std::vector<std::string> dims = {"y", "x"};
  if (shape.size() == 3) dims.insert(dims.begin(), "band");
  spec.schema = make_schema(dims, shape, dtype, ChunkGrid::regular(shape, chunk));
  return spec;
}

OwnedBlock cells_of(const Region& region, DType dtype) {
  OwnedBlock block(region, dtype);
  for_each_index(region, [&](const Extents& i) {
    const std::int64_t v = std::accumulate(i.begin(), i.end(), std::int64_t{0},
                                           [](auto sum, auto k) { return sum * 31 + k; });
    Extents end = i;
    for (std::int64_t& k : end) ++k;
    fill_cells(block.view().sub({i, end}), static_cast<double>(v % 100));
  });
  return block;
}

CreateOptions with(const std::function<void(CreateOptions&)>& change) {
  CreateOptions options;
  change(options);
  return options;
}

struct Way {
  Extents chunk;
  unsigned n_threads = 1;
  unsigned shuffled_with = 0;  ///< 0: in order
  std::int64_t memory_bytes = std::int64_t{64} << 20;
};

class GeoTiffWriterTest : public testing::Test {
 protected:
  std::string path(const std::string& name) const { return folder_ / name; }

  Bytes written(const Extents& shape, DType dtype, const Way& way, WriterOptions options = {}) {
    options.tile = 64;
    options.has_overviews = true;
    options.memory_bytes = way.memory_bytes;
    const VariableSpec spec = raster_spec(shape, way.chunk, dtype);
    const auto writer = make_writer(path("a.tif"), options);
    const std::size_t v = writer->add(spec);
    std::vector<std::int64_t> order(static_cast<std::size_t>(spec.schema.chunks.n_chunks()));
    std::iota(order.begin(), order.end(), std::int64_t{0});
    if (way.shuffled_with > 0)
      std::shuffle(order.begin(), order.end(), std::mt19937(way.shuffled_with));
    std::vector<std::thread> threads;
    for (unsigned t = 0; t < way.n_threads; ++t) {
      threads.emplace_back([&, t] {
        for (std::size_t i = t; i < order.size(); i += way.n_threads) {
          const Region region = spec.schema.chunks.chunk_region(order[i]);
          writer->write(v, cells_of(region, dtype).view());
        }
      });
    }
    for (std::thread& t : threads) t.join();
    writer->finish();
    return read_file(path("a.tif")).value();
  }

  ScratchFolder folder_;
};

TEST_F(GeoTiffWriterTest, TheBytesDoNotDependOnChunksOrderThreadsOrMemory) {
  const Extents shape = {2, 200, 150};
  for (const bool is_pixel : {false, true}) {
    WriterOptions options;
    options.is_pixel_interleaved = is_pixel;
    const Bytes expected = written(shape, DType::float32, {{2, 200, 150}}, options);
    for (const Way& way :
         {Way{{1, 64, 64}}, Way{{1, 64, 64}, 4, 1}, Way{{2, 33, 150}, 3, 2}, Way{{1, 17, 23}, 2, 3},
          Way{{1, 17, 23}, 2, 4, 0}, Way{{1, 200, 1}, 2, 5, 40000}}) {
      EXPECT_EQ(written(shape, DType::float32, way, options), expected)
          << to_string(way.chunk) << way.n_threads << way.shuffled_with;
    }
  }
}

TEST_F(GeoTiffWriterTest, WhatHasNoRoomInMemoryWaitsInAFile) {
  const Extents shape = {1, 256, 256};
  const Pyramid pyramid(shape, 64, false, true);
  TileCoding coding;
  coding.width = coding.height = 64;
  for (const std::int64_t memory_bytes :
       {std::int64_t{0}, std::int64_t{8192}, std::int64_t{1} << 20}) {
    CogBuilder builder({pyramid, DType::uint8, coding, Resampling::nearest, {}, memory_bytes},
                       path("a.tif"));
    const OwnedBlock cells = cells_of(Region::whole(shape), DType::uint8);
    // Columns: every tile of a row of tiles waits until the last one.
    for (std::int64_t x = 0; x < 256; ++x)
      builder.add(cells.view().sub({{0, 0, x}, {1, 256, x + 1}}));
    EXPECT_EQ(builder.n_waiting(), 0U);
    if (memory_bytes == 0) {
      EXPECT_GE(builder.spilled_bytes(), 256 * 256);
    }
    if (memory_bytes == 1 << 20) {
      EXPECT_EQ(builder.spilled_bytes(), 0);
    }
    EXPECT_TRUE(fs::is_empty(folder_.path())) << "scratch has no name";
  }
}

TEST_F(GeoTiffWriterTest, TheSameChunkAgainChangesNothing) {
  const VariableSpec spec = raster_spec({40, 40}, {20, 40}, DType::uint8);
  const auto writer = make_writer(path("a.tif"), {});
  const std::size_t v = writer->add(spec);
  for (const std::int64_t chunk : {0, 0, 1, 0, 1}) {
    const Region region = spec.schema.chunks.chunk_region(chunk);
    writer->write(v, cells_of(region, DType::uint8).view());
  }
  writer->finish();
  EXPECT_EQ(code_of([&] {
              writer->write(v, cells_of({{3, 0}, {20, 40}}, DType::uint8).view());
            }),
            Errc::invalid_argument)
      << "not a chunk";
}

TEST_F(GeoTiffWriterTest, AllDirectoriesAreBeforeAllTilesAndEachTileBetweenItsMarks) {
  for (const bool force_big : {false, true}) {
    WriterOptions options;
    options.force_big = force_big;
    const Bytes file = written({200, 150}, DType::uint16, {{50, 150}}, options);
    const auto word = [&](std::size_t at, std::size_t n) {
      std::uint64_t value = 0;
      std::memcpy(&value, file.data() + at, n);
      return value;
    };
    EXPECT_EQ(word(2, 2), force_big ? 43U : 42U);
    const std::string ghost(reinterpret_cast<const char*>(file.data()) + (force_big ? 16 : 8), 43);
    EXPECT_EQ(ghost, "GDAL_STRUCTURAL_METADATA_SIZE=000140 bytes\n");
    if (force_big) continue;
    std::vector<std::uint64_t> starts;
    for (const Tag& tag : read_first_directory(file)) {
      if (tag.number != 324) continue;
      for (std::size_t i = 0; i < tag.count(); ++i) {
        std::uint32_t offset = 0;
        std::memcpy(&offset, &tag.values[4 * i], 4);
        starts.push_back(offset);
      }
    }
    ASSERT_EQ(starts.size(), 12U) << "4 x 3 tiles";
    for (std::size_t i = 0; i < starts.size(); ++i) {
      const std::uint64_t n = word(starts[i] - 4, 4);
      EXPECT_EQ(word(starts[i] + n - 4, 4), word(starts[i] + n, 4));
      EXPECT_EQ(starts[i] + n + 4, i + 1 < starts.size() ? starts[i + 1] - 4 : file.size());
    }
  }
}

/// One raster with a grid mapping, all but finished.
std::unique_ptr<DatasetWriter> written_but_for_the_end(const std::string& path, const char* wkt) {
  const VariableSpec spec = raster_spec({4, 4}, {4, 4}, DType::uint8);
  auto writer = create(path, with([](CreateOptions& o) { o.overwrite = true; }));
  VariableSpec mapping;
  mapping.name = "spatial_ref";
  mapping.schema = make_schema({}, {}, DType::int64);
  if (wkt) mapping.attributes.set("crs_wkt", wkt);
  mapping.attributes.set("GeoTransform", "0 1 0 0 0 -1");
  writer->add(mapping);
  writer->write(writer->add(spec), cells_of(spec.schema.whole(), DType::uint8).view());
  return writer;
}

/// No GeoTIFF key says it, so that it is in a file beside.
const char* const kEqualEarth = R"wkt(
      PROJCRS["WGS 84 / Equal Earth Greenwich",
        BASEGEOGCRS["WGS 84",DATUM["World Geodetic System 1984",
          ELLIPSOID["WGS 84",6378137,298.257223563]]],
        CONVERSION["Equal Earth",METHOD["Equal Earth",ID["EPSG",1078]],
          PARAMETER["Longitude of natural origin",0,ANGLEUNIT["degree",0.0174532925199433]],
          PARAMETER["False easting",0,LENGTHUNIT["metre",1]],
          PARAMETER["False northing",0,LENGTHUNIT["metre",1]]],
        CS[Cartesian,2],AXIS["(E)",east],AXIS["(N)",north],LENGTHUNIT["metre",1]])wkt";

TEST_F(GeoTiffWriterTest, ACrsThatNoKeySaysIsKeptBesideTheFile) {
  written_but_for_the_end(path("a.tif"), kEqualEarth)->finish();
  EXPECT_TRUE(fs::exists(path("a.tif.aux.xml")));
  const auto file = open(path("a.tif"), "");
  const auto& mapping = file->variables()[file->find_variable("spatial_ref")].attributes;
  EXPECT_NE(mapping.text("crs_wkt").value().find("Equal Earth Greenwich"), std::string::npos);
  written_but_for_the_end(path("a.tif"), nullptr)->finish();
  EXPECT_FALSE(fs::exists(path("a.tif.aux.xml"))) << "that of the replaced file";
}

TEST_F(GeoTiffWriterTest, SideFilesGoBeforeTheFileComesAndComeAfterIt) {
  const auto writer = written_but_for_the_end(path("a.tif"), kEqualEarth);
  fs::create_directory(path("a.tif"));
  std::ofstream(path("a.tif.ovr")) << "of the old file";
  EXPECT_ANY_THROW(writer->finish());
  EXPECT_FALSE(fs::exists(path("a.tif.aux.xml"))) << "beside cells that it does not describe";
  EXPECT_FALSE(fs::exists(path("a.tif.ovr")));
}

TEST_F(GeoTiffWriterTest, AnOldFileStaysWhereItsSideFilesCannotGo) {
  std::ofstream(path("a.tif")) << "old";
  fs::create_directory(path("a.tif.ovr"));
  EXPECT_ANY_THROW(written_but_for_the_end(path("a.tif"), nullptr)->finish());
  EXPECT_EQ(fs::file_size(path("a.tif")), 3U);
}

TEST_F(GeoTiffWriterTest, ARegionThatIsNoChunkIsRefused) {
  const auto writer = make_writer(path("a.tif"), {});
  const VariableSpec spec = raster_spec({4, 4}, {2, 2}, DType::uint8);
  const std::size_t v = writer->add(spec);
  for (const Region& region : {Region({0, 0}, {4, 4}), Region({1, 0}, {3, 2}),
                               Region({4, 4}, {6, 6}), Region({0, 0, 0}, {1, 2, 2})}) {
    EXPECT_EQ(code_of([&] { writer->write(v, cells_of(region, DType::uint8).view()); }),
              Errc::invalid_argument)
        << to_string(region);
  }
}

TEST_F(GeoTiffWriterTest, NodataThatNoCellCanBeIsRefused) {
  const auto add_with = [&](DType dtype, const Attribute& fill) {
    VariableSpec spec = raster_spec({4, 4}, {4, 4}, dtype);
    spec.attributes.set("_FillValue", fill);
    make_writer(path("a.tif"), {})->add(spec);
  };
  for (const auto& [dtype, value] :
       {std::pair{DType::uint8, -1}, {DType::uint8, 256}, {DType::uint64, -1}}) {
    expect_refused(Errc::invalid_argument, "is not a number of",
                   [&, d = dtype, v = value] { add_with(d, number_attribute(DType::int64, v)); });
  }
  expect_refused(Errc::invalid_argument, "is not a number of", [&] {
    add_with(DType::int64, Numbers{DType::uint64, {-1}, {}});
  });
  add_with(DType::uint64, Numbers{DType::uint64, {-1}, {}});
  add_with(DType::uint8, number_attribute(DType::float64, 255));
  add_with(DType::float32, number_attribute(DType::float64, -1e300));
}

TEST_F(GeoTiffWriterTest, WhatAKilledRunLeavesIsKnownAsALeftover) {
  {
    const StagedFile file(path("a.tif"));
    EXPECT_EQ(find_leftovers(folder_.path()).size(), 1U);
  }
  EXPECT_TRUE(fs::is_empty(folder_.path()));
}

TEST_F(GeoTiffWriterTest, AFileThatAppearedInTheMeantimeIsNotReplaced) {
  const VariableSpec spec = raster_spec({4, 4}, {4, 4}, DType::uint8);
  const auto write = [&](bool overwrite) {
    const auto writer =
        create(path("a.tif"), with([&](CreateOptions& o) { o.overwrite = overwrite; }));
    writer->write(writer->add(spec), cells_of(spec.schema.whole(), DType::uint8).view());
    std::ofstream(path("a.tif")) << "of another";
    writer->finish();
  };
  EXPECT_EQ(code_of([&] { write(false); }), Errc::invalid_argument);
  EXPECT_EQ(fs::file_size(path("a.tif")), 10U);
  EXPECT_TRUE(find_leftovers(folder_.path()).empty());
  write(true);
  EXPECT_GT(fs::file_size(path("a.tif")), 10U);
}

TEST_F(GeoTiffWriterTest, OptionsThatNoFileCanHaveAreRefused) {
  const auto create_with = [&](const std::function<void(CreateOptions&)>& change) {
    return code_of([&] { create(path("a.tif"), with(change)); });
  };
  EXPECT_EQ(create_with([](CreateOptions& o) { o.resampling = "cubic"; }), Errc::invalid_argument);
  EXPECT_EQ(create_with([](CreateOptions& o) { o.interleave = "line"; }), Errc::invalid_argument);
  EXPECT_EQ(create_with([](CreateOptions& o) { o.group = "a"; }), Errc::unsupported);
  EXPECT_EQ(
      code_of([&] { create(folder_.path(), with([](CreateOptions& o) { o.overwrite = true; })); }),
      Errc::invalid_argument)
      << "a folder";
  EXPECT_EQ(code_of([&] { create(path(std::string(300, 'x') + ".tif"), {}); }),
            Errc::invalid_argument);
  const auto pixel = create(path("a.tif"), with([](CreateOptions& o) { o.interleave = "pixel"; }));
  EXPECT_EQ(code_of([&] {
              pixel->add(raster_spec({2000, 600, 600}, {1, 600, 600}, DType::float64));
            }),
            Errc::unsupported);
  const auto empty = create(path("a.tif"), {});
  EXPECT_EQ(code_of([&] {
              empty->add(raster_spec({0, 5}, {1, 5}, DType::uint8));
            }),
            Errc::invalid_argument);
  EXPECT_EQ(code_of([&] {
              empty->add(raster_spec({70000, 5, 5}, {1, 5, 5}, DType::uint8));
            }),
            Errc::invalid_argument);
}

TEST(ChooseResampling, OnlyValuesOnAScaleAreAveraged) {
  VariableSpec spec = raster_spec({4, 4}, {4, 4}, DType::int16);
  EXPECT_EQ(choose_resampling(spec), Resampling::nearest);
  spec.attributes.set("scale_factor", number_attribute(DType::float64, 0.01));
  EXPECT_EQ(choose_resampling(spec), Resampling::average);
  EXPECT_EQ(choose_resampling(raster_spec({4, 4}, {4, 4}, DType::float32)), Resampling::average);
}

TEST(TileEncoder, PredictorsAndDeflateAreUndoneByTheirDefinitions) {
  TileCoding coding;
  coding.item_bytes = 4;
  coding.n_samples = 2;
  coding.width = 16;
  coding.height = 16;
  std::vector<std::uint32_t> cells(2 * 16 * 16);
  std::mt19937 random(7);
  for (std::uint32_t& cell : cells) cell = random();
  const std::size_t n_row = 2 * 16;
  EncodeMemory memory;
  for (const Predictor predictor : {Predictor::horizontal, Predictor::floating}) {
    coding.predictor = predictor;
    const auto stored =
        encode_tile(coding, reinterpret_cast<const std::byte*>(cells.data()), memory);
    std::vector<std::uint32_t> plain(cells.size());
    libdeflate_decompressor* d = libdeflate_alloc_decompressor();
    ASSERT_EQ(libdeflate_zlib_decompress(d, stored.data(), stored.size(), plain.data(),
                                         4 * plain.size(), nullptr),
              LIBDEFLATE_SUCCESS);
    libdeflate_free_decompressor(d);
    for (std::size_t row = 0; row < 16; ++row) {
      std::uint32_t* words = plain.data() + row * n_row;
      if (predictor == Predictor::horizontal) {
        for (std::size_t i = 2; i < n_row; ++i) words[i] += words[i - 2];
      } else {
        auto* bytes = reinterpret_cast<std::uint8_t*>(words);
        for (std::size_t i = 2; i < 4 * n_row; ++i)
          bytes[i] = static_cast<std::uint8_t>(bytes[i] + bytes[i - 2]);
        std::vector<std::uint32_t> joined(n_row);
        for (std::size_t i = 0; i < 4 * n_row; ++i)
          joined[i % n_row] |= std::uint32_t{bytes[i]} << (24 - 8 * (i / n_row));
        std::copy(joined.begin(), joined.end(), words);
      }
    }
    EXPECT_EQ(plain, cells);
  }
}

TEST(Directory, BytesOutsideTheFileAreRefused) {
  Bytes file = encode_directory({long_tag(256, 5), longs_tag(324, {1, 2, 3}, false)}, 8, 0, false);
  file.insert(file.begin(), 8, std::byte{0});
  file[4] = std::byte{8};
  const std::vector<Tag> tags = read_first_directory(file);
  ASSERT_EQ(tags.size(), 2U);
  EXPECT_EQ(tags[1].count(), 3U);
  for (std::size_t n = 0; n < file.size(); ++n) {
    EXPECT_EQ(code_of([&] { read_first_directory(std::span(file).first(n)); }), Errc::data_loss)
        << n;
  }
}

}  // namespace
}  // namespace rastream::geotiff
