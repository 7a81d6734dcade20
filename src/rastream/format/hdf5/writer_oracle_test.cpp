// SPDX-License-Identifier: Apache-2.0
// Files for tests/oracle/netcdf4_check.py to open with other programs: one of every dtype x
// compressor x layout, and one like a product. They are kept where RASTREAM_NETCDF4_ORACLE says;
// here they are written and read back.
#include <cmath>
#include <complex>
#include <cstdlib>

#include "rastream/format/format_test_support.h"

namespace rastream {
namespace {

constexpr DType kDTypes[] = {DType::bool_,  DType::int8,    DType::int16,  DType::int32,
                             DType::int64,  DType::uint8,   DType::uint16, DType::uint32,
                             DType::uint64, DType::float32, DType::float64};

std::string root() {
  static const ScratchFolder scratch;
  const char* kept = std::getenv("RASTREAM_NETCDF4_ORACLE");
  const std::string path = kept ? std::string(kept) : scratch / "oracle";
  std::filesystem::create_directories(path);
  return path;
}

CreateOptions anew(const std::string& group = "") {
  CreateOptions options;
  options.overwrite = true;
  options.group = group;
  return options;
}

TEST(NetCdf4Oracle, AFileOfEveryDtypeCompressorAndLayoutIsWritten) {
  const std::map<std::string, Extents> layouts = {
      {"whole", {5, 6, 7}}, {"rows", {1, 6, 7}}, {"edges", {2, 4, 3}}};
  for (const DType dtype : kDTypes) {
    for (const char* compressor : {"none", "deflate"}) {
      for (const auto& [layout, chunks] : layouts) {
        const VariableSpec spec = make_spec("v", {5, 6, 7}, chunks, dtype, compressor);
        const std::string path =
            fmt::format("{}/{}-{}-{}.nc", root(), to_string(dtype), compressor, layout);
        write_group(path, anew(), spec);
        EXPECT_EQ(count_wrong_cells(read_whole(*open_file(path), 0).view(), {5, 6, 7}), 0) << path;
      }
    }
  }
}

void put(DatasetWriter& writer, VariableSpec spec, const std::vector<double>& cells) {
  const std::size_t v = writer.add(spec);
  OwnedBlock block(spec.schema.whole(), spec.schema.dtype);
  for_each_index(block.view().region, [&](const Extents& i) {
    Region cell(i, i);
    std::size_t at = 0;
    for (std::size_t axis = 0; axis < i.size(); ++axis) {
      cell.end[axis] = i[axis] + 1;
      at = at * static_cast<std::size_t>(spec.schema.shape[axis]) +
           static_cast<std::size_t>(i[axis]);
    }
    fill_cells(block.view().sub(cell), cells.at(at));
  });
  writer.write(v, block.view());
}

VariableSpec axis(const std::string& name, std::int64_t n, DType dtype, const char* units) {
  VariableSpec spec = make_spec(name, {n}, {n}, dtype);
  spec.schema.dims = {name};
  spec.attributes.set("units", units);
  if (name != "time") spec.attributes.set("standard_name", "projection_" + name + "_coordinate");
  return spec;
}

void write_product(DatasetWriter& writer) {
  Attributes global;
  global.set("Conventions", "CF-1.8");
  global.set("institution", "Universität");
  writer.set_attributes(global);
  put(writer, axis("time", 3, DType::float64, "days since 1950-01-01"),
      {10957.5, 10958.5, 10959.5});
  put(writer, axis("y", 2, DType::float64, "m"), {20, 10});
  put(writer, axis("x", 2, DType::float32, "m"), {1, 2});
  VariableSpec plant = make_spec("plant", {2}, {2}, DType::string);
  plant.schema.dims = {"plant"};
  writer.write_strings(writer.add(plant), {"lilac", "zabelli 丁香"});
  VariableSpec mapping = make_spec("crs", {}, {}, DType::int16);
  mapping.attributes.set("grid_mapping_name", "lambert_conformal_conic");
  mapping.attributes.set("standard_parallel", Numbers{DType::float64, {}, {25, 60}});
  put(writer, mapping, {-32767});
  VariableSpec leaf = make_spec("first-leaf", {3, 2, 2}, {3, 2, 2}, DType::float32);
  leaf.schema.dims = {"time", "y", "x"};
  leaf.fill_value = NAN;
  leaf.attributes.set("grid_mapping", "crs");
  put(writer, leaf, {0, 1, 2, NAN, 4, 5, 6, 7, 8, 9, 10, 11});
  VariableSpec packed = make_spec("packed", {3, 2, 2}, {3, 2, 2}, DType::int16);
  packed.schema.dims = {"time", "y", "x"};
  packed.attributes.set("_FillValue", number_attribute(DType::int16, -1));
  packed.attributes.set("scale_factor", number_attribute(DType::float64, 0.5));
  put(writer, packed, {0, 1, 2, -1, 4, 5, 6, 7, 8, 9, 10, 11});
  VariableSpec both = make_spec("flags", {2, 2}, {1, 2}, DType::uint8);
  both.schema.dims = {"plant", "station"};  // a dimension without a coordinate
  both.attributes.set("flag_meanings", Attribute(std::vector<std::string>{"good", "bad"}));
  write_all_numbered(writer, writer.add(both), both);
  writer.finish();
}

TEST(NetCdf4Oracle, ComplexNumbersAreWritten) {
  for (const DType dtype : {DType::complex64, DType::complex128}) {
    const VariableSpec spec = make_spec("v", {3, 2}, {2, 2}, dtype);
    const auto writer = create_file(fmt::format("{}/{}.nc", root(), to_string(dtype)), anew());
    const std::size_t v = writer->add(spec);
    for (std::int64_t c = 0; c < spec.schema.chunks.n_chunks(); ++c) {
      OwnedBlock chunk(spec.schema.chunks.chunk_region(c), dtype);
      for_each_index(chunk.view().region, [&](const Extents& i) {
        const double n = static_cast<double>(2 * i[0] + i[1]);
        if (dtype == DType::complex64)
          *reinterpret_cast<std::complex<float>*>(chunk.view().at(i)) = {static_cast<float>(n), -1};
        else
          *reinterpret_cast<std::complex<double>*>(chunk.view().at(i)) = {n, -1};
      });
      writer->write(v, chunk.view());
    }
    writer->finish();
  }
}

TEST(NetCdf4Oracle, AProductIsWrittenAtTheRootAndInGroups) {
  CreateOptions options = anew();
  options.unlimited = {"time"};
  write_product(*create_file(root() + "/product.nc", options));
  std::filesystem::remove(root() + "/groups.nc");
  for (const char* group : {"1980", "1981"})
    write_product(*create_file(root() + "/groups.nc", anew(group)));
  EXPECT_EQ(open_file(root() + "/groups.nc")->groups(), (std::vector<std::string>{"1980", "1981"}));
  const auto file = open_file(root() + "/product.nc");
  EXPECT_EQ(file->variables().size(), 8u);
}

}  // namespace
}  // namespace rastream
