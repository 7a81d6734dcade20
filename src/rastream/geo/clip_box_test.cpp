// SPDX-License-Identifier: Apache-2.0
#include "rastream/geo/clip_box.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "rastream/base/error.h"

namespace rastream {
namespace {

std::vector<double> range(double first, double step, int n) {
  std::vector<double> v(static_cast<std::size_t>(n));
  for (int i = 0; i < n; ++i) v[static_cast<std::size_t>(i)] = first + step * i;
  return v;
}

Crs daymet() {
  return Crs::from_user_input(
      "+proj=lcc +lat_1=25 +lat_2=60 +lat_0=42.5 +lon_0=-100 +a=6378137 +rf=298.257223563 "
      "+units=m");
}

Crs wgs84() { return Crs::from_user_input("EPSG:4326"); }

GeoBox north_america() {
  return GeoBox::from_coordinates(range(-4560250, 1000, 7814), range(4984000, -1000, 8075),
                                  daymet());
}

/// 10 x 8 cells of one unit; cell (i, j) has its centre at (i, j) with x ascending, y descending.
GeoBox small(bool x_up = true, bool y_up = false) {
  return GeoBox::from_coordinates(x_up ? range(0, 1, 10) : range(9, -1, 10),
                                  y_up ? range(0, 1, 8) : range(7, -1, 8), std::nullopt);
}

std::string message_of(const GeoBox& grid, const BBox& box) {
  try {
    clip_box(grid, box);
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), Errc::invalid_argument);
    return e.message();
  }
  ADD_FAILURE() << "no error";
  return {};
}

TEST(GeoBox, CoordinatesComeBackAsTheyWere) {
  const GeoBox na = north_america();
  EXPECT_EQ(na.x_coordinates(), range(-4560250, 1000, 7814));
  EXPECT_EQ(na.y_coordinates(), range(4984000, -1000, 8075));
  EXPECT_EQ(na.extent(), (BBox{-4560750, -3090500, 3253250, 4984500}));
  EXPECT_EQ(na.step_x(), 1000);
  EXPECT_EQ(na.step_y(), -1000);
}

TEST(GeoBox, Float32CoordinatesAreRegularWithinTheirPrecision) {
  std::vector<double> lon;
  for (int i = 0; i < 1440; ++i) lon.push_back(static_cast<float>(-179.875 + i * 0.25 + 0.1));
  std::vector<double> fine;
  for (int i = 0; i < 5000; ++i) fine.push_back(static_cast<float>(-124.9833 + i * 0.000833333));
  EXPECT_NO_THROW(GeoBox::from_coordinates(lon, fine, std::nullopt));
}

TEST(GeoBox, AnIrregularCoordinateIsRefusedNamingTheCell) {
  auto y = range(0, 1, 8);
  y[5] = 5.01;
  try {
    GeoBox::from_coordinates(range(0, 1, 8), y, std::nullopt);
    FAIL();
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), Errc::unsupported);
    EXPECT_NE(e.message().find("'y' is not regular: cell 5"), std::string::npos) << e.message();
  }
  const std::vector<double> nans = {0, NAN, 2};
  const std::vector<double> same = {3, 3, 3};
  const std::vector<double> one = {3};
  for (const auto& bad : {nans, same, one}) {
    EXPECT_THROW(GeoBox::from_coordinates(bad, y, std::nullopt), Error);
  }
}

TEST(GeoBox, APartOfAPartIsThePart) {
  const GeoBox na = north_america();
  const GeoBox part = na.sub(100, 200, 50, 80).sub(10, 20, 5, 6);
  EXPECT_EQ(part.transform, na.sub(110, 120, 55, 56).transform);
  EXPECT_EQ(part.nx, 10);
  EXPECT_EQ(part.ny, 1);
}

TEST(ClipBox, ContiguousUnitedStatesOnDaymetsGridIs5727Times3088Cells) {
  const GeoBox na = north_america();
  const ClipBox c = clip_box(na, {-124.784, 24.743, -66.951, 49.346}, wgs84());
  EXPECT_EQ(c.nx(), 5727);
  EXPECT_EQ(c.ny(), 3088);
  const GeoBox part = na.sub(c.x_begin, c.x_end, c.y_begin, c.y_end);
  EXPECT_EQ(part.x_coordinates().front(), -2473250);
  EXPECT_EQ(part.x_coordinates().back(), 3252750);
  EXPECT_EQ(part.y_coordinates().front(), 1177000);
  EXPECT_EQ(part.y_coordinates().back(), -1910000);
}

