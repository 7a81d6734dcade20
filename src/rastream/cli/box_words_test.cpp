// SPDX-License-Identifier: Apache-2.0
#include "rastream/cli/box_words.h"

#include <gtest/gtest.h>

namespace rastream {
namespace {

using Words = std::vector<std::string>;

TEST(BoxWords, ABoxOfSeveralWordsBecomesOne) {
  const Words joined = {"copy", "--bbox=-161,18,-154.5,23", "in", "out"};
  EXPECT_EQ(with_joined_boxes({"copy", "--bbox", "-161", "18", "-154.5", "23", "in", "out"}),
            joined);
  EXPECT_EQ(with_joined_boxes({"copy", "--bbox", "-161,", "18,", "-154.5,", "23", "in", "out"}),
            joined);
  EXPECT_EQ(with_joined_boxes({"copy", "--bbox=-161", "18", "-154.5", "23", "in", "out"}), joined);
  EXPECT_EQ(with_joined_boxes({"copy", "--bbox", "-161,18", "-154.5,23", "in", "out"}), joined);
  EXPECT_EQ(with_joined_boxes({"copy", "--bbox", "-161,18,-154.5,23", "in", "out"}), joined);
  EXPECT_EQ(with_joined_boxes(joined), joined);
}

TEST(BoxWords, SixNumbersHaveHeights) {
  EXPECT_EQ(with_joined_boxes({"--bbox", "1", "2", "0", "3", "4", "9", "in"}),
            (Words{"--bbox=1,2,0,3,4,9", "in"}));
}

TEST(BoxWords, WhatFollowsABoxIsLeftAlone) {
  EXPECT_EQ(with_joined_boxes({"--bbox", "1", "2", "3", "4", "2020"}),
            (Words{"--bbox=1,2,3,4", "2020"}));
  EXPECT_EQ(with_joined_boxes({"--bbox=1,2,3,4", "2020", "2021"}),
            (Words{"--bbox=1,2,3,4", "2020", "2021"}));
  EXPECT_EQ(with_joined_boxes({"--bbox", "1,2,3,4", "2020", "2021"}),
            (Words{"--bbox=1,2,3,4", "2020", "2021"}));
  EXPECT_EQ(with_joined_boxes({"--", "--bbox", "1", "2"}), (Words{"--", "--bbox", "1", "2"}));
  EXPECT_EQ(with_joined_boxes({"--bbox", "1,2,3,4", "--days", "5"}),
            (Words{"--bbox=1,2,3,4", "--days", "5"}));
}

TEST(BoxWords, WhatIsNoBoxIsLeftToTheCommand) {
  for (const Words& words : {Words{"--bbox"}, Words{"--bbox", "x", "1"}, Words{"--bbox=a,b", "1"},
                             Words{"--bbox=", "1"}, Words{"--bboxes", "1", "2", "3", "4"}, Words{}})
    EXPECT_EQ(with_joined_boxes(words), words);
  EXPECT_EQ(with_joined_boxes({"--bbox", "1", "2", "3", "in"}), (Words{"--bbox=1,2,3", "in"}));
}

}  // namespace
}  // namespace rastream
