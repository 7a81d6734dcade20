// SPDX-License-Identifier: Apache-2.0
#include "rastream/format/geotiff/overview.h"

#include <gtest/gtest.h>

#include <cmath>
#include <complex>
#include <limits>
#include <numeric>
#include <vector>

#include "rastream/format/geotiff/pyramid.h"
#include "tests/suites/errors.h"

namespace rastream::geotiff {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

Numbers number(double value) { return {DType::float64, {}, {value}}; }

template <typename T>
std::vector<T> halved(std::vector<T> cells, std::int64_t height, std::int64_t width,
                      Resampling resampling, const Numbers& nodata = {}) {
  const Block in = dense_block(Region::whole({1, height, width}), dtype_of<T>,
                               reinterpret_cast<std::byte*>(cells.data()));
  const OwnedBlock out = halve(in, resampling, nodata);
  EXPECT_EQ(out.view().region, Region::whole({1, (height + 1) / 2, (width + 1) / 2}));
  const T* first = out.view().as<T>();
  return {first, first + out.view().n_cells()};
}

TEST(Overview, NearestTakesTheUpperLeftCellAlsoAtOddEdges) {
  EXPECT_EQ(halved<std::int16_t>({1, 2, 3, 4, 5, 6, 7, 8, 9}, 3, 3, Resampling::nearest),
            (std::vector<std::int16_t>{1, 3, 7, 9}));
  EXPECT_EQ(halved<float>({5}, 1, 1, Resampling::nearest), std::vector<float>{5});
}

TEST(Overview, AverageRoundsIntegersHalvesAwayFromZero) {
  EXPECT_EQ(halved<std::uint8_t>({1, 2, 1, 2}, 2, 2, Resampling::average),
            std::vector<std::uint8_t>{2});
  EXPECT_EQ(halved<std::int8_t>({-1, -2, -1, -2}, 2, 2, Resampling::average),
            std::vector<std::int8_t>{-2});
  EXPECT_EQ(halved<std::int8_t>({-1, -1, -1, -2}, 2, 2, Resampling::average),
            std::vector<std::int8_t>{-1});
  EXPECT_EQ(halved<std::int32_t>({10, 20, 31}, 1, 3, Resampling::average),
            (std::vector<std::int32_t>{15, 31}));
}

TEST(Overview, AverageOf64BitIntegersIsExact) {
  const std::uint64_t most = std::numeric_limits<std::uint64_t>::max();
  EXPECT_EQ(halved<std::uint64_t>({most, most, most, most - 2}, 2, 2, Resampling::average),
            std::vector<std::uint64_t>{most});
  const std::int64_t least = std::numeric_limits<std::int64_t>::min();
  EXPECT_EQ(halved<std::int64_t>({least, least, least, least}, 2, 2, Resampling::average),
            std::vector<std::int64_t>{least});
  EXPECT_EQ(halved<std::int64_t>({least, 7, least, 8}, 2, 2, Resampling::average,
                                 Numbers{DType::int64, {least}, {}}),
            std::vector<std::int64_t>{8});
}

TEST(Overview, CellsWithoutDataAreNotCounted) {
  const Numbers marked = number(-9999);
  EXPECT_EQ(halved<double>({kNan, 1, -9999, 4}, 2, 2, Resampling::average, marked),
            std::vector<double>{2.5});
  EXPECT_EQ(halved<double>({-9999, kNan, -9999, kNan}, 2, 2, Resampling::average, marked),
            std::vector<double>{-9999});
  EXPECT_TRUE(std::isnan(halved<double>({kNan, kNan, kNan, kNan}, 2, 2, Resampling::average)[0]));
  EXPECT_EQ(halved<std::int16_t>({-9999, 10, -9999, -9999}, 2, 2, Resampling::average, marked),
            std::vector<std::int16_t>{10});
  EXPECT_EQ(halved<std::uint8_t>({0, 0, 0, 7}, 2, 2, Resampling::mode, number(0)),
            std::vector<std::uint8_t>{7});
}

TEST(Overview, AMarkThatNoCellCanHoldMarksNothing) {
  for (const double mark : {-1.0, 256.0, 0.5, kNan, 1e300}) {
    EXPECT_EQ(halved<std::uint8_t>({0, 0, 255, 1}, 2, 2, Resampling::average, number(mark)),
              std::vector<std::uint8_t>{64})
        << mark;
  }
  EXPECT_EQ(halved<float>({1, 2, 3, 4}, 2, 2, Resampling::average, number(-1.7e308)),
            std::vector<float>{2.5F});
  const std::vector<std::uint8_t> cells = {0, 255, 255, 255};
  for (const std::int64_t mark : {std::int64_t{-1}, std::int64_t{511}}) {
    EXPECT_EQ(halved(cells, 2, 2, Resampling::mode, Numbers{DType::int64, {mark}, {}}),
              std::vector<std::uint8_t>{255})
        << mark;
  }
  constexpr std::uint64_t kMost = std::numeric_limits<std::uint64_t>::max();
  EXPECT_EQ(halved<std::uint64_t>({0, kMost, kMost, kMost}, 2, 2, Resampling::mode,
                                  Numbers{DType::int64, {-1}, {}}),
            std::vector<std::uint64_t>{kMost});
  EXPECT_EQ(halved<std::uint64_t>({0, kMost, kMost, kMost}, 2, 2, Resampling::mode,
                                  Numbers{DType::uint64, {-1}, {}}),
            std::vector<std::uint64_t>{0});
}

TEST(Overview, ModeIsTheMostFrequentCellAndOfSeveralTheFirst) {
  EXPECT_EQ(halved<std::uint8_t>({3, 9, 9, 1}, 2, 2, Resampling::mode),
            std::vector<std::uint8_t>{9});
  EXPECT_EQ(halved<std::uint8_t>({4, 5, 6, 7}, 2, 2, Resampling::mode),
            std::vector<std::uint8_t>{4});
}

TEST(Overview, ComplexCellsAreAveragedByTheirParts) {
  using C = std::complex<float>;
  const std::vector<C> cells = {C(1, 2), C(3, -2), C(static_cast<float>(kNan), 0), C(2, 3)};
  EXPECT_EQ(halved<C>(cells, 2, 2, Resampling::average), std::vector<C>{C(2, 1)});
  EXPECT_EQ(halved<C>(cells, 2, 2, Resampling::nearest), std::vector<C>{C(1, 2)});
}

TEST(Overview, AnUnknownResamplingIsRefused) {
  EXPECT_EQ(parse_resampling("mode"), Resampling::mode);
  EXPECT_EQ(code_of([] { parse_resampling("cubic"); }), Errc::invalid_argument);
}

TEST(Pyramid, EveryCellIsInOneTileAndNumbersFollowReadingOrder) {
  for (const bool is_pixel : {false, true}) {
    for (const Extents& shape : {Extents{1, 1, 1}, Extents{2, 1, 700}, Extents{3, 512, 512},
                                 Extents{2, 513, 1025}, Extents{1, 40, 2000}}) {
      const Pyramid pyramid(shape, 512, is_pixel, true);
      for (std::size_t l = 0; l < pyramid.levels().size(); ++l) {
        const Level& level = pyramid.levels()[l];
        std::int64_t n_cells = 0;
        for (std::int64_t n = 0; n < pyramid.n_tiles(l); ++n) {
          const TileKey tile = pyramid.key(l, n);
          EXPECT_EQ(pyramid.number(tile), n);
          const Region inside = pyramid.region(tile);
          n_cells += inside.n_cells();
          EXPECT_EQ(
              pyramid.tiles_touching(inside),
              (Region{{tile.plane, tile.y, tile.x}, {tile.plane + 1, tile.y + 1, tile.x + 1}}));
        }
        EXPECT_EQ(n_cells, shape[0] * level.height * level.width) << to_string(shape) << l;
      }
      const Level& last = pyramid.levels().back();
      EXPECT_EQ(last.n_tiles_y * last.n_tiles_x, 1) << to_string(shape);
    }
  }
  EXPECT_EQ(Pyramid({1, 10980, 10980}, 512, false, true).levels().size(), 6U);
  EXPECT_EQ(Pyramid({1, 10980, 10980}, 512, false, false).levels().size(), 1U);
  EXPECT_EQ(Pyramid({1, 20, 30}, 512, false, true).tile_width(), 32);
}

TEST(Pyramid, MoreTilesThanAnyFileHasAreRefused) {
  EXPECT_EQ(code_of([] {
              Pyramid({65535, 2000000000, 2000000000}, 512, false, true);
            }),
            Errc::unsupported);
}

}  // namespace
}  // namespace rastream::geotiff
