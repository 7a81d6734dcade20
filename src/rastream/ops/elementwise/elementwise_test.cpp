// SPDX-License-Identifier: Apache-2.0
#include "rastream/ops/elementwise/elementwise.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <random>

#include "rastream/ops/elementwise/functions.h"
#include "rastream/ops/elementwise/table.h"

namespace rastream {
namespace {

/// Cells whose digits are a 1 and the index, so that a wrong stride shows.
class Numbers final : public Operator {
 public:
  explicit Numbers(Schema schema) : schema_(std::move(schema)) {}
  const Schema& schema() const override { return schema_; }
  Region demand(const Region&, std::size_t) const override { return {}; }
  void compute(std::span<const Block>, Block& out) const override {
    for_each_index(out.region, [&](const Extents& index) {
      Block cell{{index, index}, out.dtype, out.at(index), Extents(index.size())};
      for (std::size_t a = 0; a < index.size(); ++a) ++cell.region.end[a];
      fill_cells(cell, value(index));
    });
  }
  bool is_pointwise(std::string_view) const override { return true; }
  /// The order of dimensions counts, so that a permutation shows, too.
  static double value(const Extents& index) {
    double v = 1;
    for (std::size_t a = 0; a < index.size(); ++a) v = v * 10 + static_cast<double>(index[a]);
    return v;
  }

