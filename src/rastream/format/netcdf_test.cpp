// SPDX-License-Identifier: Apache-2.0
#include "rastream/format/netcdf.h"

#include <gtest/gtest.h>
#include <netcdf.h>

#include <filesystem>

#include "rastream/base/error.h"
#include "rastream/format/hdf5/hdf5_file.h"
#include "rastream/format/hdf5/sample_file.h"
#include "rastream/format/netcdf_oracle.h"

namespace rastream {
namespace {

namespace fs = std::filesystem;
const std::string kShared = "../shared/data";

/// Fixed and record variables of every type that the version has, the record slabs not multiples of
/// four bytes.
std::string make_classic(int mode, const std::string& name) {
  const std::string path = sample_path(name);
  int id = 0;
  EXPECT_EQ(nc_create(path.c_str(), NC_CLOBBER | mode, &id), NC_NOERR);
  int time = 0;
  int y = 0;
  int x = 0;
  nc_def_dim(id, "time", NC_UNLIMITED, &time);
  nc_def_dim(id, "y", 3, &y);
  nc_def_dim(id, "x", 5, &x);
  const int record[] = {time, y, x};
  const int last = mode == NC_64BIT_DATA ? NC_UINT64 : NC_DOUBLE;
  std::vector<int> variables;
  for (int type = NC_BYTE; type <= last; ++type) {
    for (const int rank : {0, 2, 3}) {
      int v = 0;
      const std::string variable = "v" + std::to_string(type) + "_" + std::to_string(rank);
      EXPECT_EQ(nc_def_var(id, variable.c_str(), type, rank, rank == 3 ? record : record + 1, &v),
                NC_NOERR);
      variables.push_back(v);
    }
  }
  const double fill = -5;
  nc_put_att_double(id, variables[4], "scale", NC_DOUBLE, 1, &fill);
  nc_put_att_text(id, NC_GLOBAL, "title", 4, "test");
  EXPECT_EQ(nc_enddef(id), NC_NOERR);
  const std::size_t start[] = {0, 0, 0};
  const std::size_t shape[] = {4, 3, 5};
  std::vector<double> numbers(60);
  std::string text(60, ' ');
  for (std::size_t i = 0; i < 60; ++i) {
    numbers[i] = static_cast<double>(i);
    text[i] = static_cast<char>('a' + i % 26);
  }
  for (const int v : variables) {
    nc_type type = 0;
    int rank = 0;
    nc_inq_var(id, v, nullptr, &type, &rank, nullptr, nullptr);
    const std::size_t skip = rank == 3 ? 0 : 1;
    if (v % 7 == 6) continue;  // some are left with the default fill
    const int status = type == NC_CHAR
                           ? nc_put_vara_text(id, v, start, shape + skip, text.data())
                           : nc_put_vara_double(id, v, start, shape + skip, numbers.data());
    EXPECT_EQ(status, NC_NOERR);
  }
  nc_close(id);
  return path;
}

TEST(ClassicNetcdf, EveryVersionReadsAsNetcdfDoes) {
  for (const int mode : {0, NC_64BIT_OFFSET, NC_64BIT_DATA}) {
    const std::string path = make_classic(mode, "version" + std::to_string(mode) + ".nc");
    ASSERT_TRUE(netcdf_classic_format().probe(path));
    EXPECT_FALSE(netcdf4_format().probe(path));
    const auto file = netcdf_classic_format().open(path, "");
    EXPECT_EQ(expect_equal_to_netcdf(*file), mode == NC_64BIT_DATA ? 33 : 18);
    EXPECT_TRUE(file->dimensions()[0].is_unlimited);
    EXPECT_EQ(file->dimensions()[0].size, 4);
  }
}

TEST(ClassicNetcdf, AnyPartOfARecordVariableIsThatPartOfTheWhole) {
  const auto file = netcdf_classic_format().open(make_classic(0, "parts.nc"), "");
  const std::size_t v = file->find_variable("v3_3");
  const OwnedBlock whole(file->variables()[v].schema.whole(), DType::int16);
  file->read(v, whole.view());
  const Region box({1, 0, 2}, {4, 2, 5});
  const OwnedBlock part(box, DType::float64);
  file->read(v, part.view());
  for_each_index(box, [&](const Extents& i) {
    EXPECT_EQ(cell_as_double(part.view(), i), cell_as_double(whole.view(), i)) << to_string(i);
  });
}

TEST(ClassicNetcdf, NeverWrittenCellsHaveTheDefaultFill) {
  const auto file = netcdf_classic_format().open(make_classic(NC_64BIT_DATA, "fill.nc"), "");
  const std::size_t v = file->find_variable("v3_0");
  ASSERT_EQ(file->variables()[v].fill_value, -32767);
  const OwnedBlock cell(Region{Extents(), Extents()}, DType::int16);
  file->read(v, cell.view());
  EXPECT_EQ(*cell.view().as<std::int16_t>(), -32767);
}

TEST(ClassicNetcdf, ATruncatedFileIsRefusedAtEveryLength) {
  const std::string path = make_classic(0, "whole.nc");
  const std::size_t size = fs::file_size(path);
  // The last variable is padded to four bytes that no cell needs.
  for (std::size_t n = size - 5; n > 2; n -= 3) {
    fs::resize_file(path, n);
    try {
      netcdf_classic_format().open(path, "");
      ADD_FAILURE() << n << " of " << size;
    } catch (const Error& e) {
      EXPECT_EQ(e.code(), Errc::data_loss);
      EXPECT_NE(std::string(e.what()).find(path), std::string::npos);
    }
  }
}

TEST(ClassicNetcdf, ADamagedHeaderGivesAnErrorOrCells) {
  const std::string path = make_classic(0, "damaged.nc");
  const auto content = read_bytes(path);
  int n_errors = 0;
  for (std::size_t at = 0; at < 1200; ++at) {
    patch_byte(path, at, static_cast<char>(at % 3 == 0 ? 0xff : content[at] ^ (1 << at % 8)));
    try {
      const auto file = netcdf_classic_format().open(path, "");
      for (std::size_t v = 0; v < file->variables().size(); ++v) {
        const Schema& schema = file->variables()[v].schema;
        if (schema.dtype == DType::string) {
          file->read_strings(v);
          continue;
        }
        const OwnedBlock block(schema.whole(), schema.dtype);
        file->read(v, block.view());
      }
    } catch (const Error& e) {
      ++n_errors;
      EXPECT_NE(e.code(), Errc::internal);
    }
    patch_byte(path, at, content[at]);
  }
  EXPECT_GT(n_errors, 100);
}

TEST(ClassicNetcdf, ASubsetFromTheArchiveReadsAsNetcdfDoes) {
  const std::string folder = kShared + "/daymet/bbox_indianapolis_monthly";
  if (!fs::exists(folder)) GTEST_SKIP() << "no " << folder;
  for (const auto& entry : fs::directory_iterator(folder)) {
    const auto file = netcdf_classic_format().open(entry.path().string(), "");
    EXPECT_GE(expect_equal_to_netcdf(*file), 4);
  }
}

TEST(ClassicNetcdf, EveryClassicFileOfTheCollectionReadsAsNetcdfDoes) {
  const std::string folder = kShared + "/netcdf";
  if (!fs::exists(folder)) GTEST_SKIP() << "no " << folder;
  int n_files = 0;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file() || !netcdf_classic_format().probe(entry.path().string())) continue;
    expect_equal_to_netcdf(*netcdf_classic_format().open(entry.path().string(), ""));
    ++n_files;
  }
  EXPECT_EQ(n_files, 5);
}

