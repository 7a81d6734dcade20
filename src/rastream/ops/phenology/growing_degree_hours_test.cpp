// SPDX-License-Identifier: Apache-2.0
#include "rastream/ops/phenology/growing_degree_hours.h"

#include <gtest/gtest.h>

#include <bit>
#include <random>

#include "rastream/ops/phenology/spring_index_reference.h"

namespace rastream {
namespace {

using reference::cells_of;
using reference::given;
using reference::kNaN;

constexpr float kNaNf = std::numeric_limits<float>::quiet_NaN();
constexpr float kInf = std::numeric_limits<float>::infinity();

struct Weather {
  std::vector<float> tmin, tmax, dayl;
  void add(float lo, float hi, float seconds) {
    tmin.push_back(lo);
    tmax.push_back(hi);
    dayl.push_back(seconds);
  }
  std::size_t size() const { return tmin.size(); }
  GdhCells cells() const {
    GdhCells c;
    c.n = static_cast<std::int64_t>(size());
    c.tmin = tmin.data();
    c.tmax = tmax.data();
    c.dayl_s = dayl.data();
    return c;
  }
};

const std::vector<float> kEdgeLengths{0.0F,     1.0F,     3599.0F,  3600.0F,   14400.0F, 43199.9F,
                                      43200.0F, 79199.9F, 79200.0F, 82799.99F, 82800.0F, 84000.0F,
                                      86399.0F, 86400.0F, 90000.0F, 1e30F,     kInf};

/// Runs of 1 to 200 cells of one day length, then lengths that differ in every cell, then edge
/// lengths; weather of every kind, smooth in some runs and wild in others.
Weather any_weather(unsigned seed) {
  std::mt19937 rng(seed);
  std::uniform_real_distribution<float> unit(0, 1);
  Weather w;
  const auto add_run = [&](int n, auto length_of) {
    const bool is_smooth = unit(rng) < 0.6F;
    const float centre = -30 + 70 * unit(rng);
    for (int i = 0; i < n; ++i) {
      const float mean = is_smooth ? centre + 0.02F * static_cast<float>(i) : -40 + 90 * unit(rng);
      const float range = unit(rng) < 0.02F ? 0 : is_smooth ? 9 + unit(rng) : 25 * unit(rng);
      const float kind = unit(rng);
      const float lo = kind < 0.02F ? kNaNf : mean - range;
      const float hi = kind > 0.98F ? kNaNf : kind > 0.97F ? lo - 5 : mean + range;
      w.add(lo, hi, length_of());
    }
  };
  for (int run = 0; run < 120; ++run) {
    const float length = 86400 * unit(rng);
    add_run(1 + static_cast<int>(200 * unit(rng)), [&] { return length; });
  }
  add_run(3000, [&] { return 20000 + 50000 * unit(rng); });
  float slow = 40000;
  add_run(3000, [&] { return slow += 0.25F; });
  for (const float length : kEdgeLengths) add_run(70, [&] { return length; });
  return w;
}

double expected(const Weather& w, std::size_t i) {
  return reference::degree_hours(w.tmin[i], w.tmax[i], w.dayl[i]);
}

TEST(GrowingDegreeHours, ExactAgreesWithTheHourlyDefinition) {
  const Weather w = any_weather(1);
  std::vector<double> got(w.size());
  gdh_exact(w.cells(), got.data());
  for (std::size_t i = 0; i < w.size(); ++i) {
    const double want = expected(w, i);
    ASSERT_EQ(std::isnan(got[i]), std::isnan(want)) << i;
    if (!std::isnan(want)) {
      ASSERT_NEAR(got[i], want, 1e-12 * std::max(want, 1.0))
          << i << ": " << w.tmin[i] << " " << w.tmax[i] << " " << w.dayl[i];
    }
  }
}

TEST(GrowingDegreeHours, FastStaysWithinAFewUnitsInTheLastPlace) {
  const Weather w = any_weather(2);
  std::vector<float> got(w.size());
  gdh_fast(w.cells(), got.data());
  for (std::size_t i = 0; i < w.size(); ++i) {
    const double want = expected(w, i);
    ASSERT_EQ(std::isnan(got[i]), std::isnan(want)) << i;
    if (!std::isnan(want)) {
      ASSERT_NEAR(got[i], want, 3e-4)
          << i << ": " << w.tmin[i] << " " << w.tmax[i] << " " << w.dayl[i];
    }
  }
}

template <typename T, typename Kernel>
void expect_same_bits_in_any_piece(Kernel&& kernel) {
  const Weather w = any_weather(3);
  std::vector<T> whole(w.size());
  kernel(w.cells(), whole.data());
  std::mt19937 rng(4);
  for (const int longest : {1, 3, 17, 64, 1000}) {
    std::vector<T> cut(w.size());
    GdhCells piece = w.cells();
    for (std::int64_t at = 0; at < piece.n;) {
      GdhCells c = piece;
      c.n = std::min<std::int64_t>(
          1 + static_cast<std::int64_t>(rng() % static_cast<unsigned>(longest)), piece.n - at);
      c.tmin += at;
      c.tmax += at;
      c.dayl_s += at;
      kernel(c, cut.data() + at);
      at += c.n;
    }
    for (std::size_t i = 0; i < w.size(); ++i) {
      if (std::isnan(whole[i])) {
        ASSERT_TRUE(std::isnan(cut[i])) << i;
      } else {
        ASSERT_EQ(cut[i], whole[i])
            << "cell " << i << " in pieces of up to " << longest << ", dayl " << w.dayl[i];
      }
    }
  }
}

TEST(GrowingDegreeHours, ExactBitsDoNotDependOnTheNeighbours) {
  expect_same_bits_in_any_piece<double>(gdh_exact);
}
TEST(GrowingDegreeHours, FastBitsDoNotDependOnTheNeighbours) {
  expect_same_bits_in_any_piece<float>(gdh_fast);
}

TEST(GrowingDegreeHours, IsZeroBelowTheBaseAndClosedAboveIt) {
  Weather w;
  w.add(-20, -0.6F, 43200);  // 30.92 F at most
  w.add(0, 0, 43200);        // 32 F all day: 24 hours of 1 degree
  w.add(10, 10, 0);          // 50 F without daylight
  std::vector<double> exact(3);
  std::vector<float> fast(3);
  gdh_exact(w.cells(), exact.data());
  gdh_fast(w.cells(), fast.data());
  EXPECT_EQ(exact, (std::vector<double>{0, 24, 24 * 19}));
  EXPECT_EQ(fast, (std::vector<float>{0, 24, 24 * 19}));
}

TEST(GrowingDegreeHours, AbsurdInputsAnswerAsTheDefinitionDoes) {
  Weather w;
  for (const float length : {-1.0F, -3600.0F, -9999.0F, -14400.0F, -1e30F, -kInf, 43200.0F, kInf}) {
    for (const float t : {-1e30F, -9999.0F, 5.0F, 1e30F}) {
      w.add(t, t, length);
      w.add(t, 15, length);
      w.add(15, t, length);
    }
  }
  std::vector<double> got(w.size());
  gdh_exact(w.cells(), got.data());
  for (std::size_t i = 0; i < w.size(); ++i) {
    const double want = expected(w, i);
    ASSERT_EQ(std::isnan(got[i]), std::isnan(want)) << i;
    if (std::isnan(want)) continue;
    ASSERT_NEAR(got[i], want, 1e-12 * std::max({want, 1.0, std::fabs(double{w.tmin[i]})})) << i;
  }
}

TEST(GrowingDegreeHours, InfiniteTemperaturesHaveNoValue) {
  Weather w;
  for (const float length : {-3600.0F, 0.0F, 43200.0F, 90000.0F}) {
    w.add(kInf, kInf, length);
    w.add(-kInf, 5, length);
    w.add(5, kInf, length);
    w.add(5, 3e38F, length);
  }
  std::vector<double> got(w.size());
  gdh_exact(w.cells(), got.data());
  for (std::size_t i = 0; i < w.size(); ++i) {
    EXPECT_TRUE(std::isnan(got[i])) << i;
    EXPECT_TRUE(std::isnan(expected(w, i))) << i;
  }
}

TEST(GrowingDegreeHours, AMissingValueInAnyInputGivesNoValue) {
  Weather w;
  for (int i = 0; i < 100; ++i) w.add(5, 15, 43200);
  w.tmin[3] = -9999;
  w.tmax[50] = -9999;
  w.dayl[99] = -9999;
  w.dayl[70] = kNaNf;
  GdhCells cells = w.cells();
  cells.missing = -9999;
  std::vector<double> exact(w.size());
  std::vector<float> fast(w.size());
  gdh_exact(cells, exact.data());
  gdh_fast(cells, fast.data());
  for (std::size_t i = 0; i < w.size(); ++i) {
    const bool is_missing = i == 3 || i == 50 || i == 99 || i == 70;
    EXPECT_EQ(std::isnan(exact[i]), is_missing) << i;
    EXPECT_EQ(std::isnan(fast[i]), is_missing) << i;
  }
}

Array operator_on(const Weather& w, const Extents& shape, GrowingDegreeHours::Params params) {
  const std::vector<std::string> dims{"time", "y", "x"};
  return apply<GrowingDegreeHours>(
      "gdh", {given(dims, shape, w.tmin), given(dims, shape, w.tmax), given(dims, shape, w.dayl)},
      std::move(params));
}

TEST(GrowingDegreeHours, UnitsAreTurnedToFahrenheit) {
  Weather celsius, kelvin, fahrenheit;
  for (int i = 0; i < 40; ++i) {
    const auto t = static_cast<float>(i);
    celsius.add(t - 20, t - 5, 43200);
    kelvin.add(t - 20 + 273.15F, t - 5 + 273.15F, 43200);
    fahrenheit.add((t - 20) * 1.8F + 32, (t - 5) * 1.8F + 32, 43200);
  }
  const Extents shape{1, 4, 10};
  const auto c = cells_of<double>(operator_on(celsius, shape, {"degrees C", true}));
  const auto k = cells_of<double>(operator_on(kelvin, shape, {"K", true}));
  const auto f = cells_of<double>(operator_on(fahrenheit, shape, {"degF", true}));
  EXPECT_EQ(c, f);
  for (std::size_t i = 0; i < c.size(); ++i) EXPECT_NEAR(c[i], k[i], 2e-3);
  EXPECT_GT(c[39], 100);
}

TEST(GrowingDegreeHours, ReadsAnyStridesAndAnyPartOfTheInputs) {
  Weather w;
  std::mt19937 rng(5);
  const Extents shape{3, 5, 40};
  for (std::int64_t i = 0; i < product(shape); ++i) {
    const auto t = static_cast<float>(rng() % 40);
    w.add(t - 20, t, 43200 + 10 * static_cast<float>(i / 40));
  }
  const Array array = operator_on(w, shape, {"degrees C", true});
  const auto all = cells_of<double>(array);
  const Region part({1, 2, 7}, {3, 5, 31});
  // The result lies transposed, the day length is one cell a row.
  OwnedBlock room(part, DType::float64);
  Block out = room.view();
  out.strides = Extents{8, 8 * 2 * 24, 8 * 2};
  std::vector<Block> in;
  std::vector<float> lengths;
  for (std::size_t i = 0; i < w.size(); i += 40) lengths.push_back(w.dayl[i]);
  for (const auto* values : {&w.tmin, &w.tmax, &lengths}) {
    auto* data = reinterpret_cast<std::byte*>(const_cast<float*>(values->data()));
    in.push_back(dense_block(Region::whole(shape), DType::float32, data));
  }
  in[2].strides = Extents{5 * 4, 4, 0};
  array.node().op->compute(in, out);
  for_each_index(part, [&](const Extents& i) {
    EXPECT_EQ(cell_as_double(out, i), all[static_cast<std::size_t>((i[0] * 5 + i[1]) * 40 + i[2])])
        << to_string(i);
  });
}

TEST(GrowingDegreeHours, RefusesWhatItCannotTake) {
  const std::vector<std::string> dims{"time", "y"};
  const Array good = given<float>(dims, {1, 2}, {1, 2});
  const Array wide = given<double>(dims, {1, 2}, {1, 2});
  const Array turned = given<float>({"y", "time"}, {1, 2}, {1, 2});
  EXPECT_THROW(apply<GrowingDegreeHours>("g", {good, good}, {}), Error);
  EXPECT_THROW(apply<GrowingDegreeHours>("g", {good, good, wide}, {}), Error);
  EXPECT_THROW(apply<GrowingDegreeHours>("g", {good, good, turned}, {}), Error);
  EXPECT_THROW(apply<GrowingDegreeHours>("g", {good, good, good}, {"furlongs"}), Error);
}

TEST(GrowingDegreeHours, IsMadeFromThePlansJson) {
  const OperatorInfo info = growing_degree_hours();
  const Array t = given<float>({"time"}, {2}, {5, -9999});
  const Array d = given<float>({"time"}, {2}, {43200, 43200});
  const Array made =
      info.make(info.name, {t, t, d}, parse_json(R"({"missing": -9999, "exact": true})", "test"));
  const auto cells = cells_of<double>(made);
  EXPECT_EQ(cells[0], 24 * 10);
  EXPECT_TRUE(std::isnan(cells[1]));
  const Json written =
      parse_json(apply<GrowingDegreeHours>("g", {t, t, d}, {}).node().params.dump(), "test");
  EXPECT_EQ(cells_of<float>(info.make(info.name, {t, t, d}, written))[1], 0);
}

}  // namespace
}  // namespace rastream
