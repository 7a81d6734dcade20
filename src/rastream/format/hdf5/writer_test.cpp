// SPDX-License-Identifier: Apache-2.0
// What is written as NetCDF-4 is what netcdf-c and we read: every dtype, layout, name, attribute
// and group.
#include "rastream/format/hdf5/writer.h"

#include <netcdf.h>

#include <cmath>
#include <limits>
#include <thread>

#include "rastream/format/format_test_support.h"
#include "rastream/format/hdf5/encode.h"
#include "rastream/format/hdf5/filters.h"
#include "rastream/format/netcdf_oracle.h"

namespace rastream {
namespace {

constexpr DType kNumbers[] = {DType::int8,    DType::int16,  DType::int32,  DType::int64,
                              DType::uint8,   DType::uint16, DType::uint32, DType::uint64,
                              DType::float32, DType::float64};

/// Opens, holds against netcdf-c, and gives the first variable's cells.
void expect_numbered(const std::string& path, const VariableSpec& spec,
                     const std::string& group = "") {
  const auto file = open_file(path, group);
  EXPECT_GT(expect_equal_to_netcdf(*file, group), 0);
  const std::size_t v = file->find_variable(spec.name);
  EXPECT_EQ(file->variables()[v].schema.dims, spec.schema.dims);
  EXPECT_EQ(file->variables()[v].schema.dtype, spec.schema.dtype);
  EXPECT_EQ(count_wrong_cells(read_whole(*file, v).view(), spec.schema.shape), 0);
}

TEST(NetCdf4Writer, EveryDtypeCompressorAndChunkShapeIsReadByNetcdf) {
  const ScratchFolder folder;
  const std::vector<std::pair<Extents, Extents>> layouts = {{{}, {}},
                                                            {{7}, {7}},
                                                            {{7}, {3}},
                                                            {{5, 6}, {5, 6}},
                                                            {{5, 6}, {2, 5}},
                                                            {{3, 4, 5}, {1, 4, 5}},
                                                            {{3, 4, 5}, {2, 3, 2}},
                                                            {{0, 4}, {1, 4}},
                                                            {{2, 3, 2, 3}, {1, 2, 2, 2}}};
  const char* compressors[] = {"none", "zstd", "gzip", "deflate", "zlib", ""};
  int n = 0;
  for (const DType dtype : kNumbers) {
    for (const auto& [shape, chunks] : layouts) {
      const VariableSpec spec = make_spec("v", shape, chunks, dtype, compressors[n++ % 6]);
      SCOPED_TRACE(fmt::format("{} {} {}", to_string(dtype), to_string(shape), spec.compressor));
      const std::string path = folder / fmt::format("{}.nc", n);
      write_group(path, {}, spec);
      expect_numbered(path, spec);
    }
  }
}

TEST(NetCdf4Writer, BoolIsXarraysBool) {
  const ScratchFolder folder;
  const VariableSpec spec = make_spec("v", {5, 6}, {2, 6}, DType::bool_);
  write_group(folder / "b.nc", {}, spec);
  const auto file = open_file(folder / "b.nc");
  EXPECT_EQ(file->variables()[0].schema.dtype, DType::bool_);
  EXPECT_FALSE(file->variables()[0].attributes.contains("dtype"));
  EXPECT_EQ(count_wrong_cells(read_whole(*file, 0).view(), {5, 6}), 0);
  int id = 0;
  nc_type type = 0;
  char text[5] = {};
  ASSERT_EQ(nc_open((folder / "b.nc").c_str(), NC_NOWRITE, &id), NC_NOERR);
  EXPECT_EQ(nc_inq_vartype(id, 0, &type), NC_NOERR);
  EXPECT_EQ(type, NC_BYTE);
  EXPECT_EQ(nc_get_att_text(id, 0, "dtype", text), NC_NOERR);
  EXPECT_STREQ(text, "bool");
  nc_close(id);
}

TEST(NetCdf4Writer, ComplexCellsComeBackBitForBit) {
  const ScratchFolder folder;
  for (const DType dtype : {DType::complex64, DType::complex128}) {
    for (const char* compressor : {"none", "deflate"}) {
      const VariableSpec spec = make_spec("v", {5, 6}, {2, 4}, dtype, compressor);
      const std::string path = folder / fmt::format("{}-{}.nc", to_string(dtype), compressor);
      const auto writer = create_file(path, {});
      const std::size_t v = writer->add(spec);
      const std::size_t n_parts = 60;
      OwnedBlock cells(spec.schema.whole(), dtype);
      for (std::size_t i = 0; i < n_parts; ++i) {
        const double part = static_cast<double>(i) * 0.5 - 7;
        if (dtype == DType::complex64)
          cells.view().as<float>()[i] = static_cast<float>(part);
        else
          cells.view().as<double>()[i] = part;
      }
      for (std::int64_t c = 0; c < spec.schema.chunks.n_chunks(); ++c)
        writer->write(v, cells.view().sub(spec.schema.chunks.chunk_region(c)));
      writer->finish();
      const auto file = open_file(path);
      ASSERT_EQ(file->variables().size(), 1u);
      EXPECT_EQ(file->variables()[0].schema.dtype, dtype);
      const OwnedBlock back = read_whole(*file, 0);
      EXPECT_EQ(std::memcmp(back.view().data, cells.view().data, 30 * item_size(dtype)), 0);
      EXPECT_TRUE(netcdf_can_open(path));
    }
  }
}

TEST(NetCdf4Writer, CompressedVariablesSayHow) {
  const ScratchFolder folder;
  const auto codecs_of = [&](const char* compressor, int level, DType dtype) {
    VariableSpec spec = make_spec("v", {8, 8}, {4, 4}, dtype, compressor);
    spec.level = level;
    CreateOptions options;
    options.overwrite = true;
    write_group(folder / "c.nc", options, spec);
    expect_numbered(folder / "c.nc", spec);
    return open_file(folder / "c.nc")->variables()[0].codecs;
  };
  using Codecs = std::vector<std::string>;
  EXPECT_EQ(codecs_of("zstd", -1, DType::float32), (Codecs{"shuffle", "deflate 4"}));
  EXPECT_EQ(codecs_of("zstd", 19, DType::float32), (Codecs{"shuffle", "deflate 9"}));
  EXPECT_EQ(codecs_of("gzip", 0, DType::int16), (Codecs{"shuffle", "deflate 0"}));
  EXPECT_EQ(codecs_of("gzip", 9, DType::int64), (Codecs{"shuffle", "deflate 9"}));
  EXPECT_EQ(codecs_of("deflate", 1, DType::uint8), Codecs{"deflate 1"});
  EXPECT_EQ(codecs_of("none", -1, DType::uint8), Codecs{});
}

TEST(NetCdf4Writer, ChunksOfAnyStridesAndDtypeAreConverted) {
  const ScratchFolder folder;
  const VariableSpec spec = make_spec("v", {4, 6}, {2, 6}, DType::int16);
  const auto writer = create_file(folder / "s.nc", {});
  const std::size_t v = writer->add(spec);
  for (std::int64_t i = 0; i < 2; ++i) {
    OwnedBlock wide(Region({2 * i, 0}, {2 * i + 2, 12}), DType::float64);
    Block every_other = wide.view();
    every_other.region = spec.schema.chunks.chunk_region(i);
    every_other.strides[1] *= 2;
    number_cells(every_other, {4, 6});
    writer->write(v, every_other);
  }
  writer->finish();
  expect_numbered(folder / "s.nc", spec);
}

TEST(NetCdf4Writer, ManyThreadsMakeTheBytesOfOne) {
  const ScratchFolder folder;
  const VariableSpec spec = make_spec("v", {40, 30}, {3, 7}, DType::float32);
  write_group(folder / "one.nc", {}, spec);
  const auto writer = create_file(folder / "many.nc", {});
  const std::size_t v = writer->add(spec);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (auto i = spec.schema.chunks.n_chunks() - 1 - t; i >= 0; i -= 4)
        write_numbered(*writer, v, spec, i);
    });
  }
  for (auto& thread : threads) thread.join();
  writer->finish();
  expect_numbered(folder / "many.nc", spec);
  EXPECT_TRUE(file_text(folder / "many.nc") == file_text(folder / "one.nc"));
}

