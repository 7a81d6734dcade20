// SPDX-License-Identifier: Apache-2.0
// Cases of every registered operator on random arrays, made through random plans and compared with
// evaluate() here, and with NumPy and Xarray by tests/oracle/operator_check.py. They are kept where
// RASTREAM_OPERATOR_ORACLE says.
#include <gtest/gtest.h>

#include <filesystem>

#include "oracle_record.h"
#include "rastream/ops/cf_decode.h"
#include "rastream/ops/elementwise/constant.h"
#include "rastream/ops/elementwise/table.h"

namespace rastream {
namespace {

using graphs::between;
using graphs::Random;
using oracle::Inputs;
using oracle::kDTypes;
using oracle::one_of;
using oracle::Recorder;
using oracle::World;

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInf = std::numeric_limits<double>::infinity();

/// Operators whose cells NumPy does not define; their own tests compare with a reference program.
const std::set<std::string> kTestedElsewhere = {"growing_degree_hours", "spring_onset"};

bool is_storable(const Array& a) { return a.schema().n_cells() > 0; }

Scalar random_literal(Random& random) {
  static const std::vector<Scalar> literals = {0,    1,    2,   3,    -1,    -2,    7,    127,
                                               255,  -128, 300, 0.5,  -1.5,  2.0,   1e-3, kNan,
                                               kInf, 0.0,  1e9, true, false, 70000, -0.0};
  return one_of(random, literals);
}

/// How the dtypes of an operation's operands are chosen.
enum class Mix { same, mixed, literal };

std::vector<Operand> random_operands(Random& random, const World& world, const Operation& operation,
                                     DType dtype, Mix mix) {
  std::vector<Operand> operands;
  for (int i = 0; i < operation.n_inputs; ++i) {
    const bool is_condition = operation.typing == Typing::choice && i == 0;
    DType own = mix == Mix::mixed && i > 0 ? one_of(random, kDTypes) : dtype;
    if (is_condition) own = random() % 4 ? DType::bool_ : own;
    operands.emplace_back(world.any_of(random, own));
  }
  if (mix == Mix::literal) {
    const auto at = static_cast<std::size_t>(between(random, 0, operation.n_inputs - 1));
    operands[at] = random_literal(random);
  }
  return operands;
}

void add_operation(Recorder& recorder, Random& random, const World& world,
                   const Operation& operation, DType dtype, Mix mix) {
  const std::string name(operation.name);
  const std::vector<Operand> operands = random_operands(random, world, operation, dtype, mix);
  try {
    recorder.add_call(name, operands, Json::object(), elementwise(name, operands));
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), Errc::invalid_argument) << e.what();
    recorder.add_refusal(name, operands, e);
  }
}

void add_elementwise(Recorder& recorder, Random& random, const std::vector<World>& worlds) {
  for (const Operation& operation : elementwise_operations()) {
    for (const DType dtype : kDTypes) {
      add_operation(recorder, random, one_of(random, worlds), operation, dtype, Mix::same);
      if (operation.n_inputs == 1) continue;
      const Mix mix = random() % 2 ? Mix::mixed : Mix::literal;
      add_operation(recorder, random, one_of(random, worlds), operation, dtype, mix);
    }
  }
}

void add_conversions(Recorder& recorder, Random& random, const std::vector<World>& worlds) {
  for (const DType from : kDTypes) {
    for (const DType to : kDTypes) {
      // The extreme cells come last.
      if (from != to) recorder.add(astype(one_of(random, worlds).arrays.at(from).back(), to));
    }
  }
}

std::string any_dim(Random& random, const Array& a) { return one_of(random, a.schema().dims); }

std::vector<std::string> some_dims(Random& random, const Array& a) {
  std::vector<std::string> dims = a.schema().dims;
  std::shuffle(dims.begin(), dims.end(), random);
  dims.resize(static_cast<std::size_t>(between(random, 1, static_cast<std::int64_t>(dims.size()))));
  return dims;
}

