// SPDX-License-Identifier: Apache-2.0
// Every format reads a file behind a server as it reads it here.
#include <gtest/gtest.h>

#include "rastream/format/format_test_support.h"
#include "tests/servers/file_server.h"

namespace rastream {
namespace {

namespace fs = std::filesystem;

const fs::path kData = "../shared/data";

void expect_same(const DatasetFile& here, const DatasetFile& there) {
  EXPECT_EQ(here.format_name(), there.format_name());
  EXPECT_EQ(to_json(here.attributes()).dump(), to_json(there.attributes()).dump());
  EXPECT_EQ(here.groups(), there.groups());
  ASSERT_EQ(here.variables().size(), there.variables().size());
  for (std::size_t v = 0; v < here.variables().size(); ++v) {
    const VariableInfo& info = here.variables()[v];
    EXPECT_EQ(info.name, there.variables()[v].name);
    // As text, for a NaN is not equal to itself.
    EXPECT_EQ(to_json(info.attributes).dump(), to_json(there.variables()[v].attributes).dump())
        << info.name;
    EXPECT_EQ(info.codecs, there.variables()[v].codecs) << info.name;
    if (info.schema.dtype == DType::string) {
      EXPECT_EQ(here.read_strings(v), there.read_strings(v)) << info.name;
      continue;
    }
    const OwnedBlock expected = read_whole(here, v);
    const OwnedBlock cells = read_whole(there, v);
    const auto n =
        static_cast<std::size_t>(info.schema.whole().n_cells()) * item_size(info.schema.dtype);
    EXPECT_EQ(std::memcmp(cells.view().data, expected.view().data, n), 0) << info.name;
  }
}

TEST(RemoteFiles, OfEveryFormatThatIsWrittenReadAsTheyDoHere) {
  const ScratchFolder folder;
  for (const char* name : {"a.nc", "a.tif", "a.zarr"}) {
    const VariableSpec spec = make_spec("v", {40, 60}, {16, 16}, DType::int16, "");
    write_group(folder / name, {}, spec);
  }
  put_text(folder / "stack.npy", std::string("\x93NUMPY\x01\0\x76\0", 10) +
                                     "{'descr': '<i2', 'fortran_order': False, 'shape': (3,), }" +
                                     std::string(60, ' ') + "\n" + std::string("\1\0\2\0\3\0", 6));
  const FileServer server(folder.path());
  for (const char* name : {"a.nc", "a.tif", "a.zarr", "stack.npy"}) {
    SCOPED_TRACE(name);
    expect_same(*open_file(folder / name), *open_file(server.url(name)));
  }
}

TEST(RemoteFiles, RealOnesReadAsTheyDoHere) {
  if (!fs::exists(kData)) GTEST_SKIP() << kData << " is absent";
  const FileServer server(kData);
  for (const char* name :
       {"daymet/daymet_v4_daily_hi_dayl_1980.nc", "geotiff/rio-tiler/cog_int16.tif",
        "netcdf/rioxarray/input/tmmx_20190121.nc", "netcdf/xarray/bears.nc",
        "zarr/zarrs/sharded_array_write_read.zarr/group/array", "zarr/zarrs/v3/array_zstd.zarr"}) {
    SCOPED_TRACE(name);
    if (!fs::exists(kData / name)) {
      ADD_FAILURE() << "absent";
      continue;
    }
    expect_same(*open_file(kData / name), *open_file(server.url(name)));
  }
}

TEST(RemoteFiles, OneChunkOfALargeFileCostsLittleOfIt) {
  const ScratchFolder folder;
  const std::string path = folder / "large.nc";
  write_group(path, {}, make_spec("v", {4096, 4096}, {64, 4096}, DType::int16, "none"));
  const FileServer server(folder.path());
  const auto file = open_file(server.url("large.nc"));
  const std::int64_t n_before = server.n_bytes_sent();
  const OwnedBlock cells(Region{{1024, 0}, {1088, 4096}}, DType::int16);
  file->read(0, cells.view());
  EXPECT_EQ(count_wrong_cells(cells.view(), {4096, 4096}), 0);
  EXPECT_LT(server.n_bytes_sent() - n_before, 4 << 20);
  const std::int64_t n_requests = server.n_requests();
  file->read(0, cells.view());
  EXPECT_EQ(server.n_requests(), n_requests) << "the blocks were not kept";
}

TEST(RemoteFiles, OneThatIsReplacedWhileItIsReadIsDataLoss) {
  const ScratchFolder folder;
  const std::string path = folder / "a.tif";
  write_group(path, {}, make_spec("v", {4000, 3000}, {256, 256}, DType::int16, "none"));
  const FileServer server(folder.path());
  const auto file = open_file(server.url("a.tif"));
  CreateOptions options;
  options.overwrite = true;
  write_group(path, options, make_spec("v", {4000, 3000}, {128, 128}, DType::int16, "none"));
  const OwnedBlock cells(Region{{3900, 2900}, {4000, 3000}}, DType::int16);
  EXPECT_EQ(error_of([&] { file->read(0, cells.view()); }).code(), Errc::data_loss);
}

TEST(RemoteFiles, AServerThatRefusesForNowIsAskedOnceAndNotByEveryFormat) {
  std::atomic<int> n_requests = 0;
  const LoopbackServer server([&](const ServedRequest&, ServedConnection& connection) {
    ++n_requests;
    connection.answer_head(507, "");  // "unavailable", and of these the one that is not tried again
  });
  EXPECT_EQ(error_of([&] { open_file(server.url("/a.dat")); }).code(), Errc::unavailable);
  EXPECT_EQ(n_requests, 1);
}

TEST(RemoteFiles, WhatIsNotThereOrNoDataIsNamedWithoutItsQuery) {
  const ScratchFolder folder;
  put_text(folder / "page.html", "<html>not data</html>");
  const FileServer server(folder.path());
  for (const char* name : {"absent.nc?token=canary", "page.html?token=canary"}) {
    const Error e = error_of([&] { open_file(server.url(name)); });
    EXPECT_TRUE(e.code() == Errc::not_found || e.code() == Errc::data_loss) << e.what();
    EXPECT_EQ(std::string(e.what()).find("canary"), std::string::npos) << e.what();
  }
}

}  // namespace
}  // namespace rastream
