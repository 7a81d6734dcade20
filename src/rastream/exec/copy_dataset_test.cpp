// SPDX-License-Identifier: Apache-2.0
#include "rastream/exec/copy_dataset.h"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <sstream>

#include "rastream/exec/chunk_assembler.h"
#include "rastream/exec/compare_copy.h"
#include "rastream/exec/convert_cells.h"
#include "rastream/exec/copy_windows.h"
#include "rastream/format/geotiff/writer.h"
#include "rastream/geo/crs.h"
#include "tests/suites/engine_runs.h"
#include "tests/suites/errors.h"
#include "tests/suites/small_stores.h"

namespace rastream {
namespace {

/// The stored cells of a whole variable.
OwnedBlock stored(const std::string& path, const std::string& name) {
  const auto file = open_file(path);
  const std::size_t v = file->find_variable(name);
  const Schema& schema = file->variables()[v].schema;
  OwnedBlock cells(schema.whole(), schema.dtype);
  file->read(v, cells.view());
  return cells;
}

const VariableInfo& info_of(const DatasetFile& file, const std::string& name) {
  return file.variables()[file.find_variable(name)];
}

Attributes with(std::initializer_list<std::pair<const char*, Attribute>> entries) {
  Attributes a;
  for (const auto& [name, value] : entries) a.set(name, value);
  return a;
}

/// Writes variables of numbers and of text with their chunks and attributes as given.
struct Source {
  explicit Source(std::string to, int zarr_format = 2) : path(std::move(to)) {
    CreateOptions options;
    options.zarr_format = zarr_format;
    writer = create_file(path, options);
  }

  void add(const std::string& name, std::vector<std::string> dims, const Extents& shape,
           const Extents& chunk, DType dtype, const Attributes& attributes = {},
           const std::function<double(const Extents&)>& cell = {}) {
    VariableSpec spec;
    spec.name = name;
    spec.schema = make_schema(std::move(dims), shape, dtype, ChunkGrid::regular(shape, chunk));
    spec.attributes = attributes;
    const std::size_t v = writer->add(spec);
    for (std::int64_t c = 0; c < spec.schema.chunks.n_chunks(); ++c) {
      OwnedBlock cells(spec.schema.chunks.chunk_region(c), dtype);
      std::int64_t n = 0;
      for_each_index(cells.view().region, [&](const Extents& at) {
        Region one{at, at};
        for (std::size_t i = 0; i < at.size(); ++i) ++one.end[i];
        fill_cells(cells.view().sub(one),
                   cell ? cell(at) : static_cast<double>((c * 31 + n++) % 120));
      });
      writer->write(v, cells.view());
    }
  }

  void add_text(const std::string& name, const std::vector<std::string>& dims,
                const std::vector<std::string>& labels) {
    VariableSpec spec;
    spec.name = name;
    spec.schema =
        make_schema(dims, Extents{static_cast<std::int64_t>(labels.size())}, DType::string);
    writer->write_strings(writer->add(spec), labels);
  }

  std::string path;
  std::unique_ptr<DatasetWriter> writer;
};

RunOptions quiet(std::int64_t threads = 1) {
  RunOptions run;
  run.plan.n_threads = threads;
  return run;
}

class Copy : public testing::Test {
 protected:
  std::string path(const std::string& name) const { return folder_ / name; }

  /// A cube with times, a grid, two-dimensional coordinates, text and a scalar.
  std::string cube() const {
    Source s(path("cube.zarr"));
    s.add("time", {"time"}, {6}, {1}, DType::float64,
          with({{"units", "days since 2001-01-30"}, {"calendar", "noleap"}}),
          [](const Extents& i) { return static_cast<double>(i[0]); });
    s.add("x", {"x"}, {10}, {4}, DType::float64, with({{"units", "m"}}),
          [](const Extents& i) { return 500005.0 + 10.0 * static_cast<double>(i[0]); });
    s.add("y", {"y"}, {8}, {8}, DType::float64, with({{"units", "m"}}),
          [](const Extents& i) { return 5.8e6 - 10.0 * static_cast<double>(i[0]); });
    s.add("lat", {"y", "x"}, {8, 10}, {8, 10}, DType::float32,
          with({{"_FillValue", number_attribute(DType::float32, -999)}}));
    s.add("utm", {}, {}, {}, DType::int32, Crs::from_user_input("EPSG:32631").to_cf());
    s.add("packed", {"time", "y", "x"}, {6, 8, 10}, {1, 5, 4}, DType::int16,
          with({{"_FillValue", number_attribute(DType::int16, -32768)},
                {"scale_factor", number_attribute(DType::float64, 0.1)},
                {"add_offset", number_attribute(DType::float64, 273.15)},
                {"coordinates", "lat"},
                {"grid_mapping", "utm"}}));
    s.add(
        "plain", {"time", "y", "x"}, {6, 8, 10}, {2, 8, 10}, DType::float64, {},
        [](const Extents& i) { return i[1] == 3 ? std::nan("") : static_cast<double>(i[2]) / 3; });
    s.add("nothing", {"none", "x"}, {0, 10}, {1, 10}, DType::float32);
    s.add_text("station", {"time"}, {"a", "b", "caf\u00e9", "", "e", "f"});
    s.writer->set_attributes(with({{"title", "a cube"}}));
    s.writer->finish();
    return s.path;
  }