std::int64_t size_of(const Array& a, const std::string& dim) {
  return a.schema().shape[a.schema().axis(dim, "test")];
}

Json to_json(const std::optional<std::int64_t>& v) { return v ? Json(*v) : Json(); }

void add_slices(Recorder& recorder, Random& random, const Array& a) {
  const std::string dim = any_dim(random, a);
  const std::int64_t n = size_of(a, dim);
  const auto bound = [&] {
    return random() % 3 ? std::optional<std::int64_t>(between(random, -n - 2, n + 2))
                        : std::nullopt;
  };
  const Slice slice{bound(), bound(), one_of<std::int64_t>(random, {1, 1, 2, 3, -1, -2})};
  const Array sliced = isel(a, dim, slice);
  if (is_storable(sliced)) {
    recorder.add(sliced);
    recorder.add_call("call.isel", {a},
                      {{"dim", dim},
                       {"start", to_json(slice.start)},
                       {"stop", to_json(slice.stop)},
                       {"step", slice.step}},
                      sliced);
  }
  const std::int64_t index = between(random, -n, n - 1);
  const Array cell = isel(a, dim, index);
  recorder.add(cell);
  recorder.add_call("call.isel", {a}, {{"dim", dim}, {"index", index}}, cell);
  std::vector<std::int64_t> picks;
  for (std::int64_t i = between(random, 1, n + 2); i > 0; --i)
    picks.push_back(between(random, -n, n - 1));
  recorder.add(take(a, dim, picks));
}

void add_edges(Recorder& recorder, Random& random, const Array& a) {
  const std::string dim = any_dim(random, a);
  const std::int64_t n = size_of(a, dim);
  for (const PadMode mode : {PadMode::edge, PadMode::reflect, PadMode::symmetric, PadMode::wrap})
    recorder.add(pad(a, dim, between(random, 0, n + 2), between(random, 0, 2 * n), mode));
  recorder.add(pad(a, dim, between(random, 0, 3), between(random, 0, 3), PadMode::constant));
  recorder.add(pad(a, dim, between(random, 0, 3), between(random, 0, 3), PadMode::constant, 1));
  recorder.add(shift(a, dim, between(random, -n - 1, n + 1)));
  recorder.add(shift(a, dim, between(random, -n - 1, n + 1), 0));
  recorder.add(roll(a, dim, between(random, -2 * n, 2 * n)));
}

void add_dims(Recorder& recorder, Random& random, const World& world, const Array& a) {
  const auto rank = static_cast<std::int64_t>(a.schema().rank());
  const std::string dim = any_dim(random, a);
  std::vector<std::string> turned = a.schema().dims;
  std::shuffle(turned.begin(), turned.end(), random);
  recorder.add(transpose(a, turned));
  recorder.add(expand_dims(a, "new", between(random, -rank - 1, rank)));
  recorder.add(rename_dims(a, {dim}, {"other"}));
  recorder.add(rechunk(a, {dim}, {between(random, 1, size_of(a, dim))}));
  recorder.add(squeeze(isel(a, dim, Slice{0, 1}), dim));
  std::vector<std::string> wide = a.schema().dims;
  Extents shape = a.schema().shape;
  const std::int64_t at = between(random, 0, rank);
  wide.insert(wide.begin() + at, "new");
  shape.insert(static_cast<std::size_t>(at), 2);
  recorder.add(broadcast_to(a, wide, shape));
  const Array& other = world.any_of(random, one_of(random, kDTypes));
  recorder.add_call("call.broadcast_like", {a, other}, Json::object(), broadcast_like(a, other));
}

/// Parts of one array, and its cells in another dtype, one after another.
void add_concat(Recorder& recorder, Random& random, const Array& a) {
  const std::string dim = any_dim(random, a);
  std::vector<Array> parts = {a, isel(a, dim, Slice{0, between(random, 1, size_of(a, dim))})};
  if (random() % 2) parts.push_back(astype(a, one_of(random, kDTypes)));
  std::shuffle(parts.begin(), parts.end(), random);
  try {
    const Array joined = concat(parts, dim);
    recorder.add(joined);
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), Errc::invalid_argument) << e.what();
    recorder.add_refusal("concat", std::vector<Operand>(parts.begin(), parts.end()), e);
  }
}

