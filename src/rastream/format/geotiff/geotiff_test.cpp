// SPDX-License-Identifier: Apache-2.0
#include "rastream/format/geotiff/geotiff.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <complex>
#include <filesystem>
#include <fstream>
#include <functional>
#include <limits>
#include <map>
#include <sstream>
#include <thread>

#include "tests/suites/errors.h"
#include "tests/suites/scratch_folder.h"

namespace rastream {
namespace {

namespace fs = std::filesystem;

const fs::path kData = "../shared/data/geotiff";

/// A folder of its own that is gone after the test.
class GeoTiffTest : public testing::Test {
 protected:
  std::string path(const std::string& name) const { return folder_ / name; }
  std::size_t n_files() const {
    return static_cast<std::size_t>(
        std::distance(fs::directory_iterator(folder_.path()), fs::directory_iterator()));
  }
  ScratchFolder folder_;
};

/// The same with files from ../shared/data.
class GeoTiffDataTest : public GeoTiffTest {
 protected:
  void SetUp() override {
    if (!fs::exists(kData)) GTEST_SKIP() << kData << " is absent";
  }
};

std::unique_ptr<DatasetFile> open(const fs::path& path) { return geotiff::open(path.string(), ""); }

bool has_variable(const DatasetFile& file, std::string_view name) {
  return std::any_of(file.variables().begin(), file.variables().end(),
                     [&](const VariableInfo& v) { return v.name == name; });
}

std::size_t index_of(const DatasetFile& file, std::string_view name) {
  for (std::size_t i = 0; i < file.variables().size(); ++i) {
    if (file.variables()[i].name == name) return i;
  }
  throw std::out_of_range(std::string(name));
}

OwnedBlock read_whole(const DatasetFile& file, std::string_view name, DType dtype) {
  const std::size_t v = index_of(file, name);
  OwnedBlock block(file.variables()[v].schema.whole(), dtype);
  file.read(v, block.view());
  return block;
}

std::vector<double> values(const DatasetFile& file, std::string_view name) {
  const OwnedBlock block = read_whole(file, name, DType::float64);
  const double* cells = block.view().as<double>();
  return {cells, cells + block.view().n_cells()};
}

const Attributes& attributes(const DatasetFile& file, std::string_view name) {
  return file.variables()[index_of(file, name)].attributes;
}

/// GDALChecksumImage of one band of integers.
int gdal_checksum(const std::vector<double>& cells) {
  constexpr int kPrimes[] = {7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43};
  int sum = 0;
  for (std::size_t i = 0; i < cells.size(); ++i)
    sum = (sum + static_cast<int>(cells[i]) % kPrimes[i % 11]) & 0xffff;
  return sum;
}

CreateOptions with(const std::function<void(CreateOptions&)>& change) {
  CreateOptions options;
  change(options);
  return options;
}

VariableSpec spec_of(const std::string& name, std::vector<std::string> dims, const Extents& shape,
                     DType dtype, const Extents& chunk) {
  VariableSpec spec;
  spec.name = name;
  spec.schema = make_schema(std::move(dims), shape, dtype, ChunkGrid::regular(shape, chunk));
  return spec;
}

void write_axis(DatasetWriter& writer, const std::string& name,
                const std::vector<double>& centres) {
  const auto n = static_cast<std::int64_t>(centres.size());
  const std::size_t v = writer.add(spec_of(name, {name}, {n}, DType::float64, {n}));
  std::vector<double> cells = centres;
  writer.write(v, dense_block(Region::whole({n}), DType::float64,
                              reinterpret_cast<std::byte*>(cells.data())));
}

/// A cell that tells where it is, in what its dtype can hold.
double cell_at(const Extents& i) {
  double v = 0;
  for (const std::int64_t k : i) v = v * 31 + static_cast<double>(k);
  return std::fmod(v, 120);
}

void write_chunk(DatasetWriter& writer, std::size_t variable, const Region& region, DType dtype) {
  OwnedBlock block(region, dtype);
  for_each_index(region, [&](const Extents& i) {
    const double v = cell_at(i);
    Block cell = block.view().sub({i, [&] {
                                     Extents end = i;
                                     for (std::int64_t& k : end) ++k;
                                     return end;
                                   }()});
    fill_cells(cell, v);
  });
  writer.write(variable, block.view());
}

void write_all(DatasetWriter& writer, const VariableSpec& spec) {
  const std::size_t v = writer.add(spec);
  for (std::int64_t c = 0; c < spec.schema.chunks.n_chunks(); ++c) {
    write_chunk(writer, v, spec.schema.chunks.chunk_region(c), spec.schema.dtype);
  }
}

std::vector<double> steps(double first, double step, std::int64_t n) {
  std::vector<double> out;
  for (std::int64_t i = 0; i < n; ++i) out.push_back(first + step * static_cast<double>(i));
  return out;
}

constexpr const char* kUtm =
    R"(PROJCS["WGS 84 / UTM zone 31N",GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,298.257223563]],)"
    R"(PRIMEM["Greenwich",0],UNIT["degree",0.0174532925199433],AUTHORITY["EPSG","4326"]],)"
    R"(PROJECTION["Transverse_Mercator"],PARAMETER["latitude_of_origin",0],PARAMETER["central_meridian",3],)"
    R"(PARAMETER["scale_factor",0.9996],PARAMETER["false_easting",500000],PARAMETER["false_northing",0],)"
    R"(UNIT["metre",1],AXIS["Easting",EAST],AXIS["Northing",NORTH],AUTHORITY["EPSG","32631"]])";

/// Writes x, y, spatial_ref and `spec`.
void write_georeferenced(DatasetWriter& writer, VariableSpec spec) {
  const Extents& shape = spec.schema.shape;
  const std::size_t rank = shape.size();
  write_axis(writer, "x", steps(500005, 10, shape[rank - 1]));
  write_axis(writer, "y", steps(4.1e6, -20, shape[rank - 2]));
  VariableSpec mapping;
  mapping.name = "crs";
  mapping.schema = make_schema({}, {}, DType::int64);
  mapping.attributes.set("crs_wkt", kUtm);
  writer.add(mapping);
  spec.attributes.set("grid_mapping", "crs");
  write_all(writer, spec);
}

TEST_F(GeoTiffTest, EveryDtypeComesBackWithItsCells) {
  for (const DType dtype :
       {DType::uint8, DType::int8, DType::uint16, DType::int16, DType::uint32, DType::int32,
        DType::uint64, DType::int64, DType::float32, DType::float64}) {
    const std::string file = path(std::string(to_string(dtype)) + ".tif");
    const auto writer = geotiff::create(file, {});
    const VariableSpec spec = spec_of("v", {"band", "y", "x"}, {2, 70, 90}, dtype, {1, 32, 32});
    write_georeferenced(*writer, spec);
    writer->finish();
    const auto back = open(file);
    const Schema& schema = back->variables()[0].schema;
    EXPECT_EQ(schema.dtype, dtype);
    ASSERT_EQ(schema.shape, (Extents{2, 70, 90}));
    const std::vector<double> cells = values(*back, "band_data");
    std::size_t k = 0;
    for_each_index(schema.whole(), [&](const Extents& i) {
      ASSERT_EQ(cells[k++], cell_at(i)) << to_string(dtype);
    });
  }
}

TEST_F(GeoTiffTest, GeoreferenceNodataAndScaleComeBack) {
  VariableSpec spec = spec_of("tmin", {"y", "x"}, {600, 700}, DType::int16, {512, 512});
  spec.attributes.set("_FillValue", number_attribute(DType::int16, -9999));
  spec.attributes.set("scale_factor", number_attribute(DType::float64, 0.01));
  spec.attributes.set("add_offset", number_attribute(DType::float64, 273.15));
  spec.attributes.set("units", "K");
  spec.attributes.set("long_name", "daily minimum");
  spec.attributes.set("source", "généré <here>");
  const auto writer = geotiff::create(path("a.tif"), {});
  write_georeferenced(*writer, spec);
  writer->finish();
  EXPECT_EQ(n_files(), 1U) << "no side files";

  const auto file = open(path("a.tif"));
  EXPECT_EQ(values(*file, "x"), steps(500005, 10, 700));
  EXPECT_EQ(values(*file, "y"), steps(4.1e6, -20, 600));
  EXPECT_EQ(values(*file, "band"), std::vector<double>{1});
  const Attributes& a = attributes(*file, "band_data");
  EXPECT_EQ(*a.find("_FillValue"), number_attribute(DType::int16, -9999));
  EXPECT_EQ(a.number("scale_factor"), 0.01);
  EXPECT_EQ(a.number("add_offset"), 273.15);
  EXPECT_EQ(a.text("units"), "K");
  EXPECT_EQ(a.text("long_name"), "daily minimum");
  EXPECT_EQ(a.text("source"), "généré <here>");
  EXPECT_EQ(a.text("AREA_OR_POINT"), "Area");
  EXPECT_EQ(a.text("grid_mapping"), "spatial_ref");
  EXPECT_EQ(a.number("overviews"), 0);
  const Attributes& m = attributes(*file, "spatial_ref");
  EXPECT_EQ(m.text("GeoTransform"), "500000 10 0 4100010 0 -20");
  EXPECT_TRUE(m.text("crs_wkt").value().starts_with("PROJCS[\"WGS 84 / UTM zone 31N\""));
  EXPECT_EQ(m.text("crs_wkt"), m.text("spatial_ref"));
  EXPECT_EQ(file->variables()[0].codecs.at(0), "deflate");
  EXPECT_EQ(file->variables()[0].schema.chunks.max_chunk_shape(), (Extents{1, 512, 512}));
}

TEST_F(GeoTiffTest, ACloudOptimizedFileHasOverviewsAndTheSameCells) {
  for (const bool cloud_optimized : {false, true}) {
    VariableSpec spec = spec_of("v", {"y", "x"}, {1100, 1300}, DType::float32, {512, 512});
    spec.fill_value = std::numeric_limits<double>::quiet_NaN();
    const auto writer =
        geotiff::create(path(cloud_optimized ? "cog.tif" : "plain.tif"),
                        with([&](CreateOptions& o) { o.cloud_optimized = cloud_optimized; }));
    write_georeferenced(*writer, spec);
    writer->finish();
  }
  const auto cog = open(path("cog.tif"));
  const auto plain = open(path("plain.tif"));
  EXPECT_EQ(attributes(*plain, "band_data").number("overviews"), 0);
  EXPECT_GE(attributes(*cog, "band_data").number("overviews").value(), 2);
  EXPECT_TRUE(std::isnan(attributes(*cog, "band_data").number("_FillValue").value()));
  EXPECT_EQ(values(*cog, "band_data"), values(*plain, "band_data"));
  EXPECT_EQ(values(*cog, "y"), values(*plain, "y"));
  EXPECT_EQ(n_files(), 2U);
}

TEST_F(GeoTiffTest, ChunksThatCrossTilesAndAnyThreadsGiveTheSameCells) {
  const VariableSpec spec =
      spec_of("v", {"band", "y", "x"}, {3, 700, 650}, DType::uint16, {2, 333, 100});
  const auto writer = geotiff::create(path("a.tif"), {});
  const std::size_t v = writer->add(spec);
  std::vector<std::thread> threads;
  for (std::int64_t t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (std::int64_t c = t; c < spec.schema.chunks.n_chunks(); c += 4) {
        EXPECT_FALSE(writer->is_committed(v, c));
        write_chunk(*writer, v, spec.schema.chunks.chunk_region(c), DType::float64);
      }
    });
  }
  for (std::thread& t : threads) t.join();
  writer->finish();
  const auto file = open(path("a.tif"));
  const std::vector<double> cells = values(*file, "band_data");
  std::size_t k = 0;
  for_each_index(spec.schema.whole(), [&](const Extents& i) { ASSERT_EQ(cells[k++], cell_at(i)); });
}