TEST(NetCdf4Writer, DimensionsWithAndWithoutCoordinatesAreShared) {
  const ScratchFolder folder;
  const auto writer = create_file(folder / "d.nc", {});
  VariableSpec first = make_spec("first", {3, 4}, {3, 2}, DType::float32);
  VariableSpec axis = make_spec("b", {4}, {4}, DType::float64);
  axis.schema.dims = {"b"};
  VariableSpec scalar = make_spec("a", {}, {}, DType::int32);  // has a dimension's name
  VariableSpec second = make_spec("second", {4, 3}, {2, 2}, DType::int16);
  second.schema.dims = {"b", "a"};
  for (const VariableSpec& spec : {first, axis, scalar, second})
    write_all_numbered(*writer, writer->add(spec), spec);
  writer->finish();
  for (const VariableSpec& spec : {first, axis, scalar, second})
    expect_numbered(folder / "d.nc", spec);
  const auto file = open_file(folder / "d.nc");
  ASSERT_EQ(file->dimensions().size(), 2u);
  EXPECT_EQ(file->dimensions()[0].name, "a");
  EXPECT_EQ(file->dimensions()[1].name, "b");
  std::vector<std::string> names;
  for (const auto& v : file->variables()) names.push_back(v.name);
  EXPECT_EQ(names, (std::vector<std::string>{"first", "b", "a", "second"}));
}