void add_windows(Recorder& recorder, Random& random, const Array& a) {
  for (const auto& rolling : {rolling_sum, rolling_mean, rolling_min, rolling_max}) {
    const std::string dim = any_dim(random, a);
    const std::int64_t window = between(random, 1, size_of(a, dim) + 1);
    recorder.add(rolling(a, dim, window, between(random, 0, window)));
  }
  for (const auto& coarsen : {coarsen_mean, coarsen_sum, coarsen_min, coarsen_max}) {
    const std::vector<std::string> dims = some_dims(random, a);
    std::vector<std::int64_t> factors;
    for (const std::string& dim : dims)
      factors.push_back(between(random, 1, std::min<std::int64_t>(3, size_of(a, dim))));
    recorder.add(coarsen(a, dims, factors, random() % 2));
  }
  const std::string dim = any_dim(random, a);
  if (a.schema().dtype != DType::bool_ && size_of(a, dim) > 1) recorder.add(diff(a, dim));
}

void add_folds(Recorder& recorder, Random& random, const Array& a) {
  for (const auto& [name, fold] :
       {std::pair{"sum", &sum}, std::pair{"prod", &prod}, std::pair{"mean", &mean},
        std::pair{"min", &rastream::min}, std::pair{"max", &rastream::max}}) {
    const std::vector<std::string> dims = some_dims(random, a);
    const bool skipna = random() % 2;
    const Array folded = fold(a, dims, skipna);
    recorder.add(folded);
    recorder.add_call(fmt::format("call.{}", name), {a}, {{"dims", dims}, {"skipna", skipna}},
                      folded);
    recorder.add(fold(a, {any_dim(random, a)}, !skipna));
  }
  for (const auto& [name, fold] :
       {std::pair{"count", &count}, std::pair{"any", &any}, std::pair{"all", &all}}) {
    const std::vector<std::string> dims = some_dims(random, a);
    const Array folded = fold(a, dims);
    recorder.add(folded);
    recorder.add_call(fmt::format("call.{}", name), {a}, {{"dims", dims}}, folded);
  }
  for (const auto& fold : {first, last, argmax, argmin, cumsum, cumprod}) {
    for (const bool skipna : {true, false}) recorder.add(fold(a, any_dim(random, a), skipna));
  }
  for (const auto& fold : {&var, &std_})
    recorder.add(fold(a, any_dim(random, a), between(random, 0, 1), random() % 2));
  recorder.add(ffill(a, any_dim(random, a)));
}

/// Each family on three arrays of each dtype, one of each flavour.
void add_families(Recorder& recorder, Random& random, const std::vector<World>& worlds) {
  for (const DType dtype : kDTypes) {
    for (std::size_t flavour = 0; flavour < 3; ++flavour) {
      const auto pick = [&](const World& world) { return world.arrays.at(dtype)[flavour]; };
      add_slices(recorder, random, pick(one_of(random, worlds)));
      add_edges(recorder, random, pick(one_of(random, worlds)));
      const World& world = one_of(random, worlds);
      add_dims(recorder, random, world, pick(world));
      add_concat(recorder, random, pick(one_of(random, worlds)));
      add_windows(recorder, random, pick(one_of(random, worlds)));
      add_folds(recorder, random, pick(one_of(random, worlds)));
    }
  }
}

