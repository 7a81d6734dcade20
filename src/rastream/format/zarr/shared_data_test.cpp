// SPDX-License-Identifier: Apache-2.0
// Stores that other programs wrote: the codec matrix of zarrs and zarr_implementations,
// zarr-python, Xarray.
#include "rastream/format/zarr/zarr_test_support.h"

namespace rastream {
namespace {

class SharedZarr : public testing::Test {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(kSharedZarr)) GTEST_SKIP() << kSharedZarr << " is absent";
  }
};

/// Cells [i][j] = factor * i + j.
void expect_matrix(const std::string& path, double factor, const std::string& group = "") {
  const auto file = open_file(path, group);
  const OwnedBlock block = read_whole(*file, 0);
  for_each_index(block.view().region, [&](const Extents& i) {
    EXPECT_EQ(cell_as_double(block.view(), i),
              factor * static_cast<double>(i[0]) + static_cast<double>(i[1]))
        << path;
  });
}

TEST_F(SharedZarr, TheMatrixOfCodecsHoldsOneArray) {
  for (const char* name :
       {"v2/array_none_C", "v2/array_none_F", "v2/array_blosc_C", "v2/array_blosc_F",
        "v2/array_gzip_C", "v2/array_zstd_C", "v2/array_bz2_C", "v3/array_none", "v3/array_blosc",
        "v3/array_gzip", "v3/array_zstd", "v3/array_none_transpose", "v3/array_blosc_transpose"}) {
    expect_matrix(kSharedZarr + "zarrs/" + name + ".zarr", 10);
  }
}

TEST_F(SharedZarr, BothVersionsSideBySideMeanTheNewer) {
  const auto file = open_file(kSharedZarr + "zarrs/v3/array_gzip.zarr");
  EXPECT_EQ(file->variables().at(0).name, "array_gzip");
  EXPECT_EQ(file->variables()[0].attributes.text("key"), "value");
}

TEST_F(SharedZarr, UnsupportedCodecsAndTypesAreNamedWhenCellsAreRead) {
  const std::tuple<const char*, const char*, const char*> cases[] = {
      {"v2/array_pcodec_C", "", "pcodec"},
      {"v2/array_zfpy_C", "", "zfpy"},
      {"v3/array_pcodec", "", "pcodec"},
      {"v3/array_zfpy", "", "zfpy"},
      {"v3/array_optional", "array", "optional"},
      {"v3/array_optional_nested", "array", "optional"},
      {"codec/bitround/bitround_float32", "", "bitround"},
      {"zarr_python_compat/v3_bytes", "", "variable_length_bytes"}};
  for (const auto& [name, group, word] : cases) {
    const auto file = open_file(fmt::format("{}zarrs/{}.zarr", kSharedZarr, name), group);
    const bool is_text = file->variables().at(0).schema.dtype == DType::string;
    const Error e = error_of([&] {
      if (is_text) {
        file->read_strings(0);
      } else {
        read_whole(*file, 0);
      }
    });
    EXPECT_EQ(e.code(), Errc::unsupported) << name;
    EXPECT_NE(std::string(e.what()).find(word), std::string::npos) << e.what();
  }
}

TEST_F(SharedZarr, ShardsOfZarrsAreRead) {
  const auto file = open_file(kSharedZarr + "zarrs/sharded_array_write_read.zarr", "group/array");
  const OwnedBlock block = read_whole(*file, 0);
  for_each_index(block.view().region, [&](const Extents& i) {
    EXPECT_EQ(cell_as_double(block.view(), i), static_cast<double>(8 * i[0] + i[1]));
  });
  EXPECT_EQ(file->statistics().n_chunks, 4);
}

TEST_F(SharedZarr, AChunkThatNoOneWroteReadsAsTheFillValue) {
  const auto file = open_file(kSharedZarr + "zarrs/array_write_read.zarr", "group/array");
  const OwnedBlock block = read_whole(*file, 0);
  const auto fill = file->variables()[0].fill_value;
  ASSERT_TRUE(fill.has_value());
  const double first = cell_as_double(block.view(), {0, 0});
  EXPECT_TRUE(first == *fill || (first != first && *fill != *fill));
  EXPECT_EQ(file->statistics().n_chunks, 3);
}

TEST_F(SharedZarr, TheCitiesAreTheSameInBothVersions) {
  std::ifstream in(kSharedZarr + "zarrs/cities.csv");
  std::vector<std::string> expected;
  for (std::string line; std::getline(in, line);) expected.push_back(line);
  ASSERT_EQ(expected.size(), 47868u);
  for (const char* name : {"v3/cities.zarr", "zarr_python_compat/cities_v2.zarr"}) {
    const auto file = open_file(kSharedZarr + "zarrs/" + name);
    EXPECT_EQ(file->read_strings(0), expected) << name;
  }
}