 private:
  Schema schema_;
};

Array numbers(std::vector<std::string> dims, const Extents& shape, DType dtype = DType::float64) {
  auto op = std::make_shared<const Numbers>(make_schema(std::move(dims), shape, dtype));
  return Array(std::make_shared<const Node>(Node{std::move(op), {}, "numbers", Json::object()}));
}

double cell(const Array& array, const Extents& index) {
  Region region(index, index);
  for (std::size_t a = 0; a < index.size(); ++a) ++region.end[a];
  return cell_as_double(evaluate(array, region).view(), index);
}

std::string error_of(const std::function<void()>& f) {
  try {
    f();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Errc::invalid_argument);
    return error.message();
  }
  return "no error";
}

TEST(Elementwise, BroadcastsByNameInOrderOfAppearance) {
  const Array x = numbers({"time", "x"}, {4, 3});
  const Array y = numbers({"y", "time"}, {5, 4});
  const Array sum = add(x, y);
  EXPECT_EQ(sum.schema().dims, (std::vector<std::string>{"time", "x", "y"}));
  EXPECT_EQ(sum.schema().shape, (Extents{4, 3, 5}));
  for_each_index(sum.schema().whole(), [&](const Extents& i) {
    EXPECT_EQ(cell(sum, i), Numbers::value({i[0], i[1]}) + Numbers::value({i[2], i[0]}));
  });
}

TEST(Elementwise, DemandsTheProjectionOfARegion) {
  const Array sum = add(numbers({"time", "x"}, {4, 3}), numbers({"y", "time"}, {5, 4}));
  const Region out({1, 0, 2}, {3, 2, 5});
  EXPECT_EQ(sum.node().op->demand(out, 0), Region({1, 0}, {3, 2}));
  EXPECT_EQ(sum.node().op->demand(out, 1), Region({2, 1}, {5, 3}));
}

TEST(Elementwise, NamesTheDimensionWhoseSizesDisagree) {
  const std::string message = error_of([] { subtract(numbers({"x"}, {3}), numbers({"x"}, {1})); });
  EXPECT_EQ(message, "subtract: dimension 'x' has 3 cells in one input and 1 in another");
}

TEST(Elementwise, TakesTheFinestChunksOfEachDimension) {
  const auto chunked = [](Extents shape, Extents chunks) {
    auto op = std::make_shared<const Numbers>(
        make_schema({"y", "x"}, shape, DType::float64, ChunkGrid::regular(shape, chunks)));
    return Array(std::make_shared<const Node>(Node{std::move(op), {}, "numbers", Json::object()}));
  };
  const Array sum = add(chunked({10, 10}, {10, 2}), chunked({10, 10}, {5, 4}));
  EXPECT_EQ(sum.schema().chunks.max_chunk_shape(), (Extents{5, 2}));
}

TEST(Elementwise, KeepsWeakLiteralsWeak) {
  const auto dtype = [](const Array& array) { return array.schema().dtype; };
  const Array small = numbers({"x"}, {3}, DType::int8);
  const Array single = numbers({"x"}, {3}, DType::float32);
  EXPECT_EQ(dtype(add(small, 1)), DType::int8);
  EXPECT_EQ(dtype(add(small, 1.0)), DType::float64);
  EXPECT_EQ(dtype(multiply(0.1, single)), DType::float32);
  EXPECT_EQ(dtype(add(single, 3)), DType::float32);
  EXPECT_EQ(dtype(add(single, numbers({"x"}, {3}, DType::int32))), DType::float64);
  EXPECT_EQ(dtype(divide(small, 2)), DType::float64);
  EXPECT_EQ(dtype(add(isnan(single), 1)), DType::int64);
  EXPECT_EQ(dtype(where(isnan(single), small, 2.5)), DType::float64);
  EXPECT_EQ(dtype(where(isnan(single), single, 2)), DType::float32);
  EXPECT_EQ(dtype(logical_and(isnan(single), true)), DType::bool_);
  EXPECT_EQ(dtype(add(1, 2)), DType::int64);
  EXPECT_EQ(cell(multiply(0.1, single), {1}), static_cast<double>(0.1F * 11.0F));
}

TEST(Elementwise, RefusesALiteralThatDoesNotFitButComparesWithIt) {
  const Array small = numbers({"x"}, {3}, DType::uint8);
  EXPECT_EQ(error_of([&] { add(small, 300); }), "add: the literal 300 does not fit uint8");
  EXPECT_EQ(cell(less(small, 300), {0}), 1);
  EXPECT_EQ(cell(greater(small, -1), {0}), 1);
  EXPECT_EQ(cell(greater(numbers({"x"}, {3}, DType::uint64), -1), {0}), 1);
}

TEST(Elementwise, ConvertsInputsThroughSharedAstypeNodes) {
  const Array small = numbers({"x"}, {3}, DType::int16);
  const Array sum = add(small, numbers({"x"}, {3}));
  ASSERT_EQ(sum.inputs()[0].node().name, "astype");
  EXPECT_EQ(sum.inputs()[0].inputs()[0].id(), small.id());
  EXPECT_EQ(sum.inputs()[1].node().name, "numbers");
  EXPECT_EQ(astype(small, DType::int16).id(), small.id());
  EXPECT_EQ(cell(astype(fillna(divide(0.0, 0.0), std::nan("")), DType::int32), {}), 0);
}

TEST(Elementwise, RefusesWhatNumPyRefuses) {
  const Array flags = isnan(numbers({"x"}, {3}));
  EXPECT_EQ(error_of([&] { subtract(flags, flags); }), "subtract: not defined on bool");
  EXPECT_EQ(error_of([&] { bitwise_and(numbers({"x"}, {3}), 1); }),
            "bitwise_and: not defined on float64");
  EXPECT_EQ(error_of([&] { elementwise("add", {flags}); }), "add: takes 2 inputs, got 1");
}

TEST(Elementwise, ClipsOnOneSideOrBothOrNone) {
  const Array x = numbers({"x"}, {9});
  EXPECT_EQ(cell(clip(x, 12, 15), {0}), 12);
  EXPECT_EQ(cell(clip(x, 12, 15), {8}), 15);
  EXPECT_EQ(cell(clip(x, std::nullopt, 15), {8}), 15);
  EXPECT_EQ(cell(clip(x, 12, std::nullopt), {8}), 18);
  EXPECT_EQ(clip(x, std::nullopt, std::nullopt).id(), x.id());
}

/// Memory around a block with random axis order, gaps, direction and repetition.
class RandomBlock {
 public:
  RandomBlock(std::mt19937& random, const Region& region, DType dtype, bool may_repeat)
      : memory_(1U << 18, std::byte{0x5a}) {
    const auto size = static_cast<std::int64_t>(item_size(dtype));
    std::vector<std::size_t> order(region.rank());
    for (std::size_t a = 0; a < order.size(); ++a) order[a] = a;
    if (random() % 2 == 0) std::shuffle(order.begin(), order.end(), random);
    block_.region = region;
    block_.dtype = dtype;
    block_.strides = Extents(region.rank());
    block_.data = memory_.data() + size * 3;
    std::int64_t stride = size * static_cast<std::int64_t>(random() % 4 == 0 ? 2 : 1);
    for (std::size_t i = order.size(); i-- > 0;) {
      const std::size_t a = order[i];
      const bool repeats = may_repeat && random() % 5 == 0;
      const bool reversed = !repeats && random() % 6 == 0;
      block_.strides[a] = repeats ? 0 : reversed ? -stride : stride;
      if (reversed) block_.data += stride * (region.size(a) - 1);
      stride *= region.size(a) + static_cast<std::int64_t>(random() % 2);
    }
  }
  Block& block() { return block_; }

