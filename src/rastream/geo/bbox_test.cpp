// SPDX-License-Identifier: Apache-2.0
#include "rastream/geo/bbox.h"

#include <gtest/gtest.h>

#include "rastream/base/error.h"

namespace rastream {
namespace {

TEST(BBox, FourNumbersAreReadInTheOrderWestSouthEastNorth) {
  const BBox expected{-124.784, 24.743, -66.951, 49.346};
  EXPECT_EQ(parse_bbox("-124.784,24.743,-66.951,49.346"), expected);
  EXPECT_EQ(parse_bbox(" -124.784, 24.743 ,-66.951,\t49.346 "), expected);
  EXPECT_EQ(parse_bbox("+1,2,3e0,4"), (BBox{1, 2, 3, 4}));
}

TEST(BBox, BlanksAreAsGoodAsCommas) {
  const BBox expected{-124.784, 24.743, -66.951, 49.346};
  EXPECT_EQ(parse_bbox("-124.784 24.743 -66.951 49.346"), expected);
  EXPECT_EQ(parse_bbox("  -124.784  24.743\t-66.951, 49.346 "), expected);
  EXPECT_EQ(parse_edges("1 2,3 4 5,6"), (std::vector<double>{1, 2, 3, 4, 5, 6}));
  EXPECT_TRUE(parse_edges(" ").empty());
  for (const char* bad : {",1", "1,,2", "1 , , 2", "1 2 ,", "1-2", "1 2 nan", "- 1"})
    EXPECT_THROW(parse_edges(bad), Error) << bad;
}

TEST(BBox, WritingAndReadingIsIdentity) {
  const BBox box{-1.0 / 3, 1e-17, 2.0 / 3, 89.99999999999999};
  EXPECT_EQ(parse_bbox(to_string(box)), box);
}

TEST(BBox, TextThatIsNotABoxIsRefusedAndShown) {
  for (const char* bad : {"", "1,2,3", "1,2,3,4,5", "a,b,c,d", "1,2,3,", "nan,2,3,4", "inf,2,3,4",
                          "3,2,1,4", "1,4,3,2", "1,2,1,4", "1,-91,3,4", "1,2,3,90.1", "-361,2,3,4",
                          "1;2;3;4", "1,2,3,4x", "0x1,2,3,4", "1,+-2,3,4"}) {
    try {
      parse_bbox(bad);
      ADD_FAILURE() << bad;
    } catch (const Error& e) {
      EXPECT_EQ(e.code(), Errc::invalid_argument) << bad;
      EXPECT_NE(e.message().find(bad), std::string::npos) << bad;
      EXPECT_NE(e.message().find("west,south,east,north"), std::string::npos) << bad;
    }
  }
}

TEST(BBox, ProjectedCoordinatesHaveNoLimits) {
  EXPECT_EQ(parse_bbox("-4560750,-3090500,3253250,4984500", false),
            (BBox{-4560750, -3090500, 3253250, 4984500}));
  EXPECT_THROW(parse_bbox("-4560750,-3090500,3253250,4984500"), Error);
}

}  // namespace
}  // namespace rastream
