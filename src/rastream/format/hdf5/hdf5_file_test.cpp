// SPDX-License-Identifier: Apache-2.0
// Real files: Daymet's facts, and every file of the collection held against netcdf-c.
#include "rastream/format/hdf5/hdf5_file.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>

#include "rastream/base/error.h"
#include "rastream/format/hdf5/sample_file.h"
#include "rastream/format/netcdf_oracle.h"

namespace rastream {
namespace {

namespace fs = std::filesystem;
const std::string kShared = "../shared/data";
const std::string kDaymet = kShared + "/daymet/daymet_v4_daily_hi_dayl_1980.nc";

Errc code_of_opening(const std::string& path) {
  try {
    netcdf4_format().open(path, "");
  } catch (const Error& e) {
    EXPECT_NE(std::string(e.what()).find(path), std::string::npos) << e.what();
    return e.code();
  }
  ADD_FAILURE() << path << " opens";
  return Errc::internal;
}

double read_number(const DatasetFile& file, const char* name, const Extents& index) {
  Extents end = index;
  for (auto& e : end) ++e;
  const OwnedBlock cell({index, end}, DType::float64);
  file.read(file.find_variable(name), cell.view());
  return *cell.view().as<double>();
}

class Daymet : public testing::Test {
 protected:
  void SetUp() override {
    if (!fs::exists(kDaymet)) GTEST_SKIP() << "no " << kDaymet;
    file_ = netcdf4_format().open(kDaymet, "");
  }
  const VariableInfo& info(const char* name) {
    return file_->variables()[file_->find_variable(name)];
  }
  std::unique_ptr<DatasetFile> file_;
};

TEST_F(Daymet, HasTheDimensionsOfNetcdf) {
  std::map<std::string, DimensionInfo> dims;
  for (const auto& d : file_->dimensions()) dims[d.name] = d;
  ASSERT_EQ(dims.size(), 4);
  EXPECT_EQ(dims["time"].size, 365);
  EXPECT_TRUE(dims["time"].is_unlimited);
  EXPECT_EQ(dims["y"].size, 584);
  EXPECT_EQ(dims["x"].size, 284);
  EXPECT_FALSE(dims["x"].is_unlimited);
  EXPECT_EQ(dims["nv"].size, 2);
  EXPECT_THROW(file_->find_variable("nv"), Error);
  EXPECT_TRUE(info("time").is_dimension_scale);
}

TEST_F(Daymet, HasOneChunkADay) {
  const VariableInfo& dayl = info("dayl");
  EXPECT_EQ(dayl.schema.dims, (std::vector<std::string>{"time", "y", "x"}));
  EXPECT_EQ(dayl.schema.dtype, DType::float32);
  EXPECT_EQ(dayl.schema.chunks.max_chunk_shape(), (Extents{1, 584, 284}));
  EXPECT_EQ(dayl.codecs, (std::vector<std::string>{"deflate 4"}));
  EXPECT_EQ(dayl.fill_value, -9999);
  EXPECT_EQ(dayl.attributes.number("_FillValue"), -9999);
  EXPECT_EQ(dayl.attributes.text("coordinates"), "lat lon");
  EXPECT_FALSE(dayl.attributes.contains("DIMENSION_LIST"));
}

TEST_F(Daymet, HasTheMinimumMaximumAndMeanOfThreeDays) {
  struct Day {
    std::int64_t index;
    double min, max, mean;
  };
  for (const Day& day : {Day{0, 38395.98046875, 39179.48046875, 38868.203858},
                         Day{171, 47306.87890625, 48107.5390625, 47624.962184},
                         Day{364, 38378.41015625, 39164.8203125, 38852.391145}}) {
    const OwnedBlock block({{day.index, 0, 0}, {day.index + 1, 584, 284}}, DType::float32);
    file_->read(file_->find_variable("dayl"), block.view());
    std::vector<double> valid;
    for (std::int64_t i = 0; i < block.view().n_cells(); ++i) {
      const float v = block.view().as<float>()[i];
      if (v != -9999) valid.push_back(v);
    }
    ASSERT_EQ(valid.size(), 19123);
    double sum = 0;
    for (const double v : valid) sum += v;
    EXPECT_EQ(*std::min_element(valid.begin(), valid.end()), day.min);
    EXPECT_EQ(*std::max_element(valid.begin(), valid.end()), day.max);
    EXPECT_NEAR(sum / 19123, day.mean, 1e-6);
  }
}

TEST_F(Daymet, HasItsFirstValidCell) {
  EXPECT_EQ(read_number(*file_, "dayl", {0, 0, 26}), -9999);
  EXPECT_EQ(read_number(*file_, "dayl", {0, 0, 27}), 38451.26953125);
  EXPECT_EQ(read_number(*file_, "lat", {0, 27}), 22.0244140625);
  EXPECT_NEAR(read_number(*file_, "lon", {0, 27}), -160.1058807373, 1e-10);
}

TEST_F(Daymet, HasACoordinateThatWasNeverWritten) {
  EXPECT_EQ(info("lambert_conformal_conic").schema.dtype, DType::int16);
  EXPECT_EQ(read_number(*file_, "lambert_conformal_conic", {}), -32767);
  EXPECT_EQ(info("lambert_conformal_conic").attributes.numbers("standard_parallel"),
            (std::vector<double>{25, 60}));
}

TEST_F(Daymet, HasNoonStampsInChunksOfOneValue) {
  EXPECT_EQ(read_number(*file_, "time", {0}), 10957.5);
  EXPECT_EQ(read_number(*file_, "time", {364}), 11321.5);
  EXPECT_EQ(read_number(*file_, "time_bnds", {364, 1}), 11322);
  EXPECT_EQ(read_number(*file_, "yearday", {364}), 365);
  EXPECT_EQ(file_->attributes().text("Conventions"), "CF-1.6");
  EXPECT_EQ(std::get<Numbers>(*file_->attributes().find("start_year")).dtype, DType::int16);
}

TEST_F(Daymet, IsNetcdfsFileInEveryCell) { EXPECT_EQ(expect_equal_to_netcdf(*file_), 9); }

TEST_F(Daymet, IsRefusedWhenTruncatedAtAnyLength) {
  const auto whole = read_bytes(kDaymet);
  const std::string path = sample_path("truncated.nc");
  for (const double share : {0.00001, 0.001, 0.1, 0.5, 0.9, 0.999999}) {
    const auto n = static_cast<std::ptrdiff_t>(share * static_cast<double>(whole.size()));
    write_bytes(path, {whole.begin(), whole.begin() + n});
    EXPECT_EQ(code_of_opening(path), Errc::data_loss);
  }
}

void compare_group(const std::string& path, const std::string& group) {
  const auto file = netcdf4_format().open(path, group);
  expect_equal_to_netcdf(*file, group);
  for (const auto& name : file->groups())
    compare_group(path, group.empty() ? name : group + "/" + name);
}

TEST(Hdf5Collection, EveryFileThatNetcdfReadsIsReadAsNetcdfDoes) {
  const std::string folder = kShared + "/netcdf";
  if (!fs::exists(folder)) GTEST_SKIP() << "no " << folder;
  int n_files = 0;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    const std::string path = entry.path().string();
    if (!entry.is_regular_file() || !netcdf4_format().probe(path) || !netcdf_can_open(path))
      continue;
    SCOPED_TRACE(path);
    ASSERT_NO_THROW(compare_group(path, ""));
    ++n_files;
  }
  EXPECT_GE(n_files, 30);
}

TEST(Hdf5Collection, AVariableOfACompoundTypeIsRefusedByItsType) {
  const std::string path = kShared + "/netcdf/netcdf-c/ncdump/ref_tst_compounds2.nc";
  if (!fs::exists(path)) GTEST_SKIP() << "no " << path;
  const auto file = netcdf4_format().open(path, "");
  EXPECT_TRUE(file->variables().empty());
  try {
    file->find_variable("phony_compound_var");
    ADD_FAILURE();
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), Errc::unsupported);
    EXPECT_NE(e.message().find("compound"), std::string::npos);
  }
}

