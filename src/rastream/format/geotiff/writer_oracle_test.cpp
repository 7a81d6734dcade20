// SPDX-License-Identifier: Apache-2.0
// Files of every dtype, codec, interleave, chunking and size, for tests/oracle/geotiff_check.py to
// open with other programs. They are kept where RASTREAM_GEOTIFF_ORACLE says; here they are written
// and some are read back. A file's name says how it was made.
#include <gtest/gtest.h>

#include <complex>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <limits>

#include "rastream/format/geotiff/geotiff.h"
#include "rastream/format/geotiff/writer.h"
#include "rastream/geo/crs.h"
#include "tests/suites/scratch_folder.h"

namespace rastream::geotiff {
namespace {

namespace fs = std::filesystem;

constexpr DType kTypes[] = {DType::uint8,   DType::int8,    DType::uint16,    DType::int16,
                            DType::uint32,  DType::int32,   DType::uint64,    DType::int64,
                            DType::float32, DType::float64, DType::complex64, DType::complex128};

struct Case {
  DType dtype = DType::uint8;
  std::string codec;  ///< empty: the default
  Extents shape = {2, 150, 201};
  Extents chunk = {1, 64, 64};
  bool is_pixel = false;
  bool is_big = false;
  std::string resampling = "nearest";
  std::int64_t tile = 64;

