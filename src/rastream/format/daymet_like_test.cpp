// SPDX-License-Identifier: Apache-2.0
// The layout that is asserted here is that of the real daymet_v4_daily_hi_dayl_1980.nc.
#include "rastream/format/daymet_like.h"

#include <gtest/gtest.h>
#include <netcdf.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>

#include "rastream/base/error.h"
#include "rastream/format/daymet_like_catalog.h"
#include "rastream/format/daymet_like_grid.h"

namespace rastream {
namespace {

namespace fs = std::filesystem;

/// A file as netcdf-c sees it; any failing call fails the test.
class NetcdfFile {
 public:
  explicit NetcdfFile(const std::string& path) { ok(nc_open(path.c_str(), NC_NOWRITE, &nc_)); }
  ~NetcdfFile() { nc_close(nc_); }
  NetcdfFile(const NetcdfFile&) = delete;
  NetcdfFile& operator=(const NetcdfFile&) = delete;

  int variable(const char* name) const {
    int id = -1;
    ok(nc_inq_varid(nc_, name, &id));
    return id;
  }
  std::string text(const char* name, const char* attribute) const {
    const int id = *name ? variable(name) : NC_GLOBAL;
    std::size_t n = 0;
    ok(nc_inq_attlen(nc_, id, attribute, &n));
    std::string value(n, ' ');
    ok(nc_get_att_text(nc_, id, attribute, value.data()));
    return value;
  }
  std::vector<double> numbers(const char* name, const char* attribute, nc_type expected) const {
    const int id = *name ? variable(name) : NC_GLOBAL;
    std::size_t n = 0;
    nc_type type = NC_NAT;
    ok(nc_inq_att(nc_, id, attribute, &type, &n));
    EXPECT_EQ(type, expected) << attribute;
    std::vector<double> value(n);
    ok(nc_get_att_double(nc_, id, attribute, value.data()));
    return value;
  }
  std::vector<float> values(const char* name, std::vector<std::size_t> start,
                            std::vector<std::size_t> count) const {
    std::size_t n = 1;
    for (const auto c : count) n *= c;
    std::vector<float> out(n);
    ok(nc_get_vara_float(nc_, variable(name), start.data(), count.data(), out.data()));
    return out;
  }
  std::vector<float> day(const char* name, std::size_t t) const {
    return values(name, {t, 0, 0}, {1, length("y"), length("x")});
  }
  std::size_t length(const char* dimension) const {
    int id = -1;
    std::size_t n = 0;
    ok(nc_inq_dimid(nc_, dimension, &id));
    ok(nc_inq_dimlen(nc_, id, &n));
    return n;
  }
  /// "float(time,y,x) chunks 1,8,10 deflate 4"
  std::string layout(const char* name) const {
    const int id = variable(name);
    int rank = 0;
    int dims[4];
    nc_type type = NC_NAT;
    ok(nc_inq_var(nc_, id, nullptr, &type, &rank, dims, nullptr));
    std::string out = type == NC_FLOAT ? "float(" : type == NC_SHORT ? "short(" : "other(";
    char dimension[NC_MAX_NAME + 1];
    for (int d = 0; d < rank; ++d) {
      ok(nc_inq_dimname(nc_, dims[d], dimension));
      out += (d ? "," : "") + std::string(dimension);
    }
    int storage = 0;
    std::size_t chunks[4] = {};
    ok(nc_inq_var_chunking(nc_, id, &storage, chunks));
    if (storage == NC_CONTIGUOUS) return out + ") contiguous";
    out += ") chunks ";
    for (int d = 0; d < rank; ++d) out += (d ? "," : "") + std::to_string(chunks[d]);
    int shuffle = 0;
    int deflate = 0;
    int level = 0;
    ok(nc_inq_var_deflate(nc_, id, &shuffle, &deflate, &level));
    return out + (shuffle ? " shuffle" : "") + (deflate ? fmt::format(" deflate {}", level) : "");
  }
  int id() const { return nc_; }
  static void ok(int status) { ASSERT_EQ(status, NC_NOERR) << nc_strerror(status); }