TEST(Hdf5File, ADamagedSignatureIsDataLoss) {
  auto bytes = read_bytes(write_sample("signature.h5", {}));
  bytes[1] = 'X';
  const std::string path = sample_path("signature.h5");
  write_bytes(path, bytes);
  EXPECT_EQ(code_of_opening(path), Errc::data_loss);
}

TEST(Hdf5File, WhatIsNoHdf5FileIsRefusedByName) {
  const std::string empty = sample_path("empty.nc");
  write_bytes(empty, {});
  const std::string text = sample_path("text.nc");
  write_bytes(text, std::vector<char>(5000, 'x'));
  EXPECT_EQ(code_of_opening(empty), Errc::data_loss);
  EXPECT_EQ(code_of_opening(text), Errc::data_loss);
  EXPECT_EQ(code_of_opening(sample_path("absent.nc")), Errc::not_found);
  EXPECT_EQ(code_of_opening(fs::temp_directory_path().string()), Errc::invalid_argument);
  EXPECT_FALSE(netcdf4_format().probe(text));
  EXPECT_FALSE(netcdf4_format().probe(sample_path("absent.nc")));
  EXPECT_TRUE(netcdf4_format().probe(write_sample("probed.h5", {.user_block = 512})));
}

TEST(Hdf5File, AMissingGroupIsNotFound) {
  const std::string path = write_sample("no_group.h5", {});
  for (const char* group : {"a", "v", "a/b"}) {
    try {
      netcdf4_format().open(path, group);
      ADD_FAILURE() << group;
    } catch (const Error& e) {
      EXPECT_EQ(e.code(), Errc::not_found);
    }
  }
}

}  // namespace
}  // namespace rastream
