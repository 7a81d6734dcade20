// SPDX-License-Identifier: Apache-2.0
// Each check on one file that it is meant for and on one like it that is fine; then all checks on
// real files.
#include "rastream/cli/lint/lint.h"

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <set>

#include "rastream/geo/crs.h"
#include "tests/suites/errors.h"
#include "tests/suites/scratch_folder.h"

namespace rastream::lint {
namespace {

using Cell = std::function<double(const Extents&)>;

Attributes with(std::initializer_list<std::pair<const char*, Attribute>> entries) {
  Attributes a;
  for (const auto& [name, value] : entries) a.set(name, value);
  return a;
}

Attribute number(double value, DType dtype = DType::float64) {
  return number_attribute(dtype, value);
}

class Lint : public testing::Test {
 protected:
  Lint() : writer_(create_file(path(), {})) {}

  std::string path() const { return folder_ / "a.zarr"; }

  void add(const std::string& name, std::vector<std::string> dims, const Extents& shape,
           DType dtype, const Attributes& attributes, const Cell& cell, const Extents& chunk = {}) {
    VariableSpec spec;
    spec.name = name;
    spec.schema = make_schema(std::move(dims), shape, dtype,
                              ChunkGrid::regular(shape, chunk.empty() ? shape : chunk));
    spec.attributes = attributes;
    spec.compressor = "zstd";
    const std::size_t v = writer_->add(spec);
    for (std::int64_t c = 0; c < spec.schema.chunks.n_chunks(); ++c) {
      OwnedBlock cells(spec.schema.chunks.chunk_region(c), dtype);
      for_each_index(cells.view().region, [&](const Extents& at) {
        Region one{at, at};
        for (std::size_t i = 0; i < at.size(); ++i) ++one.end[i];
        fill_cells(cells.view().sub(one), cell(at));
      });
      writer_->write(v, cells.view());
    }
  }

  void axis(const std::string& name, std::int64_t n, double first, double step,
            const Attributes& attributes = {}) {
    add(name, {name}, {n}, DType::float64, attributes,
        [=](const Extents& i) { return first + step * static_cast<double>(i[0]); });
  }

  /// Coordinates x and y of 10 m cells, and a CRS with a GeoTransform.
  void grid(double left = 500000, double top = 5.8e6) {
    axis("x", 20, 500005, 10);
    axis("y", 30, 5.8e6 - 5, -10);
    Attributes mapping = Crs::from_user_input("EPSG:32631").to_cf();
    mapping.set("GeoTransform", fmt::format("{} 10 0 {} 0 -10", left, top));
    add("spatial_ref", {}, {}, DType::int32, mapping, [](const Extents&) { return 0; });
  }

  void raster(DType dtype, Attributes attributes, const Cell& cell) {
    attributes.set("grid_mapping", "spatial_ref");
    add("raster", {"y", "x"}, {30, 20}, dtype, attributes, cell);
  }

  Findings find(const std::vector<std::string>& checks) {
    if (writer_) writer_->finish();
    writer_.reset();
    return run_checks(path(), "", checks);
  }

  void expect_clean() {
    for (const Finding& f : find({}))
      ADD_FAILURE() << f.check << ": " << f.place << ": " << f.found;
  }

  /// The check finds just one thing, and no other check finds anything.
  void expect_one(const std::string& check, Severity severity, const std::string& place,
                  const std::string& part) {
    const Findings all = find({});
    for (const Finding& f : all) EXPECT_EQ(f.check, check) << f.place << ": " << f.found;
    ASSERT_EQ(all.size(), 1u);
    EXPECT_EQ(all[0].severity, severity);
    EXPECT_EQ(all[0].place, place);
    EXPECT_NE(all[0].found.find(part), std::string::npos) << all[0].found;
    EXPECT_FALSE(all[0].expected.empty());
    EXPECT_FALSE(all[0].mend.empty());
  }