 private:
  int nc_ = -1;
};

class DaymetLike : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto* info = ::testing::UnitTest::GetInstance()->current_test_info();
    folder_ = (fs::temp_directory_path() / fmt::format("rastream_{}_{}", info->name(), ::getpid()))
                  .string();
  }
  void TearDown() override { fs::remove_all(folder_); }

  /// 30 x 20 cells at the coast of New England, in chunks of 8 x 12.
  DaymetLikeOptions small(const std::string& name = "") const {
    DaymetLikeOptions o;
    o.folder = folder_ + name;
    o.x0 = 6600;
    o.y0 = 4700;
    o.nx = 30 * 10;
    o.ny = 20 * 10;
    o.stride = 10;
    o.chunk_y = 8;
    o.chunk_x = 12;
    o.n_threads = 2;
    return o;
  }
  static std::string file(const DaymetLikeOptions& o, const std::string& variable,
                          int year = 1980) {
    return daymet_item_folder(o.folder, o.region, year) + "/" +
           daymet_file_name(o.region, variable, year);
  }
  static std::string bytes(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  std::string folder_;
};

TEST_F(DaymetLike, FilesHaveTheLayoutOfTheRealOnes) {
  const auto options = small();
  make_daymet(options);
  const NetcdfFile f(file(options, "tmin"));
  EXPECT_EQ(f.length("x"), 30U);
  EXPECT_EQ(f.length("y"), 20U);
  EXPECT_EQ(f.length("nv"), 2U);
  EXPECT_EQ(f.length("time"), 365U);
  int unlimited = -1;
  int time = -1;
  nc_inq_unlimdim(f.id(), &unlimited);
  nc_inq_dimid(f.id(), "time", &time);
  EXPECT_EQ(unlimited, time);
  EXPECT_EQ(f.layout("x"), "float(x) chunks 30 deflate 4");
  EXPECT_EQ(f.layout("y"), "float(y) chunks 20 deflate 4");
  EXPECT_EQ(f.layout("lat"), "float(y,x) chunks 8,12 deflate 4");
  EXPECT_EQ(f.layout("lon"), "float(y,x) chunks 8,12 deflate 4");
  EXPECT_EQ(f.layout("time"), "float(time) chunks 1 deflate 4");
  EXPECT_EQ(f.layout("yearday"), "short(time) chunks 1 deflate 4");
  EXPECT_EQ(f.layout("time_bnds"), "float(time,nv) chunks 1,2 deflate 4");
  EXPECT_EQ(f.layout("lambert_conformal_conic"), "short() contiguous");
  EXPECT_EQ(f.layout("tmin"), "float(time,y,x) chunks 1,8,12 deflate 4");
  EXPECT_EQ(f.numbers("tmin", "_FillValue", NC_FLOAT), std::vector<double>{-9999});
  EXPECT_EQ(f.numbers("tmin", "missing_value", NC_FLOAT), std::vector<double>{-9999});
  EXPECT_EQ(f.text("tmin", "coordinates"), "lat lon");
  EXPECT_EQ(f.text("tmin", "grid_mapping"), "lambert_conformal_conic");
  EXPECT_EQ(f.text("tmin", "cell_methods"), "area: mean time: minimum");
  EXPECT_EQ(f.text("tmin", "units"), "degrees C");
  EXPECT_EQ(f.numbers("lambert_conformal_conic", "standard_parallel", NC_DOUBLE),
            (std::vector<double>{25, 60}));
  EXPECT_EQ(f.text("lambert_conformal_conic", "grid_mapping_name"), "lambert_conformal_conic");
  EXPECT_EQ(f.values("lambert_conformal_conic", {}, {}), std::vector<float>{-32767});
  EXPECT_EQ(f.numbers("", "start_year", NC_SHORT), std::vector<double>{1980});
  EXPECT_EQ(f.text("", "Conventions"), "CF-1.6");
  const NetcdfFile dayl(file(options, "dayl"));
  EXPECT_EQ(dayl.text("dayl", "units"), "s");
  EXPECT_EQ(dayl.text("dayl", "cell_methods"), "area: mean");
  EXPECT_EQ(NetcdfFile(file(options, "tmax")).text("tmax", "cell_methods"),
            "area: mean time: maximum");
}

TEST_F(DaymetLike, TimesAreNoonsAndALeapYearEndsOnThe30thOfDecember) {
  auto options = small();
  options.last_year = 1981;
  make_daymet(options);
  const NetcdfFile f(file(options, "tmin", 1980));
  EXPECT_EQ(f.text("time", "units"), "days since 1950-01-01 00:00:00");
  EXPECT_EQ(f.text("time", "calendar"), "standard");
  const auto time = f.values("time", {0}, {365});
  EXPECT_EQ(time.front(), 10957.5F);
  EXPECT_EQ(time.back(), 11321.5F);
  EXPECT_EQ(f.values("time_bnds", {0, 0}, {1, 2}), (std::vector<float>{10957, 10958}));
  EXPECT_EQ(f.values("yearday", {364}, {1}), std::vector<float>{365});
  EXPECT_EQ(NetcdfFile(file(options, "tmin", 1981)).values("time", {0}, {1}),
            std::vector<float>{11323.5F});
}

TEST_F(DaymetLike, CoordinatesAreThoseOfDaymetsGrid) {
  const auto options = small();
  make_daymet(options);
  const NetcdfFile f(file(options, "tmin"));
  const auto x = f.values("x", {0}, {30});
  const auto y = f.values("y", {0}, {20});
  EXPECT_EQ(x[0], -4560250 + 6600 * 1000);
  EXPECT_EQ(x[29], x[0] + 29 * 10000);
  EXPECT_EQ(y[0], 4984000 - 4700 * 1000);
  EXPECT_EQ(y[19], y[0] - 19 * 10000);
  const auto lat = f.values("lat", {0, 0}, {20, 30});
  const auto lon = f.values("lon", {0, 0}, {20, 30});
  const CoordinateTransform to_plane(Crs::from_user_input("EPSG:4326"),
                                     Crs::from_cf(daymet_grid_mapping()));
  for (std::size_t j = 0; j < 20; ++j) {
    for (std::size_t i = 0; i < 30; ++i) {
      double u = lon[j * 30 + i];
      double v = lat[j * 30 + i];
      to_plane.forward({&u, 1}, {&v, 1});
      EXPECT_NEAR(u, x[i], 2);
      EXPECT_NEAR(v, y[j], 2);
    }
  }
}

TEST_F(DaymetLike, ValuesAreAClimate) {
  const auto options = small();
  make_daymet(options);
  const auto read = [&](const char* name, std::size_t t) {
    return NetcdfFile(file(options, name)).day(name, t);
  };
  const auto winter = read("tmin", 14);
  const auto summer = read("tmin", 195);
  const auto high = read("tmax", 195);
  const auto june = read("dayl", 171);
  std::size_t n_land = 0;
  double warmer = 0;
  for (std::size_t k = 0; k < winter.size(); ++k) {
    EXPECT_EQ(winter[k] == -9999, summer[k] == -9999);
    EXPECT_EQ(winter[k] == -9999, june[k] == -9999);
    if (winter[k] == -9999) continue;
    ++n_land;
    warmer += summer[k] - winter[k];
    EXPECT_GT(high[k], summer[k] + 5);
    EXPECT_EQ(summer[k], static_cast<float>(std::round(summer[k] * 100.0) / 100));
    EXPECT_GT(june[k], 53000);
    EXPECT_LT(june[k], 60000);
  }
  EXPECT_GT(n_land, 100U);
  EXPECT_LT(n_land, 600U);
  EXPECT_GT(warmer / static_cast<double>(n_land), 10);
}

TEST_F(DaymetLike, DayLengthAtThe40thParallelIsThatOfTheAlmanac) {
  DaymetLikeOptions options = small();
  options.x0 = 5700;  // 40 N, 85 W is cell (5777, 5139)
  options.y0 = 5130;
  options.nx = options.ny = 100;
  make_daymet(options);
  const NetcdfFile f(file(options, "dayl"));
  // Sun's centre at the geometric horizon: 14 h 51 min on 20 June, 9 h 9 min on 21 December.
  EXPECT_NEAR(f.day("dayl", 171)[10], 14.85 * 3600, 120);
  EXPECT_NEAR(f.day("dayl", 354)[10], 9.16 * 3600, 120);
}

TEST_F(DaymetLike, TheSameOptionsGiveTheSameBytesForAnyNumberOfThreads) {
  auto one = small("/one");
  auto many = small("/many");
  one.n_threads = 1;
  many.n_threads = 5;
  make_daymet(one);
  make_daymet(many);
  for (const char* v : {"tmin", "tmax", "dayl"})
    EXPECT_EQ(bytes(file(one, v)), bytes(file(many, v))) << v;
  many.seed = 8;
  many.overwrite = true;
  make_daymet(many);
  EXPECT_NE(bytes(file(one, "tmin")), bytes(file(many, "tmin")));
}

TEST_F(DaymetLike, ACellHasOneValueInEveryWindowStrideChunkAndFilter) {
  const auto options = small("/a");
  make_daymet(options);
  auto other = small("/b");
  other.x0 += 40;
  other.y0 += 60;
  other.nx = 100;
  other.ny = 80;
  other.stride = 20;
  other.chunk_x = other.chunk_y = 3;
  other.shuffle = true;
  other.deflate_level = 1;
  make_daymet(other);
  const NetcdfFile a(file(options, "tmax"));
  const NetcdfFile b(file(other, "tmax"));
  EXPECT_EQ(b.layout("tmax"), "float(time,y,x) chunks 1,3,3 shuffle deflate 1");
  for (const std::size_t t : {0U, 100U, 364U}) {
    const auto whole = a.day("tmax", t);
    const auto part = b.day("tmax", t);
    ASSERT_EQ(part.size(), 5U * 4U);
    for (std::size_t j = 0; j < 4; ++j) {
      for (std::size_t i = 0; i < 5; ++i)
        EXPECT_EQ(part[j * 5 + i], whole[(6 + 2 * j) * 30 + 4 + 2 * i]);
    }
  }
}

TEST_F(DaymetLike, TheShareOfCellsWithoutDataIsAsAsked) {
  for (const double share : {0.0, 0.4, 1.0}) {
    auto options = small();
    options.stride = 4;
    options.chunk_x = options.chunk_y = 64;
    options.fill_share = share;
    options.overwrite = true;
    make_daymet(options);
    const auto day = NetcdfFile(file(options, "dayl")).day("dayl", 9);
    const auto n = static_cast<double>(std::count(day.begin(), day.end(), -9999.0F));
    EXPECT_NEAR(n / static_cast<double>(day.size()), share, share == 0.4 ? 0.02 : 0);
  }
}

TEST_F(DaymetLike, IslandRegionsHaveLandAndSea) {
  for (const auto& [region, nx, ny] : {std::tuple("hi", 36U, 73U), {"pr", 46U, 29U}}) {
    DaymetLikeOptions options;
    options.folder = folder_;
    options.region = region;
    options.stride = 8;
    options.n_threads = 2;
    make_daymet(options);
    const NetcdfFile f(file(options, "dayl"));
    EXPECT_EQ(f.length("x"), nx);
    EXPECT_EQ(f.length("y"), ny);
    const auto day = f.day("dayl", 0);
    const auto n_fill = static_cast<double>(std::count(day.begin(), day.end(), -9999.0F));
    EXPECT_GT(n_fill / static_cast<double>(day.size()), 0.5) << region;
    EXPECT_LT(n_fill / static_cast<double>(day.size()), 0.95) << region;
  }
}

TEST_F(DaymetLike, ProgressIsToldOnceADayAndMayEndTheWork) {
  auto options = small();
  std::vector<std::int64_t> seen;
  options.progress = [&](std::int64_t n_done, std::int64_t n_total) {
    EXPECT_EQ(n_total, 365);
    seen.push_back(n_done);
  };
  make_daymet(options);
  ASSERT_EQ(seen.size(), 365U);
  EXPECT_TRUE(std::is_sorted(seen.begin(), seen.end()));
  options.folder += "/ended";
  options.progress = [](std::int64_t n, std::int64_t) {
    if (n == 5) throw Error(Errc::unavailable, "ended");
  };
  EXPECT_THROW(make_daymet(options), Error);
  for (const auto& entry : fs::recursive_directory_iterator(options.folder)) {
    EXPECT_TRUE(entry.is_directory()) << entry.path();
  }
}

TEST_F(DaymetLike, FilesThatExistAreKept) {
  const auto options = small();
  make_daymet(options);
  const std::string before = bytes(file(options, "tmin"));
  try {
    make_daymet(options);
    FAIL();
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), Errc::invalid_argument);
    EXPECT_NE(e.message().find("daymet_v4_daily_na_tmin_1980.nc"), std::string::npos);
  }
  EXPECT_EQ(bytes(file(options, "tmin")), before);
}

