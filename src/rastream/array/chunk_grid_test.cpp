// SPDX-License-Identifier: Apache-2.0
// Cuts and chunks: each cell lies in one chunk, numbers and regions agree, and edges are checked.
#include "rastream/array/chunk_grid.h"

#include <gtest/gtest.h>

#include <limits>
#include <random>

#include "rastream/base/error.h"

namespace rastream {
namespace {

/// Every cell is in the chunk that chunk_of() names, and chunks follow each other without gaps.
void check_cuts(const Cuts& cuts) {
  std::int64_t at = 0;
  std::int64_t longest = 0;
  for (std::int64_t c = 0; c < cuts.n_chunks(); ++c) {
    ASSERT_EQ(cuts.begin_of(c), at);
    ASSERT_LT(at, cuts.end_of(c));
    longest = std::max(longest, cuts.end_of(c) - at);
    for (; at < cuts.end_of(c); ++at) ASSERT_EQ(cuts.chunk_of(at), c);
  }
  EXPECT_EQ(at, cuts.size());
  EXPECT_EQ(cuts.max_chunk(), longest);
}

std::vector<std::int64_t> random_edges(std::mt19937_64& random) {
  std::vector<std::int64_t> edges = {0};
  const auto n = random() % 7;
  for (std::uint64_t i = 0; i < n; ++i)
    edges.push_back(edges.back() + 1 + static_cast<std::int64_t>(random() % 4));
  return edges;
}

TEST(Cuts, AreCountedUpToTheLargestSize) {
  EXPECT_EQ(Cuts::regular(INT64_MAX, INT64_MAX - 1).n_chunks(), 2);
  EXPECT_EQ(Cuts::regular(INT64_MAX, INT64_MAX).n_chunks(), 1);
  EXPECT_EQ(Cuts::regular(INT64_MAX, 1).n_chunks(), INT64_MAX);
}

TEST(Cuts, RegularOnesCoverEveryCellOnce) {
  for (std::int64_t size = 0; size <= 12; ++size) {
    for (std::int64_t chunk = 1; chunk <= 13; ++chunk) check_cuts(Cuts::regular(size, chunk));
  }
}

TEST(Cuts, ExplicitOnesCoverEveryCellOnce) {
  std::mt19937_64 random(1);
  for (int round = 0; round < 100; ++round) check_cuts(Cuts::explicit_edges(random_edges(random)));
}

TEST(Cuts, AChunkOfNoLengthOrTooLongMeansOneChunk) {
  for (const std::int64_t chunk : {std::int64_t{0}, std::int64_t{-3}, std::int64_t{100}}) {
    EXPECT_EQ(Cuts::regular(7, chunk).n_chunks(), 1);
    EXPECT_EQ(Cuts::regular(7, chunk).max_chunk(), 7);
  }
  EXPECT_EQ(Cuts::regular(0, 5).n_chunks(), 0);
}

TEST(Cuts, EdgesThatAreRegularAreTheRegularCuts) {
  EXPECT_EQ(Cuts::explicit_edges({0, 4, 8, 10}), Cuts::regular(10, 4));
  EXPECT_EQ(Cuts::explicit_edges({0}), Cuts::regular(0, 1));
  EXPECT_FALSE(Cuts::explicit_edges({0, 4, 10}).regular_chunk().has_value());
}

TEST(Cuts, EdgesThatDoNotRiseFromZeroAreRefused) {
  for (const std::vector<std::int64_t>& edges :
       std::vector<std::vector<std::int64_t>>{{}, {1, 2}, {-1, 3}, {0, 3, 3}, {0, 5, 4}, {0, 0}}) {
    try {
      Cuts::explicit_edges(edges);
      FAIL();
    } catch (const Error& e) {
      EXPECT_EQ(e.code(), Errc::invalid_argument);
    }
  }
}

TEST(Cuts, SeenThroughAWindowLieWhereTheyLay) {
  std::mt19937_64 random(2);
  for (int round = 0; round < 200; ++round) {
    const Cuts cuts = round % 2 ? Cuts::explicit_edges(random_edges(random))
                                : Cuts::regular(static_cast<std::int64_t>(random() % 15),
                                                static_cast<std::int64_t>(1 + random() % 5));
    if (cuts.size() == 0) continue;
    const auto begin =
        static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(cuts.size()));
    const auto end =
        begin + 1 +
        static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(cuts.size() - begin));
    const Cuts seen = cuts.sliced(begin, end);
    check_cuts(seen);
    ASSERT_EQ(seen.size(), end - begin);
    for (std::int64_t i = begin + 1; i < end; ++i) {
      EXPECT_EQ(seen.chunk_of(i - begin) != seen.chunk_of(i - begin - 1),
                cuts.chunk_of(i) != cuts.chunk_of(i - 1));
    }
  }
  EXPECT_EQ(Cuts::regular(9, 2).sliced(4, 4).size(), 0);
  EXPECT_EQ(Cuts::regular(9, 2).sliced(6, 2).n_chunks(), 0);
}