TEST_F(GeoTiffTest, ConcurrentReadsEqualSerialOnes) {
  const VariableSpec spec =
      spec_of("v", {"band", "y", "x"}, {2, 600, 600}, DType::int32, {1, 512, 512});
  const auto writer = geotiff::create(path("a.tif"), {});
  write_all(*writer, spec);
  writer->finish();
  const auto file = open(path("a.tif"));
  std::vector<std::thread> threads;
  for (std::int64_t t = 0; t < 8; ++t) {
    threads.emplace_back([&, t] {
      for (std::int64_t k = 0; k < 12; ++k) {
        const std::int64_t at = (t * 61 + k * 97) % 500;
        const Region region{{0, at, 500 - at}, {2, at + 90, 590 - at}};
        OwnedBlock block(region, t % 2 == 0 ? DType::int32 : DType::float32);
        file->read(0, block.view());
        for_each_index(region, [&](const Extents& i) {
          ASSERT_EQ(cell_as_double(block.view(), i), cell_at(i));
        });
      }
    });
  }
  for (std::thread& t : threads) t.join();
  EXPECT_GT(file->statistics().n_chunks, 96);
  EXPECT_GT(file->statistics().stored_bytes, 0);
}

TEST_F(GeoTiffTest, CellsGoIntoAnyStridesAndDtype) {
  const auto writer = geotiff::create(path("a.tif"), {});
  write_all(*writer, spec_of("v", {"y", "x"}, {20, 30}, DType::uint8, {20, 30}));
  writer->finish();
  const auto file = open(path("a.tif"));
  // x before y in memory, backwards.
  const Region region{{0, 3, 5}, {1, 13, 20}};
  std::vector<float> cells(150, -1);
  const Block out{
      region, DType::float32, reinterpret_cast<std::byte*>(cells.data() + 149), {0, -4, -40}};
  file->read(0, out);
  for_each_index(region, [&](const Extents& i) {
    ASSERT_EQ(cell_as_double(out, i), cell_at({i[1], i[2]}));
  });
}