TEST_F(DaymetLike, OptionsThatDoNotFitAreRefused) {
  const std::pair<const char*, std::function<void(DaymetLikeOptions&)>> cases[] = {
      {"folder", [](auto& o) { o.folder = ""; }},
      {"region", [](auto& o) { o.region = "eu"; }},
      {"window", [](auto& o) { o.x0 = 7814; }},
      {"window", [](auto& o) { o.x0 = -1; }},
      {"window", [](auto& o) { o.ny = 8075; }},
      {"window", [](auto& o) { o.nx = 10; }},
      {"stride", [](auto& o) { o.stride = 0; }},
      {"window", [](auto& o) { o.stride = std::int64_t{1} << 40; }},
      {"years", [](auto& o) { o.first_year = 1949; }},
      {"years", [](auto& o) { o.last_year = 1979; }},
      {"years", [](auto& o) { o.last_year = 99999; }},
      {"fill_share", [](auto& o) { o.fill_share = 1.5; }},
      {"fill_share", [](auto& o) { o.fill_share = NAN; }},
      {"chunks", [](auto& o) { o.chunk_x = 0; }},
      {"deflate_level", [](auto& o) { o.deflate_level = 10; }},
      {"n_threads", [](auto& o) { o.n_threads = -1; }},
  };
  for (const auto& [word, spoil] : cases) {
    auto options = small();
    spoil(options);
    try {
      make_daymet(options);
      ADD_FAILURE() << word;
    } catch (const Error& e) {
      EXPECT_EQ(e.code(), Errc::invalid_argument) << word;
      EXPECT_NE(e.message().find(word), std::string::npos) << e.message();
    }
  }
  EXPECT_FALSE(fs::exists(folder_));
}

TEST_F(DaymetLike, AFolderThatCannotBeMadeIsAnErrorByName) {
  auto options = small();
  options.folder = "/proc/rastream";
  try {
    make_daymet(options);
    FAIL();
  } catch (const Error& e) {
    EXPECT_NE(e.code(), Errc::internal);
    EXPECT_NE(e.message().find("/proc/rastream"), std::string::npos) << e.message();
  }
}

}  // namespace
}  // namespace rastream