  ScratchFolder folder_;
};

TEST_F(Copy, KeepsCellsCoordinatesTextAttributesAndPackingOfEveryVariable) {
  const std::string in = cube();
  for (const int format : {2, 3}) {
    const std::string out = path("out" + std::to_string(format) + ".zarr");
    CopyOptions options;
    options.zarr_format = format;
    options.chunks = {{"time", -1}, {"y", 3}, {"x", 7}};
    const CopyReport report = copy_dataset(in, out, options, quiet(2));
    EXPECT_TRUE(report.is_complete);
    EXPECT_EQ(report.n_variables, 9);
    const auto source = open_file(in);
    const auto copy = open_file(out);
    EXPECT_EQ(copy->attributes().text("title"), "a cube");
    ASSERT_EQ(copy->variables().size(), source->variables().size());
    for (const VariableInfo& v : source->variables()) {
      SCOPED_TRACE(v.name);
      const VariableInfo& c = info_of(*copy, v.name);
      EXPECT_EQ(c.schema.dims, v.schema.dims);
      EXPECT_EQ(c.schema.shape, v.schema.shape);
      EXPECT_EQ(to_json(c.attributes).dump(), to_json(v.attributes).dump());
      if (v.schema.dtype == DType::string) continue;
      EXPECT_EQ(c.schema.dtype, v.schema.dtype);
      EXPECT_TRUE(runs::equal_cells(stored(out, v.name).view(), stored(in, v.name).view()));
    }
    EXPECT_EQ(copy->read_strings(copy->find_variable("station")),
              source->read_strings(source->find_variable("station")));
    EXPECT_EQ(info_of(*copy, "packed").schema.chunks.max_chunk_shape(), (Extents{6, 3, 7}));
    const CompareReport compared = compare_copy(in, out, options, 1 << 20, 2);
    EXPECT_TRUE(compared.differences.empty());
    EXPECT_EQ(compared.n_cells, report.n_cells);
  }
}

TEST_F(Copy, TakesAVariableWithTheCoordinatesThatItNeeds) {
  CopyOptions options;
  options.variables = {"packed"};
  copy_dataset(cube(), path("one.zarr"), options, quiet());
  std::vector<std::string> names;
  const auto copy = open_file(path("one.zarr"));
  for (const VariableInfo& v : copy->variables()) names.push_back(v.name);
  std::sort(names.begin(), names.end());
  EXPECT_EQ(names, (std::vector<std::string>{"lat", "packed", "time", "utm", "x", "y"}));
}

TEST_F(Copy, WindowsCutEveryVariableThatHasTheDimension) {
  const std::string in = cube();
  CopyOptions options;
  options.windows = time_windows(in, "", "2001-02/2001-02-02");
  EXPECT_EQ(options.windows.at("time").begin, 2);  // 30 and 31 January come before
  EXPECT_EQ(options.windows.at("time").end, 4);
  options.windows["x"] = {3, 9};
  copy_dataset(in, path("part.zarr"), options, quiet());
  const OwnedBlock part = stored(path("part.zarr"), "packed");
  const OwnedBlock whole = stored(in, "packed");
  EXPECT_EQ(part.view().region.shape(), (Extents{2, 8, 6}));
  for_each_index(part.view().region, [&](const Extents& at) {
    EXPECT_EQ(cell_as_double(part.view(), at),
              cell_as_double(whole.view(), {at[0] + 2, at[1], at[2] + 3}));
  });
  EXPECT_EQ(cell_as_double(stored(path("part.zarr"), "x").view(), {0}), 500035);
  const auto copy = open_file(path("part.zarr"));
  EXPECT_EQ(copy->read_strings(copy->find_variable("station")),
            (std::vector<std::string>{"caf\u00e9", ""}));
  EXPECT_TRUE(compare_copy(in, path("part.zarr"), options, 1 << 20, 1).differences.empty());
}

TEST_F(Copy, AGeoTransformMovesWithTheWindowWhateverItsDimensionsAreCalled) {
  Source s(path("degrees.zarr"));
  s.add("lat", {"lat"}, {8}, {8}, DType::float64, with({{"units", "degrees_north"}}),
        [](const Extents& i) { return 59.5 - static_cast<double>(i[0]); });
  s.add("lon", {"lon"}, {10}, {10}, DType::float64, with({{"units", "degrees_east"}}),
        [](const Extents& i) { return 5.5 + static_cast<double>(i[0]); });
  Attributes mapping = Crs::from_user_input("EPSG:4326").to_cf();
  mapping.set("GeoTransform", "5 1 0 60 0 -1");
  s.add("crs", {}, {}, {}, DType::int32, mapping);
  s.add("lone", {}, {}, {}, DType::int32, mapping);
  s.add("band", {"lat", "lon"}, {8, 10}, {8, 10}, DType::int16, with({{"grid_mapping", "crs"}}));
  s.writer->finish();
  CopyOptions options;
  options.windows = box_windows(s.path, "", {8.2, 50, 11.8, 56.8});
  copy_dataset(s.path, path("part.zarr"), options, quiet());
  const auto part = open_file(path("part.zarr"));
  EXPECT_EQ(info_of(*part, "crs").attributes.text("GeoTransform"), "8 1 0 57 0 -1");
  // Nothing says which cells it is of.
  EXPECT_FALSE(info_of(*part, "lone").attributes.contains("GeoTransform"));
  options.windows = {{"lat", {-5, 99}}};  // all of it
  copy_dataset(s.path, path("whole.zarr"), options, quiet());
  const auto whole = open_file(path("whole.zarr"));
  EXPECT_EQ(info_of(*whole, "crs").attributes.text("GeoTransform"), "5 1 0 60 0 -1");
  EXPECT_TRUE(info_of(*whole, "lone").attributes.contains("GeoTransform"));
}

TEST_F(Copy, ABoxTakesTheCellsThatItTouches) {
  // 3 degrees east is the central meridian, easting 500000 m; a degree of latitude is 111 km.
  const auto windows = box_windows(cube(), "", {3.0002, 52.0, 3.00045, 53.0});
  EXPECT_EQ(windows.at("x").begin, 1);
  EXPECT_EQ(windows.at("x").end, 4);
  EXPECT_EQ(windows.at("y").begin, 0);
  EXPECT_EQ(windows.at("y").end, 8);
}

TEST_F(Copy, OneRasterGoesIntoAGeoTiffAndBack) {
  const std::string in = cube();
  CopyOptions options;
  options.variables = {"packed"};
  const CopyReport report = copy_dataset(in, path("p.tif"), options, quiet());
  EXPECT_EQ(report.left_out, (std::vector<std::string>{"lat", "time"}));
  EXPECT_TRUE(compare_copy(in, path("p.tif"), options, 1 << 20, 1).differences.empty());
  copy_dataset(path("p.tif"), path("back.zarr"), {}, quiet());
  const OwnedBlock back = stored(path("back.zarr"), "band_data");
  const OwnedBlock cells = stored(in, "packed");
  EXPECT_TRUE(runs::equal_cells(back.view(), cells.view()));
  const auto copy = open_file(path("back.zarr"));
  EXPECT_EQ(info_of(*copy, "band_data").attributes.number("scale_factor"), 0.1);
  EXPECT_EQ(info_of(*copy, "band_data").attributes.number("_FillValue"), -32768);
  EXPECT_EQ(cell_as_double(stored(path("back.zarr"), "x").view(), {0}), 500005);
}

TEST_F(Copy, SeveralRastersForAGeoTiffAreRefusedWithWhatToDo) {
  const Error e = error_of([&] { copy_dataset(cube(), path("p.tif"), {}, quiet()); });
  EXPECT_EQ(e.code(), Errc::invalid_argument);
  EXPECT_NE(e.message().find("has packed, plain: choose one with --variables packed"),
            std::string::npos)
      << e.message();
  EXPECT_FALSE(std::filesystem::exists(path("p.tif")));
}

TEST_F(Copy, ANarrowerDtypeIsTakenWhereEveryCellFits) {
  Source s(path("narrow.zarr"));
  s.add("a", {"x"}, {100}, {30}, DType::int32);
  s.writer->finish();
  CopyOptions options;
  options.dtype = DType::int8;
  copy_dataset(s.path, path("out.zarr"), options, quiet());
  EXPECT_EQ(info_of(*open_file(path("out.zarr")), "a").schema.dtype, DType::int8);
  const OwnedBlock cells = stored(path("out.zarr"), "a");
  EXPECT_EQ(cell_as_double(cells.view(), {31}), 32);
  EXPECT_TRUE(compare_copy(s.path, path("out.zarr"), options, 1 << 20, 1).differences.empty());
}

TEST_F(Copy, AWiderDtypeTakesThePackingAlong) {
  const std::string in = cube();
  CopyOptions options;
  options.variables = {"packed"};
  options.dtype = DType::int32;
  copy_dataset(in, path("wide.zarr"), options, quiet());
  const auto copy = open_file(path("wide.zarr"));
  EXPECT_EQ(info_of(*copy, "packed").schema.dtype, DType::int32);
  EXPECT_EQ(info_of(*copy, "packed").attributes.number("_FillValue"), -32768);
  EXPECT_EQ(info_of(*copy, "time").schema.dtype, DType::float64);
  EXPECT_TRUE(compare_copy(in, path("wide.zarr"), options, 1 << 20, 1).differences.empty());
}

TEST_F(Copy, ADtypeThatIsNoNumberOfOnePartIsRefusedBeforeAnythingIsWritten) {
  const std::string in = cube();
  CopyOptions options;
  for (const DType dtype : {DType::string, DType::complex64}) {
    options.dtype = dtype;
    expect_refused(Errc::invalid_argument, "cannot become " + std::string(to_string(dtype)),
                   [&] { copy_dataset(in, path("out.zarr"), options, quiet()); });
  }
  Source waves(path("waves.zarr"));
  waves.add("plain", {"x"}, {4}, {4}, DType::float64);
  waves.add("wave", {"x"}, {4}, {4}, DType::complex64);
  waves.writer->finish();
  options.dtype = DType::float32;
  expect_refused(Errc::invalid_argument, "variable 'wave'",
                 [&] { copy_dataset(waves.path, path("out.zarr"), options, quiet()); });
  EXPECT_FALSE(std::filesystem::exists(path("out.zarr")));
  options.dtype = DType::complex64;
  options.variables = {"wave"};
  EXPECT_TRUE(copy_dataset(waves.path, path("out.zarr"), options, quiet()).is_complete);
}

TEST_F(Copy, AValueThatDoesNotFitIsAnErrorThatNamesItsCell) {
  CopyOptions options;
  options.variables = {"plain"};
  options.dtype = DType::int16;
  const Error e = error_of([&] { copy_dataset(cube(), path("narrow.zarr"), options, quiet()); });
  EXPECT_EQ(e.code(), Errc::invalid_argument);
  EXPECT_NE(e.message().find("variable 'plain': cell (0, 0, 1) is 0.333"), std::string::npos)
      << e.message();
  EXPECT_FALSE(std::filesystem::exists(path("narrow.zarr")));
}

TEST_F(Copy, AFillValueThatDoesNotFitIsRefusedBeforeAnythingIsWritten) {
  CopyOptions options;
  options.variables = {"packed"};
  options.dtype = DType::uint8;
  const Error e = error_of([&] { copy_dataset(cube(), path("narrow.zarr"), options, quiet()); });
  EXPECT_NE(e.message().find("attribute _FillValue = -32768 does not fit uint8"),
            std::string::npos);
}

TEST_F(Copy, AnAttributeThatDoesNotFitIsNamedWithAllItsNumbers) {
  Numbers range;
  range.dtype = DType::int16;
  range.integers = {0, 300};
  Attributes attributes;
  attributes.set("valid_range", range);
  const Error e = error_of([&] { convert_attributes(attributes, DType::uint8, "a"); });
  EXPECT_NE(e.message().find("valid_range = 0, 300 does not fit uint8"), std::string::npos)
      << e.message();
}

TEST_F(Copy, UnknownDimensionsAndChunkLengthsAreRefused) {
  CopyOptions options;
  options.chunks = {{"depth", 3}};
  EXPECT_EQ(error_of([&] { copy_dataset(cube(), path("a.zarr"), options, quiet()); }).code(),
            Errc::invalid_argument);
  options.chunks = {{"x", 0}};
  EXPECT_EQ(error_of([&] { copy_dataset(cube(), path("a.zarr"), options, quiet()); }).code(),
            Errc::invalid_argument);
}

TEST_F(Copy, AFillValueOfAbsentChunksAloneDoesNotBecomeNoData) {
  Source s(path("v3.zarr"), 3);
  s.add("a", {"x"}, {4}, {2}, DType::int16, {}, [](const Extents&) { return 0.0; });
  s.writer->finish();
  copy_dataset(path("v3.zarr"), path("v2.zarr"), {}, quiet());
  const auto copy = open_file(path("v2.zarr"));
  EXPECT_FALSE(info_of(*copy, "a").attributes.contains("_FillValue"));
  EXPECT_EQ(cell_as_double(stored(path("v2.zarr"), "a").view(), {1}), 0);
}

/// (time, y, x) in slices of one step, larger than what a small budget lets wait in memory.
std::string slices(const std::string& path) {
  Source s(path);
  s.add("a", {"time", "y", "x"}, {40, 256, 256}, {1, 256, 256}, DType::float64, {},
        [](const Extents& i) { return static_cast<double>((i[0] * 7 + i[1] * 3 + i[2]) % 251); });
  s.writer->finish();
  return path;
}

TEST_F(Copy, FromSlicesToColumnsReadsAndWritesEachChunkOnceWithinTheBudget) {
  const std::string in = slices(path("slices.zarr"));
  CopyOptions options;
  options.chunks = {{"time", -1}, {"y", 32}, {"x", 32}};
  options.compressor = "none";
  for (const int threads : {1, 2}) {
    for (const std::int64_t megabytes : {98, 512}) {
      SCOPED_TRACE(fmt::format("{} threads, {} MiB", threads, megabytes));
      const std::string out = path(fmt::format("columns{}-{}.zarr", threads, megabytes));
      RunOptions run = quiet(threads);
      run.plan.memory_bytes = megabytes << 20;
      const CopyReport report = copy_dataset(in, out, options, run);
      EXPECT_LE(report.bound_bytes, megabytes << 20);
      EXPECT_EQ(static_cast<double>(report.read.decoded_bytes), report.wanted_bytes);
      EXPECT_EQ(report.written_bytes, report.target_bytes);
      EXPECT_EQ(report.scratch_bytes > 0, megabytes < 100);
      EXPECT_TRUE(compare_copy(in, out, options, 8 << 20, threads).differences.empty());
      if (threads == 1 || megabytes == 512) {
        CopyOptions back;
        back.chunks = {{"time", 1}, {"y", -1}, {"x", -1}};
        back.overwrite = true;
        const CopyReport again = copy_dataset(out, path("again.zarr"), back, run);
        EXPECT_LE(again.bound_bytes, megabytes << 20);
        EXPECT_EQ(again.scratch_bytes > 0, megabytes < 100);
        EXPECT_EQ(static_cast<double>(again.read.decoded_bytes), again.wanted_bytes);
        EXPECT_EQ(again.written_bytes, again.target_bytes);
        EXPECT_TRUE(
            runs::equal_cells(stored(path("again.zarr"), "a").view(), stored(in, "a").view()));
      }
    }
  }
}

TEST_F(Copy, ConvertedChunksAreInTheBound) {
  const std::string in = slices(path("slices.zarr"));
  CopyOptions options;
  options.chunks = {{"time", 40}, {"y", 128}, {"x", 128}};
  const RunOptions run = quiet(3);
  const CopyReport same = copy_dataset(in, path("same.zarr"), options, run);
  options.dtype = DType::float32;
  const CopyReport other = copy_dataset(in, path("other.zarr"), options, run);
  EXPECT_EQ(other.bound_bytes - same.bound_bytes, 3 * std::int64_t{40} * 128 * 128 * 4);
}

TEST_F(Copy, UnlimitedDimensionsStayUnlimited) {
  CreateOptions options;
  options.unlimited = {"time"};
  const auto writer = create_file(path("a.nc"), options);
  VariableSpec spec;
  spec.name = "v";
  spec.schema =
      make_schema({"time", "x"}, Extents{3, 4}, DType::int16, ChunkGrid::regular({3, 4}, {1, 4}));
  const std::size_t v = writer->add(spec);
  for (std::int64_t c = 0; c < 3; ++c) {
    const OwnedBlock cells(spec.schema.chunks.chunk_region(c), DType::int16);
    fill_cells(cells.view(), 1);
    writer->write(v, cells.view());
  }
  writer->finish();
  copy_dataset(path("a.nc"), path("b.nc"), {}, quiet());
  const auto file = open_file(path("b.nc"));
  for (const DimensionInfo& d : file->dimensions()) EXPECT_EQ(d.is_unlimited, d.name == "time");
  EXPECT_EQ(file->dimensions().size(), 2u);
}

TEST_F(Copy, ChunksGoIntoShardsThatAreWrittenOnce) {
  const std::string in = slices(path("slices.zarr"));
  CopyOptions options;
  options.zarr_format = 3;
  options.chunks = {{"time", 10}, {"y", 64}, {"x", 64}};
  options.shards = {{"time", -1}, {"y", 128}};
  const CopyReport report = copy_dataset(in, path("shards.zarr"), options, quiet(2));
  EXPECT_EQ(report.written_bytes, report.target_bytes);
  EXPECT_EQ(static_cast<double>(report.read.decoded_bytes), report.wanted_bytes);
  const auto file = open_file(path("shards.zarr"));
  const VariableInfo& a = info_of(*file, "a");
  EXPECT_EQ(a.codecs.front(), "sharding_indexed 40x128x64");
  EXPECT_EQ(a.schema.chunks.max_chunk_shape(), (Extents{10, 64, 64}));
  EXPECT_TRUE(compare_copy(in, path("shards.zarr"), options, 8 << 20, 1).differences.empty());

  options.shards = {{"y", 100}};
  expect_refused(Errc::invalid_argument, "not a whole number of chunks",
                 [&] { copy_dataset(in, path("other.zarr"), options, quiet()); });
  options.zarr_format = 2;
  expect_refused(Errc::invalid_argument, "--zarr-format 3",
                 [&] { copy_dataset(in, path("other.zarr"), options, quiet()); });
}

/// A stream for progress that asks for a stop at its fifth line, when about half is done.
struct StoppingStream {
  StoppingStream() {
    cookie_io_functions_t functions{};
    functions.write = [](void* self, const char* text, std::size_t n) -> ssize_t {
      auto& stream = *static_cast<StoppingStream*>(self);
      stream.n_lines += std::count(text, text + n, '\n');
      if (stream.n_lines >= 5) stream.stop.request_stop();
      return static_cast<ssize_t>(n);
    };
    file = ::fopencookie(this, "w", functions);
  }
  ~StoppingStream() { std::fclose(file); }

