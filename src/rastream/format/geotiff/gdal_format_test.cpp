// SPDX-License-Identifier: Apache-2.0
#include "rastream/format/geotiff/gdal_format.h"

#include <cpl_string.h>
#include <gtest/gtest.h>

#include <array>
#include <filesystem>
#include <fstream>

#include "rastream/format/geotiff/gdal.h"
#include "rastream/format/geotiff/gdal_drivers.h"
#include "tests/suites/errors.h"
#include "tests/suites/scratch_folder.h"

namespace rastream {
namespace {

constexpr int kSide = 40;

class GdalFormatTest : public testing::Test {
 protected:
  void SetUp() override {
    geotiff::register_raster_drivers();
    const geotiff::Dataset memory(GDALCreate(GDALGetDriverByName("GTiff"),
                                             (folder_ / "a.tif").c_str(), kSide, kSide, 1, GDT_Byte,
                                             nullptr));
    for (std::size_t i = 0; i < cells_.size(); ++i) cells_[i] = static_cast<std::uint8_t>(i % 251);
    ASSERT_EQ(GDALRasterIO(GDALGetRasterBand(memory.get(), 1), GF_Write, 0, 0, kSide, kSide,
                           cells_.data(), kSide, kSide, GDT_Byte, 0, 0),
              CE_None);
    std::array<double, 6> transform = {100, 10, 0, 900, 0, -10};
    GDALSetGeoTransform(memory.get(), transform.data());
  }

  void copy_as(const char* driver, const std::string& name, const char* option = nullptr) {
    const geotiff::Dataset from(GDALOpen((folder_ / "a.tif").c_str(), GA_ReadOnly));
    CPLStringList options;
    if (option) options.AddString(option);
    const geotiff::Dataset to(GDALCreateCopy(GDALGetDriverByName(driver), (folder_ / name).c_str(),
                                             from.get(), FALSE, options.List(), nullptr, nullptr));
    ASSERT_TRUE(to) << driver;
  }

  std::vector<std::uint8_t> read(const std::string& name) const {
    const auto file = open_file(folder_ / name);
    const Schema& schema = file->variables()[0].schema;
    EXPECT_EQ(schema.shape, (Extents{1, kSide, kSide}));
    std::vector<std::uint8_t> out(cells_.size());
    file->read(0,
               dense_block(schema.whole(), DType::uint8, reinterpret_cast<std::byte*>(out.data())));
    return out;
  }

  std::string vrt_of(const std::string& source) {
    std::ofstream(folder_ / "v.vrt")
        << R"(<VRTDataset rasterXSize="40" rasterYSize="40"><VRTRasterBand dataType="Byte" band="1">)"
        << "<SimpleSource><SourceFilename>" << source
        << "</SourceFilename><SourceBand>1</SourceBand></SimpleSource></VRTRasterBand></"
           "VRTDataset>";
    return folder_ / "v.vrt";
  }

  std::string refusal_of(const std::string& source) {
    const std::string path = vrt_of(source);
    const Error e = error_of([&] { read("v.vrt"); });
    EXPECT_EQ(e.code(), Errc::data_loss) << e.what();
    return e.what();
  }

  ScratchFolder folder_;
  std::vector<std::uint8_t> cells_ = std::vector<std::uint8_t>(kSide * kSide);
};

TEST_F(GdalFormatTest, RastersOfOtherFormatsHaveTheSameCells) {
  copy_as("PNG", "a.png");
  copy_as("HFA", "a.img");
  copy_as("AAIGrid", "a.asc");
  copy_as("JP2OpenJPEG", "a.jp2", "REVERSIBLE=YES");
  copy_as("VRT", "a.vrt");
  for (const char* name : {"a.png", "a.img", "a.asc", "a.vrt"})
    EXPECT_EQ(read(name), cells_) << name;
  const auto file = open_file(folder_ / "a.jp2");
  EXPECT_EQ(file->format_name(), "gdal");
  EXPECT_EQ(file->variables()[0].schema.shape, (Extents{1, kSide, kSide}));
  const std::size_t x = file->find_variable("x");
  const OwnedBlock axis(file->variables()[x].schema.whole(), DType::float64);
  file->read(x, axis.view());
  EXPECT_EQ(cell_as_double(axis.view(), {0}), 105);
}

TEST_F(GdalFormatTest, AFileWithoutASuffixIsKnownByItsBytes) {
  copy_as("PNG", "a.png");
  std::filesystem::rename(folder_ / "a.png", folder_ / "picture");
  EXPECT_EQ(read("picture"), cells_);
  std::ofstream(folder_ / "text") << "neither one nor the other";
  EXPECT_EQ(code_of([&] { open_file(folder_ / "text"); }), Errc::data_loss);
}

TEST_F(GdalFormatTest, AVrtReachesLocalFilesOnly) {
  vrt_of(folder_ / "a.tif");
  EXPECT_EQ(read("v.vrt"), cells_);
  for (const char* source : {"/vsicurl/http://127.0.0.1:9/a.tif", "/vsis3/bucket/a.tif",
                             "/vsicurl_streaming/http://127.0.0.1:9/a.tif",
                             "/vsizip//vsicurl/http://127.0.0.1:9/a.zip/a.tif", "/vsistdin/"}) {
    EXPECT_NE(refusal_of(source).find("v.vrt"), std::string::npos);
  }
  EXPECT_NE(refusal_of("/vsicurl/http://127.0.0.1:9/a.tif").find("not a local file"),
            std::string::npos);
}

TEST_F(GdalFormatTest, AVrtCannotUseDriversOfTheNetwork) {
  for (const char* source :
       {"http://127.0.0.1:9/a.tif", "WMS:http://127.0.0.1:9/", "PG:host=127.0.0.1", "NETCDF:a.nc:v",
        "&lt;GDAL_WMS&gt;&lt;Service name=&quot;TMS&quot;/&gt;&lt;/GDAL_WMS&gt;"}) {
    refusal_of(source);
  }
  for (const char* name : {"WMS", "WCS", "WMTS", "HTTP", "OGCAPI", "netCDF", "HDF5", "Zarr"})
    EXPECT_EQ(GDALGetDriverByName(name), nullptr) << name;
}

TEST_F(GdalFormatTest, AVrtUnderAnotherNameIsNotOpened) {
  const std::string path = vrt_of(folder_ / "a.tif");
  for (const char* name : {"v.tif", "v.nc", "v"}) {
    std::filesystem::copy_file(path, folder_ / name);
    EXPECT_EQ(code_of([&] { open_file(folder_ / name); }), Errc::data_loss) << name;
  }
}

TEST_F(GdalFormatTest, OverviewsOfOtherFormatsAreGroupsToo) {
  copy_as("HFA", "a.img");
  {
    const geotiff::Dataset dataset(GDALOpen((folder_ / "a.img").c_str(), GA_Update));
    std::array<int, 1> factors = {2};
    ASSERT_EQ(GDALBuildOverviews(dataset.get(), "NEAREST", 1, factors.data(), 0, nullptr, nullptr,
                                 nullptr),
              CE_None);
  }
  EXPECT_EQ(open_file(folder_ / "a.img")->groups(), std::vector<std::string>{"overview_1"});
  const auto half = open_file(folder_ / "a.img", "overview_1");
  EXPECT_EQ(half->variables()[0].schema.shape, (Extents{1, kSide / 2, kSide / 2}));
}

}  // namespace
}  // namespace rastream