TEST(NetCdf4Writer, UnlimitedDimensionsCanGrowInNetcdf) {
  const ScratchFolder folder;
  const std::string path = folder / "u.nc";
  CreateOptions options;
  options.unlimited = {"a"};
  const VariableSpec spec = make_spec("v", {3, 4}, {2, 4}, DType::float32, "none");
  write_group(path, options, spec);
  expect_numbered(path, spec);
  EXPECT_TRUE(open_file(path)->dimensions().at(0).is_unlimited);
  EXPECT_FALSE(open_file(path)->dimensions().at(1).is_unlimited);
  int id = 0;
  ASSERT_EQ(nc_open(path.c_str(), NC_WRITE, &id), NC_NOERR);
  const std::size_t start[] = {5, 1};
  const std::size_t count[] = {1, 2};
  const float cells[] = {8, 9};
  int v = 0;
  ASSERT_EQ(nc_inq_varid(id, "v", &v), NC_NOERR);
  EXPECT_EQ(nc_put_vara_float(id, v, start, count, cells), NC_NOERR);
  EXPECT_EQ(nc_close(id), NC_NOERR);
  const auto file = open_file(path);
  EXPECT_EQ(file->variables()[0].schema.shape, (Extents{6, 4}));
  EXPECT_EQ(cell_as_double(read_whole(*file, 0).view(), {5, 2}), 9);
  EXPECT_EQ(expect_equal_to_netcdf(*file), 1);
}

TEST(NetCdf4Writer, AttributesOfEveryKindComeBack) {
  const ScratchFolder folder;
  Attributes attributes;
  attributes.set("units", "degrees C");
  attributes.set("long_name", "température (2 m)");
  attributes.set("empty", "");
  attributes.set("flag_meanings", Attribute(std::vector<std::string>{"good", "", "模"}));
  attributes.set("long", Attribute(std::string(200000, 'x')));
  for (const DType dtype : kNumbers) {
    Numbers numbers;
    numbers.dtype = dtype;
    if (is_floating(dtype))
      numbers.floats = {0.5, -INFINITY, NAN};
    else
      numbers.integers = {0, 1, dtype == DType::int64 ? INT64_MIN : 77};
    attributes.set(std::string(to_string(dtype)), numbers);
    attributes.set("one " + std::string(to_string(dtype)), number_attribute(dtype, 3));
  }
  const auto writer = create_file(folder / "a.nc", {});
  VariableSpec spec = make_spec("v", {3}, {3}, DType::float32);
  spec.attributes = attributes;
  write_all_numbered(*writer, writer->add(spec), spec);
  writer->set_attributes(attributes);
  writer->finish();
  expect_numbered(folder / "a.nc", spec);
  const auto file = open_file(folder / "a.nc");
  for (const Attributes* back : {&file->attributes(), &file->variables()[0].attributes}) {
    for (const auto& [name, value] : attributes) {
      ASSERT_TRUE(back->contains(name)) << name;
      const auto* numbers = std::get_if<Numbers>(&value);
      if (numbers && is_floating(numbers->dtype)) continue;  // NaN: netcdf-c was asked above
      EXPECT_EQ(*back->find(name), value) << name;
    }
    EXPECT_EQ(back->begin()->first, "units") << "in the order in which they were set";
  }
}

