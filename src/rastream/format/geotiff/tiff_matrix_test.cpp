// SPDX-License-Identifier: Apache-2.0
// Files that GDAL wrote, in every way that our own reader takes, come back with the cells that were
// put in; and what it does not take comes through GDAL.
#include <cpl_conv.h>
#include <cpl_string.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <random>

#include "rastream/format/geotiff/gdal.h"
#include "rastream/format/geotiff/geotiff.h"
#include "tests/suites/errors.h"
#include "tests/suites/scratch_folder.h"

namespace rastream::geotiff {
namespace {

constexpr std::int64_t kHeight = 70;
constexpr std::int64_t kWidth = 90;

struct Recipe {
  GDALDataType type = GDT_Byte;
  int n_bands = 1;
  std::vector<std::string> options;
  std::int64_t height = kHeight;
  std::int64_t width = kWidth;
  unsigned largest = 0;  ///< cells are below it; 0 for any bits

  std::string describe() const {
    return fmt::format("{} x {} {}", GDALGetDataTypeName(type), n_bands, fmt::join(options, " "));
  }
};

/// Cells half smooth, half noise, so that codecs find something and not all.
std::vector<std::byte> make_cells(const Recipe& r) {
  const auto size = static_cast<std::size_t>(GDALGetDataTypeSizeBytes(r.type));
  const auto n = static_cast<std::size_t>(r.n_bands * r.height * r.width);
  std::vector<std::byte> bytes(n * size);
  std::mt19937 random(7);
  const bool is_floating = GDALDataTypeIsFloating(r.type) != 0;
  for (std::size_t i = 0; i < n; ++i) {
    const bool is_smooth = i / 64 % 2 == 0;
    std::byte* cell = bytes.data() + i * size;
    if (is_floating) {
      const double v = is_smooth ? static_cast<double>(i) * 0.25 : random() / 1e3 - 1e6;
      GDALCopyWords(&v, GDT_Float64, 0, cell, r.type, 0, 1);
      continue;
    }
    const std::uint64_t bits = is_smooth ? i / 3 : random() * std::uint64_t{0x100000001};
    const std::uint64_t value = r.largest ? bits % r.largest : bits;
    std::memcpy(cell, &value, std::min<std::size_t>(size, 8));
    if (size == 16) std::memcpy(cell + 8, &bits, 8);
  }
  return bytes;
}

GDALDatasetH create_file(const std::string& path, const Recipe& r) {
  register_drivers();
  CPLStringList options;
  for (const std::string& o : r.options) options.AddString(o.c_str());
  return GDALCreate(GDALGetDriverByName("GTiff"), path.c_str(), static_cast<int>(r.width),
                    static_cast<int>(r.height), r.n_bands, r.type, options.List());
}

void put_cells(GDALDatasetH dataset, const Recipe& r, const std::vector<std::byte>& cells) {
  ASSERT_EQ(GDALDatasetRasterIO(dataset, GF_Write, 0, 0, static_cast<int>(r.width),
                                static_cast<int>(r.height), const_cast<std::byte*>(cells.data()),
                                static_cast<int>(r.width), static_cast<int>(r.height), r.type,
                                r.n_bands, nullptr, 0, 0, 0),
            CE_None);
}

bool is_read_by_gdal(const DatasetFile& file, std::size_t variable) {
  const auto& codecs = file.variables()[variable].codecs;
  return std::any_of(codecs.begin(), codecs.end(),
                     [](const std::string& c) { return c.starts_with("read by GDAL"); });
}

class TiffMatrixTest : public testing::Test {
 protected:
  std::string write(const Recipe& r) {
    const std::string path = folder_ / "a.tif";
    const Dataset dataset(create_file(path, r));
    EXPECT_TRUE(dataset) << r.describe();
    if (dataset) put_cells(dataset.get(), r, make_cells(r));
    return path;
  }

  /// The whole and a part of it, the part in another dtype and backwards.
  void check(const Recipe& r) {
    SCOPED_TRACE(r.describe());
    const auto file = open(write(r), "");
    ASSERT_FALSE(is_read_by_gdal(*file, 0)) << file->variables()[0].codecs.back();
    check_cells(*file, r);
  }

