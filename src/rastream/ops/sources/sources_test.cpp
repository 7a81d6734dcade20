// SPDX-License-Identifier: Apache-2.0
#include "rastream/ops/sources/sources.h"

#include <gtest/gtest.h>

#include <cstring>

#include "rastream/base/error.h"
#include "rastream/ops/registry.h"

namespace rastream {
namespace {

template <typename T>
void expect_same_bits_through_json(const std::vector<T>& cells) {
  const auto n = static_cast<std::int64_t>(cells.size());
  OwnedBlock block(Region::whole({n}), dtype_of<T>);
  std::memcpy(block.view().data, cells.data(), cells.size() * sizeof(T));
  const Array made = values(block, {"x"});
  const Json params = parse_json(made.node().params.dump(), "plan");
  const Array again = find_operator("values").make("values", {}, params);
  const OwnedBlock out = evaluate(again, again.schema().whole());
  EXPECT_EQ(std::memcmp(out.view().data, cells.data(), cells.size() * sizeof(T)), 0)
      << params.dump();
}

TEST(Values, EveryBitSurvivesThePlansText) {
  expect_same_bits_through_json<double>({0.1, -0.0, 1e308, 5e-324, 1.0 / 3,
                                         std::numeric_limits<double>::quiet_NaN(),
                                         -std::numeric_limits<double>::infinity()});
  expect_same_bits_through_json<float>({0.1F, 16777217.0F, std::numeric_limits<float>::infinity()});
  expect_same_bits_through_json<std::int64_t>({INT64_MIN, INT64_MAX, (INT64_C(1) << 53) + 1});
  expect_same_bits_through_json<std::uint64_t>({UINT64_MAX, 0});
  expect_same_bits_through_json<std::int8_t>({-128, 127});
}

TEST(Values, RefuseWhatDoesNotFit) {
  const auto make = [](const char* json) {
    return find_operator("values").make("values", {}, parse_json(json, "test"));
  };
  EXPECT_THROW(make(R"({"dims":["x"],"shape":[2],"cells":[1]})"), Error);
  EXPECT_THROW(make(R"({"dims":["x"],"shape":[1],"dtype":"int8","cells":[128]})"), Error);
  EXPECT_THROW(make(R"({"dims":["x"],"shape":[1],"dtype":"int8","cells":[1.5]})"), Error);
  EXPECT_THROW(make(R"({"dims":["x"],"shape":[1],"cells":["one"]})"), Error);
  EXPECT_THROW(make(R"({"dims":["x"],"shape":[1],"dtype":"string","cells":["one"]})"), Error);
  EXPECT_THROW(make(R"({"dims":["x"],"shape":[4611686018427387904],"cells":[]})"), Error);
  EXPECT_THROW(make(R"({"dims":["x","x"],"shape":[1,1],"cells":[1]})"), Error);
}

TEST(Full, HasTheChunksAskedFor) {
  const Array a = full({"y", "x"}, {4, 5}, 2, DType::int16, {2, 5});
  EXPECT_EQ(a.schema().chunks.n_chunks(), 2);
  EXPECT_EQ(cell_as_double(evaluate(a, {{3, 4}, {4, 5}}).view(), {3, 4}), 2);
  EXPECT_THROW(full({"y", "x"}, {4, 5}, 2, DType::int16, {2}), Error);
}

TEST(Arange, IsNumPys) {
  const Array a = arange("x", 0.1, 0.1, 7, DType::float64);
  const OwnedBlock cells = evaluate(a, a.schema().whole());
  const std::vector<double> expected = {0.1, 0.2, 0.30000000000000004, 0.4,
                                        0.5, 0.6, 0.7000000000000001};
  for (std::int64_t i = 0; i < 7; ++i)
    EXPECT_EQ(cells.view().as<double>()[i], expected[static_cast<std::size_t>(i)]);
  const Array single = arange("x", 0.1, 0.1, 7, DType::float32);
  EXPECT_EQ(evaluate(single, {{6}, {7}}).view().as<float>()[0], 0.70000005F);
  EXPECT_EQ(cell_as_double(evaluate(arange("x", 5, -2, 9), {{8}, {9}}).view(), {8}), -11);
  EXPECT_THROW(arange("x", 0, 1, 129, DType::int8), Error);
  EXPECT_THROW(arange("x", 0, 0.5, 3), Error);
  EXPECT_THROW(arange("x", 0, 1, -1), Error);
}

}  // namespace
}  // namespace rastream