  std::string name() const {
    return fmt::format("{}_{}_{}x{}x{}_{}x{}x{}_{}_{}_{}.tif", to_string(dtype),
                       codec.empty() ? "default" : codec, shape[0], shape[1], shape[2], chunk[0],
                       chunk[1], chunk[2], is_pixel ? "pixel" : "band", is_big ? "big" : "classic",
                       resampling);
  }
};

/// Cell (b, y, x) has the low bits of a hash; floating ones are multiples of 1/8, and NaN in a
/// corner. geotiff_check.py has the same formula.
template <typename T>
T cell_at(const Extents& i) {
  const auto hash = static_cast<std::uint64_t>(i[0]) * 0x9E3779B97F4A7C15U +
                    static_cast<std::uint64_t>(i[1] / 3) * 0xC2B2AE3D27D4EB4FU +
                    static_cast<std::uint64_t>(i[2] / 2) * 0x165667B19E3779F9U;
  if constexpr (std::is_same_v<T, std::complex<float>> || std::is_same_v<T, std::complex<double>>) {
    return {static_cast<typename T::value_type>(static_cast<double>(hash >> 44) / 8),
            static_cast<typename T::value_type>(i[2])};
  } else if constexpr (std::is_floating_point_v<T>) {
    if (i[1] < 7 && i[2] < 9) return std::numeric_limits<T>::quiet_NaN();
    return static_cast<T>(static_cast<double>(hash >> 44) / 8 - 1000);
  } else {
    return static_cast<T>(hash >> (64 - 8 * sizeof(T)));
  }
}

OwnedBlock cells_of(const Region& region, DType dtype) {
  OwnedBlock block(region, dtype);
  visit_cell(dtype, [&](auto type) {
    using T = decltype(type);
    T* to = block.view().as<T>();
    for_each_index(region, [&](const Extents& i) { *to++ = cell_at<T>(i); });
  });
  return block;
}

void write_axis(DatasetWriter& writer, const std::string& name, double first, double step,
                std::int64_t n) {
  VariableSpec spec;
  spec.name = name;
  spec.schema = make_schema({name}, {n}, DType::float64);
  OwnedBlock centres(spec.schema.whole(), DType::float64);
  for (std::int64_t i = 0; i < n; ++i)
    centres.view().as<double>()[i] = first + step * static_cast<double>(i);
  writer.write(writer.add(spec), centres.view());
}

VariableSpec spec_of(const Case& c) {
  VariableSpec spec;
  spec.name = "v";
  spec.schema =
      make_schema({"band", "y", "x"}, c.shape, c.dtype, ChunkGrid::regular(c.shape, c.chunk));
  spec.compressor = c.codec;
  spec.attributes.set("grid_mapping", "crs");
  spec.attributes.set("units", "K");
  spec.attributes.set(
      "long_name", std::vector<std::string>(static_cast<std::size_t>(c.shape[0]), "température"));
  spec.attributes.set("scale_factor", number_attribute(DType::float64, 0.25));
  spec.attributes.set("add_offset", number_attribute(DType::float64, -3));
  spec.attributes.set("source", "a <test> & more");
  spec.attributes.set("TIFFTAG_SOFTWARE", "rastream");
  if (is_floating(c.dtype))
    spec.fill_value = std::numeric_limits<double>::quiet_NaN();
  else if (!is_complex(c.dtype))
    spec.attributes.set("_FillValue", number_attribute(c.dtype, 7));
  return spec;
}

void write(const std::string& folder, const Case& c, int epsg = 32631, std::string name = {}) {
  WriterOptions options;
  options.has_overviews = true;
  options.resampling = parse_resampling(c.resampling);
  options.is_pixel_interleaved = c.is_pixel;
  options.force_big = c.is_big;
  options.tile = c.tile;
  options.memory_bytes = 100000;
  const auto writer = make_writer(folder + "/" + (name.empty() ? c.name() : name), options);
  write_axis(*writer, "x", 500005, 10, c.shape[2]);
  write_axis(*writer, "y", 4.1e6, -20, c.shape[1]);
  VariableSpec mapping;
  mapping.name = "crs";
  mapping.schema = make_schema({}, {}, DType::int64);
  mapping.attributes.set("crs_wkt", Crs::from_user_input(fmt::format("EPSG:{}", epsg)).wkt());
  mapping.attributes.set("GeoTransform", "500000 10 0 4100010 0 -20");
  writer->add(mapping);
  const VariableSpec spec = spec_of(c);
  const std::size_t v = writer->add(spec);
  for (std::int64_t k = 0; k < spec.schema.chunks.n_chunks(); ++k)
    writer->write(v, cells_of(spec.schema.chunks.chunk_region(k), c.dtype).view());
  writer->finish();
}

void expect_read_back(const std::string& path, const Case& c) {
  const auto file = open(path, "");
  OwnedBlock cells(file->variables()[0].schema.whole(), c.dtype);
  file->read(0, cells.view());
  const OwnedBlock expected = cells_of(cells.view().region, c.dtype);
  const auto n = static_cast<std::size_t>(cells.view().n_cells()) * item_size(c.dtype);
  EXPECT_EQ(std::memcmp(cells.view().data, expected.view().data, n), 0) << path;
}

std::vector<Case> cases() {
  std::vector<Case> all;
  const Extents chunks[] = {{1, 64, 64}, {2, 150, 201}, {2, 31, 50}};
  for (const DType dtype : kTypes) {
    for (const char* codec : {"", "none", "zstd"}) {
      for (const bool is_pixel : {false, true}) {
        for (const Extents& chunk : chunks) {
          const bool is_big = chunk[1] == 31;
          all.push_back({dtype, codec, {2, 150, 201}, chunk, is_pixel, is_big, "nearest", 64});
        }
      }
    }
    for (const char* resampling : {"average", "mode"}) {
      if (is_complex(dtype)) continue;
      all.push_back({dtype, "", {2, 150, 201}, {1, 64, 64}, false, false, resampling, 64});
    }
  }
  for (const Extents& shape : {Extents{1, 1, 1}, Extents{1, 1, 700}, Extents{1, 700, 1},
                               Extents{3, 512, 512}, Extents{1, 513, 1025}, Extents{5, 16, 33}}) {
    for (const DType dtype : {DType::uint8, DType::float32})
      all.push_back({dtype, "", shape, {1, 100, 100}, false, false, "nearest", 512});
  }
  return all;
}

TEST(GeoTiffOracle, TheFilesForOtherProgramsAreWhole) {
  const ScratchFolder scratch;
  const char* kept = std::getenv("RASTREAM_GEOTIFF_ORACLE");
  const std::string folder = kept ? std::string(kept) : scratch / "oracle";
  fs::remove_all(folder);
  fs::create_directories(folder + "/crs");
  std::size_t n = 0;
  for (const Case& c : cases()) {
    write(folder, c);
    if (n++ % 7 == 0) expect_read_back(folder + "/" + c.name(), c);
  }
  for (const int epsg : {4326, 3857, 3035, 5070, 28992, 2056, 27700, 3413, 6933, 2193, 3031, 4979,
                         5514, 32733, 8857}) {
    write(folder + "/crs", {}, epsg, fmt::format("{}.tif", epsg));
  }
}

}  // namespace
}  // namespace rastream::geotiff
