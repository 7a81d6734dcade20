// SPDX-License-Identifier: Apache-2.0
// Expected numbers are pyproj 3.7's and RioXarray 0.19's for the same input.
#include "rastream/geo/crs.h"

#include <gtest/gtest.h>

#include <cmath>
#include <thread>

#include "rastream/base/error.h"

namespace rastream {
namespace {

Attribute numbers(std::vector<double> v) { return Numbers{DType::float64, {}, std::move(v)}; }
Attribute number(double v) { return number_attribute(DType::float64, v); }

Attributes daymet_attributes() {
  Attributes a;
  a.set("grid_mapping_name", "lambert_conformal_conic");
  a.set("longitude_of_central_meridian", number(-100));
  a.set("latitude_of_projection_origin", number(42.5));
  a.set("false_easting", number(0));
  a.set("false_northing", number(0));
  a.set("standard_parallel", numbers({25, 60}));
  a.set("semi_major_axis", number(6378137));
  a.set("inverse_flattening", number(298.257223563));
  return a;
}

const Crs& wgs84() {
  static const Crs crs = Crs::from_user_input("EPSG:4326");
  return crs;
}

std::pair<double, double> forward(const Crs& from, const Crs& to, double x, double y) {
  CoordinateTransform(from, to).forward({&x, 1}, {&y, 1});
  return {x, y};
}

Errc code_of(const Attributes& a) {
  try {
    Crs::from_cf(a);
  } catch (const Error& e) {
    return e.code();
  }
  ADD_FAILURE() << "no error";
  return Errc::internal;
}

TEST(Crs, EveryWayToWriteACrsIsRead) {
  EXPECT_EQ(wgs84().epsg(), 4326);
  EXPECT_TRUE(wgs84().is_geographic());
  EXPECT_NEAR(wgs84().metres_per_unit(), 111319.49, 0.01);
  const Crs utm = Crs::from_user_input("EPSG:32631");
  EXPECT_EQ(utm.name(), "WGS 84 / UTM zone 31N");
  EXPECT_FALSE(utm.is_geographic());
  EXPECT_EQ(utm.metres_per_unit(), 1);
  for (const std::string& text :
       {std::string("32631"), utm.wkt(), utm.wkt1(), utm.projjson().dump(),
        std::string("+proj=utm +zone=31 +datum=WGS84")}) {
    EXPECT_EQ(Crs::from_user_input(text), utm) << text;
  }
  EXPECT_NEAR(Crs::from_user_input("EPSG:2263").metres_per_unit(), 1200.0 / 3937, 1e-15);
  EXPECT_EQ(Crs::from_user_input("OGC:CRS84"), wgs84());
}

TEST(Crs, TextThatIsNotACrsIsRefusedAndShown) {
  for (const char* bad :
       {"", "EPSG:999999", "bananas", "+proj=bananas", "PROJCRS[", "{}", "{\"type\": 3}",
        "+proj=pipeline +step +proj=utm +zone=31", "123456789012"}) {
    try {
      Crs::from_user_input(bad);
      ADD_FAILURE() << bad;
    } catch (const Error& e) {
      EXPECT_EQ(e.code(), Errc::invalid_argument) << bad;
      EXPECT_NE(e.message().find(bad), std::string::npos) << bad;
    }
  }
  EXPECT_THROW(Crs::from_user_input(std::string(2 << 20, '[')), Error);
  EXPECT_THROW(Crs::from_user_input(std::string_view("EPSG:4326\0x", 11)), Error);
}

TEST(Crs, EqualityIsOfPositionsNotOfNames) {
  const Crs daymet = Crs::from_cf(daymet_attributes());
  EXPECT_EQ(daymet,
            Crs::from_user_input("+proj=lcc +lat_1=25 +lat_2=60 +lat_0=42.5 +lon_0=-100 +a=6378137 "
                                 "+rf=298.257223563 +units=m"));
  EXPECT_FALSE(daymet == Crs::from_user_input(
                             "+proj=lcc +lat_1=25 +lat_2=60 +lat_0=42 +lon_0=-100 +a=6378137 "
                             "+rf=298.257223563 +units=m"));
  EXPECT_FALSE(daymet == wgs84());
}

TEST(Crs, DaymetsGridMappingGivesItsPublishedCoordinates) {
  const Crs daymet = Crs::from_cf(daymet_attributes());
  EXPECT_FALSE(daymet.epsg().has_value());
  const auto [x, y] = forward(wgs84(), daymet, -85, 40);
  EXPECT_NEAR(x, 1216781.39, 0.01);
  EXPECT_NEAR(y, -155222.78, 0.01);
  const auto [x2, y2] = forward(wgs84(), daymet, -84.2625, 36.0133);
  EXPECT_NEAR(x2, 1355394.59, 0.01);
  EXPECT_NEAR(y2, -560478.62, 0.01);
}

TEST(Crs, NumericTypeOfAGridMappingAttributeDoesNotMatter) {
  Attributes a = daymet_attributes();
  a.set("standard_parallel", Numbers{DType::int16, {25, 60}, {}});
  a.set("longitude_of_central_meridian", number_attribute(DType::int32, -100));
  a.set("semi_major_axis", number_attribute(DType::float32, 6378137));
  EXPECT_EQ(Crs::from_cf(a), Crs::from_cf(daymet_attributes()));
}

TEST(Crs, CoordinatesInKilometresScaleTheProjection) {
  const Crs km = Crs::from_cf(daymet_attributes(), 1000);
  EXPECT_EQ(km.metres_per_unit(), 1000);
  EXPECT_NEAR(forward(wgs84(), km, -85, 40).first, 1216.78139, 1e-5);
}

struct CfCase {
  const char* text;
  std::vector<std::pair<const char*, Attribute>> attributes;
};

TEST(Crs, CfProjectionsGiveTheSamePositionsAsProjStrings) {
  const std::vector<CfCase> cases = {
      {"+proj=lcc +lat_1=30 +lat_0=30 +lon_0=10 +x_0=5 +y_0=7 +R=6371229",
       {{"grid_mapping_name", "lambert_conformal_conic"},
        {"standard_parallel", number(30)},
        {"longitude_of_central_meridian", number(10)},
        {"latitude_of_projection_origin", number(30)},
        {"false_easting", number(5)},
        {"false_northing", number(7)},
        {"earth_radius", number(6371229)}}},
      {"+proj=tmerc +lat_0=49 +lon_0=-2 +k_0=0.9996012717 +x_0=400000 +y_0=-100000 +a=6377563.396 "
       "+b=6356256.909",
       {{"grid_mapping_name", "transverse_mercator"},
        {"latitude_of_projection_origin", number(49)},
        {"longitude_of_central_meridian", number(-2)},
        {"scale_factor_at_central_meridian", number(0.9996012717)},
        {"false_easting", number(400000)},
        {"false_northing", number(-100000)},
        {"semi_major_axis", number(6377563.396)},
        {"semi_minor_axis", number(6356256.909)}}},
      {"+proj=aea +lat_1=29.5 +lat_2=45.5 +lat_0=23 +lon_0=-96 +datum=WGS84",
       {{"grid_mapping_name", "albers_conical_equal_area"},
        {"standard_parallel", numbers({29.5, 45.5})},
        {"latitude_of_projection_origin", number(23)},
        {"longitude_of_central_meridian", number(-96)}}},
      {"+proj=laea +lat_0=52 +lon_0=10 +x_0=4321000 +y_0=3210000 +datum=WGS84",
       {{"grid_mapping_name", "lambert_azimuthal_equal_area"},
        {"latitude_of_projection_origin", number(52)},
        {"longitude_of_projection_origin", number(10)},
        {"false_easting", number(4321000)},
        {"false_northing", number(3210000)}}},
      {"+proj=stere +lat_0=90 +lat_ts=70 +lon_0=-45 +datum=WGS84",
       {{"grid_mapping_name", "polar_stereographic"},
        {"standard_parallel", number(70)},
        {"straight_vertical_longitude_from_pole", number(-45)},
        {"latitude_of_projection_origin", number(90)}}},
      {"+proj=stere +lat_0=-90 +k_0=0.994 +lon_0=0 +x_0=2000000 +y_0=2000000 +datum=WGS84",
       {{"grid_mapping_name", "polar_stereographic"},
        {"straight_vertical_longitude_from_pole", number(0)},
        {"latitude_of_projection_origin", number(-90)},
        {"scale_factor_at_projection_origin", number(0.994)},
        {"false_easting", number(2000000)},
        {"false_northing", number(2000000)}}},
      {"+proj=merc +lat_ts=42 +lon_0=51 +datum=WGS84",
       {{"grid_mapping_name", "mercator"},
        {"standard_parallel", number(42)},
        {"longitude_of_projection_origin", number(51)}}},
      {"+proj=sinu +lon_0=0 +R=6371007.181",
       {{"grid_mapping_name", "sinusoidal"},
        {"longitude_of_projection_origin", number(0)},
        {"earth_radius", number(6371007.181)}}},
      {"+proj=longlat +a=6378137 +rf=298.257223563",
       {{"grid_mapping_name", "latitude_longitude"},
        {"semi_major_axis", number(6378137)},
        {"inverse_flattening", number(298.257223563)}}},
  };
  for (const auto& c : cases) {
    Attributes a;
    for (const auto& [name, value] : c.attributes) a.set(name, value);
    const Crs expected = Crs::from_user_input(c.text);
    const double lat = std::string(c.text).find("lat_0=-90") == std::string::npos ? 51 : -71;
    EXPECT_EQ(forward(wgs84(), Crs::from_cf(a), 12, lat), forward(wgs84(), expected, 12, lat))
        << c.text;
    // What to_cf writes, without its WKT, must mean the same: the parameters are not decoration.
    Attributes written = expected.to_cf();
    EXPECT_EQ(Crs::from_cf(written), expected) << c.text;
    written.erase("crs_wkt");
    written.erase("spatial_ref");
    const auto again = forward(wgs84(), Crs::from_cf(written), 12, lat);
    EXPECT_NEAR(again.first, forward(wgs84(), expected, 12, lat).first, 1e-6) << c.text;
    EXPECT_NEAR(again.second, forward(wgs84(), expected, 12, lat).second, 1e-6) << c.text;
  }
}

TEST(Crs, CfAttributesHaveRioxarraysNamesAndValues) {
  const Attributes a = Crs::from_user_input("EPSG:32631").to_cf();
  EXPECT_EQ(a.text("grid_mapping_name"), "transverse_mercator");
  EXPECT_EQ(a.number("semi_minor_axis"), 6356752.314245179);
  EXPECT_EQ(a.number("inverse_flattening"), 298.257223563);
  EXPECT_EQ(a.text("reference_ellipsoid_name"), "WGS 84");
  EXPECT_EQ(a.number("longitude_of_prime_meridian"), 0);
  EXPECT_EQ(a.text("prime_meridian_name"), "Greenwich");
  EXPECT_EQ(a.text("geographic_crs_name"), "WGS 84");
  EXPECT_EQ(a.text("projected_crs_name"), "WGS 84 / UTM zone 31N");
  EXPECT_EQ(a.number("scale_factor_at_central_meridian"), 0.9996);
  EXPECT_EQ(a.number("false_easting"), 500000);
  EXPECT_EQ(a.text("crs_wkt"), a.text("spatial_ref"));
  EXPECT_TRUE(a.text("crs_wkt")->starts_with("PROJCS[\"WGS 84 / UTM zone 31N\",GEOGCS["));
  EXPECT_EQ(wgs84().to_cf().text("grid_mapping_name"), "latitude_longitude");
}

TEST(Crs, AWktAttributeWinsOverParameters) {
  Attributes a = daymet_attributes();
  a.set("spatial_ref", wgs84().wkt1());
  EXPECT_EQ(Crs::from_cf(a), wgs84());
  a.set("crs_wkt", Crs::from_user_input("EPSG:32631").wkt());
  EXPECT_EQ(Crs::from_cf(a).epsg(), 32631);
  a.set("crs_wkt", "GEOGCS[broken");
  EXPECT_EQ(code_of(a), Errc::data_loss);
}

TEST(Crs, AnUnknownProjectionIsUnsupportedByName) {
  Attributes a;
  a.set("grid_mapping_name", "rotated_latitude_longitude");
  try {
    Crs::from_cf(a);
    FAIL();
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), Errc::unsupported);
    EXPECT_NE(e.message().find("rotated_latitude_longitude"), std::string::npos);
    EXPECT_NE(e.message().find("albers_conical_equal_area"), std::string::npos);
  }
}