TEST_F(GeoTiffTest, NothingIsUnderTheFinalNameBeforeFinish) {
  const VariableSpec spec = spec_of("v", {"y", "x"}, {100, 100}, DType::uint8, {50, 100});
  {
    const auto writer = geotiff::create(path("a.tif"), {});
    const std::size_t v = writer->add(spec);
    write_chunk(*writer, v, spec.schema.chunks.chunk_region(std::int64_t{0}), DType::uint8);
    EXPECT_FALSE(fs::exists(path("a.tif")));
    EXPECT_EQ(code_of([&] { writer->finish(); }), Errc::internal) << "the second chunk is missing";
    EXPECT_FALSE(fs::exists(path("a.tif")));
  }
  EXPECT_EQ(n_files(), 0U);
  const auto write = [&](bool overwrite) {
    const auto writer =
        geotiff::create(path("a.tif"), with([&](CreateOptions& o) { o.overwrite = overwrite; }));
    write_all(*writer, spec);
    writer->finish();
  };
  write(false);
  EXPECT_EQ(code_of([&] { write(false); }), Errc::invalid_argument);
  std::ofstream(path("a.tif.aux.xml")) << "<PAMDataset/>";
  write(true);
  EXPECT_EQ(n_files(), 1U) << "the side file of the replaced one is gone";
}