  std::stop_source stop;
  std::int64_t n_lines = 0;
  std::FILE* file = nullptr;
};

TEST_F(Copy, ACopyThatWasStoppedMidwayGoesOnAndStoresTheRest) {
  const std::string in = slices(path("slices.zarr"));
  CopyOptions options;
  options.chunks = {{"time", 16}, {"y", 32}, {"x", 32}};
  RunOptions run = quiet();
  const CopyReport whole = copy_dataset(in, path("whole.zarr"), options, run);
  EXPECT_EQ(whole.scratch_bytes, 0);

  // With less memory groups wait in scratch too when the stop comes.
  run.plan.memory_bytes = whole.bound_bytes - (10 << 20);
  RunOptions stopping = run;
  StoppingStream stream;
  stopping.progress = stream.file;
  stopping.stop = stream.stop.get_token();
  const CopyReport first = copy_dataset(in, path("out.zarr"), options, stopping);
  EXPECT_FALSE(first.is_complete);
  EXPECT_FALSE(std::filesystem::exists(path("out.zarr")));
  EXPECT_GT(first.scratch_bytes, 0);
  EXPECT_GT(first.written_bytes, 0);
  EXPECT_LT(first.written_bytes, whole.written_bytes);

  const CopyReport rest = copy_dataset(in, path("out.zarr"), options, run);
  EXPECT_TRUE(rest.is_complete);
  EXPECT_GT(rest.n_tasks_resumed, 0);
  EXPECT_EQ(first.written_bytes + rest.written_bytes, whole.written_bytes);
  EXPECT_TRUE(compare_copy(in, path("out.zarr"), options, 8 << 20, 1).differences.empty());
}

TEST_F(Copy, ReadingBackDecodesEachChunkOnceWithMoreThreadsThanMemoryHasRoomFor) {
  const std::string in = slices(path("slices.zarr"));
  CopyOptions options;
  options.chunks = {{"time", 4}, {"y", 64}};
  copy_dataset(in, path("out.zarr"), options, quiet());
  const CompareReport report = compare_copy(in, path("out.zarr"), options, 4 << 20, 16);
  EXPECT_TRUE(report.differences.empty());
  EXPECT_EQ(report.decoded_bytes, 2 * std::int64_t{40} * 256 * 256 * 8);
}

TEST_F(Copy, ReadingBackStopsWhenAsked) {
  const std::string in = cube();
  copy_dataset(in, path("out.zarr"), {}, quiet());
  std::stop_source stop;
  stop.request_stop();
  EXPECT_FALSE(compare_copy(in, path("out.zarr"), {}, 1 << 20, 2, stop.get_token()).is_complete);
  EXPECT_TRUE(compare_copy(in, path("out.zarr"), {}, 1 << 20, 2).is_complete);
}

TEST(ChunkAssembler, StopsBetweenTheGroupsThatWaitedForTheLastColumn) {
  const Extents shape{2, 100};
  std::stop_source stop;
  std::int64_t n_stored = 0;
  WaitingRoom room;
  room.most_at_once = 0;
  ChunkAssembler assembler(
      {ChunkGrid::regular(shape, {2, 10})},
      [&](std::size_t, const Block&) {
        if (++n_stored == 4) stop.request_stop();
      },
      [](std::size_t, std::int64_t) { return false; }, room);
  for (const std::int64_t row : {0, 1}) {
    const OwnedBlock cells({{row, 0}, {row + 1, 100}}, DType::int16);
    assembler.write(0, cells.view());
  }
  EXPECT_FALSE(assembler.finish(1, stop.get_token()));
  EXPECT_EQ(n_stored, 4);
  EXPECT_TRUE(assembler.finish(1));
  EXPECT_EQ(n_stored, 10);
}

TEST_F(Copy, ReadingBackFindsADifferentCellAndItsPlace) {
  const std::string in = cube();
  CopyOptions options;
  copy_dataset(in, path("out.zarr"), options, quiet());
  const OwnedBlock cells = stored(in, "plain");
  Source other(path("other.zarr"));
  other.add("plain", {"time", "y", "x"}, {6, 8, 10}, {6, 8, 10}, DType::float64, {},
            [&](const Extents& i) {
              return i == Extents{4, 2, 9} ? -1.0 : cell_as_double(cells.view(), i);
            });
  other.writer->finish();
  options.variables = {"plain"};
  std::filesystem::remove_all(path("out.zarr/plain"));
  std::filesystem::copy(path("other.zarr/plain"), path("out.zarr/plain"),
                        std::filesystem::copy_options::recursive);
  std::filesystem::remove_all(path("out.zarr/.rastream"));
  const CompareReport report = compare_copy(in, path("out.zarr"), options, 1 << 20, 1);
  ASSERT_EQ(report.differences.size(), 1u);
  EXPECT_EQ(report.differences[0],
            "variable 'plain': 1 chunks differ, first cell (4, 2, 9): -1 where the source has 3");
}

/// A file with groups below each other, one of them without variables.
void write_groups(const std::string& to) {
  Source s(to);
  s.add("x", {"x"}, {4}, {4}, DType::float64);
  s.add("a", {"x"}, {4}, {2}, DType::int16, with({{"units", "m"}}));
  s.add("sub/b", {"x"}, {4}, {4}, DType::float32, with({{"long_name", "below"}}));
  s.add("sub/more/x", {"x"}, {3}, {3}, DType::float64);
  s.add("sub/more/c", {"x"}, {3}, {3}, DType::uint8);
  s.writer->set_attributes(with({{"title", "all"}}));
  s.writer->set_group_attributes("sub", with({{"note", "first"}}));
  s.writer->set_group_attributes("sub/more", with({{"note", "second"}}));
  s.writer->set_group_attributes("empty", with({{"note", "third"}}));
  s.writer->finish();
}

TEST_F(Copy, GroupsBelowAreCopiedWithTheirAttributesByEveryFormatThatHasGroups) {
  for (const char* from : {"groups.zarr", "groups.nc"}) {
    write_groups(path(from));
    for (const char* to : {"out.zarr", "out3.zarr", "out.nc"}) {
      SCOPED_TRACE(std::string(from) + " to " + to);
      CopyOptions options;
      options.overwrite = true;
      options.zarr_format = std::string_view(to) == "out3.zarr" ? 3 : 2;
      EXPECT_EQ(copy_dataset(path(from), path(to), options, quiet()).n_variables, 5);
      const DatasetTree copy(path(to), "");
      EXPECT_EQ(copy.variables().size(), 5u);
      EXPECT_EQ(copy.groups_below().size(), 3u);
      for (const auto& [group, note] : std::map<std::string, std::string>{
               {"sub", "first"}, {"sub/more", "second"}, {"empty", "third"}})
        EXPECT_EQ(copy.groups_below().at(group).text("note"), note);
      EXPECT_EQ(info_of(copy, "sub/more/c").schema.shape, Extents{3});
      EXPECT_EQ(info_of(copy, "sub/b").schema.dims, std::vector<std::string>{"x"});
      EXPECT_TRUE(compare_copy(path(from), path(to), options, 1 << 20, 1).differences.empty());
    }
  }
}

TEST_F(Copy, AVariableOfAGroupBelowComesWithWhatItNeedsAndItsGroup) {
  write_groups(path("groups.nc"));
  CopyOptions options;
  options.variables = {"sub/b"};
  copy_dataset(path("groups.nc"), path("out.zarr"), options, quiet());
  const DatasetTree copy(path("out.zarr"), "");
  EXPECT_EQ(copy.variables().size(), 2u);
  EXPECT_EQ(copy.groups_below().size(), 1u);
  EXPECT_EQ(copy.groups_below().at("sub").text("note"), "first");
}

TEST_F(Copy, ReadingBackFindsMetadataThatDiffer) {
  const std::string in = cube();
  const auto differences = [&] {
    std::vector<std::string> lines = compare_copy(in, path("out.zarr"), {}, 1 << 20, 1).differences;
    return fmt::format("{}", fmt::join(lines, "\n"));
  };
  const auto change = [&](const std::string& file, const std::string& from, const std::string& to) {
    CopyOptions again;
    again.overwrite = true;
    copy_dataset(in, path("out.zarr"), again, quiet());
    std::filesystem::remove_all(path("out.zarr/.rastream"));
    std::filesystem::remove_all(path("out.zarr/.zmetadata"));
    const std::string name = path("out.zarr/" + file);
    std::ostringstream whole;
    whole << std::ifstream(name).rdbuf();
    std::string text = whole.str();
    const std::size_t at = text.find(from);
    ASSERT_NE(at, std::string::npos) << text;
    write_text_file(name, text.replace(at, from.size(), to));
  };
  change(".zattrs", "a cube", "a tube");
  EXPECT_EQ(differences(),
            "the file: attribute 'title' is \"a tube\" where the source has \"a cube\"");
  change("packed/.zattrs", "0.1", "0.2");
  EXPECT_EQ(differences(),
            "variable 'packed': attribute 'scale_factor' is 0.2 where the source has 0.1");
  change("packed/.zarray", "-32768", "-1");
  EXPECT_EQ(differences(),
            "variable 'packed': attribute '_FillValue' is -1 where the source has -32768");
  change("packed/.zattrs", "\"time\"", "\"tide\"");
  EXPECT_EQ(differences(),
            "variable 'packed' has dimensions (tide, y, x), the source has (time, y, x)");
  change("utm/.zattrs", "\"transverse_mercator\"", "\"mercator\"");
  EXPECT_NE(differences().find("attribute 'grid_mapping_name' is \"mercator\""), std::string::npos);
}

TEST_F(Copy, ReadingBackAGeoTiffFindsAShiftAndAnotherCrs) {
  const std::string in = cube();
  CopyOptions options;
  options.variables = {"packed"};
  copy_dataset(in, path("out.tif"), options, quiet());
  EXPECT_TRUE(compare_copy(in, path("out.tif"), options, 1 << 20, 1).differences.empty());
  const auto add = [](Source& s, double shift, const char* crs) {
    s.add("x", {"x"}, {10}, {4}, DType::float64, {}, [shift](const Extents& i) {
      return 500005.0 + shift + 10.0 * static_cast<double>(i[0]);
    });
    s.add("y", {"y"}, {8}, {8}, DType::float64, {},
          [](const Extents& i) { return 5.8e6 - 10.0 * static_cast<double>(i[0]); });
    s.add("utm", {}, {}, {}, DType::int32, Crs::from_user_input(crs).to_cf());
    const OwnedBlock cells = stored(s.path.substr(0, s.path.rfind('/')) + "/cube.zarr", "packed");
    s.add("packed", {"time", "y", "x"}, {6, 8, 10}, {1, 8, 10}, DType::int16,
          with({{"_FillValue", number_attribute(DType::int16, -32768)},
                {"scale_factor", number_attribute(DType::float64, 0.1)},
                {"add_offset", number_attribute(DType::float64, 273.15)},
                {"grid_mapping", "utm"}}),
          [&](const Extents& i) { return cell_as_double(cells.view(), i); });
    s.writer->finish();
  };
  Source shifted(path("shifted.tif"));
  add(shifted, 5, "EPSG:32631");
  const auto shift = compare_copy(in, path("shifted.tif"), options, 1 << 20, 1).differences;
  EXPECT_EQ(shift,
            std::vector<std::string>{"coordinate 'x' is 500010 at 0, the source has 500005"});
  Source moved(path("moved.tif"));
  add(moved, 0, "EPSG:32632");
  const auto crs = compare_copy(in, path("moved.tif"), options, 1 << 20, 1).differences;
  EXPECT_EQ(crs, std::vector<std::string>{"the CRS is WGS 84 / UTM zone 32N, the source has WGS 84 "
                                          "/ UTM zone 31N"});
}

TEST_F(Copy, OverviewsAreMadeAsAsked) {
  Source s(path("in.zarr"));
  s.add("a", {"y", "x"}, {600, 600}, {600, 600}, DType::int16, {},
        [](const Extents& i) { return static_cast<double>((i[0] % 2) * 2 + (i[1] % 2) * 2); });
  s.writer->finish();
  for (const auto& [resampling, cell] :
       std::map<std::string, double>{{"", 0}, {"nearest", 0}, {"average", 2}, {"mode", 2}}) {
    CopyOptions options;
    options.overwrite = true;
    options.resampling = resampling;
    copy_dataset(path("in.zarr"), path("out.tif"), options, quiet());
    const auto overview = open_file(path("out.tif"), "overview_1");
    OwnedBlock cells({{0, 0, 0}, {1, 1, 1}}, DType::int16);
    overview->read(overview->find_variable("band_data"), cells.view());
    EXPECT_EQ(cell_as_double(cells.view(), {0, 0, 0}), cell) << resampling;
  }
  CopyOptions options;
  options.resampling = "mode";
  expect_refused(Errc::invalid_argument, "only a GeoTIFF",
                 [&] { copy_dataset(path("in.zarr"), path("out.zarr"), options, quiet()); });
}

TEST_F(Copy, TheBoundHoldsWhatAGeoTiffsWriterHolds) {
  const std::string in = slices(path("slices.zarr"));
  CopyOptions options;
  const std::int64_t zarr = copy_dataset(in, path("a.zarr"), options, quiet()).bound_bytes;
  options.chunks = {{"y", 512}, {"x", 512}};
  const std::int64_t tif = copy_dataset(in, path("a.tif"), options, quiet()).bound_bytes;
  // Each of the 40 bands is one tile of 512 KiB, so all of them may wait.
  EXPECT_GE(tif, zarr + 40 * (512 << 10));
  RunOptions run = quiet();
  run.plan.memory_bytes = 94 << 20;
  copy_dataset(in, path("b.zarr"), {}, run);
  expect_refused(Errc::invalid_argument,
                 "memory:", [&] { copy_dataset(in, path("b.tif"), options, run); });
  EXPECT_LE(geotiff::buffer_bytes(make_schema({"y", "x"}, {100000, 100000}, DType::uint8), 2),
            90 << 20);
  EXPECT_LE(geotiff::buffer_bytes(make_schema({"y", "x"}, {10, 10}, DType::uint8), 2), 5 << 20);
}

TEST_F(Copy, ProgressIsNotWholeBeforeTheLastChunkIsStored) {
  const std::string in = slices(path("slices.zarr"));
  const Array a = stores::read_of(in, "a");
  VariableSpec spec;
  spec.name = "a";
  spec.schema = make_schema(a.schema().dims, a.schema().shape, a.schema().dtype,
                            ChunkGrid::regular(a.schema().shape, {40, 16, 16}));
  RunOptions run = quiet();
  const Plan plan = make_plan({{"a", a, spec.schema.chunks}}, run.plan);
  const auto writer = create_file(path("out.zarr"), {});
  const std::size_t v = writer->add(spec);
  char* shown = nullptr;
  std::size_t n_shown = 0;
  run.progress = ::open_memstream(&shown, &n_shown);
  std::int64_t n_stored = 0;
  store_plan(plan, {spec.schema.chunks}, *writer, {v}, run, [&](std::size_t, const Block& chunk) {
    EXPECT_EQ(std::string(shown ? shown : "").find("100 %"), std::string::npos) << n_stored;
    writer->write(v, chunk);
    ++n_stored;
  });
  std::fclose(run.progress);
  EXPECT_EQ(n_stored, spec.schema.chunks.n_chunks());
  EXPECT_NE(std::string(shown).find("100 %"), std::string::npos);
  EXPECT_NE(std::string(shown).find("50 %"), std::string::npos);
  std::free(shown);
}

TEST_F(Copy, TimesAndBoxesThatHoldNothingAreRefused) {
  const std::string in = cube();
  EXPECT_NE(
      error_of([&] { time_windows(in, "", "1999/2000"); }).message().find("2001-01-30T00:00:00 to"),
      std::string::npos);
  EXPECT_EQ(error_of([&] { time_windows(in, "", "2001"); }).code(), Errc::invalid_argument);
  EXPECT_EQ(error_of([&] {
              box_windows(in, "", {30, 10, 31, 11});
            }).code(),
            Errc::invalid_argument);
}

TEST(ConvertCells, AValueFitsOrItsCellIsNamed) {
  const auto convert = [](std::vector<double> values, DType from, DType to) {
    const Region region{{0, 0}, {2, static_cast<std::int64_t>(values.size()) / 2}};
    OwnedBlock source(region, from);
    const Block given =
        dense_block(region, DType::float64, reinterpret_cast<std::byte*>(values.data()));
    copy_cells(given, source.view());
    OwnedBlock target(region, to);
    return convert_cells(source.view(), target.view());
  };
  const double nan = std::nan("");
  EXPECT_FALSE(convert({1, 2, 3, 255}, DType::int32, DType::uint8));
  EXPECT_EQ(convert({1, 2, 256, -1}, DType::int32, DType::uint8), (Extents{1, 0}));
  EXPECT_FALSE(convert({1.5, nan, 0.1, 1e30}, DType::float64, DType::float32));
  EXPECT_EQ(convert({1.5, 1e39, 0.1, 1e300}, DType::float64, DType::float32), (Extents{0, 1}));
  EXPECT_EQ(convert({1, 2, 3, nan}, DType::float64, DType::int16), (Extents{1, 1}));
  EXPECT_EQ(convert({1, 2.5, 3, 4}, DType::float32, DType::int16), (Extents{0, 1}));
  EXPECT_EQ(convert({1, 16777217, 3, 4}, DType::int32, DType::float32), (Extents{0, 1}));
  EXPECT_FALSE(convert({1, 16777217, 3, 4}, DType::int32, DType::float64));
  EXPECT_EQ(convert({0, 1, 2, 0}, DType::int8, DType::bool_), (Extents{1, 0}));
  EXPECT_EQ(convert({0, 1, 1, 9.3e18}, DType::float64, DType::int64), (Extents{1, 1}));
}

}  // namespace
}  // namespace rastream