TEST(Crs, AMissingOrAbsurdAttributeIsDataLoss) {
  EXPECT_EQ(code_of({}), Errc::data_loss);
  for (const char* name : {"standard_parallel", "longitude_of_central_meridian"}) {
    Attributes a = daymet_attributes();
    a.erase(name);
    EXPECT_EQ(code_of(a), Errc::data_loss) << name;
  }
  const std::vector<std::pair<const char*, Attribute>> absurd = {
      {"standard_parallel", numbers({25, 60, 70})},
      {"standard_parallel", numbers({25, 600})},
      {"standard_parallel", numbers({NAN, 60})},
      {"standard_parallel", numbers({-30, 30})},
      {"semi_major_axis", number(-1)},
      {"semi_major_axis", number(NAN)},
      {"false_easting", Attribute(std::string("zero"))},
      {"latitude_of_projection_origin", number(INFINITY)}};
  for (const auto& [name, value] : absurd) {
    Attributes a = daymet_attributes();
    a.set(name, value);
    EXPECT_EQ(code_of(a), Errc::data_loss) << name;
  }
}

TEST(Crs, TransformedBoundsAreThoseOfPyproj) {
  const Crs daymet = Crs::from_cf(daymet_attributes());
  const BBox b = transform_bounds(wgs84(), daymet, {-124.784, 24.743, -66.951, 49.346});
  EXPECT_NEAR(b.west, -2473637.1573976544, 1e-5);
  EXPECT_NEAR(b.south, -1910249.6415040174, 1e-5);
  EXPECT_NEAR(b.east, 3260688.494574754, 1e-5);
  EXPECT_NEAR(b.north, 1176878.7900376227, 1e-5);
  const BBox polar =
      transform_bounds(Crs::from_user_input("EPSG:3413"), wgs84(), {-2e6, -2e6, 2e6, 2e6});
  EXPECT_EQ(polar.west, -180);
  EXPECT_NEAR(polar.south, 64.31174192653533, 1e-9);
  EXPECT_EQ(polar.north, 90);
}