TEST_F(GeoTiffTest, WhatADeadRunLeftIsRemoved) {
  for (const char* name : {"a.tif.17-1a-0.rastream-tmp", "a.tif.18-1a-0.rastream-tmp",
                           "a.tif.notes.part", "b.tif.17-1a-0.rastream-tmp"})
    std::ofstream(path(name)) << "half";
  const int living = ::open(path("a.tif.18-1a-0.rastream-tmp").c_str(), O_RDONLY | O_CLOEXEC);
  ASSERT_EQ(::flock(living, LOCK_EX), 0);
  const VariableSpec spec = spec_of("v", {"y", "x"}, {100, 100}, DType::uint8, {50, 100});
  const auto writer = geotiff::create(path("a.tif"), {});
  write_all(*writer, spec);
  writer->finish();
  ::close(living);
  EXPECT_FALSE(fs::exists(path("a.tif.17-1a-0.rastream-tmp")));
  for (const char* name :
       {"a.tif", "a.tif.18-1a-0.rastream-tmp", "a.tif.notes.part", "b.tif.17-1a-0.rastream-tmp"})
    EXPECT_TRUE(fs::exists(path(name))) << name;
}

TEST_F(GeoTiffTest, WhatAGeoTiffCannotHoldIsRefused) {
  const auto refuses = [&](const VariableSpec& spec, Errc expected) {
    const auto writer = geotiff::create(path("a.tif"), {});
    EXPECT_EQ(code_of([&] { write_georeferenced(*writer, spec); }), expected);
  };
  refuses(spec_of("v", {"t", "b", "y", "x"}, {1, 1, 2, 2}, DType::uint8, {1, 1, 2, 2}),
          Errc::unsupported);
  VariableSpec blosc = spec_of("v", {"y", "x"}, {2, 2}, DType::uint8, {2, 2});
  blosc.compressor = "blosc";
  refuses(blosc, Errc::invalid_argument);

  const VariableSpec spec = spec_of("v", {"y", "x"}, {2, 3}, DType::uint8, {2, 3});
  const auto two = geotiff::create(path("b.tif"), {});
  two->add(spec);
  EXPECT_EQ(code_of([&] { two->add(spec); }), Errc::unsupported);

  const auto uneven = geotiff::create(path("c.tif"), {});
  write_axis(*uneven, "x", {0, 1, 5});
  write_axis(*uneven, "y", {0, 1});
  write_all(*uneven, spec);
  EXPECT_EQ(code_of([&] { uneven->finish(); }), Errc::invalid_argument);

  const auto nothing = geotiff::create(path("d.tif"), {});
  EXPECT_EQ(code_of([&] { nothing->finish(); }), Errc::invalid_argument);
  EXPECT_EQ(code_of([&] { geotiff::create(path("missing/a.tif"), {}); }), Errc::not_found);
}

