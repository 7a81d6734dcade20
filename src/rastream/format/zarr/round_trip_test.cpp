// SPDX-License-Identifier: Apache-2.0
// What was written is read back: dtypes, versions, compressors, chunk shapes, strides, attributes,
// text.
#include <atomic>
#include <cmath>
#include <limits>
#include <thread>

#include "rastream/format/zarr/zarr_test_support.h"

namespace rastream {
namespace {

class ZarrRoundTrip : public testing::TestWithParam<int> {
 protected:
  CreateOptions options() const {
    CreateOptions o;
    o.zarr_format = GetParam();
    return o;
  }
  ScratchFolder folder_;
};

INSTANTIATE_TEST_SUITE_P(Versions, ZarrRoundTrip, testing::Values(2, 3),
                         [](const auto& info) { return "V" + std::to_string(info.param); });

TEST_P(ZarrRoundTrip, KeepsEveryCellOfEveryDtypeCompressorAndChunkShape) {
  const Extents shape = {5, 7, 3};
  std::vector<VariableSpec> specs;
  const auto add = [&](const Extents& chunks, DType dtype, const char* compressor) {
    specs.push_back(
        make_spec("v" + std::to_string(specs.size()), shape, chunks, dtype, compressor));
  };
  for (int d = 0; d <= static_cast<int>(DType::complex128); ++d) {
    for (const char* compressor : {"none", "zstd", "gzip", "blosc"})
      add({4, 7, 3}, static_cast<DType>(d), compressor);
  }
  for (const Extents& chunks :
       {Extents{5, 7, 3}, Extents{1, 7, 3}, Extents{2, 3, 2}, Extents{4, 4, 1}}) {
    add(chunks, DType::float32, "zstd");
    add(chunks, DType::int16, "none");
  }
  const auto writer = create_file(folder_ / "a.zarr", options());
  for (const VariableSpec& spec : specs) write_all_numbered(*writer, writer->add(spec), spec);
  writer->finish();
  const auto file = open_file(folder_ / "a.zarr");
  ASSERT_EQ(file->variables().size(), specs.size());
  for (const VariableSpec& spec : specs) {
    const std::size_t v = file->find_variable(spec.name);
    EXPECT_EQ(file->variables()[v].schema, spec.schema);
    EXPECT_EQ(count_wrong_cells(read_whole(*file, v).view(), shape), 0) << spec.name;
  }
}

TEST_P(ZarrRoundTrip, AnyRegionCanBeReadIntoAnyStridesAndDtype) {
  const Extents shape = {9, 8};
  const VariableSpec spec = make_spec("v", shape, {4, 3}, DType::int16);
  write_group(folder_ / "a.zarr", options(), spec);
  const auto file = open_file(folder_ / "a.zarr");
  const Region all = Region::whole(shape);
  for (const Region& region : {all, Region({3, 2}, {5, 7}), Region({8, 7}, {9, 8}),
                               Region({0, 3}, {4, 6}), Region({2, 2}, {2, 5})}) {
    OwnedBlock dense(region, DType::int16);
    file->read(0, dense.view());
    EXPECT_EQ(count_wrong_cells(dense.view(), shape), 0) << to_string(region);
    // Transposed, with a gap between cells, as doubles.
    std::vector<double> memory(400, -1);
    Block strided{
        region, DType::float64, reinterpret_cast<std::byte*>(memory.data()), {16, 16 * 12}};
    file->read(0, strided);
    EXPECT_EQ(count_wrong_cells(strided, shape), 0) << to_string(region);
  }
}

TEST_P(ZarrRoundTrip, BlocksOfAnyStridesAndDtypeCanBeWritten) {
  const Extents shape = {4, 6};
  const VariableSpec spec = make_spec("v", shape, {3, 4}, DType::float32);
  const auto writer = create_file(folder_ / "a.zarr", options());
  const std::size_t v = writer->add(spec);
  for (std::int64_t i = 0; i < spec.schema.chunks.n_chunks(); ++i) {
    std::vector<std::int32_t> memory(100);
    Block block{spec.schema.chunks.chunk_region(i),
                DType::int32,
                reinterpret_cast<std::byte*>(memory.data()),
                {8, 80}};
    number_cells(block, shape);
    writer->write(v, block);
  }
  writer->finish();
  const auto file = open_file(folder_ / "a.zarr");
  EXPECT_EQ(count_wrong_cells(read_whole(*file, 0).view(), shape), 0);
}

TEST_P(ZarrRoundTrip, ScalarsAndEmptyArraysAreArrays) {
  const auto writer = create_file(folder_ / "a.zarr", options());
  const VariableSpec scalar = make_spec("lambert_conformal_conic", {}, {}, DType::int16);
  const VariableSpec empty = make_spec("none", {0, 3}, {1, 3}, DType::float64);
  write_all_numbered(*writer, writer->add(scalar), scalar);
  writer->add(empty);
  writer->finish();
  const auto file = open_file(folder_ / "a.zarr");
  EXPECT_EQ(count_wrong_cells(
                read_whole(*file, file->find_variable("lambert_conformal_conic")).view(), {}),
            0);
  EXPECT_EQ(file->variables()[file->find_variable("none")].schema.shape, (Extents{0, 3}));
  EXPECT_NO_THROW(read_whole(*file, file->find_variable("none")));
}

TEST_P(ZarrRoundTrip, AttributesDimensionsAndCodecsComeBack) {
  VariableSpec spec = make_spec("tmax", {4, 6}, {2, 6}, DType::float32, "gzip");
  spec.schema.dims = {"y", "x"};
  spec.attributes.set("units", "degrees C");
  spec.attributes.set("valid_range", Numbers{DType::float64, {}, {-50.5, 60}});
  spec.attributes.set("count", Numbers{DType::int64, {3}, {}});
  spec.attributes.set("_FillValue", Numbers{DType::float32, {}, {-9999}});
  spec.fill_value = -9999;
  const auto writer = create_file(folder_ / "a.zarr", options());
  Attributes global;
  global.set("Conventions", "CF-1.6");
  writer->set_attributes(global);
  write_all_numbered(*writer, writer->add(spec), spec);
  writer->finish();
  const auto file = open_file(folder_ / "a.zarr");
  EXPECT_EQ(file->attributes(), global);
  const VariableInfo& info = file->variables().at(0);
  EXPECT_EQ(info.schema.dims, spec.schema.dims);
  EXPECT_EQ(info.fill_value, -9999);
  EXPECT_EQ(info.codecs, std::vector<std::string>{"gzip 6"});
  for (const auto& [name, value] : spec.attributes) {
    ASSERT_TRUE(info.attributes.contains(name)) << name;
    EXPECT_EQ(*info.attributes.find(name), value) << name;
  }
  EXPECT_EQ(file->dimensions().size(), 2u);
  EXPECT_EQ(file->dimensions()[0].name, "y");
  EXPECT_EQ(file->dimensions()[1].size, 6);
}

TEST_P(ZarrRoundTrip, FillValuesOfEveryKindComeBackExactly) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double infinity = std::numeric_limits<double>::infinity();
  const std::vector<std::pair<DType, double>> fills = {
      {DType::float32, nan},     {DType::float64, infinity}, {DType::float64, -infinity},
      {DType::float32, -9999.5}, {DType::int16, -32768},     {DType::uint8, 255},
      {DType::int64, -1e15},     {DType::uint64, 1e15},      {DType::bool_, 1}};
  const auto writer = create_file(folder_ / "a.zarr", options());
  for (std::size_t i = 0; i < fills.size(); ++i) {
    VariableSpec spec = make_spec("v" + std::to_string(i), {4}, {2}, fills[i].first);
    spec.fill_value = fills[i].second;
    const std::size_t v = writer->add(spec);
    for (std::int64_t chunk = 0; chunk < 2; ++chunk) {
      OwnedBlock block(spec.schema.chunks.chunk_region(chunk), spec.schema.dtype);
      fill_cells(block.view(), fills[i].second);
      writer->write(v, block.view());
    }
  }
  writer->finish();
  const auto file = open_file(folder_ / "a.zarr");
  for (std::size_t i = 0; i < fills.size(); ++i) {
    const std::size_t v = file->find_variable("v" + std::to_string(i));
    const double expected = fills[i].second;
    ASSERT_TRUE(file->variables()[v].fill_value.has_value());
    EXPECT_TRUE(*file->variables()[v].fill_value == expected || std::isnan(expected)) << i;
    EXPECT_EQ(file->stored_bytes(v, Region({0}, {4})), 0) << "chunks of fill values are not stored";
    const double cell = cell_as_double(read_whole(*file, v).view(), {3});
    EXPECT_TRUE(cell == expected || (std::isnan(cell) && std::isnan(expected))) << i;
  }
}

TEST_P(ZarrRoundTrip, WithoutAFillValueEveryChunkIsStored) {
  const VariableSpec spec = make_spec("v", {4}, {2}, DType::float32, "none");
  const auto writer = create_file(folder_ / "a.zarr", options());
  const std::size_t v = writer->add(spec);
  for (std::int64_t chunk = 0; chunk < 2; ++chunk) {
    OwnedBlock block(spec.schema.chunks.chunk_region(chunk), DType::float32);
    fill_cells(block.view(), 0);
    writer->write(v, block.view());
  }
  writer->finish();
  const auto file = open_file(folder_ / "a.zarr");
  EXPECT_EQ(file->stored_bytes(0, Region({0}, {4})), 16);
  EXPECT_EQ(file->variables()[0].fill_value.has_value(), GetParam() == 3);
}

TEST_P(ZarrRoundTrip, MinusZeroAndOtherNaNsAreNotTakenForTheFillValue) {
  VariableSpec spec = make_spec("v", {2}, {1}, DType::float32, "none");
  spec.fill_value = 0;
  const auto writer = create_file(folder_ / "a.zarr", options());
  const std::size_t v = writer->add(spec);
  float cells[] = {-0.0f, 0.0f};
  for (std::int64_t i = 0; i < 2; ++i) {
    writer->write(v, dense_block(Region({i}, {i + 1}), DType::float32,
                                 reinterpret_cast<std::byte*>(cells + i)));
  }
  writer->finish();
  const auto file = open_file(folder_ / "a.zarr");
  const OwnedBlock read = read_whole(*file, 0);
  EXPECT_TRUE(std::signbit(read.view().as<float>()[0]));
  EXPECT_FALSE(std::signbit(read.view().as<float>()[1]));
}

TEST_P(ZarrRoundTrip, TextComesBackInAnyScript) {
  const std::vector<std::string> cells = {"lilac", "arnold red",       "été",
                                          "日本",  "\xF0\x9F\x8C\xB7", ""};
  const auto writer = create_file(folder_ / "a.zarr", options());
  VariableSpec spec = make_spec("plant", {6}, {2}, DType::string);
  const VariableSpec table = make_spec("table", {2, 3}, {2, 3}, DType::string, "none");
  writer->write_strings(writer->add(spec), cells);
  writer->write_strings(writer->add(table), cells);
  writer->finish();
  const auto file = open_file(folder_ / "a.zarr");
  for (const char* name : {"plant", "table"}) {
    EXPECT_EQ(file->read_strings(file->find_variable(name)), cells);
    EXPECT_EQ(file->variables()[file->find_variable(name)].schema.dtype, DType::string);
  }
}

TEST_P(ZarrRoundTrip, TextThatIsNotUtf8IsRefused) {
  for (const char* bad : {"\xff", "\xc3", "\xed\xa0\x80", "\xc0\x80", "a\x80"}) {
    const auto writer = create_file(folder_ / "a.zarr", options());
    const std::size_t v = writer->add(make_spec("plant", {1}, {1}, DType::string));
    EXPECT_EQ(error_of([&] { writer->write_strings(v, {bad}); }).code(), Errc::invalid_argument);
  }
}

TEST_P(ZarrRoundTrip, GroupsAreReadTogetherAndAlone) {
  for (const char* group : {"1980", "1981", "deep/er"}) {
    CreateOptions o = options();
    o.group = group;
    write_group(folder_ / "a.zarr", o, make_spec("first-leaf", {4, 4}, {2, 4}, DType::float64));
  }
  const auto root = open_file(folder_ / "a.zarr");
  EXPECT_EQ(root->groups(), (std::vector<std::string>{"1980", "1981", "deep"}));
  EXPECT_EQ(root->variables().size(), 3u);
  EXPECT_EQ(
      count_wrong_cells(read_whole(*root, root->find_variable("1981/first-leaf")).view(), {4, 4}),
      0);
  const auto group = open_file(folder_ / "a.zarr", "/1980/");
  EXPECT_EQ(group->variables().size(), 1u);
  EXPECT_EQ(group->variables()[0].name, "first-leaf");
  EXPECT_TRUE(group->groups().empty());
  const auto deep = open_file(folder_ / "a.zarr", "deep");
  EXPECT_EQ(deep->variables().at(0).name, "er/first-leaf");
  const auto array = open_file(folder_ / "a.zarr", "1980/first-leaf");
  EXPECT_EQ(array->variables().at(0).name, "first-leaf");
  EXPECT_EQ(count_wrong_cells(read_whole(*array, 0).view(), {4, 4}), 0);
  EXPECT_EQ(error_of([&] { open_file(folder_ / "a.zarr", "1999"); }).code(), Errc::not_found);
  EXPECT_EQ(error_of([&] { open_file(folder_ / "a.zarr", "../a.zarr"); }).code(),
            Errc::invalid_argument);
}

TEST_P(ZarrRoundTrip, VariablesMayLieInGroupsBelow) {
  const VariableSpec spec = make_spec("sub/tmin", {3}, {2}, DType::int32);
  write_group(folder_ / "a.zarr", options(), spec);
  const auto file = open_file(folder_ / "a.zarr");
  EXPECT_EQ(count_wrong_cells(read_whole(*file, file->find_variable("sub/tmin")).view(), {3}), 0);
  EXPECT_EQ(open_file(folder_ / "a.zarr", "sub")->variables().at(0).name, "tmin");
}

TEST_P(ZarrRoundTrip, ManyThreadsWriteAndRead) {
  const Extents shape = {64, 32};
  const VariableSpec spec = make_spec("v", shape, {4, 8}, DType::float32);
  const auto writer = create_file(folder_ / "a.zarr", options());
  const std::size_t v = writer->add(spec);
  const std::int64_t n = spec.schema.chunks.n_chunks();
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t) {
      // Each chunk is written by two threads: writing is idempotent.
      threads.emplace_back([&, t] {
        for (std::int64_t i = 0; i < n; ++i) {
          if (i % 2 == t % 2) write_numbered(*writer, v, spec, i);
        }
      });
    }
  }
  writer->finish();
  const auto file = open_file(folder_ / "a.zarr");
  std::atomic<std::int64_t> n_wrong = 0;
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back(
          [&] { n_wrong += count_wrong_cells(read_whole(*file, 0).view(), shape); });
    }
  }
  EXPECT_EQ(n_wrong, 0);
  EXPECT_EQ(file->statistics().n_chunks, 4 * n);
  EXPECT_EQ(file->statistics().decoded_bytes, 4 * 64 * 32 * 4);
}