TEST(Crs, BoundsAcrossTheAntimeridianHaveWestAboveEast) {
  const BBox b =
      transform_bounds(Crs::from_cf(daymet_attributes()), wgs84(), {-5e6, 4e6, -3e6, 5e6});
  EXPECT_NEAR(b.west, 153.86742741702255, 1e-9);
  EXPECT_NEAR(b.east, -172.4537273276145, 1e-9);
}

TEST(Crs, ABoxWithoutAnImageIsRefused) {
  const Crs globe = Crs::from_user_input("+proj=ortho +lat_0=0 +lon_0=0 +datum=WGS84");
  EXPECT_THROW(transform_bounds(globe, wgs84(), {8e6, 8e6, 9e6, 9e6}), Error);
  double x = 0;
  double y = -90;
  CoordinateTransform(wgs84(), Crs::from_cf(daymet_attributes())).forward({&x, 1}, {&y, 1});
  EXPECT_TRUE(std::isinf(x));
}

TEST(Crs, OneCrsIsUsedFromManyThreads) {
  const Crs daymet = Crs::from_cf(daymet_attributes());
  std::vector<std::thread> threads;
  std::vector<BBox> results(4);
  for (auto& r : results) {
    threads.emplace_back([&] { r = transform_bounds(wgs84(), daymet, {-100, 40, -90, 45}); });
  }
  for (auto& t : threads) t.join();
  for (const auto& r : results) EXPECT_EQ(r, results[0]);
}

}  // namespace
}  // namespace rastream
