// SPDX-License-Identifier: Apache-2.0
// The catalog that make_daymet writes, read back by the catalog layer.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "rastream/catalog/catalog.h"
#include "rastream/format/daymet_like.h"
#include "rastream/format/daymet_like_grid.h"

namespace rastream {
namespace {

namespace fs = std::filesystem;

TEST(DaymetLikeCatalog, ItemsOfSeveralRunsAreFoundWithTheirFiles) {
  const fs::path folder = fs::temp_directory_path() / fmt::format("rastream_daymet_{}", ::getpid());
  DaymetLikeOptions options;
  options.folder = folder.string();
  options.x0 = 4000;
  options.y0 = 4000;
  options.nx = options.ny = 600;
  options.stride = 50;
  options.last_year = 1981;
  make_daymet(options);
  options.region = "hi";
  options.x0 = options.y0 = options.nx = options.ny = 0;
  options.stride = 60;
  options.first_year = options.last_year = 2000;
  make_daymet(options);
  // Hrefs are relative, so the set may move.
  const fs::path moved = folder.string() + "_moved";
  fs::rename(folder, moved);
  const Catalog catalog = Catalog::open(moved.string());
  std::vector<std::string> ids;
  for (const Item& item : catalog.items("daymet-daily-v4")) ids.push_back(item.id);
  EXPECT_EQ(ids, (std::vector<std::string>{"hi-2000", "na-1980", "na-1981"}));
  const Item item = catalog.find_item("na-1980", "daymet-daily-v4");
  EXPECT_EQ(item.start_datetime, "1980-01-01T12:00:00Z");
  EXPECT_EQ(item.end_datetime, "1980-12-30T12:00:00Z");
  EXPECT_EQ(catalog.find_item("na-1981").end_datetime, "1981-12-31T12:00:00Z");
  for (const char* v : {"tmin", "tmax", "dayl"}) {
    EXPECT_TRUE(fs::is_regular_file(item.asset_path(v))) << item.asset_path(v);
    EXPECT_EQ(item.asset(v).type, "application/x-netcdf");
  }
  const Crs expected = Crs::from_cf(daymet_grid_mapping());
  EXPECT_EQ(Crs::from_user_input(item.asset_property("tmin", "proj:wkt2").get<std::string>()),
            expected);
  EXPECT_EQ(Crs::from_user_input(item.asset_property("tmin", "proj:projjson").dump()), expected);
  EXPECT_EQ(item.asset_property("tmin", "proj:shape"), Json({12, 12}));
  ASSERT_TRUE(item.bbox.has_value());
  EXPECT_LT(item.bbox->west, -106);
  EXPECT_GT(item.bbox->north, 51);
  fs::remove_all(moved);
}

}  // namespace
}  // namespace rastream