 private:
  std::vector<std::byte> memory_;
  Block block_;
};

Extents projected(const Extents& index, const Schema& from, const Schema& to) {
  Extents result;
  for (const std::string& dim : to.dims) result.push_back(index[from.axis(dim, "test")]);
  return result;
}

/// One operation on blocks of any strides, against a loop over cells. Input blocks may be wider
/// than asked for.
void expect_any_strides(std::mt19937& random, const std::string& name, DType dtype) {
  const std::vector<std::string> all = {"a", "b", "c", "d"};
  Extents sizes;
  for (int i = 0; i < 4; ++i) sizes.push_back(static_cast<std::int64_t>(1 + random() % 6));
  if (random() % 3 == 0) sizes[random() % 4] = 37;
  std::vector<Array> arrays;
  std::vector<Operand> operands;
  for (std::size_t i = 0; i < find_operation(name).n_inputs; ++i) {
    std::vector<std::string> dims;
    Extents shape;
    std::vector<std::size_t> order = {0, 1, 2, 3};
    std::shuffle(order.begin(), order.end(), random);
    for (const std::size_t a : order) {
      if (random() % 3 == 0) continue;
      dims.push_back(all[a]);
      shape.push_back(sizes[a]);
    }
    arrays.push_back(numbers(dims, shape, name == "where" && i == 0 ? DType::bool_ : dtype));
    operands.push_back(arrays.back());
  }
  const Array result = elementwise(name, operands);
  const Operator& op = *result.node().op;
  Region out_region = result.schema().whole();
  for (std::size_t a = 0; a < out_region.rank(); ++a) {
    out_region.begin[a] = static_cast<std::int64_t>(random()) % out_region.end[a];
  }
  std::vector<RandomBlock> memory;
  std::vector<Block> in;
  for (std::size_t i = 0; i < arrays.size(); ++i) {
    const bool wider = random() % 2 == 0;
    const Region region = wider ? arrays[i].schema().whole() : op.demand(out_region, i);
    memory.emplace_back(random, region, arrays[i].schema().dtype, !wider);
    in.push_back(memory.back().block());
    const OwnedBlock values = evaluate(arrays[i], region);
    copy_cells(values.view(), in.back());
  }
  RandomBlock out(random, out_region, result.schema().dtype, false);
  op.compute(in, out.block());

  for_each_index(out_region, [&](const Extents& index) {
    std::vector<double> values;
    for (std::size_t i = 0; i < arrays.size(); ++i) {
      values.push_back(
          cell_as_double(in[i], projected(index, result.schema(), arrays[i].schema())));
    }
    double want = 0;
    if (name == "add") want = values[0] + values[1];
    if (name == "less") want = values[0] < values[1];
    if (name == "negative") want = -values[0];
    if (name == "where") want = values[0] != 0 ? values[1] : values[2];
    if (name == "clip") want = std::min(std::max(values[0], values[1]), values[2]);
    ASSERT_EQ(cell_as_double(out.block(), index), want) << name << " " << to_string(out_region);
  });
}

TEST(Elementwise, IsALoopOverCellsForAnyStridesAndDimensions) {
  std::mt19937 random(3);
  for (int round = 0; round < 120; ++round) {
    for (const char* name : {"add", "less", "negative", "where", "clip"}) {
      for (const DType dtype : {DType::float64, DType::float32, DType::int32})
        expect_any_strides(random, name, dtype);
      if (testing::Test::HasFatalFailure()) return;
    }
  }
}

TEST(Elementwise, LeavesTheRestOfAStridedOutputAlone) {
  std::vector<std::int16_t> memory(40, 77);
  const Array x = numbers({"x"}, {10}, DType::int16);
  const OwnedBlock in = evaluate(x, x.schema().whole());
  Block out{x.schema().whole(), DType::int16, reinterpret_cast<std::byte*>(memory.data()),
            Extents{8}};
  const std::vector<Block> inputs = {in.view()};
  negative(x).node().op->compute(inputs, out);
  for (std::size_t i = 0; i < 40; ++i)
    EXPECT_EQ(memory[i], i % 4 == 0 ? -static_cast<int>(10 + i / 4) : 77);
}

TEST(Elementwise, ComputesNothingForAnEmptyRegion) {
  const Array sum = add(numbers({"x", "y"}, {3, 4}), 1);
  EXPECT_EQ(evaluate(sum, Region({1, 2}, {1, 4})).view().n_cells(), 0);
}

TEST(Elementwise, EveryOperatorIsRebuiltFromItsPlan) {
  for (const OperatorInfo& operation : elementwise_operators()) {
    if (operation.name == "constant" || operation.name == "astype") continue;
    const std::uint8_t n_inputs = find_operation(operation.name).n_inputs;
    const bool is_bits = find_operation(operation.name).typing == Typing::bits;
    const Array x = numbers({"x"}, {3}, is_bits ? DType::int32 : DType::float32);
    const Array made = elementwise(operation.name, std::vector<Operand>(n_inputs, x));
    const Array again = operation.make(made.node().name, made.inputs(),
                                       parse_json(made.node().params.dump(), "plan"));
    EXPECT_EQ(again.schema(), made.schema()) << operation.name;
    EXPECT_EQ(again.node().name, operation.name);
    for (std::size_t i = 0; i < n_inputs; ++i)
      EXPECT_EQ(again.inputs()[i].id(), made.inputs()[i].id());
    const OwnedBlock a = evaluate(made, made.schema().whole());
    const OwnedBlock b = evaluate(again, made.schema().whole());
    EXPECT_EQ(std::memcmp(a.view().data, b.view().data, 3 * item_size(made.schema().dtype)), 0)
        << operation.name;
    EXPECT_FALSE(operation.summary.empty());
  }
}

const OperatorInfo& operator_named(const std::vector<OperatorInfo>& operators,
                                   std::string_view name) {
  for (const OperatorInfo& info : operators) {
    if (info.name == name) return info;
  }
  throw Error(Errc::not_found, "no operator {}", name);
}

TEST(Elementwise, AstypeIsRebuiltFromItsPlan) {
  const std::vector<OperatorInfo> operators = elementwise_operators();
  const Array made = astype(numbers({"x"}, {3}), DType::int16);
  const Array again =
      operator_named(operators, "astype").make("astype", made.inputs(), made.node().params);
  EXPECT_EQ(again.schema(), made.schema());
  EXPECT_EQ(made.node().params.dump(), R"({"dtype":"int16"})");
}

void expect_constant_round_trip(Scalar value, DType dtype) {
  const std::vector<OperatorInfo> operators = elementwise_operators();
  const Array made = constant(value, dtype);
  const Json params = parse_json(made.node().params.dump(), "plan");
  const Array again = operator_named(operators, "constant").make("constant", {}, params);
  ASSERT_EQ(again.schema(), made.schema());
  const OwnedBlock a = evaluate(made, {});
  const OwnedBlock b = evaluate(again, {});
  EXPECT_EQ(std::memcmp(a.view().data, b.view().data, item_size(dtype)), 0) << params.dump();
}

TEST(Constant, SurvivesJsonBitForBit) {
  for (const double v : {0.1, -0.0, 1e300, 5e-324, std::nan(""), HUGE_VAL, -HUGE_VAL, 3.0}) {
    expect_constant_round_trip(v, DType::float64);
    expect_constant_round_trip(v, DType::float32);
  }
  expect_constant_round_trip(std::numeric_limits<std::int64_t>::min(), DType::int64);
  expect_constant_round_trip(std::numeric_limits<std::uint64_t>::max(), DType::uint64);
  expect_constant_round_trip(true, DType::bool_);
}

TEST(Constant, RefusesWhatItsDtypeCannotHold) {
  EXPECT_EQ(error_of([] { constant(256, DType::uint8); }), "constant: 256 does not fit uint8");
  EXPECT_EQ(error_of([] { constant(1.5, DType::int32); }), "constant: 1.5 does not fit int32");
  EXPECT_EQ(error_of([] { constant(1e30, DType::int64); }), "constant: 1e+30 does not fit int64");
  EXPECT_EQ(error_of([] { constant(std::nan(""), DType::int64); }),
            "constant: \"NaN\" does not fit int64");
  const std::vector<OperatorInfo> operators = elementwise_operators();
  EXPECT_THROW(
      operator_named(operators, "constant").make("constant", {}, Json::parse(R"({"value":[1]})")),
      Error);
}

TEST(Promotion, EachOperandOfAFloatingFunctionFindsItsOwnFloat) {
  const Array u2 = numbers({"x"}, {3}, DType::uint16);
  const Array i2 = numbers({"x"}, {3}, DType::int16);
  EXPECT_EQ(add(u2, i2).schema().dtype, DType::int32);
  EXPECT_EQ(arctan2(u2, i2).schema().dtype, DType::float32);
  EXPECT_EQ(arctan2(u2, 2.5).schema().dtype, DType::float64);
  EXPECT_EQ(hypot(u2, -1).schema().dtype, DType::float32);
  EXPECT_EQ(hypot(u2, numbers({"x"}, {3}, DType::int32)).schema().dtype, DType::float64);
}

TEST(Promotion, IntegersMeetAFloatOneByOne) {
  const Array f4 = numbers({"x"}, {3}, DType::float32);
  const Array u2 = numbers({"x"}, {3}, DType::uint16);
  const Array i1 = numbers({"x"}, {3}, DType::int8);
  EXPECT_EQ(clip(u2, i1, f4).schema().dtype, DType::float32);
  EXPECT_EQ(clip(u2, i1, i1).schema().dtype, DType::int32);
}

TEST(Promotion, AQuotientTakesLiteralsOutsideTheRangeOfItsIntegers) {
  const Array quotient = divide(numbers({"x"}, {3}, DType::uint8), -4);
  const OwnedBlock cells = evaluate(quotient, quotient.schema().whole());
  EXPECT_EQ(cells.view().as<double>()[0], -2.5);
}

}  // namespace
}  // namespace rastream