TEST_P(ZarrRoundTrip, WhatCannotBeWrittenIsTheCallersError) {
  const auto writer = create_file(folder_ / "a.zarr", options());
  const auto code = [&](const VariableSpec& spec) {
    return error_of([&] { writer->add(spec); }).code();
  };
  VariableSpec spec = make_spec("v", {10}, {5}, DType::uint8);
  spec.fill_value = -1;
  EXPECT_EQ(code(spec), Errc::invalid_argument);
  EXPECT_EQ(code(make_spec("v", {10}, {5}, DType::uint8, "pcodec")), Errc::invalid_argument);
  spec = make_spec("v", {10}, {5}, DType::uint8, "gzip");
  spec.level = 99;
  EXPECT_EQ(code(spec), Errc::invalid_argument);
  spec = make_spec("v", {10}, {5}, DType::uint8);
  spec.schema.chunks = ChunkGrid({Cuts::explicit_edges({0, 2, 10})});
  EXPECT_EQ(code(spec), Errc::invalid_argument);
  for (const char* name : {"", "../v", "/v", "a//b", ".hidden", "a/.b", "line\nbreak"}) {
    EXPECT_EQ(code(make_spec(name, {10}, {5}, DType::uint8)), Errc::invalid_argument) << name;
  }
  const std::size_t v = writer->add(make_spec("v", {10}, {5}, DType::uint8));
  EXPECT_EQ(code(make_spec("v", {10}, {5}, DType::uint8)), Errc::invalid_argument) << "twice";
  OwnedBlock block(Region({0}, {4}), DType::uint8);
  EXPECT_EQ(error_of([&] { writer->write(v, block.view()); }).code(), Errc::invalid_argument)
      << "not a whole chunk";
}