TEST_F(GeoTiffTest, OtherFormatsUnderItsNameAreRefused) {
  std::ofstream(path("a.tif")) << "<VRTDataset rasterXSize=\"5\" rasterYSize=\"5\"><VRTRasterBand "
                                  "dataType=\"Byte\" band=\"1\">"
                                  "<SimpleSource><SourceFilename>/etc/passwd</SourceFilename></"
                                  "SimpleSource></VRTRasterBand></VRTDataset>";
  EXPECT_FALSE(geotiff::probe(path("a.tif")));
  EXPECT_EQ(code_of([&] { open(path("a.tif")); }), Errc::data_loss);
  EXPECT_EQ(code_of([&] { open(path("missing.tif")); }), Errc::not_found);
  std::ofstream(path("b.tif"), std::ios::binary) << std::string("II*\0\xff\xff\xff\xff", 8);
  EXPECT_TRUE(geotiff::probe(path("b.tif")));
  EXPECT_EQ(code_of([&] { open(path("b.tif")); }), Errc::data_loss);
  std::ofstream(path("c.tif")) << "II";
  EXPECT_FALSE(geotiff::probe(path("c.tif")));
}

TEST_F(GeoTiffTest, EveryTruncationGivesOneErrorOrWholeCells) {
  const auto writer = geotiff::create(path("a.tif"), {});
  write_georeferenced(*writer, spec_of("v", {"y", "x"}, {64, 64}, DType::int16, {64, 64}));
  writer->finish();
  const std::vector<double> whole = values(*open(path("a.tif")), "band_data");
  std::ifstream in(path("a.tif"), std::ios::binary);
  std::ostringstream bytes;
  bytes << in.rdbuf();
  const std::string all = bytes.str();
  std::size_t n_errors = 0;
  for (std::size_t n = 0; n < all.size(); n += 7) {
    std::ofstream(path("b.tif"), std::ios::binary) << all.substr(0, n);
    try {
      const auto file = open(path("b.tif"));
      ASSERT_EQ(values(*file, "band_data"), whole) << n;
    } catch (const Error& e) {
      EXPECT_EQ(e.code(), Errc::data_loss) << e.what();
      ++n_errors;
    }
  }
  EXPECT_GT(n_errors, all.size() / 7 / 2);
}

