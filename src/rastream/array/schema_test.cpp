// SPDX-License-Identifier: Apache-2.0
// What a schema refuses: headers of files come here first.
#include "rastream/array/schema.h"

#include <gtest/gtest.h>

#include <functional>
#include <limits>

#include "rastream/base/error.h"
#include "tests/suites/errors.h"

namespace rastream {
namespace {

TEST(Schema, FindsItsDimensionsByName) {
  const Schema s = make_schema({"time", "y", "x"}, {365, 584, 284}, DType::float32);
  EXPECT_EQ(s.axis("y", "test"), 1u);
  EXPECT_TRUE(s.has("x"));
  EXPECT_FALSE(s.find_axis("band").has_value());
  EXPECT_EQ(s.n_cells(), 365LL * 584 * 284);
  EXPECT_EQ(s.size_bytes(), 4.0 * 365 * 584 * 284);
  EXPECT_EQ(s.chunks.n_chunks(), 1);
}

TEST(Schema, AMissingDimensionIsNamedWithThoseThatAreThereAndWhoAsked) {
  const Schema s = make_schema({"y", "x"}, {2, 3}, DType::int8);
  for (const char* word : {"'band'", "y, x", "coarsen"}) {
    expect_refused(Errc::invalid_argument, word, [&] { s.axis("band", "coarsen"); });
  }
}

TEST(Schema, TwoDimensionsOfOneNameAreRefused) {
  expect_refused(Errc::invalid_argument, "'y' appears twice", [] {
    make_schema({"y", "x", "y"}, {1, 2, 3}, DType::int8);
  });
}

TEST(Schema, AsManyNamesAsSizesAreNeeded) {
  expect_refused(Errc::invalid_argument, "rank 1", [] {
    make_schema({"y", "x"}, {1}, DType::int8);
  });
  expect_refused(Errc::invalid_argument, "rank 2", [] {
    make_schema({"y", "x"}, {1, 2}, DType::int8, ChunkGrid::regular({1}, {1}));
  });
}

TEST(Schema, MoreDimensionsThanAreSupportedAreRefused) {
  const std::vector<std::string> nine = {"a", "b", "c", "d", "e", "f", "g", "h", "i"};
  expect_refused(Errc::unsupported, "9 dimensions", [&] {
    make_schema(nine, Extents{1, 1, 1, 1, 1, 1, 1, 1}, DType::int8, ChunkGrid());
  });
}

TEST(Schema, SizesThatAreNegativeOrOverflowAreBadData) {
  const std::int64_t huge = std::numeric_limits<std::int64_t>::max();
  for (const Extents& shape : {Extents{-1, 4}, Extents{huge, 2}, Extents{huge / 4, 1},
                               Extents{std::int64_t{1} << 32, std::int64_t{1} << 31}}) {
    expect_refused(Errc::data_loss, "array", [&] {
      make_schema({"y", "x"}, shape, DType::float64, ChunkGrid::whole(shape));
    });
  }
  EXPECT_EQ(make_schema({"y", "x"}, {0, huge}, DType::float64).n_cells(), 0);
}

TEST(Schema, OfNoDimensionsIsOneCell) { EXPECT_EQ(make_schema({}, {}, DType::int16).n_cells(), 1); }

}  // namespace
}  // namespace rastream