void add_sources(Recorder& recorder, Random& random) {
  for (const DType dtype : kDTypes) {
    recorder.add(
        values(oracle::random_cells(random, {3, 7}, dtype, oracle::Flavour::extreme), {"y", "x"}));
    recorder.add(full({"y", "x"}, {4, 5}, 1, dtype, {2, 3}));
    recorder.add(full({"x"}, {4}, is_floating(dtype) ? kNan : 0, dtype));
    recorder.add(arange("x", 1, dtype == DType::bool_ ? 0 : 3, 9, dtype));
    recorder.add(constant(Scalar(1), dtype));
  }
  recorder.add(arange("x", 0.1, 0.1, 30, DType::float64));
  recorder.add(arange("x", 0.1, 0.1, 30, DType::float32));
  recorder.add(arange("x", 10, -3, 9, DType::int16));
  recorder.add(constant(kNan, DType::float32));
  recorder.add(constant(std::numeric_limits<std::uint64_t>::max(), DType::uint64));
  recorder.add(constant(std::numeric_limits<std::int64_t>::min(), DType::int64));
}

/// Windows of stored arrays.
void add_reads(Recorder& recorder, Random& random, const Inputs& inputs) {
  for (const Array& stored : inputs.all()) {
    recorder.add(stored);
    Read::Params p{inputs.path(), "", stored.node().params.at("variable"), {}, {}};
    for (const std::int64_t size : stored.schema().shape) {
      p.begin.push_back(between(random, 0, size - 1));
      p.end.push_back(between(random, p.begin.back() + 1, size));
    }
    recorder.add(apply<Read>("read", {}, p));
  }
}

CfDecode::Params random_decoding(Random& random) {
  const auto maybe = [&](std::vector<double> choices) {
    return random() % 2 ? MaybeNumber(one_of(random, choices)) : MaybeNumber();
  };
  CfDecode::Params p;
  p.fill = maybe({-1, 0, 3, 255, 0.1, kNan, 1e30});
  for (std::int64_t i = between(random, 0, 2); i > 0; --i) {
    p.missing.emplace_back(one_of<double>(random, {2, 7, -128, kNan, 0.5}));
  }
  p.valid_min = maybe({-10, 0, 1.5, -1e300});
  p.valid_max = maybe({10, 100.5, 1e300});
  p.scale_factor = maybe({0.01, 0.5, -3, 1e-3});
  p.add_offset = maybe({273.15, -1, 0.0});
  p.dtype = random() % 2 ? "float32" : "float64";
  return p;
}

void add_decoding(Recorder& recorder, Random& random, const std::vector<World>& worlds) {
  for (const DType dtype : kDTypes) {
    for (int i = 0; i < 6 && dtype != DType::bool_; ++i)
      recorder.add(
          cf_decode(one_of(random, worlds).any_of(random, dtype), random_decoding(random)));
  }
}

/// Deep expressions, each node of which is a case with the cells of its inputs as they were made.
void add_graphs(Recorder& recorder, const graphs::Pool& pool) {
  for (std::uint64_t i = 1; i <= 30; ++i) {
    const std::uint64_t seed = 1000 * oracle::seed() + i;
    SCOPED_TRACE(seed);
    graphs::Writer writer(pool, seed);
    for (const Array& array : writer.write(static_cast<int>(3 + seed % 8))) recorder.add(array);
  }
}

TEST(OperatorOracle, EveryOperatorIsRunAndKeptForNumPy) {
  const ScratchFolder scratch;
  const std::string folder = scratch / "oracle";
  std::filesystem::create_directories(folder);
  const Inputs inputs(folder + "/inputs.zarr", oracle::seed(), 6);
  const graphs::Pool pool;
  std::filesystem::copy(pool.path(), folder + "/pool.zarr",
                        std::filesystem::copy_options::recursive);
  Recorder recorder(folder, oracle::seed() + 1);
  Random random(oracle::seed() + 2);
  add_sources(recorder, random);
  add_reads(recorder, random, inputs);
  add_elementwise(recorder, random, inputs.worlds());
  add_conversions(recorder, random, inputs.worlds());
  add_families(recorder, random, inputs.worlds());
  add_decoding(recorder, random, inputs.worlds());
  add_graphs(recorder, pool);
  EXPECT_EQ(recorder.untested(), kTestedElsewhere);
  EXPECT_LT(recorder.n_refused_plans(), recorder.n_cases() / 20);
  recorder.finish();
  oracle::keep(folder);
}

}  // namespace
}  // namespace rastream