  void check_cells(const DatasetFile& file, const Recipe& r) {
    const Schema& schema = file.variables()[0].schema;
    const std::vector<std::byte> expected = make_cells(r);
    const OwnedBlock whole(schema.whole(), schema.dtype);
    file.read(0, whole.view());
    OwnedBlock wanted(schema.whole(), schema.dtype);
    GDALCopyWords64(expected.data(), r.type, GDALGetDataTypeSizeBytes(r.type), wanted.view().data,
                    gdal_type(schema.dtype), static_cast<int>(item_size(schema.dtype)),
                    schema.n_cells());
    ASSERT_EQ(std::memcmp(whole.view().data, wanted.view().data,
                          static_cast<std::size_t>(schema.n_cells()) * item_size(schema.dtype)),
              0);
    const Region part{{0, 5, 17}, {r.n_bands, r.height - 3, r.width - 11}};
    check_part(file, part, wanted.view());
  }

  static void check_part(const DatasetFile& file, const Region& part, const Block& wanted) {
    std::vector<double> back(static_cast<std::size_t>(part.n_cells()), -1);
    const std::int64_t w = part.size(2);
    const std::int64_t h = part.size(1);
    const Block out{part,
                    DType::float64,
                    reinterpret_cast<std::byte*>(back.data() + w - 1),
                    {8 * w * h, 8 * w, -8}};
    file.read(0, out);
    OwnedBlock expected(part, DType::float64);
    copy_cells(wanted, expected.view());
    OwnedBlock got(part, DType::float64);
    copy_cells(out, got.view());
    ASSERT_EQ(std::memcmp(got.view().data, expected.view().data, back.size() * 8), 0);
  }