TEST(ClipBox, ACellIsTakenWhenTheBoxTouchesItAnywhereInEveryDirectionOfTheAxes) {
  for (const bool x_up : {true, false}) {
    for (const bool y_up : {true, false}) {
      const GeoBox grid = small(x_up, y_up);
      for (double west = -0.4; west < 8; west += 0.7) {
        for (double south = -0.3; south < 5; south += 0.9) {
          const BBox box{west, south, west + 1.9, south + 2.3};
          const ClipBox c = clip_box(grid, box);
          const auto xs = grid.x_coordinates();
          const auto ys = grid.y_coordinates();
          for (int i = 0; i < 10; ++i) {
            const bool touched = xs[static_cast<std::size_t>(i)] + 0.5 > box.west &&
                                 xs[static_cast<std::size_t>(i)] - 0.5 < box.east;
            EXPECT_EQ(touched, i >= c.x_begin && i < c.x_end) << west << " " << i;
          }
          for (int j = 0; j < 8; ++j) {
            const bool touched = ys[static_cast<std::size_t>(j)] + 0.5 > box.south &&
                                 ys[static_cast<std::size_t>(j)] - 0.5 < box.north;
            EXPECT_EQ(touched, j >= c.y_begin && j < c.y_end) << south << " " << j;
          }
        }
      }
    }
  }
}

TEST(ClipBox, ABoxAlongCellEdgesTakesExactlyTheCellsInside) {
  const GeoBox na = north_america();
  for (int i = 1; i < 7000; i += 13) {
    const double west = -4560750 + 1000.0 * i;
    const double north = 4984500 - 1000.0 * i;
    const ClipBox c = clip_box(na, {west, north - 500000, west + 300000, north});
    EXPECT_EQ(c, (ClipBox{i, i + 300, i, i + 500}));
  }
}

TEST(ClipBox, ABoxThatReachesOverTheEdgeIsCutThere) {
  EXPECT_EQ(clip_box(small(), {-50, -50, 50, 50}), (ClipBox{0, 10, 0, 8}));
  EXPECT_EQ(clip_box(small(), {-1e300, 6, 1.4, 1e300}), (ClipBox{0, 2, 0, 2}));
}

TEST(ClipBox, ABoxOutsideIsRefusedWithTheExtentOfTheArray) {
  EXPECT_NE(message_of(small(), {20, 0, 30, 5}).find("its extent is -0.5,-0.5,9.5,7.5"),
            std::string::npos);
  EXPECT_NE(message_of(small(), {-30, 0, -20, 5}).find("holds no cell"), std::string::npos);
  try {
    clip_box(north_america(), {4, 50, 7, 54}, wgs84());
    FAIL();
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), Errc::invalid_argument);
    EXPECT_NE(e.message().find("-4560750,-3090500,3253250,4984500"), std::string::npos)
        << e.message();
    EXPECT_NE(e.message().find("longitude and latitude"), std::string::npos) << e.message();
  }
}

TEST(ClipBox, AResultOneCellWideIsRefusedUnlessAllowed) {
  EXPECT_NE(message_of(small(), {1.6, 0, 2.4, 5}).find("takes 1 x 6 cells"), std::string::npos);
  EXPECT_EQ(clip_box(small(), {1.6, 0, 2.4, 5}, true), (ClipBox{2, 3, 2, 8}));
  const GeoBox line = small().sub(0, 10, 0, 1);
  EXPECT_THROW(clip_box(line, {0, 0, 5, 8}), Error);
  EXPECT_EQ(clip_box(line, {0, 0, 5, 8}, true).ny(), 1);
}

TEST(ClipBox, ABoxThatIsNoneAndAGridWithoutAPlaceAreRefused) {
  for (const BBox& bad :
       {BBox{5, 0, 1, 5}, BBox{0, 5, 5, 1}, BBox{NAN, 0, 5, 5}, BBox{0, 0, INFINITY, 5}}) {
    EXPECT_THROW(clip_box(small(), bad), Error);
  }
  EXPECT_THROW(clip_box(small(), {0, 0, 5, 5}, wgs84()), Error);
  GeoBox rotated = small();
  rotated.transform.b = 0.1;
  EXPECT_THROW(clip_box(rotated, {0, 0, 5, 5}), Error);
  GeoBox flat = small();
  flat.transform.a = 0;
  EXPECT_THROW(clip_box(flat, {0, 0, 5, 5}), Error);
}

TEST(ClipBox, ABoxInTheGridsOwnCrsIsNotTransformed) {
  const BBox box{-2473637.25, -1910249.5, 3260688.5, 1176878.75};
  EXPECT_EQ(clip_box(north_america(), box, daymet()), clip_box(north_america(), box));
}

}  // namespace
}  // namespace rastream
