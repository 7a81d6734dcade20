// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>

#include "rastream/catalog/catalog.h"
#include "rastream/catalog/extensions/datacube.h"
#include "rastream/catalog/extensions/eo.h"
#include "rastream/catalog/extensions/file.h"
#include "rastream/catalog/extensions/projection.h"
#include "rastream/catalog/extensions/raster.h"
#include "rastream/catalog/extensions/sar.h"
#include "rastream/catalog/extensions/view.h"
#include "tests/suites/errors.h"

namespace rastream {
namespace {

namespace fs = std::filesystem;

const std::string kData = "../shared/data/";

Item item_with(const std::string& properties, const std::string& asset = "{}") {
  return parse_item(
      JsonText(fmt::format(
          R"({{"type":"Feature","id":"i","properties":{},"links":[],"assets":{{"a":{}}}}})",
          properties, asset == "{}" ? R"({"href":"x"})" : asset)),
      "i.json");
}

TEST(Extensions, AFieldOfAnAssetComesBeforeThatOfItsItem) {
  const Item item = item_with(
      R"({"proj:code":"EPSG:32631","proj:shape":[10,20],"view:azimuth":7})",
      R"({"href":"x","proj:shape":[5,6],"proj:transform":[10,0,0,0,-10,0],"proj:centroid":{"lat":1.5,"lon":2}})");
  const ProjectionFields p = read_projection(item, "a");
  EXPECT_EQ(p.code, "EPSG:32631");
  EXPECT_EQ(p.epsg, 32631);
  EXPECT_EQ(p.shape, (std::vector<std::int64_t>{5, 6}));
  EXPECT_EQ(p.transform.size(), 6U);
  EXPECT_EQ(p.centroid, (std::array<double, 2>{1.5, 2}));
  EXPECT_EQ(read_projection(item).shape, (std::vector<std::int64_t>{10, 20}));
  EXPECT_EQ(read_view(item, "a").azimuth, 7);
  EXPECT_EQ(read_view(item).off_nadir, std::nullopt);
  EXPECT_EQ(error_of([&] { read_view(item, "b"); }).code(), Errc::not_found);
}

TEST(Extensions, OldAndNewBandsAreReadAlike) {
  const Item old = item_with(
      "{}",
      R"({"href":"x","eo:bands":[{"name":"B04","common_name":"red","center_wavelength":0.66}],"raster:bands":[{"nodata":"nan","data_type":"float32","scale":0.1,"offset":-5,"statistics":{"mean":3},"histogram":{"count":2,"min":0,"max":1,"buckets":[1,2]}}]})");
  const Item now = item_with(
      "{}",
      R"({"href":"x","bands":[{"name":"B04","eo:common_name":"red","eo:center_wavelength":0.66,"nodata":"nan","data_type":"float32","raster:scale":0.1,"raster:offset":-5,"statistics":{"mean":3},"raster:histogram":{"count":2,"min":0,"max":1,"buckets":[1,2]}}]})");
  for (const Item& item : {old, now}) {
    const Eo eo = read_eo(item, "a");
    ASSERT_EQ(eo.bands.size(), 1U);
    EXPECT_EQ(eo.bands[0].name, "B04");
    EXPECT_EQ(eo.bands[0].common_name, "red");
    EXPECT_EQ(eo.bands[0].center_wavelength, 0.66);
    const auto bands = read_raster_bands(item, "a");
    ASSERT_EQ(bands.size(), 1U);
    EXPECT_TRUE(std::isnan(bands[0].nodata.value()));
    EXPECT_EQ(bands[0].data_type, "float32");
    EXPECT_EQ(bands[0].scale, 0.1);
    EXPECT_EQ(bands[0].offset, -5);
    EXPECT_EQ(bands[0].statistics->mean, 3);
    EXPECT_EQ(bands[0].histogram->buckets, (std::vector<std::int64_t>{1, 2}));
  }
}

TEST(Extensions, AWrongTypeNamesItemAndField) {
  const auto message = [](const std::string& properties, auto read) {
    const Error e = error_of([&] { read(item_with(properties)); });
    EXPECT_EQ(e.code(), Errc::data_loss) << properties;
    EXPECT_NE(e.message().find("item 'i'"), std::string::npos) << e.message();
    return e.message();
  };
  const auto projection = [](const Item& item) { read_projection(item); };
  for (const char* bad :
       {R"({"proj:code":5})", R"({"proj:epsg":"4326"})", R"({"proj:epsg":1.5})",
        R"({"proj:bbox":[1,2,3]})", R"({"proj:shape":[1]})", R"({"proj:shape":["a",2]})",
        R"({"proj:transform":7})", R"({"proj:projjson":"x"})", R"({"proj:centroid":{"lat":1}})"}) {
    EXPECT_NE(message(bad, projection).find("proj:"), std::string::npos);
  }
  message(R"({"eo:cloud_cover":"much"})", [](const Item& item) { read_eo(item); });
  message(R"({"eo:bands":[3]})", [](const Item& item) { read_eo(item); });
  message(R"({"raster:bands":[{"nodata":"none"}]})",
          [](const Item& item) { read_raster_bands(item); });
  message(R"({"view:off_nadir":[]})", [](const Item& item) { read_view(item); });
  message(R"({"sar:polarizations":"VV"})", [](const Item& item) { read_sar(item); });
  message(R"({"cube:dimensions":{"x":{}}})", [](const Item& item) { read_datacube(item); });
  message(R"({"cube:variables":[1]})", [](const Item& item) { read_datacube(item); });
}

TEST(Extensions, FilesHaveSizeAndMultihash) {
  const Item item = item_with(
      "{}",
      R"({"href":"x","file:size":146484,"file:byte_order":"big-endian","file:checksum":"90e40210a30d1711e81a4b11ef67b28744321659"})");
  const FileFields f = read_file_fields(item, "a");
  EXPECT_EQ(f.size, 146484);
  EXPECT_EQ(f.byte_order, "big-endian");
  EXPECT_EQ(f.checksum, "90e40210a30d1711e81a4b11ef67b28744321659");
  EXPECT_FALSE(f.digest) << "a BLAKE2 of 16 bytes, which is not computed here";
  const std::string sha256(64, 'a');
  const Item other = item_with("{}", R"({"href":"x","file:checksum":"1220)" + sha256 + "\"}");
  EXPECT_EQ(read_file_fields(other, "a").digest->kind, DigestKind::sha256);
  const Item wrong = item_with("{}", R"({"href":"x","file:checksum":"1220abc"})");
  EXPECT_EQ(error_of([&] { read_file_fields(wrong, "a"); }).code(), Errc::data_loss);
}

TEST(Extensions, RealCubesAndRadarsAreRead) {
  if (!fs::exists(kData + "daymet/stac")) GTEST_SKIP() << kData << "daymet/stac is absent";
  const Item daymet = Catalog::open(kData + "daymet/stac/daily/hi/item.json").items().at(0);
  const Datacube cube = read_datacube(daymet);
  ASSERT_EQ(cube.dimensions.size(), 4U);
  bool has_tmin = false;
  for (const CubeVariable& v : cube.variables) {
    if (v.name != "tmin") continue;
    has_tmin = true;
    EXPECT_EQ(v.dimensions, (std::vector<std::string>{"time", "y", "x"}));
  }
  EXPECT_TRUE(has_tmin);
  int n = 0;
  for (const auto& entry : fs::recursive_directory_iterator(kData + "stac")) {
    if (entry.path().extension() != ".json") continue;
    try {
      ReadOptions offline;
      offline.reads_urls = false;
      for (const Item& item : Catalog::open(entry.path().string(), offline).items()) {
        read_projection(item), read_eo(item), read_raster_bands(item), read_view(item);
        read_sar(item), read_datacube(item);
        for (const auto& [key, asset] : item.assets) {
          read_projection(item, key), read_eo(item, key), read_raster_bands(item, key);
          read_file_fields(item, key);
        }
        ++n;
      }
    } catch (const Error& e) {
      EXPECT_TRUE(e.code() == Errc::data_loss || e.code() == Errc::not_found ||
                  e.code() == Errc::unsupported || e.code() == Errc::unavailable ||
                  e.code() == Errc::permission_denied)
          << e.what();
    }
  }
  EXPECT_GT(n, 100);
}

}  // namespace
}  // namespace rastream
