// SPDX-License-Identifier: Apache-2.0
// A store like RS-DAT's output, for tests/oracle/zarr_check.py to open with other programs. It is
// kept where RASTREAM_ZARR_ORACLE says, as v2.zarr and v3.zarr; here it is written and read back.
#include <cmath>
#include <cstdlib>

#include "rastream/format/zarr/verify.h"
#include "rastream/format/zarr/zarr_test_support.h"

namespace rastream {
namespace {

const std::vector<std::string> kPlants = {"lilac", "arnold red", "zabelli", "été"};
const Extents kShape = {4, 25, 30};

VariableSpec leaf_spec() {
  VariableSpec spec = make_spec("first-leaf", kShape, {1, 10, 10}, DType::float64);
  spec.schema.dims = {"plant", "y", "x"};
  spec.fill_value = NAN;
  spec.attributes.set("_FillValue", Numbers{DType::float64, {}, {NAN}});
  spec.attributes.set("units", "day of year");
  spec.attributes.set("grid_mapping", "lambert_conformal_conic");
  return spec;
}

VariableSpec axis_spec(const std::string& name, std::int64_t size, DType dtype,
                       const std::string& compressor) {
  VariableSpec spec = make_spec(name, {size}, {size}, dtype, compressor);
  spec.schema.dims = {name};
  return spec;
}

/// Cell (p, y, x) is 100 p + y + x / 100; the chunk at its origin is NaN throughout for every
/// plant.
void set_leaf(const Block& block) {
  for_each_index(block.region, [&](const Extents& i) {
    const bool is_nan = i[1] < 10 && i[2] < 10;
    *reinterpret_cast<double*>(block.at(i)) = is_nan ? NAN
                                                     : 100.0 * static_cast<double>(i[0]) +
                                                           static_cast<double>(i[1]) +
                                                           static_cast<double>(i[2]) / 100;
  });
}

void write_axis(DatasetWriter& writer, const VariableSpec& spec, double start, double step) {
  const std::size_t v = writer.add(spec);
  OwnedBlock block(spec.schema.whole(), spec.schema.dtype);
  for_each_index(block.view().region, [&](const Extents& i) {
    const Region one(i, {i[0] + 1});
    fill_cells(block.view().sub(one), start + step * static_cast<double>(i[0]));
  });
  writer.write(v, block.view());
}

void write_year(const std::string& path, int format, const std::string& group) {
  CreateOptions options;
  options.group = group;
  options.zarr_format = format;
  options.overwrite = true;
  const auto writer = create_file(path, options);
  Attributes global;
  global.set("Conventions", "CF-1.6");
  writer->set_attributes(global);
  const VariableSpec leaf = leaf_spec();
  const std::size_t v = writer->add(leaf);
  for (std::int64_t i = 0; i < leaf.schema.chunks.n_chunks(); ++i) {
    OwnedBlock block(leaf.schema.chunks.chunk_region(i), DType::float64);
    set_leaf(block.view());
    writer->write(v, block.view());
  }
  write_axis(*writer, axis_spec("y", 25, DType::float64, "gzip"), 12000, -1000);
  write_axis(*writer, axis_spec("x", 30, DType::float32, "blosc"), -5000, 1000);
  VariableSpec plant = axis_spec("plant", 4, DType::string, "zstd");
  writer->write_strings(writer->add(plant), kPlants);
  VariableSpec mapping = make_spec("lambert_conformal_conic", {}, {}, DType::int16);
  mapping.attributes.set("standard_parallel", Numbers{DType::float64, {}, {25, 60}});
  const std::size_t m = writer->add(mapping);
  std::int16_t value = -32767;
  writer->write(m, dense_block(Region(), DType::int16, reinterpret_cast<std::byte*>(&value)));
  VariableSpec count = make_spec("n_days", {25, 30}, {25, 7}, DType::int16, "none");
  count.schema.dims = {"y", "x"};
  count.attributes.set("_FillValue", Numbers{DType::int16, {-1}, {}});
  write_all_numbered(*writer, writer->add(count), count);
  writer->finish();
}

/// Numbered cells in shards of 10 x 14 with chunks of 5 x 7; edges on both sides.
void write_shards(const std::string& path) {
  CreateOptions options;
  options.zarr_format = 3;
  options.overwrite = true;
  const auto writer = create_file(path, options);
  for (const DType dtype : {DType::int16, DType::complex64}) {
    for (const char* compressor : {"none", "zstd", "blosc"}) {
      VariableSpec spec = make_spec(fmt::format("{}-{}", to_string(dtype), compressor), {25, 30},
                                    {10, 14}, dtype, compressor);
      spec.inner_chunks = {5, 7};
      write_all_numbered(*writer, writer->add(spec), spec);
    }
  }
  writer->finish();
}

/// Where the stores go: RASTREAM_ZARR_ORACLE, else `otherwise`.
std::string oracle_folder(const std::string& otherwise) {
  const char* kept = std::getenv("RASTREAM_ZARR_ORACLE");
  return kept ? std::string(kept) : otherwise;
}

TEST(ZarrOracle, TheShardsForOtherProgramsAreWhole) {
  const ScratchFolder folder;
  const std::string path = oracle_folder(folder / "oracle") + "/shards.zarr";
  write_shards(path);
  EXPECT_TRUE(verify_zarr(path, "").problems.empty());
}

TEST(ZarrOracle, TheStoreForOtherProgramsIsWhole) {
  const ScratchFolder folder;
  const std::string root = oracle_folder(folder / "oracle");
  for (const int format : {2, 3}) {
    const std::string path = fmt::format("{}/v{}.zarr", root, format);
    for (const char* group : {"1980", "1981"}) write_year(path, format, group);
    EXPECT_TRUE(verify_zarr(path, "").problems.empty());
    const auto file = open_file(path, "1980");
    EXPECT_EQ(file->read_strings(file->find_variable("plant")), kPlants);
    const OwnedBlock leaf = read_whole(*file, file->find_variable("first-leaf"));
    EXPECT_EQ(cell_as_double(leaf.view(), {3, 24, 29}), 324.29);
    EXPECT_TRUE(std::isnan(cell_as_double(leaf.view(), {0, 9, 9})));
  }
}

}  // namespace
}  // namespace rastream
