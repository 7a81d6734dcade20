// SPDX-License-Identifier: Apache-2.0
// Boxes of cells: shapes, what lies in what, meets and hulls, and how they are written.
#include "rastream/array/region.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace rastream {
namespace {

TEST(Extents, KeepTheirValuesWhereOneIsPutInOrTakenOut) {
  Extents e = {2, 3, 5};
  e.insert(0, 1);
  e.insert(4, 7);
  EXPECT_EQ(e, (Extents{1, 2, 3, 5, 7}));
  e.erase(4);
  e.erase(0);
  e.erase(1);
  EXPECT_EQ(e, (Extents{2, 5}));
}

TEST(Extents, OfDifferentRankDiffer) {
  EXPECT_FALSE((Extents{1}) == (Extents{1, 1}));
  EXPECT_EQ(Extents(), Extents(std::size_t{0}));
}

TEST(Extents, ProductOfNoneIsOne) {
  EXPECT_EQ(product({}), 1);
  EXPECT_EQ(product({3, 0, 4}), 0);
  EXPECT_EQ(product({365, 8075, 7814}), 365LL * 8075 * 7814);
}

TEST(Extents, AreWrittenAsPythonTuples) {
  EXPECT_EQ(to_string(Extents{}), "()");
  EXPECT_EQ(to_string(Extents{4}), "(4,)");
  EXPECT_EQ(to_string(Extents{365, 584}), "(365, 584)");
}

TEST(Region, IsWrittenAsSlices) {
  EXPECT_EQ(to_string(Region({0, 3}, {1, 584})), "[0:1, 3:584]");
  EXPECT_EQ(to_string(Region()), "[]");
}

TEST(Region, WithoutDimensionsHoldsOneCell) {
  EXPECT_EQ(Region().n_cells(), 1);
  EXPECT_FALSE(Region().is_empty());
  EXPECT_TRUE(Region().contains(Region()));
}

TEST(Region, ThatEndsBeforeItBeginsIsEmpty) {
  const Region turned({5, 0}, {2, 4});
  EXPECT_EQ(turned.n_cells(), 0);
  EXPECT_TRUE(turned.is_empty());
}

TEST(Region, ContainsItselfAndItsPartsAndNothingThatSticksOut) {
  const Region r({2, 2}, {6, 8});
  EXPECT_TRUE(r.contains(r));
  EXPECT_TRUE(r.contains(Region({3, 2}, {4, 8})));
  for (const Region& out : {Region({1, 3}, {4, 4}), Region({3, 3}, {7, 4}), Region({3, 1}, {4, 4}),
                            Region({3, 3}, {4, 9})}) {
    EXPECT_FALSE(r.contains(out)) << to_string(out);
  }
}

TEST(Region, ThatDoesNotMeetAnotherMeetsItInNothingInside) {
  const Region a({0, 0}, {4, 4});
  const Region met = intersect(a, Region({6, 1}, {9, 3}));
  EXPECT_TRUE(met.is_empty());
  EXPECT_EQ(met.begin[0], met.end[0]);
  EXPECT_EQ(met.size(1), 2);
}

TEST(Region, HullOfAnEmptyOneIsTheOther) {
  const Region a({1, 1}, {3, 3});
  const Region empty({0, 9}, {0, 20});
  EXPECT_EQ(bounding(a, empty), a);
  EXPECT_EQ(bounding(empty, a), a);
}

TEST(Region, MeetsAndHullsHoldExactlyTheCellsThatTheyShould) {
  std::mt19937_64 random(1);
  const auto box = [&] {
    Region r({0, 0}, {0, 0});
    for (std::size_t i = 0; i < 2; ++i) {
      r.begin[i] = static_cast<std::int64_t>(random() % 6);
      r.end[i] = r.begin[i] + 1 + static_cast<std::int64_t>(random() % 5);
    }
    return r;
  };
  for (int round = 0; round < 200; ++round) {
    const Region a = box();
    const Region b = box();
    const Region met = intersect(a, b);
    const Region hull = bounding(a, b);
    EXPECT_EQ(met.n_cells(), intersect(b, a).n_cells());
    EXPECT_EQ(hull, bounding(b, a));
    EXPECT_TRUE(hull.contains(a) && hull.contains(b));
    EXPECT_EQ(intersect(hull, a), a);
    for (std::int64_t y = 0; y < 12; ++y) {
      for (std::int64_t x = 0; x < 12; ++x) {
        const Region cell({y, x}, {y + 1, x + 1});
        EXPECT_EQ(met.contains(cell), a.contains(cell) && b.contains(cell));
      }
    }
  }
}

}  // namespace
}  // namespace rastream
