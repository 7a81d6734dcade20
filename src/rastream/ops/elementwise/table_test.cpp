// SPDX-License-Identifier: Apache-2.0
#include "rastream/ops/elementwise/table.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "rastream/base/error.h"
#include "rastream/ops/elementwise/kernels.h"

namespace rastream {
namespace {

constexpr std::string_view kCodes = "?bhilBHILfd";  // one letter a dtype, in the order of DType

// Result dtypes printed by NumPy 2.4 for inputs of each dtype: e is float16, - a TypeError.
constexpr struct {
  std::string_view operation;
  std::string_view results;
} kNumPy[] = {
    {"add", "?bhilBHILfd"},         {"subtract", "-bhilBHILfd"},     {"multiply", "?bhilBHILfd"},
    {"divide", "dddddddddfd"},      {"floor_divide", "bbhilBHILfd"}, {"remainder", "bbhilBHILfd"},
    {"power", "bbhilBHILfd"},       {"minimum", "?bhilBHILfd"},      {"maximum", "?bhilBHILfd"},
    {"negative", "-bhilBHILfd"},    {"absolute", "?bhilBHILfd"},     {"sign", "-bhilBHILfd"},
    {"square", "bbhilBHILfd"},      {"sqrt", "eefddefddfd"},         {"exp", "eefddefddfd"},
    {"expm1", "eefddefddfd"},       {"log", "eefddefddfd"},          {"log1p", "eefddefddfd"},
    {"log2", "eefddefddfd"},        {"log10", "eefddefddfd"},        {"sin", "eefddefddfd"},
    {"cos", "eefddefddfd"},         {"tan", "eefddefddfd"},          {"arcsin", "eefddefddfd"},
    {"arccos", "eefddefddfd"},      {"arctan", "eefddefddfd"},       {"arctan2", "eefddefddfd"},
    {"sinh", "eefddefddfd"},        {"cosh", "eefddefddfd"},         {"tanh", "eefddefddfd"},
    {"floor", "?bhilBHILfd"},       {"ceil", "?bhilBHILfd"},         {"trunc", "?bhilBHILfd"},
    {"isnan", "???????????"},       {"isfinite", "???????????"},     {"isinf", "???????????"},
    {"equal", "???????????"},       {"less", "???????????"},         {"logical_and", "???????????"},
    {"logical_not", "???????????"}, {"bitwise_and", "?bhilBHIL--"},  {"invert", "?bhilBHIL--"},
    {"deg2rad", "eefddefddfd"},     {"hypot", "eefddefddfd"},
};

std::string result_codes(const Operation& operation) {
  std::string codes;
  for (std::size_t i = 0; i < kCodes.size(); ++i) {
    try {
      const DType result = resolve_dtype(operation, static_cast<DType>(i)).result;
      codes += kCodes[static_cast<std::size_t>(result)];
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), Errc::invalid_argument);
      codes += '-';
    }
  }
  return codes;
}

TEST(Operations, HaveNumPysResultDtypesWithFloat32ForFloat16) {
  for (const auto& row : kNumPy) {
    std::string expected(row.results);
    for (char& code : expected) code = code == 'e' ? 'f' : code;
    EXPECT_EQ(result_codes(find_operation(row.operation)), expected) << row.operation;
  }
}

TEST(Operations, HaveKernelsForEveryDtypeTheyComputeIn) {
  for (const Operation& operation : elementwise_operations()) {
    for (std::size_t i = 0; i < kCodes.size(); ++i) {
      if (result_codes(operation)[i] == '-') continue;
      const DType compute = resolve_dtype(operation, static_cast<DType>(i)).compute;
      EXPECT_FALSE(find_kernels(operation.name, compute).is_empty())
          << operation.name << " " << to_string(compute);
    }
  }
}

TEST(Operations, RoundKeepsIntegers) {
  EXPECT_EQ(result_codes(find_operation("round")), "fbhilBHILfd");
}

TEST(Operations, RefuseTextAndUnknownNames) {
  EXPECT_THROW(resolve_dtype(find_operation("add"), DType::string), Error);
  EXPECT_THROW(find_operation("frobnicate"), Error);
}

}  // namespace
}  // namespace rastream
