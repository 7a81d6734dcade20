// SPDX-License-Identifier: Apache-2.0
// Every registered operator keeps the laws of tests/suites/operator_laws.h. A new operator adds
// cases to all_cases().
#include <gtest/gtest.h>

#include <functional>
#include <limits>

#include "rastream/ops/cf_decode.h"
#include "rastream/ops/elementwise/functions.h"
#include "rastream/ops/elementwise/table.h"
#include "rastream/ops/folds/folds.h"
#include "rastream/ops/phenology/growing_degree_hours.h"
#include "rastream/ops/phenology/spring_onset.h"
#include "rastream/ops/sources/sources.h"
#include "rastream/ops/views/views.h"
#include "rastream/ops/windows/windows.h"
#include "tests/suites/operator_laws.h"
#include "tests/suites/small_stores.h"

namespace rastream {
namespace {

using laws::LawCase;
using laws::Random;

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

const std::vector<DType> kNumbers = {DType::bool_,  DType::int8,    DType::int16,  DType::int32,
                                     DType::int64,  DType::uint8,   DType::uint16, DType::uint32,
                                     DType::uint64, DType::float32, DType::float64};

/// Few different small values, so that ties happen; in floating cells some halves and NaN.
Array random_array(Random& random, const std::vector<std::string>& dims, const Extents& shape,
                   DType dtype) {
  std::vector<double> cells(static_cast<std::size_t>(product(shape)));
  for (double& cell : cells) {
    cell = static_cast<double>(laws::random_between(random, 0, 6));
    if (is_signed_integer(dtype)) cell -= 3;
    if (is_floating(dtype)) cell = random() % 4 == 0 ? kNan : (cell - 3) * 0.3;
    if (dtype == DType::bool_) cell = cell > 3;
  }
  return values(cells, dims, shape, dtype);
}

/// A cube whose chunks are small, and of every dtype.
std::vector<Array> cubes() {
  Random random(7);
  std::vector<Array> out;
  for (const DType dtype : kNumbers) {
    out.push_back(
        rechunk(random_array(random, {"time", "y", "x"}, {7, 3, 5}, dtype), {"time", "x"}, {2, 3}));
  }
  return out;
}

void add_sources(std::vector<LawCase>& cases) {
  Random random(1);
  for (const DType dtype : kNumbers) {
    cases.push_back({random_array(random, {"y", "x"}, {4, 5}, dtype), {}});
    cases.push_back({full({"y", "x"}, {4, 5}, 1, dtype, {2, 3}), {}});
    cases.push_back({arange("x", 1, 0, 5, dtype), {}});
  }
  cases.push_back(
      {values({kNan, -0.0, 0.1, std::numeric_limits<double>::infinity(), 5e-324}, "x"), {}});
  cases.push_back({values({2.5}, std::vector<std::string>{}, {}), {}});
  cases.push_back({full({"x"}, {4}, kNan), {}});
  cases.push_back({arange("x", 0.1, 0.1, 7, DType::float64), {}});
  cases.push_back({arange("x", 10, -3, 5), {}});
}

void add_views(std::vector<LawCase>& cases, const Array& a) {
  const auto add = [&](Array v, std::optional<double> fill = {}) {
    cases.push_back({std::move(v), fill});
  };
  add(isel(a, "time", {2, 6, 1}));
  add(isel(a, "time", {{}, {}, 3}));
  add(isel(a, "x", {{}, {}, -2}));
  add(isel(a, "y", {2, 2, 1}));
  add(take(a, "x", {4, 0, 0, -1, 2, 3}));
  add(take(a, "time", {}));
  for (const PadMode mode : {PadMode::edge, PadMode::reflect, PadMode::symmetric, PadMode::wrap}) {
    add(pad(a, "time", 9, 2, mode));
    add(pad(a, "x", 0, 7, mode));
  }
  add(pad(a, "x", 2, 3, PadMode::constant, 1), 1);
  add(pad(a, "time", 1, 0, PadMode::constant, kNan), kNan);
  add(shift(a, "time", 2), kNan);
  add(shift(a, "x", -9, 0), 0);
  add(roll(a, "x", 2));
  add(roll(a, "time", -9));
  add(concat({a, isel(a, "time", {1, 3, 1}), a}, "time"));
  add(concat({a}, "x"));
  add(expand_dims(a, "band", 1));
  add(expand_dims(a, "band", -1));
  add(transpose(a, {"x", "time", "y"}));
  add(broadcast_to(isel(a, "y", {1, 2, 1}), {"x", "band", "y", "time"}, {5, 2, 3, 7}));
  add(broadcast_like(isel(a, "time", {1, 2, 1}), a));
  add(rename_dims(a, {"x", "y"}, {"y", "x"}));
  add(rename_dims(a, {"x"}, {"column"}));
  add(rechunk(a, {"y", "time"}, {2, -1}));
}

void add_windows(std::vector<LawCase>& cases, const Array& a) {
  for (const auto& rolling : {rolling_sum, rolling_mean, rolling_min, rolling_max}) {
    cases.push_back({rolling(a, "time", 3, 0), {}});
    cases.push_back({rolling(a, "x", 4, 2), {}});
    cases.push_back({rolling(a, "y", 9, 1), {}});
  }
  for (const auto& coarsen : {coarsen_mean, coarsen_sum, coarsen_min, coarsen_max}) {
    cases.push_back({coarsen(a, {"x", "time"}, {2, 3}, true), {}});
    cases.push_back({coarsen(a, {"y"}, {2}, false), {}});
    cases.push_back({coarsen(a, {"x"}, {6}, true), {}});
  }
  if (a.schema().dtype != DType::bool_) {
    cases.push_back({diff(a, "time"), {}});
    cases.push_back({diff(a, "x"), {}});
  }
}

void add_folds(std::vector<LawCase>& cases, const Array& a) {
  for (const std::string dim : {"time", "y", "x"}) {
    for (const bool skipna : {true, false}) {
      for (const auto& fold : {sum, prod, mean, rastream::min, rastream::max})
        cases.push_back({fold(a, {dim}, skipna), {}});
      for (const auto& fold : {first, last, argmax, argmin, cumsum, cumprod})
        cases.push_back({fold(a, dim, skipna), {}});
      cases.push_back({var(a, dim, 0, skipna), {}});
      cases.push_back({std_(a, dim, 1, skipna), {}});
    }
    for (const auto& fold : {count, any, all}) cases.push_back({fold(a, {dim}), {}});
    cases.push_back({ffill(a, dim), {}});
    cases.push_back({squeeze(isel(a, dim, {1, 2, 1}), dim), {}});
  }
  cases.push_back({mean(a, {"x", "time"}), {}});
}

/// Rows long enough for whole vectors and the rest of one.
void add_wide(std::vector<LawCase>& cases, const Array& a) {
  cases.push_back({sum(a, {"time"}), {}});
  cases.push_back({mean(a, {"time"}), {}});
  cases.push_back({rastream::min(a, {"time"}, false), {}});
  cases.push_back({argmax(a, "time"), {}});
  cases.push_back({cumsum(a, "time"), {}});
  cases.push_back({rolling_sum(a, "time", 3), {}});
  cases.push_back({rolling_mean(a, "x", 3, 2), {}});
  cases.push_back({coarsen_mean(a, {"time", "x"}, {2, 2}), {}});
}

/// Each operation on every dtype that it takes; inputs of whole vectors and a rest, and broadcast
/// ones.
void add_elementwise(std::vector<LawCase>& cases) {
  Random random(5);
  for (const Operation& operation : elementwise_operations()) {
    for (const DType dtype : kNumbers) {
      std::vector<Operand> same;
      std::vector<Operand> broadcast;
      for (int i = 0; i < operation.n_inputs; ++i) {
        same.emplace_back(random_array(random, {"y", "x"}, {2, 19}, dtype));
        broadcast.emplace_back(i % 2 ? random_array(random, {"x"}, {5}, dtype)
                                     : random_array(random, {"x", "y"}, {5, 3}, dtype));
      }
      try {
        cases.push_back({elementwise(std::string(operation.name), same), {}});
        cases.push_back({elementwise(std::string(operation.name), broadcast), {}});
      } catch (const Error& refused) {
        EXPECT_EQ(refused.code(), Errc::invalid_argument);
      }
    }
  }
  for (const DType from : kNumbers) {
    for (const DType to : kNumbers) {
      if (from != to)
        cases.push_back({astype(random_array(random, {"y", "x"}, {2, 19}, from), to), {}});
    }
  }
  cases.push_back({constant(kNan, DType::float32), {}});
  cases.push_back({constant(std::int64_t{-3}, DType::int16), {}});
}

void add_decoding(std::vector<LawCase>& cases) {
  Random random(6);
  CfDecode::Params params;
  params.fill = -1.0;
  params.missing = {MaybeNumber(2.0)};
  params.valid_max = 2.0;
  params.scale_factor = 0.5;
  params.add_offset = 10.0;
  for (const DType dtype : kNumbers) {
    if (dtype == DType::bool_) continue;
    for (const char* decoded : {"float32", "float64"}) {
      params.dtype = decoded;
      cases.push_back({cf_decode(random_array(random, {"y", "x"}, {3, 19}, dtype), params), {}});
    }
  }
}

/// Half a year of days as warm as spring, with days and cells without data.
void add_phenology(std::vector<LawCase>& cases) {
  Random random(8);
  const auto weather = [&](double base, double spread) {
    std::vector<double> cells;
    for (std::int64_t i = 0; i < 150 * 2 * 9; ++i) {
      const bool is_missing = i % 18 == 7 || random() % 100 == 0;
      cells.push_back(is_missing ? kNan
                                 : base + spread * static_cast<double>(random() % 1000) / 1000);
    }
    return values(cells, {"time", "y", "x"}, {150, 2, 9}, DType::float32);
  };
  const std::vector<Array> inputs = {weather(2, 6), weather(12, 14), weather(36000, 18000)};
  for (const bool exact : {false, true}) {
    const Array gdh =
        apply<GrowingDegreeHours>("growing_degree_hours", inputs, {"degrees C", exact, -9999});
    cases.push_back({gdh, {}});
    cases.push_back({apply<SpringOnset>("spring_onset", {gdh},
                                        {"time",
                                         {3.306, 13.878, 0.201, 0.153, 4.266, 20.899, 0, 0.248},
                                         {0, 1},
                                         {-23.934, 0.116, -24.825, 0.127}}),
                     {}});
  }
}

void add_reads(std::vector<LawCase>& cases) {
  static const ScratchFolder folder;
  static const std::string path = [] {
    std::string made = folder / "laws.zarr";
    const auto cell = [](const Extents& i) {
      return static_cast<double>(i[0] * 30 + i[1] * 5 + i[2]);
    };
    stores::write_store(
        made,
        {stores::variable("t", {"time", "y", "x"}, {4, 6, 5}, {1, 4, 3}, DType::float32, cell),
         stores::variable("n", {"time", "y", "x"}, {4, 6, 5}, {2, 6, 2}, DType::int16, cell)});
    return made;
  }();
  cases.push_back({stores::read_of(path, "t"), {}});
  cases.push_back({stores::read_of(path, "n"), {}});
  Read::Params window{path, "", "t", {1, 3, 0}, {3, 6, 4}};
  cases.push_back({apply<Read>("read", {}, window), {}});
}

std::vector<LawCase> all_cases() {
  std::vector<LawCase> cases;
  add_sources(cases);
  add_elementwise(cases);
  add_decoding(cases);
  add_phenology(cases);
  add_reads(cases);
  for (const Array& cube : cubes()) {
    add_views(cases, cube);
    add_windows(cases, cube);
    add_folds(cases, cube);
  }
  Random random(3);
  const Array line = random_array(random, {"time"}, {9}, DType::float64);
  cases.push_back({sum(line, {"time"}), {}});
  cases.push_back({cumsum(line, "time"), {}});
  cases.push_back({argmax(line, "time"), {}});
  cases.push_back({expand_dims(sum(line, {"time"}), "x"), {}});
  const Array wide = random_array(random, {"time", "x"}, {6, 300}, DType::float64);
  add_wide(cases, wide);
  add_wide(cases, random_array(random, {"time", "x"}, {6, 300}, DType::float32));
  return cases;
}

TEST(OperatorLaws, EveryRegisteredOperatorHasACase) {
  EXPECT_EQ(laws::untested(all_cases()), std::set<std::string>{});
}

TEST(OperatorLaws, EveryOperatorKeepsThem) {
  std::uint64_t seed = 0;
  for (const LawCase& c : all_cases()) {
    laws::check_all(c, ++seed);
    if (HasFatalFailure()) return;
  }
}

TEST(OperatorLaws, HostilePlansAreRefusedWithoutHarm) {
  std::set<std::string> seen;
  for (const LawCase& c : all_cases()) {
    SCOPED_TRACE(c.array.node().name);
    if (seen.insert(c.array.node().name).second) laws::check_hostile_plans(c.array);
  }
  EXPECT_EQ(seen.size(), operators().size());
}

TEST(Registry, NamesAreUniqueAndAnUnknownOneIsNotFound) {
  std::set<std::string> names;
  for (const OperatorInfo& o : operators()) EXPECT_TRUE(names.insert(o.name).second) << o.name;
  try {
    find_operator("frobnicate");
    FAIL();
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), Errc::not_found);
    EXPECT_NE(e.message().find("frobnicate"), std::string::npos);
  }
}

}  // namespace
}  // namespace rastream