TEST_F(GeoTiffDataTest, EqualSuffixesAreEqualPixels) {
  struct Sequence {
    std::string stem;
    std::vector<double> cells;
    bool zero_is_white;
  };
  std::map<std::string, std::vector<Sequence>> groups;
  for (const auto& entry : fs::directory_iterator(kData / "image-tiff/images/seq")) {
    const std::string stem = entry.path().stem().string();
    const auto file = open(entry.path());
    const bool zero_is_white = attributes(*file, "band_data").contains("photometric");
    groups[stem.substr(stem.rfind('-') + 1)].push_back(
        {stem, values(*file, "band_data"), zero_is_white});
  }
  std::size_t n_compared = 0;
  for (const auto& [suffix, files] : groups) {
    const auto plain = std::find_if(files.begin(), files.end(),
                                    [](const Sequence& f) { return !f.zero_is_white; });
    for (const Sequence& f : files) {
      const bool is_listed = suffix == "20f3db0c" || suffix == "68f373a0";
      if (is_listed) {
        EXPECT_EQ(gdal_checksum(f.cells), 2835) << f.stem;
      }
      if (plain == files.end() || plain->stem == f.stem) continue;
      std::vector<double> expected = plain->cells;
      // "seq-1c-12b-..." has 12 bits.
      const double white = std::ldexp(1, std::stoi(f.stem.substr(7))) - 1;
      if (f.zero_is_white) {
        std::transform(expected.begin(), expected.end(), expected.begin(),
                       [&](double v) { return white - v; });
      }
      EXPECT_EQ(f.cells, expected) << f.stem << " " << plain->stem;
      ++n_compared;
    }
  }
  EXPECT_GE(n_compared, 15U);
}

TEST_F(GeoTiffDataTest, ChecksumsAreThoseOfGdal) {
  EXPECT_EQ(gdal_checksum(values(*open(kData / "rio-tiler/cog_int16.tif"), "band_data")), 41063);
  EXPECT_EQ(gdal_checksum(values(*open(kData / "rioxarray/input/cog.tif"), "band_data")), 34481);
}

TEST_F(GeoTiffDataTest, CloudOptimizedFilesShowTilesOverviewsAndScales) {
  const auto cog = open(kData / "rio-tiler/cog_int16.tif");
  const VariableInfo& v = cog->variables()[0];
  EXPECT_EQ(v.schema.shape, (Extents{1, 2667, 2658}));
  EXPECT_EQ(v.schema.dtype, DType::int16);
  EXPECT_EQ(v.schema.chunks.max_chunk_shape(), (Extents{1, 512, 512}));
  EXPECT_EQ(v.attributes.number("overviews"), 3);
  EXPECT_EQ(v.codecs.at(0), "deflate");
  const auto size = static_cast<std::int64_t>(fs::file_size(kData / "rio-tiler/cog_int16.tif"));
  const std::int64_t stored = cog->stored_bytes(0, v.schema.whole()).value();
  EXPECT_GT(stored, size / 2);
  EXPECT_LT(stored, size);

  const auto packed = open(kData / "rio-tiler/cog_scale.tif");
  const Attributes& a = attributes(*packed, "band_data");
  EXPECT_EQ(a.numbers("scales"), (std::vector<double>{0.0001, 0.001}));
  EXPECT_EQ(a.numbers("offsets"), (std::vector<double>{1000, 2000}));
  EXPECT_EQ(values(*packed, "x").at(0), 300214.453125);
  EXPECT_EQ(values(*packed, "y").at(1), 4199356.640625);
  EXPECT_EQ(attributes(*open(kData / "rasterio/red.tif"), "band_data").number("overviews"), 2)
      << "external, in red.tif.ovr";
}