TEST(ClassicNetcdf, TheLastDimensionOfCharsRunsAlongTheText) {
  const std::string path = kShared + "/netcdf/xarray/bears.nc";
  if (!fs::exists(path)) GTEST_SKIP() << "no " << path;
  const auto file = netcdf_classic_format().open(path, "");
  const std::size_t v = file->find_variable("bears");
  const Schema& schema = file->variables()[v].schema;
  EXPECT_EQ(schema.dtype, DType::string);
  EXPECT_EQ(schema.dims, (std::vector<std::string>{"i", "j"}));
  EXPECT_EQ(schema.shape, (Extents{2, 3}));
  EXPECT_EQ(file->read_strings(v).size(), 6);
  const OwnedBlock block(schema.whole(), DType::float64);
  EXPECT_THROW(file->read(v, block.view()), Error);
}

TEST(ClassicNetcdf, WhatIsNoClassicFileIsRefusedByName) {
  const std::string empty = sample_path("empty.nc");
  write_bytes(empty, {});
  const auto code_of = [](const std::string& path) {
    try {
      netcdf_classic_format().open(path, "");
    } catch (const Error& e) {
      EXPECT_NE(std::string(e.what()).find(path), std::string::npos);
      return e.code();
    }
    return Errc::internal;
  };
  EXPECT_EQ(code_of(empty), Errc::data_loss);
  EXPECT_EQ(code_of(sample_path("absent.nc")), Errc::not_found);
  EXPECT_EQ(code_of(fs::temp_directory_path().string()), Errc::invalid_argument);
  EXPECT_THROW(netcdf_classic_format().open(make_classic(0, "group.nc"), "a"), Error);
}

}  // namespace
}  // namespace rastream
