// SPDX-License-Identifier: Apache-2.0
// What labels become, from Xarray. The cells, and all other functions, are compared with Xarray by
// tests/oracle/labelled_check.py.
#include "rastream/ops/labelled.h"

#include <gtest/gtest.h>

#include <cmath>

#include "rastream/ops/sources/sources.h"

namespace rastream {
namespace {

DataArray line() {
  DataArray a;
  a.array = values({1, 2, 3}, "x");
  Coordinate x;
  x.dims = {"x"};
  x.cells = values({10, 20, 30}, "x");
  set_coordinate(a.coords, "x", x);
  Coordinate text;
  text.dims = {"x"};
  text.labels = {"a", "b", "c"};
  set_coordinate(a.coords, "name", text);
  return a;
}

TEST(LabelledPad, RepeatsLabelsAsItRepeatsCells) {
  const DataArray edge = pad(line(), "x", 2, 1, PadMode::edge);
  EXPECT_EQ(index_values(edge, "x"), (std::vector<double>{10, 10, 10, 20, 30, 30}));
  EXPECT_EQ(edge.coord("name")->labels, (std::vector<std::string>{"a", "a", "a", "b", "c", "c"}));
  EXPECT_EQ(index_values(pad(line(), "x", 1, 0, PadMode::wrap), "x").front(), 30);
}

TEST(LabelledPad, ConstantCellsHaveNoLabels) {
  const DataArray padded = pad(line(), "x", 1, 0, PadMode::constant);
  EXPECT_TRUE(std::isnan(index_values(padded, "x").front()));
  EXPECT_EQ(padded.coord("name"), nullptr);
}

TEST(LabelledIsel, TakesTextLabelsAlong) {
  const DataArray turned = isel(line(), "x", Slice{{}, {}, -2});
  EXPECT_EQ(turned.coord("name")->labels, (std::vector<std::string>{"c", "a"}));
}

}  // namespace
}  // namespace rastream
