// SPDX-License-Identifier: Apache-2.0
// Every function on labelled arrays, written through write_dataset with random plans and chunks,
// for tests/oracle/labelled_check.py to compute anew with Xarray: cells and coordinates. Kept where
// RASTREAM_OPERATOR_ORACLE says: labelled/*.zarr and labelled.json.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "oracle_inputs.h"
#include "random_plans.h"
#include "rastream/exec/write_dataset.h"
#include "rastream/ops/elementwise/constant.h"
#include "rastream/ops/labelled.h"
#include "rastream/ops/open_dataset.h"

namespace rastream {
namespace {

using graphs::between;
using graphs::Random;
using oracle::Flavour;
using oracle::one_of;

struct Grid {
  std::int64_t times;
  std::int64_t rows;
  std::int64_t columns;
};

class LabelledRecorder {
 public:
  LabelledRecorder(std::string folder, std::uint64_t seed)
      : folder_(std::move(folder)), random_(seed) {
    std::filesystem::remove_all(folder_ + "/labelled");
    std::filesystem::create_directories(folder_ + "/labelled");
  }

  /// Stores `array` and gives it back as opened from there, with its name.
  DataArray input(const std::string& name, DataArray array) {
    array.name = name;
    WriteOptions options;
    options.compressor = "none";
    options.chunks = random_chunks(array);
    write_dataset(make_dataset({array}), path_of(name), options);
    return open_data_array(path_of(name), name);
  }

  void add(const std::string& function, const std::vector<Term>& inputs, Json params,
           const DataArray& result) {
    Json c;
    c["function"] = function;
    c["inputs"] = Json::array();
    for (const Term& t : inputs)
      c["inputs"].push_back(t.array() ? Json{{"array", t.array()->name}}
                                      : Json{{"literal", t.literal().literal()}});
    c["params"] = std::move(params);
    const std::string name = "c" + std::to_string(cases_.size() + n_refused_);
    WriteOptions options;
    options.compressor = "none";
    options.run.plan = runs::random_options(random_);
    options.run.executor = random_() % 2 ? "serial" : "threads";
    options.chunks = random_chunks(result);
    c["output"] = name;
    c["how"] = runs::text_of(options.run.plan) + " " + options.run.executor;
    SCOPED_TRACE(c.dump());
    try {
      const Dataset dataset = make_dataset({rename(result, "cells")});
      EXPECT_TRUE(write_dataset(dataset, path_of(name), options).is_complete);
      cases_.push_back(std::move(c));
    } catch (const Error& e) {
      EXPECT_EQ(e.code(), Errc::unsupported) << e.what();
      ++n_refused_;
    }
  }

  Random& random() { return random_; }
  std::size_t n_cases() const { return cases_.size(); }
  std::size_t n_refused() const { return n_refused_; }

  void finish() const {
    std::ofstream(folder_ + "/labelled.json") << Json(cases_).dump(1, ' ', false);
  }

 private:
  std::string path_of(const std::string& name) const {
    return folder_ + "/labelled/" + name + ".zarr";
  }

  std::map<std::string, std::int64_t> random_chunks(const DataArray& a) {
    std::map<std::string, std::int64_t> chunks;
    for (const std::string& dim : a.dims())
      chunks[dim] = random_() % 2 ? a.size(dim) : (a.size(dim) + 1) / 2;
    return chunks;
  }

