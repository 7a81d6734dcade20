// SPDX-License-Identifier: Apache-2.0
// The law of formats: a dataset that is written and opened again has the same cells, coordinates,
// times, CRS and attributes, as far as the format has a place for them. One table of ways to write;
// a new writable format must be in it.
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <limits>
#include <set>
#include <sstream>

#include "rastream/exec/write_dataset.h"
#include "rastream/geo/crs.h"
#include "rastream/geo/time_units.h"
#include "rastream/ops/labelled.h"
#include "rastream/ops/open_dataset.h"
#include "rastream/ops/sources/sources.h"
#include "tests/suites/engine_runs.h"
#include "tests/suites/small_stores.h"

namespace rastream {
namespace {

/// A way to write and what it can hold.
struct Way {
  const char* name;
  const char* format;
  const char* suffix;
  int zarr_format;
  bool rasters_only;  ///< one numeric variable with dimensions (y, x) or (band, y, x)
};

constexpr Way kWays[] = {{"ZarrV2", "zarr", ".zarr", 2, false},
                         {"ZarrV3", "zarr", ".zarr", 3, false},
                         {"ZarrZipV2", "zarr zip", ".zarr.zip", 2, false},
                         {"ZarrZipV3", "zarr zip", ".zarr.zip", 3, false},
                         {"NetCdf4", "netcdf4", ".nc", 2, false},
                         {"GeoTiff", "geotiff", ".tif", 2, true}};

constexpr DType kNumbers[] = {DType::bool_,  DType::int8,    DType::int16,  DType::int32,
                              DType::int64,  DType::uint8,   DType::uint16, DType::uint32,
                              DType::uint64, DType::float32, DType::float64};

class FormatLaw : public testing::TestWithParam<Way> {
 protected:
  static bool rasters_only() { return GetParam().rasters_only; }
  std::string path(const std::string& name) const { return folder_ / (name + GetParam().suffix); }

  void write(const Dataset& dataset, const std::string& path,
             const std::map<std::string, std::int64_t>& chunks, const char* compressor) const {
    WriteOptions options;
    options.zarr_format = GetParam().zarr_format;
    options.chunks = chunks;
    options.compressor = compressor;
    options.run.executor = "serial";
    ASSERT_TRUE(write_dataset(dataset, path, options).is_complete);
  }

