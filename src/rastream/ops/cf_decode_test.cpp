// SPDX-License-Identifier: Apache-2.0
#include "rastream/ops/cf_decode.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>

namespace rastream {
namespace {

/// An array over values in memory.
template <typename T>
class Values final : public Operator {
 public:
  explicit Values(std::vector<T> values)
      : values_(std::move(values)),
        schema_(make_schema({"x"}, {static_cast<std::int64_t>(values_.size())}, dtype_of<T>)) {}
  const Schema& schema() const override { return schema_; }
  Region demand(const Region&, std::size_t) const override { return {}; }
  void compute(std::span<const Block>, Block& out) const override {
    for (std::int64_t i = out.region.begin[0]; i < out.region.end[0]; ++i) {
      std::memcpy(out.at({i}), &values_[static_cast<std::size_t>(i)], sizeof(T));
    }
  }
  bool is_pointwise(std::string_view) const override { return true; }

 private:
  std::vector<T> values_;
  Schema schema_;
};

template <typename T>
Array values(std::vector<T> cells) {
  return Array(std::make_shared<const Node>(
      Node{std::make_shared<const Values<T>>(std::move(cells)), {}, "values", Json::object()}));
}

template <typename Out>
void expect_cells(const Array& array, const std::vector<Out>& want) {
  ASSERT_EQ(array.schema().dtype, dtype_of<Out>);
  const OwnedBlock got = evaluate(array, array.schema().whole());
  for (std::size_t i = 0; i < want.size(); ++i) {
    const Out cell = got.view().as<Out>()[i];
    EXPECT_TRUE(std::isnan(want[i])
                    ? std::isnan(cell)
                    : cell == want[i] && std::signbit(cell) == std::signbit(want[i]))
        << "cell " << i << " is " << cell << ", want " << want[i];
  }
}

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

CfDecode::Params float32_params() {
  CfDecode::Params params;
  params.dtype = "float32";
  return params;
}

TEST(CfDecode, MakesFillNanAndLeavesOtherCellsTheirBits) {
  CfDecode::Params params = float32_params();
  params.fill = -9999.0;
  expect_cells<float>(cf_decode(values<float>({1.5F, -9999.0F, -0.0F, kNan, HUGE_VALF}), params),
                      {1.5F, kNan, -0.0F, kNan, HUGE_VALF});
}

TEST(CfDecode, RoundsAFillToTheStoredFloat32) {
  CfDecode::Params params = float32_params();
  params.fill = 1e20;
  expect_cells<float>(cf_decode(values<float>({1e20F, 1}), params), {kNan, 1});
}

TEST(CfDecode, UnpacksInTheOutputDtype) {
  CfDecode::Params params = float32_params();
  params.fill = -32768.0;
  params.scale_factor = 0.01;
  params.add_offset = 273.15;
  const auto unpacked = [](int v) { return static_cast<float>(v) * 0.01F + 273.15F; };
  expect_cells<float>(cf_decode(values<std::int16_t>({0, 1234, -32768, -32767}), params),
                      {unpacked(0), unpacked(1234), kNan, unpacked(-32767)});
  params.dtype = "float64";
  expect_cells<double>(cf_decode(values<std::int16_t>({1234}), params), {1234 * 0.01 + 273.15});
}

TEST(CfDecode, AFactorAloneKeepsTheSignOfZero) {
  CfDecode::Params params = float32_params();
  params.scale_factor = 2.0;
  expect_cells<float>(cf_decode(values<float>({-0.0F, 3}), params), {-0.0F, 6});
}

TEST(CfDecode, TestsTheValidRangeOnStoredValues) {
  CfDecode::Params params = float32_params();
  params.valid_min = -10.0;
  params.valid_max = 99.5;
  params.scale_factor = 10.0;
  expect_cells<float>(cf_decode(values<std::int8_t>({-11, -10, 0, 99, 100}), params),
                      {kNan, -100, 0, 990, kNan});
  expect_cells<float>(cf_decode(values<float>({-10.5F, 99.5F, kNan}), params), {kNan, 995, kNan});
}

TEST(CfDecode, ARangeOutsideTheStoredDtypeHoldsAllCellsOrNone) {
  CfDecode::Params wide = float32_params();
  wide.valid_min = -1e9;
  wide.valid_max = 1e9;
  expect_cells<float>(cf_decode(values<std::uint8_t>({0, 255}), wide), {0, 255});
  CfDecode::Params beyond = float32_params();
  beyond.valid_min = 1000.0;
  expect_cells<float>(cf_decode(values<std::uint8_t>({0, 255}), beyond), {kNan, kNan});
  CfDecode::Params inverted = float32_params();
  inverted.valid_min = 5.0;
  inverted.valid_max = 4.0;
  expect_cells<float>(cf_decode(values<std::uint8_t>({0, 4, 5}), inverted), {kNan, kNan, kNan});
  CfDecode::Params none = float32_params();
  none.valid_min = std::nan("");
  expect_cells<float>(cf_decode(values<std::uint8_t>({0, 4}), none), {0, 4});
}

TEST(CfDecode, KnowsSeveralMissingValuesAndIgnoresThoseThatCannotOccur) {
  CfDecode::Params params = float32_params();
  params.fill = 255.0;
  params.missing = {254.0, 1e6, 0.5, std::nan("")};
  expect_cells<float>(cf_decode(values<std::uint8_t>({0, 1, 253, 254, 255, 64}), params),
                      {0, 1, 253, kNan, kNan, 64});
  CfDecode::Params impossible = float32_params();
  impossible.fill = -1.0;
  expect_cells<float>(cf_decode(values<std::uint8_t>({0, 255}), impossible), {0, 255});
}

TEST(CfDecode, MatchesTheLargestFillOf64BitIntegers) {
  CfDecode::Params params;
  params.fill = static_cast<double>(std::numeric_limits<std::int64_t>::max());
  expect_cells<double>(
      cf_decode(values<std::int64_t>({7, std::numeric_limits<std::int64_t>::max()}), params),
      {7, std::nan("")});
}

TEST(CfDecode, DecodesEveryNumericDtype) {
  const auto decode = []<typename T>(T) {
    for (const bool is_packed : {false, true}) {
      CfDecode::Params params;
      params.fill = 5.0;
      if (is_packed) params.add_offset = 1.0;
      std::vector<T> cells;
      std::vector<double> want;
      for (int i = 0; i < 100; ++i) {
        cells.push_back(static_cast<T>(i));
        want.push_back(i == 5 ? std::nan("") : i + (is_packed ? 1 : 0));
      }
      expect_cells<double>(cf_decode(values(cells), params), want);
    }
  };
  for (int d = static_cast<int>(DType::int8); d <= static_cast<int>(DType::float64); ++d) {
    visit_dtype(static_cast<DType>(d), [&]<typename T>(T v) {
      if constexpr (!std::is_same_v<T, bool>) decode(v);
    });
  }
}

TEST(CfDecode, IsRebuiltFromItsPlan) {
  CfDecode::Params params = float32_params();
  params.fill = std::nan("");
  params.missing = {-9999.0, HUGE_VAL};
  params.valid_max = 40.25;
  const Array made = cf_decode(values<float>({1, -9999, HUGE_VALF, 41, 2}), params);
  const std::string text = made.node().params.dump();
  const Array again = cf_decode().make("cf_decode", made.inputs(), parse_json(text, "plan"));
  EXPECT_EQ(again.node().params.dump(), text);
  EXPECT_EQ(again.schema(), made.schema());
  expect_cells<float>(again, {1, kNan, kNan, kNan, 2});
}

TEST(CfDecode, RefusesWhatItCannotDecode) {
  CfDecode::Params integer;
  integer.dtype = "int16";
  EXPECT_THROW(cf_decode(values<float>({1}), integer), Error);
  CfDecode::Params many;
  many.missing.assign(CfDecode::kMaxMissing + 1, 1.0);
  EXPECT_THROW(cf_decode(values<float>({1}), many), Error);
  EXPECT_THROW(cf_decode().make("cf_decode", {}, Json::object()), Error);
}

TEST(CfDecodedDtype, IsXarraysChoice) {
  const auto f32 = DType::float32;
  const auto f64 = DType::float64;
  EXPECT_EQ(cf_decoded_dtype(DType::int16, f32, f32), f32);
  EXPECT_EQ(cf_decoded_dtype(DType::int16, f64, f64), f64);
  EXPECT_EQ(cf_decoded_dtype(DType::int32, f32, f32), f64);
  EXPECT_EQ(cf_decoded_dtype(DType::float32, f32, f32), f32);
  EXPECT_EQ(cf_decoded_dtype(DType::int16, f32, f64), f64);
  EXPECT_EQ(cf_decoded_dtype(DType::int16, f32, std::nullopt), f32);
  EXPECT_EQ(cf_decoded_dtype(DType::int16, std::nullopt, f32), f64);
  EXPECT_EQ(cf_decoded_dtype(DType::uint8, std::nullopt, std::nullopt), f32);
  EXPECT_EQ(cf_decoded_dtype(DType::int32, std::nullopt, std::nullopt), f64);
  EXPECT_EQ(cf_decoded_dtype(DType::float64, std::nullopt, std::nullopt), f64);
}

}  // namespace
}  // namespace rastream
