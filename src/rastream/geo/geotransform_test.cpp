// SPDX-License-Identifier: Apache-2.0
#include "rastream/geo/geotransform.h"

#include <gtest/gtest.h>

namespace rastream {
namespace {

std::optional<GeoTransform> parsed(const std::string& text) {
  Attributes attributes;
  attributes.set("GeoTransform", text);
  return parse_geotransform(attributes);
}

TEST(GeoTransform, IsSixFiniteNumbersOrNothing) {
  EXPECT_EQ(parsed("500000 10 0 5800000 0 -10"), (GeoTransform{500000, 10, 0, 5800000, 0, -10}));
  for (const char* text : {"", "1 2 3 4 5", "1 2 3 4 5 x", "1 2 3 4 5 nan", "1e999 2 3 4 5 6"})
    EXPECT_FALSE(parsed(text)) << text;
  EXPECT_FALSE(parse_geotransform({}));
}

TEST(GeoTransform, APartOfTheGridBeginsAtItsOwnCorner) {
  const GeoTransform t{500000, 10, 1, 5800000, 2, -10};
  EXPECT_EQ(moved(t, 0, 0), t);
  EXPECT_EQ(moved(t, 3, 5), (GeoTransform{500035, 10, 1, 5799956, 2, -10}));
  EXPECT_EQ(to_string(moved(t, 3, 5)), "500035 10 1 5799956 2 -10");
}

}  // namespace
}  // namespace rastream