TEST(NetCdf4Writer, TheFillValueHasTheVariablesDtype) {
  const ScratchFolder folder;
  const auto fill_of = [&](DType dtype, const Attributes& attributes, std::optional<double> fill) {
    VariableSpec spec = make_spec("v", {3, 3}, {2, 2}, dtype);
    spec.attributes = attributes;
    spec.fill_value = fill;
    CreateOptions options;
    options.overwrite = true;
    write_group(folder / "f.nc", options, spec);
    expect_numbered(folder / "f.nc", spec);
    const auto file = open_file(folder / "f.nc");
    return std::pair(file->variables()[0].attributes, file->variables()[0].fill_value);
  };
  Attributes wide;
  wide.set("_FillValue", number_attribute(DType::int64, -9999));
  const auto [attributes, fill] = fill_of(DType::int16, wide, {});
  EXPECT_EQ(*attributes.find("_FillValue"), number_attribute(DType::int16, -9999));
  EXPECT_EQ(fill, -9999);
  Attributes exact;
  exact.set("_FillValue", Numbers{DType::uint64, {-1}, {}});
  EXPECT_EQ(*fill_of(DType::uint64, exact, {}).first.find("_FillValue"), *exact.find("_FillValue"));
  EXPECT_TRUE(std::isnan(*fill_of(DType::float32, {}, NAN).first.number("_FillValue")));
  EXPECT_FALSE(fill_of(DType::int16, {}, -1).first.contains("_FillValue"));
  EXPECT_EQ(fill_of(DType::int16, {}, -1).second, -1);
  expect_refused(Errc::invalid_argument, "_FillValue", [&] { fill_of(DType::uint8, wide, {}); });
  // The bits of a number of the other sign are a cell, but another number.
  expect_refused(Errc::invalid_argument, "_FillValue", [&] { fill_of(DType::uint64, wide, {}); });
  expect_refused(Errc::invalid_argument, "_FillValue", [&] { fill_of(DType::int64, exact, {}); });
  expect_refused(Errc::invalid_argument, "fill value", [&] { fill_of(DType::uint8, {}, 0.5); });
}

TEST(NetCdf4Writer, TextIsUtf8OfAnyLength) {
  const ScratchFolder folder;
  const auto writer = create_file(folder / "t.nc", {});
  VariableSpec spec = make_spec("plant", {4}, {2}, DType::string);
  spec.schema.dims = {"plant"};
  const std::vector<std::string> plants = {"lilac", "", "zabelli 丁香", std::string(300, 'q')};
  writer->write_strings(writer->add(spec), plants);
  VariableSpec scalar = make_spec("title", {}, {}, DType::string);
  writer->write_strings(writer->add(scalar), {"été"});
  VariableSpec none = make_spec("none", {0}, {1}, DType::string);
  writer->write_strings(writer->add(none), {});
  writer->finish();
  const auto file = open_file(folder / "t.nc");
  EXPECT_EQ(expect_equal_to_netcdf(*file), 3);
  EXPECT_EQ(file->read_strings(file->find_variable("plant")), plants);
  EXPECT_TRUE(file->variables()[0].is_dimension_scale);
  EXPECT_EQ(file->read_strings(file->find_variable("title")), std::vector<std::string>{"été"});
}

TEST(NetCdf4Writer, GroupsAreAddedToAFileAndReplacedInIt) {
  const ScratchFolder folder;
  const std::string path = folder / "g.nc";
  CreateOptions options;
  const VariableSpec old = make_spec("v", {3, 4}, {2, 2}, DType::int16);
  for (const char* group : {"1980", "1981", "deep/er"}) {
    options.group = group;
    write_group(path, options, old);
  }
  for (const char* group : {"1980", "1981", "deep/er"}) expect_numbered(path, old, group);
  EXPECT_EQ(open_file(path)->groups(), (std::vector<std::string>{"1980", "1981", "deep"}));
  const auto before = file_text(path);
  expect_refused(Errc::invalid_argument, "exists", [&] { create_file(path, options); });
  expect_refused(Errc::invalid_argument, "exists", [&] { create_file(path, {}); });
  EXPECT_EQ(file_text(path), before);
  options.group = "1980";
  options.overwrite = true;
  const VariableSpec fresh = make_spec("w", {2, 9}, {2, 4}, DType::float64);
  write_group(path, options, fresh);
  expect_numbered(path, fresh, "1980");
  expect_numbered(path, old, "1981");
  EXPECT_EQ(open_file(path, "1980")->variables().size(), 1u);
  EXPECT_EQ(tree_of(folder.path()).size(), 1u) << "nothing but the file stays";
}