  ScratchFolder folder_;
};

const std::vector<std::vector<std::string>> kLayouts = {
    {"TILED=YES", "BLOCKXSIZE=32", "BLOCKYSIZE=48"},
    {"BLOCKYSIZE=7"},
    {"BLOCKYSIZE=70", "BIGTIFF=YES"},
};

std::vector<std::string> predictors_of(GDALDataType type, const std::string& codec) {
  const bool has_predictors = codec == "DEFLATE" || codec == "LZW" || codec == "ZSTD";
  if (!has_predictors || GDALDataTypeIsComplex(type)) return {"1"};
  if (type == GDT_Float32 || type == GDT_Float64) return {"1", "2", "3"};
  return {"1", "2"};
}

void for_each_recipe(const std::string& codec, const std::function<void(const Recipe&)>& f) {
  for (const GDALDataType type :
       {GDT_Byte, GDT_UInt16, GDT_Int16, GDT_UInt32, GDT_Int32, GDT_UInt64, GDT_Int64, GDT_Float32,
        GDT_Float64, GDT_CInt16, GDT_CInt32, GDT_CFloat32, GDT_CFloat64}) {
    for (const std::string& predictor : predictors_of(type, codec)) {
      for (const auto& layout : kLayouts) {
        for (const char* order : {"LITTLE", "BIG"}) {
          // Such files are written wrong by libtiff 4.5.0; geotiff_check.py has right ones.
          if (predictor == "3" && std::string_view(order) == "BIG") continue;
          for (const char* interleave : {"PIXEL", "BAND"}) {
            Recipe r{type, 3, layout};
            r.options.push_back("COMPRESS=" + codec);
            r.options.push_back("PREDICTOR=" + predictor);
            r.options.push_back(fmt::format("ENDIANNESS={}", order));
            r.options.push_back(fmt::format("INTERLEAVE={}", interleave));
            f(r);
          }
        }
      }
    }
  }
}

TEST_F(TiffMatrixTest, StoredCellsComeBackInEveryLayout) {
  for_each_recipe("NONE", [&](const Recipe& r) { check(r); });
}
TEST_F(TiffMatrixTest, DeflatedCellsComeBackInEveryLayout) {
  for_each_recipe("DEFLATE", [&](const Recipe& r) { check(r); });
}
TEST_F(TiffMatrixTest, LzwCellsComeBackInEveryLayout) {
  for_each_recipe("LZW", [&](const Recipe& r) { check(r); });
}
TEST_F(TiffMatrixTest, PackedBytesComeBackInEveryLayout) {
  for_each_recipe("PACKBITS", [&](const Recipe& r) { check(r); });
}
TEST_F(TiffMatrixTest, ZstdCellsComeBackInEveryLayout) {
  for_each_recipe("ZSTD", [&](const Recipe& r) { check(r); });
}
TEST_F(TiffMatrixTest, LzmaCellsComeBack) {
  check({GDT_UInt16, 1, {"COMPRESS=LZMA", "TILED=YES", "BLOCKXSIZE=32", "BLOCKYSIZE=48"}});
}

TEST_F(TiffMatrixTest, OddNumbersOfBitsAreUnpacked) {
  for (int bits : {1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 12, 13, 14, 15, 17, 20, 23, 31}) {
    for (const char* order : {"LITTLE", "BIG"}) {
      for (int bands : {1, 3}) {
        const GDALDataType type = bits < 8 ? GDT_Byte : bits < 16 ? GDT_UInt16 : GDT_UInt32;
        Recipe r{type,
                 bands,
                 {fmt::format("NBITS={}", bits), fmt::format("ENDIANNESS={}", order),
                  "BLOCKYSIZE=7", "COMPRESS=DEFLATE"}};
        r.largest = 1U << bits;
        check(r);
      }
    }
  }
}

TEST_F(TiffMatrixTest, HalfFloatsAreReadAsFloats) {
  for (const char* order : {"LITTLE", "BIG"}) {
    const Recipe r{GDT_Float32,
                   2,
                   {"NBITS=16", fmt::format("ENDIANNESS={}", order), "COMPRESS=DEFLATE",
                    "PREDICTOR=3", "BLOCKYSIZE=7"}};
    const std::string path = write(r);
    const auto file = open(path, "");
    ASSERT_FALSE(is_read_by_gdal(*file, 0));
    const OwnedBlock ours(file->variables()[0].schema.whole(), DType::float32);
    file->read(0, ours.view());
    const Dataset dataset(GDALOpen(path.c_str(), GA_ReadOnly));
    std::vector<float> theirs(2 * kHeight * kWidth);
    ASSERT_EQ(GDALDatasetRasterIO(dataset.get(), GF_Read, 0, 0, kWidth, kHeight, theirs.data(),
                                  kWidth, kHeight, GDT_Float32, 2, nullptr, 0, 0, 0),
              CE_None);
    EXPECT_EQ(std::memcmp(ours.view().data, theirs.data(), theirs.size() * 4), 0);
  }
}

TEST_F(TiffMatrixTest, LongStringsAndFullTablesOfLzwComeBack) {
  for (const unsigned largest : {1U, 2U, 5U, 256U}) {
    Recipe r{GDT_Byte, 1, {"COMPRESS=LZW", "BLOCKYSIZE=600"}, 600, 700, largest};
    check(r);
  }
}

TEST_F(TiffMatrixTest, TilesThatWereNeverWrittenAreNodataOrZero) {
  for (const bool has_nodata : {false, true}) {
    const Recipe r{GDT_Int16, 2, {"TILED=YES", "BLOCKXSIZE=32", "BLOCKYSIZE=32", "SPARSE_OK=YES"}};
    const std::string path = folder_ / "a.tif";
    {
      const Dataset dataset(create_file(path, r));
      if (has_nodata) GDALSetRasterNoDataValue(GDALGetRasterBand(dataset.get(), 1), -7);
      const std::int16_t cell = 5;
      ASSERT_EQ(GDALRasterIO(GDALGetRasterBand(dataset.get(), 1), GF_Write, 40, 40, 1, 1,
                             const_cast<std::int16_t*>(&cell), 1, 1, GDT_Int16, 0, 0),
                CE_None);
    }
    const auto file = open(path, "");
    ASSERT_FALSE(is_read_by_gdal(*file, 0));
    const OwnedBlock cells(file->variables()[0].schema.whole(), DType::int16);
    file->read(0, cells.view());
    EXPECT_EQ(cell_as_double(cells.view(), {0, 40, 40}), 5);
    EXPECT_EQ(cell_as_double(cells.view(), {0, 3, 3}), has_nodata ? -7 : 0);
    EXPECT_EQ(cell_as_double(cells.view(), {1, 69, 89}), has_nodata ? -7 : 0);
  }
}

TEST_F(TiffMatrixTest, OverviewsAreGroupsWithTheirOwnGrid) {
  const Recipe r{
      GDT_UInt16, 1, {"COMPRESS=DEFLATE", "TILED=YES", "BLOCKXSIZE=32", "BLOCKYSIZE=32"}};
  const std::string path = write(r);
  {
    const Dataset dataset(GDALOpen(path.c_str(), GA_Update));
    std::array<double, 6> transform = {100, 10, 0, 900, 0, -20};
    GDALSetGeoTransform(dataset.get(), transform.data());
    std::array<int, 2> factors = {2, 4};
    ASSERT_EQ(GDALBuildOverviews(dataset.get(), "NEAREST", 2, factors.data(), 0, nullptr, nullptr,
                                 nullptr),
              CE_None);
  }
  const auto file = open(path, "");
  EXPECT_EQ(file->groups(), (std::vector<std::string>{"overview_1", "overview_2"}));
  const auto half = open(path, "overview_1");
  EXPECT_TRUE(half->groups().empty());
  const VariableInfo& v = half->variables()[0];
  EXPECT_EQ(v.schema.shape, (Extents{1, 35, 45}));
  EXPECT_FALSE(is_read_by_gdal(*half, 0));
  const OwnedBlock cells(v.schema.whole(), DType::uint16);
  half->read(0, cells.view());
  const Dataset dataset(GDALOpen(path.c_str(), GA_ReadOnly));
  std::vector<std::uint16_t> theirs(35 * 45);
  ASSERT_EQ(GDALRasterIO(GDALGetOverview(GDALGetRasterBand(dataset.get(), 1), 0), GF_Read, 0, 0, 45,
                         35, theirs.data(), 45, 35, GDT_UInt16, 0, 0),
            CE_None);
  EXPECT_EQ(std::memcmp(cells.view().data, theirs.data(), theirs.size() * 2), 0);
  const std::size_t x = half->find_variable("x");
  const OwnedBlock axis(half->variables()[x].schema.whole(), DType::float64);
  half->read(x, axis.view());
  EXPECT_EQ(cell_as_double(axis.view(), {0}), 110) << "cells are 20 wide";
  EXPECT_EQ(code_of([&] { open(path, "overview_3"); }), Errc::not_found);
  EXPECT_EQ(code_of([&] { open(path, "page_1"); }), Errc::not_found);
}

TEST_F(TiffMatrixTest, AStoredMaskIsACoordinate) {
  const std::string path = folder_ / "a.tif";
  const Recipe r{GDT_Byte, 3, {"COMPRESS=DEFLATE", "TILED=YES", "BLOCKXSIZE=32", "BLOCKYSIZE=32"}};
  std::vector<std::uint8_t> mask(kHeight * kWidth);
  for (std::size_t i = 0; i < mask.size(); ++i) mask[i] = i % 7 < 3 ? 255 : 0;
  CPLSetThreadLocalConfigOption("GDAL_TIFF_INTERNAL_MASK", "YES");
  {
    const Dataset dataset(create_file(path, r));
    ASSERT_EQ(GDALCreateDatasetMaskBand(dataset.get(), GMF_PER_DATASET), CE_None);
    put_cells(dataset.get(), r, make_cells(r));
    ASSERT_EQ(GDALRasterIO(GDALGetMaskBand(GDALGetRasterBand(dataset.get(), 1)), GF_Write, 0, 0,
                           kWidth, kHeight, mask.data(), kWidth, kHeight, GDT_Byte, 0, 0),
              CE_None);
  }
  CPLSetThreadLocalConfigOption("GDAL_TIFF_INTERNAL_MASK", nullptr);
  const auto file = open(path, "");
  const std::size_t v = file->find_variable("mask");
  EXPECT_EQ(file->variables()[0].attributes.text("coordinates"), "mask");
  ASSERT_FALSE(is_read_by_gdal(*file, v));
  const OwnedBlock cells(file->variables()[v].schema.whole(), DType::uint8);
  file->read(v, cells.view());
  EXPECT_EQ(std::memcmp(cells.view().data, mask.data(), mask.size()), 0);
  check_cells(*file, r);
}

TEST_F(TiffMatrixTest, OtherCodecsComeThroughGdal) {
  const Recipe r{
      GDT_Byte,
      3,
      {"COMPRESS=JPEG", "PHOTOMETRIC=YCBCR", "TILED=YES", "BLOCKXSIZE=32", "BLOCKYSIZE=32"}};
  const auto file = open(write(r), "");
  ASSERT_TRUE(is_read_by_gdal(*file, 0));
  EXPECT_NE(file->variables()[0].codecs.back().find("compression 7"), std::string::npos);
  const OwnedBlock cells(file->variables()[0].schema.whole(), DType::uint8);
  file->read(0, cells.view());
}

}  // namespace
}  // namespace rastream::geotiff
