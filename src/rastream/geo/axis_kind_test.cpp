// SPDX-License-Identifier: Apache-2.0
#include "rastream/geo/axis_kind.h"

#include <gtest/gtest.h>

namespace rastream {
namespace {

Attributes with(const char* name, const char* value) {
  Attributes attributes;
  attributes.set(name, value);
  return attributes;
}

TEST(AxisKind, IsOfTheStandardNameThenTheNameThenTheUnits) {
  EXPECT_EQ(axis_kind("x", {}), AxisKind::x);
  EXPECT_EQ(axis_kind("northing", {}), AxisKind::y);
  EXPECT_EQ(axis_kind("group/lat", {}), AxisKind::latitude);
  EXPECT_EQ(axis_kind("x", with("standard_name", "longitude")), AxisKind::longitude);
  EXPECT_EQ(axis_kind("lon", with("standard_name", "surface")), AxisKind::longitude);
  EXPECT_EQ(axis_kind("c", with("units", "degrees_north")), AxisKind::latitude);
  EXPECT_EQ(axis_kind("lat", with("units", "degrees_east")), AxisKind::latitude);
  EXPECT_EQ(axis_kind("time", {}), AxisKind::other);
}

TEST(AxisKind, UnitsAreWrittenInTheWaysOfCf) {
  for (const char* units : {"degrees_east", "degree_east", "degree_E", "degrees_E", "degreeE"})
    EXPECT_EQ(axis_kind_by_units(with("units", units)), AxisKind::longitude) << units;
  for (const char* units : {"degrees_north", "degree_N", "degreesN"})
    EXPECT_EQ(axis_kind_by_units(with("units", units)), AxisKind::latitude) << units;
  for (const char* units : {"degrees", "m", "degrees_C", ""})
    EXPECT_EQ(axis_kind_by_units(with("units", units)), AxisKind::other) << units;
}

}  // namespace
}  // namespace rastream