TEST(ZarrV2, AFillValueAndAnAttributeThatDifferAreRefused) {
  const ScratchFolder folder;
  const auto writer = create_file(folder / "a.zarr", {});
  VariableSpec spec = make_spec("v", {10}, {5}, DType::int16);
  spec.fill_value = -1;
  spec.attributes.set("_FillValue", Numbers{DType::int16, {-2}, {}});
  EXPECT_EQ(error_of([&] { writer->add(spec); }).code(), Errc::invalid_argument);
}

TEST(Registry, NamesWhatItCannotOpenOrWrite) {
  const ScratchFolder folder;
  EXPECT_EQ(error_of([&] { open_file(folder / "absent.zarr"); }).code(), Errc::not_found);
  put_text(folder / "text.txt", "hello");
  EXPECT_EQ(error_of([&] { open_file(folder / "text.txt"); }).code(), Errc::data_loss);
  std::filesystem::create_directories(folder / "empty.zarr");
  EXPECT_EQ(error_of([&] { open_file(folder / "empty.zarr"); }).code(), Errc::not_found);
  const Error unknown = error_of([&] { create_file(folder / "out.xyz", {}); });
  EXPECT_EQ(unknown.code(), Errc::invalid_argument);
  EXPECT_NE(unknown.message().find(".zarr"), std::string::npos);
  write_group(folder / "a.zarr", {}, make_spec("v", {2}, {2}, DType::int8));
  const Error variable = error_of([&] { open_file(folder / "a.zarr")->find_variable("w"); });
  EXPECT_EQ(variable.code(), Errc::not_found);
  EXPECT_NE(variable.message().find("'v'"), std::string::npos);
}

}  // namespace
}  // namespace rastream