  ScratchFolder folder_;
  std::unique_ptr<DatasetWriter> writer_;
};

double wave(const Extents& i) { return 10 + 5 * std::sin(static_cast<double>(i[0] * 7 + i[1])); }

TEST_F(Lint, AGoodRasterIsClean) {
  grid();
  raster(DType::float32, with({{"_FillValue", number(-9999, DType::float32)}}), wave);
  expect_clean();
}

TEST_F(Lint, HalfAPixelBetweenGeoTransformAndCoordinates) {
  grid(500005, 5.8e6);
  raster(DType::float32, {}, wave);
  expect_one("geotransform", Severity::error, "variable 'spatial_ref'",
             "-0.5 cells off, half a pixel");
}

TEST_F(Lint, AGeoTransformThatIsFarOffIsNotHalfAPixel) {
  grid(500000, 5.8e6 - 40);
  raster(DType::float32, {}, wave);
  expect_one("geotransform", Severity::error, "variable 'spatial_ref'", "-4 cells off");
}

TEST_F(Lint, ARasterWithoutCrs) {
  axis("x", 20, 500005, 10);
  axis("y", 30, 5.8e6, -10);
  add("raster", {"y", "x"}, {30, 20}, DType::float32, {}, wave);
  expect_one("crs", Severity::warning, "variable 'raster'", "no CRS");
}

TEST_F(Lint, AGridMappingThatIsNotThere) {
  axis("lat", 30, 50, -0.1, with({{"units", "degrees_north"}}));
  axis("lon", 20, 5, 0.1, with({{"units", "degrees_east"}}));
  add("raster", {"lat", "lon"}, {30, 20}, DType::float32, with({{"grid_mapping", "crs"}}), wave);
  expect_one("crs", Severity::error, "variable 'raster'", "names 'crs', which is not in the file");
}

TEST_F(Lint, AGridMappingWithoutCrs) {
  grid();
  add("crs", {}, {}, DType::int32, with({{"grid_mapping_name", "no_such_projection"}}),
      [](const Extents&) { return 0; });
  add("raster", {"y", "x"}, {30, 20}, DType::float32, with({{"grid_mapping", "crs"}}), wave);
  expect_one("crs", Severity::warning, "variable 'crs'", "holds no CRS");
}

TEST_F(Lint, LongitudeAndLatitudeNeedNoCrs) {
  axis("lat", 30, 50, -0.1, with({{"units", "degrees_north"}}));
  axis("lon", 20, 5, 0.1, with({{"units", "degrees_east"}}));
  add("raster", {"lat", "lon"}, {30, 20}, DType::float32, {}, wave);
  expect_clean();
}

TEST_F(Lint, AnIrregularCoordinate) {
  grid();
  raster(DType::float32, {}, wave);
  add("lat", {"lat"}, {5}, DType::float64, {},
      [](const Extents& i) { return i[0] == 3 ? 3.2 : static_cast<double>(i[0]); });
  expect_one("coordinates", Severity::warning, "variable 'lat'", "cell 3 is 3.2");
}

TEST_F(Lint, AnUnsortedCoordinate) {
  add("level", {"level"}, {5}, DType::float64, {},
      [](const Extents& i) { return static_cast<double>(i[0] * 3 % 5); });
  expect_one("coordinates", Severity::warning, "variable 'level'", "not in order");
}

TEST_F(Lint, ARepeatedCoordinate) {
  add("level", {"level"}, {5}, DType::float64, {},
      [](const Extents& i) { return static_cast<double>(std::min<std::int64_t>(i[0], 3)); });
  expect_one("coordinates", Severity::error, "variable 'level'", "the value 3 comes twice");
}

TEST_F(Lint, AMissingCoordinate) {
  add("level", {"level"}, {5}, DType::float64, {},
      [](const Extents& i) { return i[0] == 2 ? std::nan("") : static_cast<double>(i[0]); });
  expect_one("coordinates", Severity::error, "variable 'level'", "cell 2 is nan");
}

TEST_F(Lint, StepsOfOneLengthWithinFloat32AreRegular) {
  add("lon", {"lon"}, {3600}, DType::float32, {}, [](const Extents& i) {
    return static_cast<double>(static_cast<float>(-179.95 + 0.1 * static_cast<double>(i[0])));
  });
  add("level", {"level"}, {4}, DType::float64, {},
      [](const Extents& i) { return std::pow(2.0, static_cast<double>(-i[0])); });
  expect_clean();
}

TEST_F(Lint, LongitudesInPlaceOfLatitudes) {
  axis("lat", 36, -175, 10, with({{"units", "degrees_north"}}));
  expect_one("lonlat", Severity::error, "variable 'lat'", "values from -175 to 175");
}

TEST_F(Lint, ALatitudeWithUnitsOfLongitude) {
  axis("lat", 10, 40, 1, with({{"units", "degrees_east"}}));
  expect_one("lonlat", Severity::error, "variable 'lat'",
             "is called a latitude but has units degrees_east");
}

TEST_F(Lint, LongitudesFrom0To360AreFine) {
  axis("lon", 360, 0.5, 1, with({{"units", "degrees_east"}}));
  axis("lat", 180, 89.5, -1, with({{"units", "degrees_north"}}));
  expect_clean();
}

TEST_F(Lint, ATimeWithoutUnits) {
  axis("time", 10, 0, 1);
  expect_one("time", Severity::warning, "variable 'time'", "has no units");
}

TEST_F(Lint, ATimeInAnUnknownCalendar) {
  axis("time", 10, 0, 1, with({{"units", "days since 2000-01-01"}, {"calendar", "mayan"}}));
  expect_one("time", Severity::error, "variable 'time'", "mayan");
}

TEST_F(Lint, ATimeWithoutCalendarIsNoted) {
  axis("time", 10, 0, 1, with({{"units", "days since 2000-01-01"}}));
  expect_one("time", Severity::note, "variable 'time'", "no calendar");
}

TEST_F(Lint, ATimeWithUnitsAndCalendarIsFine) {
  axis("time", 10, 0, 1, with({{"units", "days since 2000-01-01"}, {"calendar", "noleap"}}));
  expect_clean();
}

TEST_F(Lint, ScaleOnFloatingCells) {
  grid();
  raster(DType::float32, with({{"scale_factor", number(0.1)}}), wave);
  expect_one("packing", Severity::warning, "variable 'raster'", "on cells of float32");
}

TEST_F(Lint, AScaleOfZero) {
  grid();
  raster(DType::int16,
         with({{"scale_factor", number(0)}, {"_FillValue", number(-32768, DType::int16)}}), wave);
  expect_one("packing", Severity::error, "variable 'raster'", "scale_factor is 0");
}

TEST_F(Lint, AScaleThatIsText) {
  grid();
  raster(DType::int16, with({{"scale_factor", "0.1"}}), wave);
  expect_one("packing", Severity::error, "variable 'raster'", "scale_factor is text");
}

TEST_F(Lint, PhysicalBoundsOnIntegers) {
  grid();
  raster(DType::int16, with({{"valid_range", Numbers{DType::float64, {}, {-0.5, 1.5}}}}), wave);
  expect_one("packing", Severity::warning, "variable 'raster'", "valid_range is -0.5");
}

TEST_F(Lint, KelvinsThatWereScaledOnce) {
  grid();
  raster(DType::int16, with({{"units", "K"}}), [](const Extents& i) { return 27315 + wave(i); });
  expect_one("packing", Severity::warning, "variable 'raster'", "half of the cells are 273");
}

TEST_F(Lint, PackedIntegersAreFine) {
  grid();
  raster(DType::int16,
         with({{"units", "K"},
               {"scale_factor", number(0.01)},
               {"_FillValue", number(-32768, DType::int16)}}),
         [](const Extents& i) { return 27315 + wave(i); });
  expect_clean();
}

TEST_F(Lint, NodataInTheValidRange) {
  grid();
  raster(DType::int16,
         with({{"_FillValue", number(0, DType::int16)},
               {"valid_range", Numbers{DType::int16, {-5, 100}, {}}}}),
         wave);
  expect_one("nodata", Severity::warning, "variable 'raster'",
             "the nodata value 0 lies in the valid range -5 to 100");
}

TEST_F(Lint, NodataAmongTheValues) {
  grid();
  raster(DType::float32, with({{"_FillValue", number(0, DType::float32)}}),
         [](const Extents& i) { return wave(i) - 10; });
  expect_one("nodata", Severity::warning, "variable 'raster'",
             "the nodata value 0 lies among the values");
}

TEST_F(Lint, ZeroIsNodataOfBytesThatBeginAtOne) {
  grid();
  raster(DType::uint8, with({{"_FillValue", number(0, DType::uint8)}}),
         [](const Extents& i) { return static_cast<double>((i[0] + i[1]) % 6); });
  expect_one("nodata", Severity::warning, "variable 'raster'",
             "the nodata value 0 is next to values in use");
}

TEST_F(Lint, ZeroApartFromTheValuesIsFine) {
  grid();
  raster(DType::uint16, with({{"_FillValue", number(0, DType::uint16)}}),
         [](const Extents& i) { return i[0] < 3 ? 0.0 : 700.0 + wave(i); });
  expect_clean();
}

TEST_F(Lint, NodataThatNobodyDeclared) {
  grid();
  raster(DType::float32, {}, [](const Extents& i) { return i[0] < 3 ? -9999.0 : wave(i); });
  expect_one("nodata", Severity::warning, "variable 'raster'", "60 of 600 sampled cells are -9999");
}

TEST_F(Lint, TwoNodataValuesAreNoted) {
  grid();
  raster(DType::float32,
         with({{"_FillValue", number(-9999, DType::float32)},
               {"missing_value", number(-1e30, DType::float32)}}),
         wave);
  expect_one("nodata", Severity::note, "variable 'raster'", "differ");
}

TEST_F(Lint, ChunksOfAFewCells) {
  add("cube", {"time", "cell"}, {1100, 1000}, DType::float32, {}, wave, {100, 10});
  expect_one("chunks", Severity::warning, "variable 'cube'",
             "1100 chunks of (100, 10), 3.91 KiB each");
}

TEST_F(Lint, SmallVariablesAndChunksOfSomeMegabytesAreFine) {
  add("cube", {"time", "cell"}, {1100, 1000}, DType::float32, {}, wave, {100, 1000});
  add("small", {"time"}, {1100}, DType::float32, {}, [](const Extents&) { return 1; }, {1});
  expect_clean();
}

TEST_F(Lint, AnUnknownCheckIsRefusedWithTheKnownOnes) {
  grid();
  const Error e = error_of([&] { find({"spelling"}); });
  EXPECT_EQ(e.code(), Errc::invalid_argument);
  EXPECT_NE(e.message().find("there are geotransform, crs"), std::string::npos) << e.message();
}

TEST(LintTable, NamesAreUniqueAndSayWhatAndHow) {
  std::set<std::string_view> names;
  for (const Check& check : checks()) {
    EXPECT_TRUE(names.insert(check.name).second);
    EXPECT_GT(check.what.size(), 20u);
    EXPECT_GT(check.how.size(), 20u);
  }
}

}  // namespace
}  // namespace rastream::lint