TEST_F(GeoTiffDataTest, RotatedAndControlPointFilesHaveNoAxes) {
  const auto rotated = open(kData / "odc-geo/au-3577-rotated.tif");
  EXPECT_FALSE(has_variable(*rotated, "x"));
  EXPECT_TRUE(attributes(*rotated, "spatial_ref")
                  .text("GeoTransform")
                  .value()
                  .starts_with("-2301052.23747942"));
  const auto gcps = open(kData / "gdal/gcp.tif");
  EXPECT_FALSE(has_variable(*gcps, "y"));
  const Json points = parse_json(attributes(*gcps, "spatial_ref").text("gcps").value(), "gcps");
  EXPECT_GT(points["features"].size(), 3U);
  EXPECT_TRUE(
      attributes(*gcps, "spatial_ref").text("crs_wkt").value().starts_with("GEOGCS[\"WGS 84\""));
  const auto plain = open(kData / "image-tiff/images/seq/seq-1c-8b-tiled-20f3db0c.tiff");
  EXPECT_EQ(values(*plain, "x").at(0), 0.5);
  EXPECT_FALSE(attributes(*plain, "spatial_ref").contains("crs_wkt"));
}

TEST_F(GeoTiffDataTest, ComplexIntegersAreReadAsComplexNumbers) {
  const auto file = open(kData / "rioxarray/input/cint16.tif");
  const VariableInfo& band = file->variables()[file->find_variable("band_data")];
  ASSERT_EQ(band.schema.dtype, DType::complex64);
  OwnedBlock cells(band.schema.whole(), DType::complex64);
  file->read(file->find_variable("band_data"), cells.view());
  const auto at = [&](std::int64_t y, std::int64_t x) {
    return *reinterpret_cast<std::complex<float>*>(cells.view().at(Extents{0, y, x}));
  };
  EXPECT_EQ(at(0, 0), std::complex<float>(-1, 0));
  EXPECT_EQ(at(99, 97), std::complex<float>(1, -21));
  EXPECT_EQ(at(99, 99), std::complex<float>(12, -61));
}

TEST_F(GeoTiffDataTest, NodataCellsAreThoseThatUpstreamCounts) {
  const auto file = open(kData / "rioxarray/compare/small_dem_3m_merged.tif");
  const double nodata = attributes(*file, "band_data").number("_FillValue").value();
  const std::vector<double> cells = values(*file, "band_data");
  EXPECT_EQ(cells.size(), 574U * 245U);
  EXPECT_EQ(std::count(cells.begin(), cells.end(), nodata), 52119);
}

TEST_F(GeoTiffDataTest, EveryMalformedFileGivesAClearErrorInBoundedMemory) {
  rusage before{};
  getrusage(RUSAGE_SELF, &before);
  std::size_t n_files = 0;
  for (const auto& entry : fs::recursive_directory_iterator(kData / "image-tiff/fuzz_images")) {
    if (!entry.is_regular_file()) continue;
    ++n_files;
    try {
      const auto file = open(entry.path());
      const Schema& schema = file->variables()[0].schema;
      for (std::int64_t c = 0; c < schema.chunks.n_chunks(); ++c) {
        OwnedBlock block(schema.chunks.chunk_region(c), schema.dtype);
        file->read(0, block.view());
      }
      ADD_FAILURE() << entry.path() << " was read without an error: " << to_string(schema.shape);
    } catch (const Error& e) {
      EXPECT_TRUE(e.code() == Errc::data_loss || e.code() == Errc::unsupported) << e.what();
      EXPECT_NE(std::string(e.what()).find(entry.path().filename().string()), std::string::npos)
          << e.what();
    }
  }
  rusage after{};
  getrusage(RUSAGE_SELF, &after);
  EXPECT_EQ(n_files, 62U);
  EXPECT_LT((after.ru_maxrss - before.ru_maxrss) / 1024, 400) << "MiB";
}

}  // namespace
}  // namespace rastream