  std::string folder_;
  Random random_;
  std::vector<Json> cases_;
  std::size_t n_refused_ = 0;
};

void label(DataArray& a, const std::string& dim, double first, double step,
           DType dtype = DType::float64) {
  std::vector<double> labels(static_cast<std::size_t>(a.size(dim)));
  for (std::size_t i = 0; i < labels.size(); ++i) labels[i] = first + step * static_cast<double>(i);
  Coordinate c;
  c.dims = {dim};
  c.cells = values(labels, dim, dtype);
  if (dim == "time") {
    c.attributes.set("units", "days since 1980-01-25 00:00:00");
    c.attributes.set("calendar", "standard");
  }
  set_coordinate(a.coords, dim, std::move(c));
}

DataArray random_array(Random& random, const std::vector<std::string>& dims, const Extents& shape,
                       DType dtype, Flavour flavour = Flavour::plain) {
  DataArray a;
  a.array = values(oracle::random_cells(random, shape, dtype, flavour), dims);
  return a;
}

/// An array (time, y, x) on the grid, `moved` cells further along time and x.
DataArray cube(Random& random, const Grid& g, DType dtype, std::int64_t moved,
               Flavour flavour = Flavour::plain) {
  DataArray a =
      random_array(random, {"time", "y", "x"}, {g.times, g.rows, g.columns}, dtype, flavour);
  label(a, "time", 0.5 + static_cast<double>(moved), 1);
  label(a, "y", 1000, -250);
  label(a, "x", 10 + 2.5 * static_cast<double>(moved), 2.5, DType::float32);
  return a;
}

void add_arithmetic(LabelledRecorder& r, const DataArray& a, const DataArray& b,
                    const DataArray& flags) {
  r.add("operator+", {a, b}, Json::object(), a + b);
  r.add("operator+", {a, 2}, Json::object(), a + 2);
  r.add("operator-", {b, a}, Json::object(), b - a);
  r.add("operator-", {a}, Json::object(), -a);
  r.add("operator-", {1.5, a}, Json::object(), 1.5 - a);
  r.add("operator*", {a, b}, Json::object(), a * b);
  r.add("operator/", {a, b}, Json::object(), a / b);
  r.add("operator>", {a, b}, Json::object(), a > b);
  r.add("operator>=", {a, 0}, Json::object(), a >= 0);
  r.add("operator<", {a, b}, Json::object(), a < b);
  r.add("operator<=", {a, 1.5}, Json::object(), a <= 1.5);
  r.add("operator&&", {flags, flags}, Json::object(), flags && flags);
  r.add("operator||", {a, flags}, Json::object(), a || flags);
  r.add("operator!", {flags}, Json::object(), !flags);
  for (const char* name : {"arctan2", "minimum", "hypot", "floor_divide"})
    r.add("apply_elementwise", {a, b}, {{"name", name}}, apply_elementwise(name, {a, b}));
}

void add_functions(LabelledRecorder& r, const DataArray& a) {
  using Function = DataArray (*)(const DataArray&);
  const std::vector<std::pair<const char*, Function>> functions = {
      {"sin", sin},     {"cos", cos},           {"exp", exp},           {"log", log},
      {"sqrt", sqrt},   {"floor", floor},       {"absolute", absolute}, {"round", round},
      {"isnan", isnan}, {"isfinite", isfinite}, {"real", real},         {"imag", imag},
      {"conj", conj},   {"angle", angle}};
  for (const auto& [name, function] : functions) r.add(name, {a}, Json::object(), function(a));
  r.add("astype", {a}, {{"dtype", "int16"}}, astype(a, DType::int16));
  r.add("astype", {a}, {{"dtype", "float64"}}, astype(a, DType::float64));
  r.add("clip", {a}, {{"least", -2.5}, {"greatest", 3.0}}, clip(a, -2.5, 3.0));
  r.add("clip", {a}, {{"least", nullptr}, {"greatest", 3.0}}, clip(a, std::nullopt, 3.0));
  r.add("rename", {a}, {{"name", "cells"}}, rename(a, "cells"));
}

void add_choices(LabelledRecorder& r, const DataArray& a, const DataArray& b,
                 const DataArray& flags, const DataArray& counts) {
  r.add("where", {flags, a, b}, Json::object(), where(flags, a, b));
  r.add("where", {flags, a, 0}, Json::object(), where(flags, a, 0));
  r.add("where", {a, flags}, Json::object(), where(a, flags));
  r.add("where", {counts, flags}, Json::object(), where(counts, flags));
}

void add_selections(LabelledRecorder& r, const DataArray& a) {
  Random& random = r.random();
  const std::vector<double> x = index_values(a, "x");
  const std::vector<double> y = index_values(a, "y");
  const std::int64_t n = a.size("time");
  const std::int64_t start = between(random, -n, n - 1);
  const std::int64_t step = one_of<std::int64_t>(random, {1, 2, -1});
  const Slice slice{start, std::nullopt, step};
  r.add("isel", {a}, {{"dim", "time"}, {"start", start}, {"stop", nullptr}, {"step", step}},
        isel(a, "time", slice));
  r.add("isel", {a}, {{"dim", "y"}, {"index", -1}}, isel(a, "y", -1));
  const double label = one_of(random, x);
  r.add("sel", {a}, {{"dim", "x"}, {"label", label}}, sel(a, "x", label));
  r.add("sel", {a}, {{"dim", "y"}, {"label", y[0] - 90}, {"nearest", true}},
        sel(a, "y", y[0] - 90, true));
  r.add("sel", {a}, {{"dim", "x"}, {"first", x[0] + 1}, {"last", x.back()}},
        sel(a, "x", x[0] + 1, x.back()));
  r.add("sel", {a}, {{"dim", "y"}, {"first", y[0]}, {"last", y.back() - 1}},
        sel(a, "y", y[0], y.back() - 1));
  for (const char* date : {"1980-01", "1980", "1980-01-27"})
    r.add("sel", {a}, {{"dim", "time"}, {"date", date}}, sel(a, "time", date));
}

void add_shapes(LabelledRecorder& r, const DataArray& a) {
  Random& random = r.random();
  const std::int64_t before = between(random, 0, 3);
  const std::int64_t after = between(random, 0, 3);
  r.add("pad", {a}, {{"dim", "x"}, {"before", before}, {"after", after}, {"mode", "edge"}},
        pad(a, "x", before, after, PadMode::edge));
  r.add("pad", {a}, {{"dim", "time"}, {"before", after}, {"after", before}, {"mode", "constant"}},
        pad(a, "time", after, before, PadMode::constant));
  r.add("transpose", {a}, {{"dims", {"x", "time", "y"}}}, transpose(a, {"x", "time", "y"}));
  r.add("rechunk", {a}, {{"dims", {"x"}}, {"chunks", {2}}}, rechunk(a, {"x"}, {2}));
  r.add("expand_dims", {a}, {{"dim", "plant"}, {"label", "lilac"}},
        expand_dims(a, "plant", "lilac"));
}

void add_reductions(LabelledRecorder& r, const DataArray& a) {
  using Reduction = DataArray (*)(const DataArray&, const Dims&, bool);
  const std::vector<std::pair<const char*, Reduction>> reductions = {
      {"sum", sum}, {"mean", mean}, {"min", min}, {"max", max}};
  Random& random = r.random();
  for (const auto& [name, reduce] : reductions) {
    for (const bool skipna : {true, false}) {
      const Dims dims = one_of<Dims>(random, {{"time"}, {"x"}, {"y", "x"}, {"time", "y"}});
      r.add(name, {a}, {{"dims", dims}, {"skipna", skipna}}, reduce(a, dims, skipna));
    }
  }
  for (const bool skipna : {true, false}) {
    const std::string dim = one_of(random, a.dims());
    r.add("cumsum", {a}, {{"dim", dim}, {"skipna", skipna}}, cumsum(a, dim, skipna));
    r.add("argmax", {a}, {{"dim", dim}, {"skipna", skipna}}, argmax(a, dim, skipna));
  }
  const DataArray high = a > 4;
  r.add("any", {a}, {{"dims", {"time", "x"}}, {"above", 4}}, any(high, {"time", "x"}));
  r.add("rolling_sum", {a}, {{"dim", "time"}, {"window", 3}}, rolling_sum(a, "time", 3));
  r.add("coarsen_mean", {a}, {{"dims", {"y", "x"}}, {"factors", {2, 3}}},
        coarsen_mean(a, {"y", "x"}, {2, 3}));
  r.add("coarsen_mean", {a}, {{"dims", {"time"}}, {"factors", {2}}},
        coarsen_mean(a, {"time"}, {2}));
}

/// Text labels: selected, joined, and aligned with each other.
void add_texts(LabelledRecorder& r, const std::string& prefix, const Grid& g) {
  Random& random = r.random();
  const auto plants = [&](const std::string& name, const std::vector<std::string>& labels) {
    DataArray a =
        random_array(random, {"plant", "x"}, {static_cast<std::int64_t>(labels.size()), g.columns},
                     DType::float32);
    label(a, "x", 0, 1);
    Coordinate c;
    c.dims = {"plant"};
    c.labels = labels;
    set_coordinate(a.coords, "plant", std::move(c));
    return r.input(prefix + name, a);
  };
  const DataArray a = plants("plants", {"lilac", "arnold red", "zabelli"});
  const DataArray b = plants("others", {"zabelli", "été", "lilac"});
  r.add("operator+", {a, b}, Json::object(), a + b);
  r.add("concat", {a, b}, {{"dim", "plant"}}, concat({a, b}, "plant"));
  r.add("sel", {a}, {{"dim", "plant"}, {"text", "zabelli"}}, sel(a, "plant", "zabelli"));
  r.add("isel", {a}, {{"dim", "plant"}, {"start", nullptr}, {"stop", nullptr}, {"step", -2}},
        isel(a, "plant", Slice{{}, {}, -2}));
  r.add("mean", {a}, {{"dims", {"plant"}}, {"skipna", true}}, mean(a, {"plant"}));
  const std::vector<std::string> hours = {"morning", "noon"};
  const DataArray from = from_values({1.5, -2}, "hours", DType::float32, hours);
  r.add("from_values", {},
        {{"cells", {1.5, -2}}, {"dim", "hours"}, {"dtype", "float32"}, {"labels", hours}}, from);
  const DataArray doy = from_values({1, 2, 3}, "time", DType::int16);
  r.add("from_values", {},
        {{"cells", {1, 2, 3}}, {"dim", "time"}, {"dtype", "int16"}, {"labels", Json::array()}},
        doy);
}

/// A grid in degrees, and a box that cuts it.
void add_clip_box(LabelledRecorder& r, const std::string& prefix, const Grid& g) {
  DataArray a = random_array(r.random(), {"y", "x"}, {g.rows + 4, g.columns + 6}, DType::float32);
  label(a, "y", 50, -0.5);
  label(a, "x", -100, 0.5);
  Coordinate mapping;
  mapping.cells = constant(0, DType::int32);
  mapping.attributes.set("grid_mapping_name", "latitude_longitude");
  mapping.attributes.set("crs_wkt", Crs::from_user_input("EPSG:4326").wkt());
  set_coordinate(a.coords, "spatial_ref", std::move(mapping));
  a = r.input(prefix + "degrees", a);
  for (const BBox& box : {BBox{-99.6, 47.9, -98.2, 49.3}, BBox{-120, 0, -99.25, 80},
                          BBox{-99.0, 48.5, -98.5, 49.0}}) {
    r.add("clip_box", {a}, {{"box", {box.west, box.south, box.east, box.north}}}, clip_box(a, box));
  }
}

/// Labelled arrays of one grid: `weather` and `later` overlap in part along time and x, `counts`
/// are integers, `flags` bool, `bare` has no labels.
void add_grid(LabelledRecorder& r, const std::string& prefix, const Grid& g) {
  Random& random = r.random();
  const DataArray weather = r.input(prefix + "weather", cube(random, g, DType::float32, 0));
  const DataArray later = r.input(prefix + "later", cube(random, g, DType::float64, 2));
  const DataArray counts = r.input(prefix + "counts", cube(random, g, DType::int16, 0));
  const DataArray flags = r.input(prefix + "flags", cube(random, g, DType::bool_, 1));
  const DataArray ties =
      r.input(prefix + "ties", cube(random, g, DType::float32, 0, Flavour::ties));
  DataArray unlabelled = random_array(random, {"x", "band"}, {g.columns, 2}, DType::float32);
  const DataArray bare = r.input(prefix + "bare", unlabelled);
  add_arithmetic(r, weather, later, flags);
  add_arithmetic(r, counts, weather, flags);
  r.add("operator*", {weather, bare}, Json::object(), weather * bare);
  r.add("operator+", {bare, counts}, Json::object(), bare + counts);
  add_functions(r, weather);
  add_choices(r, weather, later, flags, counts);
  for (const DataArray& a : {weather, counts, ties}) {
    add_selections(r, a);
    add_shapes(r, a);
    add_reductions(r, a);
  }
  r.add("concat", {weather, later}, {{"dim", "time"}}, concat({weather, later}, "time"));
  r.add("concat", {counts, ties}, {{"dim", "x"}}, concat({counts, ties}, "x"));
  add_texts(r, prefix, g);
  add_clip_box(r, prefix, g);
}

TEST(LabelledOracle, EveryFunctionIsRunAndKeptForXarray) {
  const ScratchFolder scratch;
  const std::string folder = scratch / "oracle";
  LabelledRecorder recorder(folder, oracle::seed());
  add_grid(recorder, "a_", {8, 4, 9});
  add_grid(recorder, "b_", {11, 3, 6});
  // Plans that would have to turn the stream round are refused, which the documentation says.
  EXPECT_LT(recorder.n_refused(), recorder.n_cases() / 20);
  recorder.finish();
  oracle::keep(folder);
}

}  // namespace
}  // namespace rastream