  ScratchFolder folder_;
};

INSTANTIATE_TEST_SUITE_P(Writable, FormatLaw, testing::ValuesIn(kWays),
                         [](const auto& info) { return std::string(info.param.name); });

void PrintTo(const Way& way, std::ostream* out) { *out << way.name; }

TEST(Formats, EveryOneThatCanWriteKeepsTheLaw) {
  std::set<std::string_view> tried;
  for (const Way& way : kWays) tried.insert(way.format);
  for (const Format& format : formats()) {
    if (format.create) {
      EXPECT_TRUE(tried.contains(format.name)) << format.name;
    }
  }
}

/// Values at the edges of the dtype among small ones; floating ones have NaN, -0 and infinities.
OwnedBlock cells_of(const Extents& shape, DType dtype) {
  OwnedBlock block(Region::whole(shape), dtype);
  visit_dtype(dtype, [&]<typename T>(T) {
    using Limits = std::numeric_limits<T>;
    std::vector<T> edges = {Limits::lowest(), Limits::max(), T(0), T(1)};
    if constexpr (std::is_floating_point_v<T>) {
      edges.insert(edges.end(), {Limits::quiet_NaN(), -T(0), Limits::infinity(),
                                 -Limits::infinity(), Limits::denorm_min(), T(0.1)});
    }
    for (std::int64_t i = 0; i < product(shape); ++i) {
      const auto at = static_cast<std::size_t>(i);
      block.view().as<T>()[i] = at % 3 == 0 ? edges[at / 3 % edges.size()]
                                            : static_cast<T>(i % (dtype == DType::bool_ ? 2 : 100));
    }
  });
  return block;
}

Coordinate numbers(const std::string& dim, const std::vector<double>& values_along) {
  Coordinate c;
  c.dims = {dim};
  c.cells = values(values_along, dim);
  return c;
}

std::vector<double> steps(double first, double step, std::int64_t n) {
  std::vector<double> out;
  for (std::int64_t i = 0; i < n; ++i) out.push_back(first + step * static_cast<double>(i));
  return out;
}

/// Coordinates of the dimensions, x and y on a grid of EPSG:32631 with its grid mapping.
Coordinates coordinates_of(const Schema& schema) {
  Coordinates coords;
  for (std::size_t i = 0; i < schema.rank(); ++i) {
    const std::string& dim = schema.dims[i];
    const std::int64_t n = schema.shape[i];
    if (dim == "x" || dim == "y") {
      Coordinate c = numbers(dim, dim == "x" ? steps(500005, 10, n) : steps(4.1e6, -20, n));
      c.attributes.set("standard_name", "projection_" + dim + "_coordinate");
      c.attributes.set("units", "m");
      coords.emplace_back(dim, c);
    } else if (dim == "time") {
      Coordinate c = numbers(dim, steps(10957.5, 1, n));
      c.attributes.set("units", "days since 1970-01-01 00:00:00");
      c.attributes.set("calendar", "noleap");
      coords.emplace_back(dim, c);
    }
  }
  if (!schema.has("x") || !schema.has("y")) return coords;
  Coordinate mapping;
  mapping.cells = values({0}, {}, {}, DType::int64);
  mapping.attributes = Crs::from_user_input("EPSG:32631").to_cf();
  coords.emplace_back("spatial_ref", mapping);
  return coords;
}

Dataset dataset_of(const OwnedBlock& cells, std::vector<std::string> dims) {
  DataArray a;
  a.name = "cells";
  a.array = values(cells, dims);
  a.coords = coordinates_of(a.schema());
  return make_dataset({a});
}

/// The stored cells of the only variable that has some.
DataArray stored(const std::string& path, const std::string& name) {
  OpenOptions options;
  options.decode = false;
  return open_dataset(path, options)[name];
}

struct Shape {
  std::vector<std::string> dims;
  Extents shape;
  std::map<std::string, std::int64_t> chunks;
};

std::vector<Shape> shapes(bool rasters_only) {
  const std::vector<std::string> cube = {"time", "y", "x"};
  std::vector<Shape> out = {{{"y", "x"}, {5, 7}, {{"y", 2}, {"x", 3}}},
                            {{"y", "x"}, {5, 7}, {{"y", 5}, {"x", 1}}},
                            {{"band", "y", "x"}, {3, 4, 6}, {{"band", 1}, {"y", 4}, {"x", 4}}}};
  if (rasters_only) return out;
  out.push_back({{}, {}, {}});
  out.push_back({{"time"}, {7}, {{"time", 3}}});
  out.push_back({{"time"}, {1}, {{"time", 9}}});
  out.push_back({cube, {4, 3, 5}, {{"time", 1}, {"y", 3}, {"x", 2}}});
  out.push_back({{"layer", "time", "y", "x"}, {2, 3, 4, 5}, {{"layer", 2}, {"time", 2}, {"x", 4}}});
  return out;
}

TEST_P(FormatLaw, CellsOfEveryDtypeRankAndChunkShapeComeBackBitForBit) {
  int n = 0;
  const char* compressors[] = {"none", "zstd", "gzip"};
  for (const DType dtype : kNumbers) {
    if (rasters_only() && dtype == DType::bool_) continue;  // is stored as uint8
    for (const Shape& s : shapes(rasters_only())) {
      SCOPED_TRACE(fmt::format("{} {}", to_string(dtype), to_string(s.shape)));
      const OwnedBlock cells = cells_of(s.shape, dtype);
      const std::string file = path(fmt::format("cells{}", n));
      write(dataset_of(cells, s.dims), file, s.chunks, compressors[n++ % 3]);
      if (HasFatalFailure()) return;
      const DataArray back = stored(file, rasters_only() ? "band_data" : "cells");
      ASSERT_EQ(back.dtype(), dtype);
      const OwnedBlock read = evaluate(back.array, back.schema().whole());
      if (rasters_only() && s.dims.size() == 2) {
        ASSERT_EQ(back.schema().shape, (Extents{1, s.shape[0], s.shape[1]}));
        const Block one_band{cells.view().region, dtype, read.view().data,
                             c_strides(s.shape, item_size(dtype))};
        EXPECT_TRUE(runs::equal_cells(one_band, cells.view()));
        continue;
      }
      EXPECT_EQ(back.dims(), s.dims);
      ASSERT_EQ(back.schema().shape, s.shape);
      EXPECT_TRUE(runs::equal_cells(read.view(), cells.view()));
      std::filesystem::remove_all(file);
    }
  }
}

TEST_P(FormatLaw, CoordinatesTimesAndCrsComeBack) {
  const std::vector<std::string> dims = rasters_only() ? std::vector<std::string>{"y", "x"}
                                                       : std::vector<std::string>{"time", "y", "x"};
  const Extents shape = rasters_only() ? Extents{5, 7} : Extents{4, 5, 7};
  const Dataset made = dataset_of(cells_of(shape, DType::float32), dims);
  write(made, path("grid"), {{"y", 2}}, "zstd");
  const Dataset back = open_dataset(path("grid"));
  for (const std::string& dim : dims) {
    const Coordinate* c = find_coordinate(back.coords, dim);
    ASSERT_NE(c, nullptr) << dim;
    const Coordinate* expected = find_coordinate(made.coords, dim);
    EXPECT_EQ(coordinate_values(*c), coordinate_values(*expected)) << dim;
    if (rasters_only()) continue;
    for (const auto& [name, value] : expected->attributes) {
      ASSERT_TRUE(c->attributes.contains(name)) << dim << " " << name;
      EXPECT_EQ(*c->attributes.find(name), value) << dim << " " << name;
    }
  }
  ASSERT_TRUE(crs_of(back.coords).has_value());
  EXPECT_EQ(*crs_of(back.coords), Crs::from_user_input("EPSG:32631"));
  EXPECT_EQ(crs_of(back.coords)->epsg(), 32631);
  if (rasters_only()) return;
  const DataArray first = sel(back["cells"], "time", "2000-01-09");
  EXPECT_EQ(first.size("time"), 1);
}

TEST_P(FormatLaw, FillValuesMarkTheSameCells) {
  for (const DType dtype : {DType::int16, DType::uint8, DType::float32, DType::float64}) {
    const double fill = dtype == DType::uint8 ? 255 : -9999;
    OwnedBlock cells(Region::whole({4, 6}), dtype);
    for_each_index(cells.view().region, [&](const Extents& i) {
      const Region cell(i, {i[0] + 1, i[1] + 1});
      fill_cells(cells.view().sub(cell), (i[0] + i[1]) % 3 == 0 ? fill : static_cast<double>(i[1]));
    });
    Dataset dataset = dataset_of(cells, {"y", "x"});
    dataset.variables[0].attributes.set("_FillValue", number_attribute(dtype, fill));
    const std::string file = path(std::string(to_string(dtype)));
    write(dataset, file, {{"x", 4}}, "zstd");
    const DataArray back = open_dataset(file)[rasters_only() ? "band_data" : "cells"];
    ASSERT_TRUE(is_floating(back.dtype()));
    const OwnedBlock read = evaluate(back.array, back.schema().whole());
    for_each_index(cells.view().region, [&](const Extents& i) {
      const double v = cell_as_double(read.view(), rasters_only() ? Extents{0, i[0], i[1]} : i);
      if ((i[0] + i[1]) % 3 == 0) {
        EXPECT_TRUE(std::isnan(v)) << to_string(dtype) << to_string(i);
      } else {
        EXPECT_EQ(v, static_cast<double>(i[1])) << to_string(dtype) << to_string(i);
      }
    });
  }
}

TEST_P(FormatLaw, AttributesComeBack) {
  Dataset dataset = dataset_of(cells_of({3, 4}, DType::int16), {"y", "x"});
  Attributes& attributes = dataset.variables[0].attributes;
  attributes.set("units", "degrees C");
  attributes.set("long_name", "température \"maximale\"\n(2 m)");
  attributes.set("source", "");
  if (!rasters_only()) {
    attributes.set("count", Numbers{DType::int64, {std::numeric_limits<std::int64_t>::min()}, {}});
    attributes.set("corners", Numbers{DType::float64, {}, {0.1, -1e300, 5e-324}});
    attributes.set("flag_meanings", Attribute(std::vector<std::string>{"good", "bad"}));
    dataset.attributes.set("Conventions", "CF-1.8");
  }
  write(dataset, path("attributes"), {}, "zstd");
  const DataArray back = stored(path("attributes"), rasters_only() ? "band_data" : "cells");
  for (const auto& [name, value] : attributes) {
    if (rasters_only() && name == "source") continue;  // GDAL has no empty metadata
    ASSERT_TRUE(back.attributes.contains(name)) << name;
    EXPECT_EQ(*back.attributes.find(name), value) << name;
  }
  if (!rasters_only()) {
    EXPECT_EQ(open_dataset(path("attributes")).attributes.text("Conventions"), "CF-1.8");
  }
}

TEST_P(FormatLaw, TextLabelsComeBackInAnyScript) {
  if (rasters_only()) return;  // has no place for labels
  DataArray a = from_values({1, 2, 3}, "plant", DType::float32, {"lilac", "", "zabelli 丁香"});
  a.name = "cells";
  write(make_dataset({a}), path("labels"), {}, "zstd");
  const Dataset back = open_dataset(path("labels"));
  const Coordinate* plants = find_coordinate(back.coords, "plant");
  ASSERT_NE(plants, nullptr);
  EXPECT_EQ(plants->labels, find_coordinate(a.coords, "plant")->labels);
}

TEST_P(FormatLaw, WhatIsWrittenTwiceHasTheSameBytes) {
  const Dataset dataset = dataset_of(cells_of({5, 7}, DType::float64), {"y", "x"});
  const auto bytes = [&](const std::string& file) {
    std::map<std::string, std::string> files;
    const auto add = [&](const std::filesystem::path& p) {
      std::ostringstream text;
      text << std::ifstream(p, std::ios::binary).rdbuf();
      files[std::filesystem::relative(p, file).native()] = text.str();
    };
    if (std::filesystem::is_regular_file(file)) add(file);
    if (std::filesystem::is_directory(file)) {
      for (const auto& entry : std::filesystem::recursive_directory_iterator(file)) {
        if (entry.is_regular_file()) add(entry.path());
      }
    }
    return files;
  };
  write(dataset, path("one"), {{"x", 2}}, "gzip");
  write(dataset, path("two"), {{"x", 2}}, "gzip");
  EXPECT_FALSE(bytes(path("one")).empty());
  EXPECT_EQ(bytes(path("one")), bytes(path("two")));
}

}  // namespace
}  // namespace rastream
