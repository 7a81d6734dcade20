// SPDX-License-Identifier: Apache-2.0
#include "rastream/ops/phenology/spring_onset.h"

#include <gtest/gtest.h>

#include <random>

#include "rastream/ops/phenology/spring_index_reference.h"

namespace rastream {
namespace {

using reference::cells_of;
using reference::given;
using reference::kNaN;

constexpr std::size_t kDays = 300;

/// Degree hours of one cell: a spring of random time and warmth, or one of the odd kinds.
std::vector<double> any_year(std::mt19937& rng) {
  std::uniform_real_distribution<double> unit(0, 1);
  const double warmth = 1200 * unit(rng);
  const double middle = 250 * unit(rng);
  const double kind = unit(rng);
  std::vector<double> g(kDays);
  for (std::size_t i = 0; i < kDays; ++i) {
    const double season = 1 / (1 + std::exp(-(static_cast<double>(i) - middle) / 15));
    g[i] = std::max(0.0, warmth * season + 100 * (unit(rng) - 0.5));
    if (kind < 0.10) g[i] = warmth;
    if (kind > 0.95) g[i] = kNaN;
    if (kind > 0.90 && unit(rng) < 0.02) g[i] = kNaN;
    if (kind > 0.88 && kind < 0.90 && unit(rng) < 0.01) g[i] = 1e30;
    if (kind > 0.86 && kind < 0.88) g[i] = 0;
  }
  if (kind > 0.5 && kind < 0.55) g[0] = kNaN;
  return g;
}

/// (time, cell), rounded to T.
template <typename T>
struct Years {
  explicit Years(std::size_t n, unsigned seed = 1) : n_cells(n), cells(kDays * n) {
    std::mt19937 rng(seed);
    for (std::size_t c = 0; c < n; ++c) {
      auto year = any_year(rng);
      for (std::size_t i = 0; i < kDays; ++i) {
        cells[i * n + c] = static_cast<T>(year[i]);
        year[i] = static_cast<double>(cells[i * n + c]);
      }
      by_cell.push_back(std::move(year));
    }
  }
  Array array() const {
    return given<T>({"time", "x"},
                    {static_cast<std::int64_t>(kDays), static_cast<std::int64_t>(n_cells)}, cells);
  }
  std::size_t n_cells;
  std::vector<T> cells;
  std::vector<std::vector<double>> by_cell;
};

Array onset_of(const Array& gdh, SpringOnset::Params params = reference::onset_params()) {
  return apply<SpringOnset>("spring_onset", {gdh}, std::move(params));
}

void expect_same(double got, double want, const std::string& what) {
  if (std::isnan(want)) {
    EXPECT_TRUE(std::isnan(got)) << what << ": " << got;
  } else {
    EXPECT_EQ(got, want) << what;
  }
}

template <typename T>
void expect_the_definition() {
  const Years<T> years(2003);
  const auto got = cells_of<double>(onset_of(years.array()));
  std::size_t n_leaf = 0;
  std::size_t n_bloom = 0;
  for (std::size_t p = 0; p < 3; ++p) {
    for (std::size_t c = 0; c < years.n_cells; ++c) {
      const auto want = reference::onset(years.by_cell[c], reference::plants()[p]);
      const std::string what = fmt::format("plant {}, cell {}", p, c);
      expect_same(got[p * years.n_cells + c], want.leaf, "leaf of " + what);
      expect_same(got[(3 + p) * years.n_cells + c], want.bloom, "bloom of " + what);
      n_leaf += std::isnan(want.leaf) ? 0 : 1;
      n_bloom += std::isnan(want.bloom) ? 0 : 1;
    }
  }
  // Neither all nor none, or the comparison says little.
  EXPECT_GT(n_leaf, 2000U);
  EXPECT_LT(n_leaf, 5900U);
  EXPECT_GT(n_bloom, 1500U);
  EXPECT_LT(n_bloom, n_leaf);
}

TEST(SpringOnset, Float64GivesTheDatesOfTheDefinition) { expect_the_definition<double>(); }
TEST(SpringOnset, Float32GivesTheDatesOfTheDefinition) { expect_the_definition<float>(); }

std::vector<double> walk_in_pieces(const SpringOnset& fold, const Block& gdh,
                                   const std::vector<std::int64_t>& cuts) {
  OwnedState state(fold, drop_axis(gdh.region, fold.over_axis()));
  fold.start(state.blocks());
  for (std::size_t i = 1; i < cuts.size(); ++i) {
    Region r = gdh.region;
    r.begin[fold.over_axis()] = cuts[i - 1];
    r.end[fold.over_axis()] = cuts[i];
    const std::vector<Block> in{gdh.sub(r)};
    fold.push(in, state.blocks(), nullptr);
  }
  Region whole = fold.schema().whole();
  for (std::size_t axis = 2; axis < whole.rank(); ++axis) {
    const auto cells = drop_axis(gdh.region, fold.over_axis());
    whole.begin[axis] = cells.begin[axis - 2];
    whole.end[axis] = cells.end[axis - 2];
  }
  OwnedBlock out(whole, DType::float64);
  fold.finish(state.blocks(), out.view());
  return {out.view().as<double>(), out.view().as<double>() + out.view().n_cells()};
}

void expect_equal(const std::vector<double>& got, const std::vector<double>& want) {
  ASSERT_EQ(got.size(), want.size());
  for (std::size_t i = 0; i < got.size(); ++i)
    expect_same(got[i], want[i], fmt::format("result {}", i));
}

TEST(SpringOnset, CuttingTheDaysAnywhereChangesNothing) {
  const Years<float> years(301, 2);
  const Array array = years.array();
  const auto& gdh = dynamic_cast<const reference::Given<float>&>(*array.node().op);
  const SpringOnset fold({array}, reference::onset_params());
  const auto n = static_cast<std::int64_t>(kDays);
  const auto whole = walk_in_pieces(fold, gdh.block(), {0, n});
  std::mt19937 rng(3);
  for (const unsigned longest : {1U, 2U, 7U, 33U, 100U}) {
    std::vector<std::int64_t> cuts{0};
    while (cuts.back() < n)
      cuts.push_back(std::min<std::int64_t>(n, cuts.back() + 1 + rng() % longest));
    expect_equal(walk_in_pieces(fold, gdh.block(), cuts), whole);
  }
}

TEST(SpringOnset, SplittingTheCellsAnywhereChangesNothing) {
  const Years<double> years(97, 4);
  const Array array = years.array();
  const auto& gdh = dynamic_cast<const reference::Given<double>&>(*array.node().op);
  const SpringOnset fold({array}, reference::onset_params());
  const auto n = static_cast<std::int64_t>(kDays);
  const auto whole = walk_in_pieces(fold, gdh.block(), {0, n});
  for (const std::int64_t width : {1, 3, 8, 20}) {
    for (std::int64_t begin = 0; begin < 97; begin += width) {
      const std::int64_t end = std::min<std::int64_t>(97, begin + width);
      const auto part =
          walk_in_pieces(fold, gdh.block().sub(Region({0, begin}, {n, end})), {0, 31, n});
      for (std::int64_t row = 0; row < 6; ++row) {
        for (std::int64_t c = begin; c < end; ++c) {
          expect_same(part[static_cast<std::size_t>(row * (end - begin) + c - begin)],
                      whole[static_cast<std::size_t>(row * 97 + c)],
                      fmt::format("row {}, cell {}", row, c));
        }
      }
    }
  }
}

TEST(SpringOnset, TheDaysMayStandOnAnyAxis) {
  const Years<float> years(24, 5);
  const auto want = cells_of<double>(onset_of(years.array()));
  std::vector<float> turned(years.cells.size());
  for (std::size_t i = 0; i < kDays; ++i) {
    for (std::size_t c = 0; c < 24; ++c)
      turned[(c / 6) * kDays * 6 + i * 6 + c % 6] = years.cells[i * 24 + c];
  }
  SpringOnset::Params params = reference::onset_params();
  params.over = "day";
  const Array onset = onset_of(
      given<float>({"y", "day", "x"}, {4, static_cast<std::int64_t>(kDays), 6}, turned), params);
  EXPECT_EQ(onset.schema().dims, (std::vector<std::string>{"event", "plant", "y", "x"}));
  EXPECT_EQ(onset.schema().shape, (Extents{2, 3, 4, 6}));
  expect_equal(cells_of<double>(onset), want);
}

TEST(SpringOnset, APartOfTheResultIsThatPartOfTheWhole) {
  const Years<float> years(40, 6);
  const Array onset = onset_of(years.array());
  const auto whole = cells_of<double>(onset);
  const Region part({1, 1, 7}, {2, 3, 30});
  const OwnedBlock got = evaluate(onset, part);
  for_each_index(part, [&](const Extents& i) {
    expect_same(cell_as_double(got.view(), i),
                whole[static_cast<std::size_t>((i[0] * 3 + i[1]) * 40 + i[2])], to_string(i));
  });
}

TEST(SpringOnset, IsSettledOnceEveryPlantHasBloomedAndLaterDaysChangeNothing) {
  std::vector<double> warm(kDays * 2, 700.0);
  const Array array = given<double>({"time", "x"}, {static_cast<std::int64_t>(kDays), 2}, warm);
  const auto& gdh = dynamic_cast<const reference::Given<double>&>(*array.node().op);
  const SpringOnset fold({array}, reference::onset_params());
  double last = 0;
  for (const auto& plant : reference::plants()) {
    last = std::max(last, reference::onset(std::vector<double>(kDays, 700.0), plant).bloom);
  }
  OwnedState state(fold, Region({0}, {2}));
  fold.start(state.blocks());
  EXPECT_FALSE(fold.is_settled(state.blocks()));
  for (std::int64_t t = 0; t < 60; ++t) {
    const std::vector<Block> in{gdh.block().sub(Region({t, 0}, {t + 1, 2}))};
    fold.push(in, state.blocks(), nullptr);
    EXPECT_EQ(fold.is_settled(state.blocks()), static_cast<double>(t) >= last) << t;
  }
}

TEST(SpringOnset, ADayWithoutAValueHidesTheNextSevenDaysFromTheLeafScore) {
  // A plant that leafs on any day whose 8 days are known, and blooms never.
  SpringOnset::Params p;
  p.leaf = {0, 0, 1000, 0};
  p.leaf_shift = {0};
  p.bloom = {0, 0};
  std::vector<double> g(20, 1.0);
  g[0] = kNaN;
  const auto got = cells_of<double>(onset_of(given<double>({"time"}, {20}, g), p));
  EXPECT_EQ(got[0], 8);
  EXPECT_TRUE(std::isnan(got[1]));
  EXPECT_EQ(
      cells_of<double>(onset_of(given<double>({"time"}, {20}, std::vector<double>(20, 1.0)), p))[0],
      0);
}

TEST(SpringOnset, AShiftedLeafStartsTheBloomLater) {
  SpringOnset::Params p;
  p.leaf = {0, 0, 0.5, 0, 0, 0, 0.5, 0};  // day 0: three days of 1000
  p.leaf_shift = {0, 2};
  p.bloom = {0, 1, 0, 1};
  const auto got =
      cells_of<double>(onset_of(given<double>({"time"}, {10}, std::vector<double>(10, 1000.0)), p));
  EXPECT_EQ(got, (std::vector<double>{0, 2, 0, 2}));
}

TEST(SpringOnset, RefusesWhatItCannotTake) {
  const auto good = reference::onset_params();
  const Array g = given<double>({"time"}, {3}, {1, 2, 3});
  EXPECT_NO_THROW(onset_of(g, good));
  EXPECT_THROW(onset_of(given<int>({"time"}, {3}, {1, 2, 3}), good), Error);
  EXPECT_THROW(onset_of(given<double>({"x"}, {3}, {1, 2, 3}), good), Error);
  EXPECT_THROW(apply<SpringOnset>("s", {g, g}, good), Error);
  EXPECT_THROW(onset_of(g, {}), Error);
  auto bad = good;
  bad.leaf.pop_back();
  EXPECT_THROW(onset_of(g, bad), Error);
  bad = good;
  bad.leaf_shift[1] = -1;
  EXPECT_THROW(onset_of(g, bad), Error);
  bad.leaf_shift[1] = 0.5;
  EXPECT_THROW(onset_of(g, bad), Error);
  bad.leaf_shift[1] = kNaN;
  EXPECT_THROW(onset_of(g, bad), Error);
}

TEST(SpringOnset, ItsPlanGivesItBack) {
  const Years<float> years(5, 7);
  const Array onset = onset_of(years.array());
  const Json json = parse_json(onset.node().params.dump(), "plan");
  const OperatorInfo info = spring_onset();
  expect_equal(cells_of<double>(info.make(info.name, {years.array()}, json)),
               cells_of<double>(onset));
}

}  // namespace
}  // namespace rastream
