// SPDX-License-Identifier: Apache-2.0
#include "rastream/array/halve.h"

#include <gtest/gtest.h>

#include "rastream/array/chunk_grid.h"

namespace rastream {
namespace {

TEST(Halve, PiecesHoldEachCellOnceInCOrderAndNoneIsTooLarge) {
  const Region region{{1, 5, 0}, {4, 6, 7}};
  for (std::int64_t most = 0; most <= 22; ++most) {
    std::vector<Extents> cells;
    for (const Region& piece : halve(region, most)) {
      EXPECT_LE(piece.n_cells(), std::max<std::int64_t>(1, most));
      for_each_index(piece, [&](const Extents& i) { cells.push_back(i); });
    }
    std::size_t n = 0;
    for_each_index(region, [&](const Extents& i) {
      ASSERT_LT(n, cells.size());
      EXPECT_EQ(cells[n++], i);
    });
    EXPECT_EQ(n, cells.size());
  }
}

TEST(Halve, ASmallOrEmptyOrScalarRegionIsOnePiece) {
  for (const Region& region : {Region({2}, {9}), Region({2, 3}, {2, 9}), Region()})
    EXPECT_EQ(halve(region, 7), std::vector<Region>{region});
}

}  // namespace
}  // namespace rastream
