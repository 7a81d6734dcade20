// SPDX-License-Identifier: Apache-2.0
// What the CF conventions make of a file: which variables are coordinates, what cells mean, and
// what is said when something is not there.
#include "rastream/ops/open_dataset.h"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <functional>

#include "rastream/geo/crs.h"
#include "rastream/ops/labelled.h"
#include "tests/suites/errors.h"
#include "tests/suites/small_stores.h"

namespace rastream {
namespace {

using stores::Variable;
using stores::variable;

Variable along(const std::string& dim, std::int64_t n, std::function<double(double)> value) {
  return variable(dim, {dim}, {n}, {n}, DType::float64,
                  [=](const Extents& i) { return value(static_cast<double>(i[0])); });
}

/// A small file as Daymet's are: projected axes in km, times, 2-D latitudes, a grid mapping.
std::vector<Variable> daymet_like() {
  Variable x = along("x", 4, [](double i) { return 10 + i; });
  Variable y = along("y", 3, [](double i) { return 5 - i; });
  for (Variable* axis : {&x, &y}) axis->attributes.set("units", "km");
  Variable time = along("time", 2, [](double i) { return 0.5 + i; });
  time.attributes.set("units", "days since 1980-01-01");
  time.attributes.set("bounds", "time_bnds");
  Variable bounds = variable("time_bnds", {"time", "nv"}, {2, 2}, {2, 2}, DType::float64,
                             [](const Extents& i) { return static_cast<double>(i[0] + i[1]); });
  Variable lat = variable("lat", {"y", "x"}, {3, 4}, {3, 4}, DType::float64,
                          [](const Extents& i) { return 60.0 - static_cast<double>(i[0]); });
  Variable mapping =
      variable("lambert", {}, {}, {}, DType::int16, [](const Extents&) { return 0; });
  mapping.fill.reset();
  mapping.attributes = Crs::from_user_input("EPSG:32631").to_cf();
  Variable tmax = variable(
      "tmax", {"time", "y", "x"}, {2, 3, 4}, {1, 3, 2}, DType::int16,
      [](const Extents& i) { return i[2] == 3 ? -9999.0 : static_cast<double>(i[2] * 10 + i[0]); });
  tmax.attributes.set("_FillValue", number_attribute(DType::int16, -9999));
  tmax.fill = -9999;
  tmax.attributes.set("scale_factor", number_attribute(DType::float32, 0.5));
  tmax.attributes.set("units", "degrees C");
  tmax.attributes.set("coordinates", "lat");
  tmax.attributes.set("grid_mapping", "lambert");
  return {x, y, time, bounds, lat, mapping, tmax};
}

class OpenDataset : public testing::Test {
 protected:
  std::string store(const std::vector<Variable>& variables) {
    const std::string path = folder_ / ("store" + std::to_string(n_++) + ".zarr");
    stores::write_store(path, variables);
    return path;
  }
  ScratchFolder folder_;
  int n_ = 0;
};

std::vector<double> cells_of(const Array& array) {
  Coordinate c;
  c.cells = array;
  return coordinate_values(c);
}

TEST_F(OpenDataset, WhatIsNamedAsACoordinateIsOneAndTheRestAreVariables) {
  const Dataset d = open_dataset(store(daymet_like()));
  ASSERT_EQ(d.variables.size(), 1u);
  EXPECT_EQ(d.variables[0].name, "tmax");
  for (const char* name : {"x", "y", "time", "time_bnds", "lat", "lambert"})
    EXPECT_NE(find_coordinate(d.coords, name), nullptr) << name;
}

TEST_F(OpenDataset, CellsAreMaskedAndScaledAndWhatThatUsesUpIsGone) {
  const DataArray tmax = open_dataset(store(daymet_like()))["tmax"];
  EXPECT_EQ(tmax.dtype(), DType::float64);  // JSON keeps no float32
  const std::vector<double> cells = cells_of(tmax.array);
  EXPECT_EQ(cells[1], 5);
  EXPECT_EQ(cells[12 + 2], 10.5);
  EXPECT_TRUE(std::isnan(cells[3]));
  EXPECT_EQ(tmax.attributes.text("units"), "degrees C");
  for (const char* name : {"_FillValue", "scale_factor", "coordinates", "grid_mapping"})
    EXPECT_FALSE(tmax.attributes.contains(name)) << name;
}

TEST_F(OpenDataset, WithoutDecodingAllIsAsItIsStored) {
  OpenOptions options;
  options.decode = false;
  const Dataset d = open_dataset(store(daymet_like()), options);
  EXPECT_EQ(d.variables.size(), 7u);
  EXPECT_EQ(d["tmax"].dtype(), DType::int16);
  EXPECT_EQ(cells_of(d["tmax"].array)[3], -9999);
  EXPECT_TRUE(d["tmax"].attributes.contains("scale_factor"));
  EXPECT_EQ(cells_of(d["x"].array).front(), 10);
}

TEST_F(OpenDataset, AxesInKilometresBecomeMetresWhereTheCrsIsInMetres) {
  const Dataset d = open_dataset(store(daymet_like()));
  EXPECT_EQ(coordinate_values(*find_coordinate(d.coords, "x")),
            (std::vector<double>{10000, 11000, 12000, 13000}));
  EXPECT_EQ(find_coordinate(d.coords, "y")->attributes.text("units"), "m");
  EXPECT_EQ(crs_of(d.coords)->epsg(), 32631);
}

TEST_F(OpenDataset, AxesStayAsTheyAreWithoutACrs) {
  std::vector<Variable> variables = daymet_like();
  std::erase_if(variables, [](const Variable& v) { return v.name == "lambert"; });
  const Dataset d = open_dataset(store(variables));
  EXPECT_EQ(coordinate_values(*find_coordinate(d.coords, "x")).front(), 10);
  EXPECT_FALSE(crs_of(d.coords).has_value());
}

TEST_F(OpenDataset, OnlyTheVariablesThatAreAskedForAreThereWithTheirCoordinates) {
  std::vector<Variable> variables = daymet_like();
  variables.push_back(variable("tmin", {"time", "y", "x"}, {2, 3, 4}, {1, 3, 4}, DType::float32,
                               [](const Extents&) { return 1; }));
  OpenOptions options;
  options.variables = {"tmin"};
  const Dataset d = open_dataset(store(variables), options);
  ASSERT_EQ(d.variables.size(), 1u);
  EXPECT_EQ(d.variables[0].name, "tmin");
  EXPECT_NE(d["tmin"].coord("lat"), nullptr);
}

TEST_F(OpenDataset, ACoordinateThatIsAskedForByNameIsAVariable) {
  EXPECT_EQ(open_data_array(store(daymet_like()), "lat").size("x"), 4);
}

TEST_F(OpenDataset, NothingIsReadButLabels) {
  const std::string path = store(daymet_like());
  std::filesystem::remove(path + "/tmax/0.0.0");
  const Dataset d = open_dataset(path);
  EXPECT_EQ(d["tmax"].size("time"), 2);
  EXPECT_THROW(cells_of(d["tmax"].array), Error);
}

TEST_F(OpenDataset, AVariableThatIsNotThereIsNamed) {
  const std::string path = store(daymet_like());
  expect_refused(Errc::not_found, "prcp", [&] { open_data_array(path, "prcp"); });
  OpenOptions options;
  options.variables = {"tmax", "prcp"};
  expect_refused(Errc::not_found, "prcp", [&] { open_dataset(path, options); });
}

TEST_F(OpenDataset, AFileThatIsNotThereIsNotFoundAndAnotherOneIsNoDataset) {
  expect_refused(Errc::not_found, "nowhere.nc", [&] { open_dataset(folder_ / "nowhere.nc"); });
  std::ofstream(folder_ / "notes.txt") << "hello";
  expect_refused(Errc::data_loss, "notes.txt", [&] { open_dataset(folder_ / "notes.txt"); });
}

TEST_F(OpenDataset, WithoutANameTheFileMustHaveJustOneVariable) {
  EXPECT_EQ(open_data_array(store(daymet_like()), "").name, "tmax");
  std::vector<Variable> two = daymet_like();
  two.push_back(two.back());
  two.back().name = "tmin";
  expect_refused(Errc::invalid_argument, "tmax, tmin", [&] { open_data_array(store(two), ""); });
}

TEST_F(OpenDataset, ValuesOutsideTheValidRangeAreMissing) {
  Variable v = variable("v", {"x"}, {5}, {5}, DType::float32,
                        [](const Extents& i) { return static_cast<double>(i[0]); });
  v.attributes.set("valid_range", Numbers{DType::float32, {}, {1, 3}});
  v.attributes.set("missing_value", number_attribute(DType::float32, 2));
  const std::vector<double> cells = cells_of(open_data_array(store({v}), "v").array);
  EXPECT_TRUE(std::isnan(cells[0]) && std::isnan(cells[2]) && std::isnan(cells[4]));
  EXPECT_EQ(cells[1], 1);
  EXPECT_EQ(cells[3], 3);
}

TEST_F(OpenDataset, ANameThatPointsNowhereIsNoCoordinateAndNoError) {
  Variable v = variable("v", {"x"}, {2}, {2}, DType::float32, [](const Extents&) { return 1; });
  v.attributes.set("coordinates", "lat lon");
  v.attributes.set("grid_mapping", "crs: x y");
  const Dataset d = open_dataset(store({v}));
  EXPECT_EQ(d.variables.size(), 1u);
  EXPECT_TRUE(d.coords.empty());
}

}  // namespace
}  // namespace rastream