TEST(ChunkGrid, NumbersItsChunksInCOrder) {
  const ChunkGrid grid = ChunkGrid::regular({5, 7, 4}, {2, 3, 4});
  EXPECT_EQ(grid.n_chunks_along(), (Extents{3, 3, 1}));
  std::int64_t number = 0;
  for_each_index(Region::whole(grid.n_chunks_along()), [&](const Extents& index) {
    EXPECT_EQ(grid.chunk_number(index), number);
    EXPECT_EQ(grid.chunk_index(number), index);
    EXPECT_EQ(grid.chunk_region(number), grid.chunk_region(index));
    ++number;
  });
  EXPECT_EQ(number, grid.n_chunks());
}

TEST(ChunkGrid, ChunksCoverEveryCellOnce) {
  const ChunkGrid grid({Cuts::explicit_edges({0, 1, 5}), Cuts::regular(7, 3)});
  std::int64_t n_cells = 0;
  for (std::int64_t c = 0; c < grid.n_chunks(); ++c) {
    const Region region = grid.chunk_region(c);
    n_cells += region.n_cells();
    EXPECT_TRUE(Region::whole(grid.shape()).contains(region));
    EXPECT_EQ(grid.chunks_touching(region).n_cells(), 1);
  }
  EXPECT_EQ(n_cells, product(grid.shape()));
  EXPECT_EQ(grid.max_chunk_shape(), (Extents{4, 3}));
}

TEST(ChunkGrid, TouchesTheChunksThatMeetTheRegionAndNoOthers) {
  const ChunkGrid grid({Cuts::explicit_edges({0, 1, 5, 6}), Cuts::regular(7, 3)});
  for_each_index(Region::whole({6, 7}), [&](const Extents& begin) {
    for_each_index(Region({begin[0] + 1, begin[1] + 1}, {7, 8}), [&](const Extents& end) {
      const Region region(begin, end);
      const Region touching = grid.chunks_touching(region);
      for_each_index(Region::whole(grid.n_chunks_along()), [&](const Extents& index) {
        Extents next = index;
        for (std::int64_t& i : next) ++i;
        EXPECT_EQ(touching.contains(Region(index, next)),
                  !intersect(grid.chunk_region(index), region).is_empty());
      });
    });
  });
}

TEST(Cuts, OfTheLongestAxisThereCanBeAreCounted) {
  constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
  const Cuts cuts = Cuts::regular(kMost, 2);
  EXPECT_EQ(cuts.n_chunks(), std::int64_t{1} << 62);
  EXPECT_EQ(cuts.end_of(cuts.n_chunks() - 1), kMost);
}

TEST(ChunkGrid, FindsAChunkByItsExactRegionOnly) {
  const ChunkGrid grid = ChunkGrid::regular({5, 7}, {2, 3});
  for (std::int64_t c = 0; c < grid.n_chunks(); ++c)
    EXPECT_EQ(grid.find_chunk(grid.chunk_region(c)), c);
  for (const Region& other :
       {Region({0, 0}, {2, 2}), Region({0, 0}, {2, 6}), Region({1, 0}, {3, 3}),
        Region({0, 0}, {0, 3}), Region({4, 6}, {6, 9}), Region({-2, 0}, {0, 3}),
        Region({6, 9}, {8, 12}), Region({0}, {2}), Region({0, 0, 0}, {2, 3, 1})}) {
    EXPECT_FALSE(grid.find_chunk(other)) << to_string(other);
  }
}

TEST(ChunkGrid, OfNoDimensionsHasOneChunk) {
  const ChunkGrid grid = ChunkGrid::whole({});
  EXPECT_EQ(grid.n_chunks(), 1);
  EXPECT_EQ(grid.find_chunk(Region()), 0);
  EXPECT_EQ(grid.chunk_region(0), Region());
  EXPECT_EQ(ChunkGrid::whole({0, 4}).n_chunks(), 0);
}

TEST(ForEachIndex, VisitsEachIndexOnceInCOrder) {
  std::vector<Extents> seen;
  for_each_index(Region({1, 2}, {3, 4}), [&](const Extents& i) { seen.push_back(i); });
  EXPECT_EQ(seen, (std::vector<Extents>{{1, 2}, {1, 3}, {2, 2}, {2, 3}}));
  int n = 0;
  for_each_index(Region({0, 3}, {4, 3}), [&](const Extents&) { ++n; });
  EXPECT_EQ(n, 0);
  for_each_index(Region(), [&](const Extents&) { ++n; });
  EXPECT_EQ(n, 1);
}

}  // namespace
}  // namespace rastream