TEST(NetCdf4Writer, WhatCannotBeIsRefusedByName) {
  const ScratchFolder folder;
  const auto writer = create_file(folder / "r.nc", {});
  const auto add = [&](const std::string& name, const std::string& compressor, int level) {
    VariableSpec spec = make_spec(name, {3}, {3}, DType::float32, compressor);
    spec.level = level;
    writer->add(spec);
  };
  for (const char* name : {"", "a//b", "/a", "a/", " a", "a ", "a\nb", "-a"})
    expect_refused(Errc::invalid_argument, "NetCDF", [&] { add(name, "none", -1); });
  expect_refused(Errc::invalid_argument, "blosc", [&] { add("v", "blosc", -1); });
  expect_refused(Errc::invalid_argument, "level 10", [&] { add("v", "gzip", 10); });
  add("v", "gzip", 9);
  expect_refused(Errc::invalid_argument, "twice", [&] { add("v", "gzip", 9); });
  const OwnedBlock part(Region({0}, {2}), DType::float32);
  expect_refused(Errc::invalid_argument, "chunks", [&] { writer->write(0, part.view()); });
  expect_refused(Errc::invalid_argument, "texts", [&] { writer->write_strings(0, {"a"}); });
  VariableSpec huge = make_spec("huge", {1 << 20, 1 << 12}, {1 << 20, 1 << 12}, DType::float32);
  expect_refused(Errc::unsupported, "huge", [&] { writer->add(huge); });
  expect_refused(Errc::internal, "never written", [&] { writer->finish(); });
  expect_refused(Errc::unsupported, "local", [] { create_file("s3://bucket/x.nc", {}); });
  CreateOptions options;
  options.group = "a/../b";
  expect_refused(Errc::invalid_argument, "group", [&] { create_file(folder / "x.nc", options); });
  EXPECT_FALSE(std::filesystem::exists(folder / "r.nc"));
}

TEST(NetCdf4Writer, ADimensionOfTwoLengthsAndAReservedAttributeAreRefusedInFinish) {
  const ScratchFolder folder;
  {
    const auto writer = create_file(folder / "two.nc", {});
    for (const auto n : {3, 4}) {
      const VariableSpec spec = make_spec(fmt::format("v{}", n), {n}, {n}, DType::int8);
      write_all_numbered(*writer, writer->add(spec), spec);
    }
    expect_refused(Errc::invalid_argument, "'a' is 4 long", [&] { writer->finish(); });
  }
  VariableSpec spec = make_spec("v", {3}, {3}, DType::int8);
  spec.attributes.set("DIMENSION_LIST", "x");
  expect_refused(Errc::invalid_argument, "DIMENSION_LIST",
                 [&] { write_group(folder / "reserved.nc", {}, spec); });
  EXPECT_TRUE(tree_of(folder.path()).empty()) << "not even staging data, which nothing can resume";
}

TEST(NetCdf4Writer, ShuffleIsTheInverseOfUnshuffle) {
  for (const std::size_t cell_bytes : {1, 2, 3, 4, 7, 8, 16}) {
    for (std::size_t n = 0; n < 50000; n = n * 5 / 3 + 1) {
      Bytes cells(n);
      for (std::size_t i = 0; i < n; ++i) cells[i] = static_cast<std::byte>(i * 37 + i / 256);
      Bytes apart(n);
      Bytes back(n);
      shuffle(cells, cell_bytes, apart);
      unshuffle(apart, cell_bytes, back);
      EXPECT_EQ(back, cells) << cell_bytes << " " << n;
      if (n >= 2 * cell_bytes) {
        EXPECT_EQ(apart[1], cells[cell_bytes]) << "cell 1, byte 0";
      }
    }
  }
}

}  // namespace
}  // namespace rastream