TEST_F(SharedZarr, FixedUtf32IsText) {
  const auto file =
      open_file(kSharedZarr + "zarrs/zarr_python_compat/fixed_length_utf32_v3_le.zarr");
  EXPECT_EQ(file->read_strings(0),
            (std::vector<std::string>{"abc", "\xF0\x9F\x8E\x89", "hi", "te", ""}));
  EXPECT_EQ(error_of([&] {
              double cell = 0;
              file->read(0, dense_block(Region({0}, {1}), DType::float64,
                                        reinterpret_cast<std::byte*>(&cell)));
            }).code(),
            Errc::unsupported);
}

TEST_F(SharedZarr, NullFillValuesAreNothing) {
  for (const char* name : {"bool", "float", "int"}) {
    const auto file =
        open_file(kSharedZarr + fmt::format("zarrs/zarr_python_compat/{}_v2_fv_null.zarr", name));
    EXPECT_FALSE(file->variables().at(0).fill_value.has_value());
    EXPECT_NO_THROW(read_whole(*file, 0));
  }
}

TEST_F(SharedZarr, TimesAreIntegersWithUnits) {
  for (const auto& [unit, word] : {std::pair("ns", "nanoseconds"), std::pair("D", "days"),
                                   std::pair("h", "hours"), std::pair("Y", "days")}) {
    const auto file =
        open_file(kSharedZarr + fmt::format("zarrs/zarr_python_compat/datetime64[{}].zarr", unit));
    EXPECT_EQ(file->variables().at(0).schema.dtype, DType::int64);
    EXPECT_EQ(file->variables()[0].attributes.text("units"),
              fmt::format("{} since 1970-01-01", word));
    EXPECT_NO_THROW(read_whole(*file, 0));
  }
  const auto days = open_file(kSharedZarr + "zarrs/zarr_python_compat/datetime64[D].zarr");
  const OwnedBlock cells = read_whole(*days, 0);
  EXPECT_EQ(cells.view().as<std::int64_t>()[2], 12817) << "3 February 2005";
}

TEST_F(SharedZarr, AFlippedByteUnderAnAdler32IsDataLoss) {
  const ScratchFolder folder;
  const std::string path = folder / "adler32.zarr";
  std::filesystem::copy(kSharedZarr + "zarrs/zarr_python_compat/adler32.zarr", path);
  EXPECT_NO_THROW(read_whole(*open_file(path), 0));
  std::string chunk = file_text(path + "/1.0");
  chunk[2000] ^= 1;
  std::filesystem::permissions(path + "/1.0", std::filesystem::perms::owner_all);
  put_text(path + "/1.0", chunk);
  const Error e = error_of([&] { read_whole(*open_file(path), 0); });
  EXPECT_EQ(e.code(), Errc::data_loss);
  EXPECT_NE(std::string(e.what()).find("1.0"), std::string::npos) << e.what();
}

TEST_F(SharedZarr, ThreeProgramsWroteOneImage) {
  const auto file = open_file(kSharedZarr + "zarr_implementations/zarr.zr");
  ASSERT_EQ(file->variables().size(), 3u);
  const OwnedBlock first = read_whole(*file, 0);
  EXPECT_EQ(first.view().region.shape(), (Extents{512, 512, 3}));
  for (std::size_t v = 1; v < 3; ++v) {
    const OwnedBlock other = read_whole(*file, v);
    EXPECT_EQ(std::memcmp(first.view().data, other.view().data, 512 * 512 * 3), 0);
  }
}

TEST_F(SharedZarr, XarraysStoreIsReadFromItsConsolidatedMetadata) {
  const auto file = open_file(kSharedZarr + "rio-tiler/dataset_3d.zarr");
  const VariableInfo& info = file->variables().at(file->find_variable("dataset"));
  EXPECT_EQ(info.schema.dims, (std::vector<std::string>{"time", "y", "x"}));
  EXPECT_EQ(info.schema.shape, (Extents{2, 1000, 2000}));
  EXPECT_EQ(info.schema.chunks.max_chunk_shape(), (Extents{1, 250, 500}));
  EXPECT_TRUE(info.attributes.contains("_FillValue"));
  EXPECT_TRUE(file->variables().at(file->find_variable("time")).is_dimension_scale);
  EXPECT_NO_THROW(read_whole(*file, file->find_variable("dataset")));
}

TEST_F(SharedZarr, HierarchiesAreWalked) {
  const auto file = open_file(kSharedZarr + "zarrs/hierarchy.zarr");
  EXPECT_EQ(file->groups(), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(open_file(kSharedZarr + "zarrs/hierarchy.zarr", "a")->find_variable("baz"), 0u);
}

TEST_F(SharedZarr, HalfFloatsAreReadAsFloats) {
  const auto file = open_file("../shared/data/sar/zarrs/slcs_example.zarr");
  const OwnedBlock cells = read_whole(*file, file->find_variable("real"));
  EXPECT_EQ(cells.view().dtype, DType::float32);
  const float* first = cells.view().as<float>();
  EXPECT_EQ(first[0], 50.15625f);
  EXPECT_EQ(first[2], -91.3125f);
}

}  // namespace
}  // namespace rastream
