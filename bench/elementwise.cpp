// SPDX-License-Identifier: Apache-2.0
// Elementwise operators on one L1-resident block of 1024 cells, as the evaluator calls them, and
// the cost of a call.
#include <benchmark/benchmark.h>

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "rastream/ops/cf_decode.h"
#include "rastream/ops/elementwise/functions.h"

namespace rastream {
namespace {

/// A leaf of random cells in [0.1, 2); half of a bool array is true.
class Noise final : public Operator {
 public:
  explicit Noise(Schema schema) : schema_(std::move(schema)) {}
  const Schema& schema() const override { return schema_; }
  Region demand(const Region&, std::size_t) const override { return {}; }
  void compute(std::span<const Block>, Block& out) const override {
    std::mt19937 random(1);
    std::uniform_real_distribution<double> uniform(0.1, 2);
    visit_dtype(out.dtype, [&]<typename T>(T) {
      for (std::int64_t i = 0; i < out.n_cells(); ++i) {
        out.as<T>()[i] =
            std::is_same_v<T, bool> ? random() % 2 == 0 : static_cast<T>(uniform(random));
      }
    });
  }
  bool is_pointwise(std::string_view) const override { return true; }

 private:
  Schema schema_;
};

Array noise(std::vector<std::string> dims, const Extents& shape, DType dtype) {
  auto op = std::make_shared<const Noise>(make_schema(std::move(dims), shape, dtype));
  return Array(std::make_shared<const Node>(Node{std::move(op), {}, "noise", Json::object()}));
}

/// Blocks that lie differently within a 4 KiB page; where they lie alike, loads wait for unrelated
/// stores.
class Memory {
 public:
  Block block(const Region& region, DType dtype) {
    const auto size = static_cast<std::size_t>(region.n_cells()) * item_size(dtype);
    const Block b = dense_block(region, dtype, buffer_.data() + used_);
    used_ += (size + 4095) / 4096 * 4096 + 1088;
    return b;
  }

 private:
  Buffer buffer_{std::size_t{1} << 20};
  std::size_t used_ = 0;
};

void run(benchmark::State& state, const Array& array) {
  const Operator& op = *array.node().op;
  const Region region = array.schema().whole();
  Memory memory;
  std::vector<Block> in;
  for (std::size_t i = 0; i < array.inputs().size(); ++i) {
    const Array& input = array.inputs()[i];
    const OwnedBlock cells = evaluate(input, input.schema().whole());
    in.push_back(memory.block(input.schema().whole(), input.schema().dtype));
    copy_cells(cells.view(), in.back());
  }
  Block out = memory.block(region, array.schema().dtype);
  for (auto _ : state) {
    op.compute(in, out);
    benchmark::ClobberMemory();
  }
  state.counters["ns/cell"] =
      benchmark::Counter(static_cast<double>(state.iterations() * region.n_cells()) * 1e-9,
                         benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

void operation(benchmark::State& state, const std::string& name, DType dtype) {
  const Array x = noise({"x"}, {1024}, dtype);
  const Array y = noise({"x"}, {1024}, dtype);
  if (name == "where") return run(state, where(noise({"x"}, {1024}, DType::bool_), x, y));
  if (name == "add literal") return run(state, add(x, 2));
  if (name == "cf_decode") {
    CfDecode::Params params;
    params.fill = -9999.0;
    params.dtype = std::string(to_string(dtype));
    return run(state, cf_decode(x, params));
  }
  const bool is_unary = name == "sin" || name == "log" || name == "isfinite";
  run(state, is_unary ? elementwise(name, {x}) : elementwise(name, {x, y}));
}

/// One cell in `rank` dimensions: what a call costs besides its cells.
void overhead(benchmark::State& state) {
  const std::vector<std::string> all = {"time", "y", "x", "hour"};
  const auto rank = static_cast<std::size_t>(state.range(0));
  const std::vector<std::string> dims(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(rank));
  const Array x = noise(dims, Extents(rank, 1), DType::float64);
  run(state, add(x, noise(dims, Extents(rank, 1), DType::float64)));
}

/// 8 rows of 128 cells with one value a row, as when a time series meets a stack of images.
void broadcast_rows(benchmark::State& state) {
  run(state,
      add(noise({"time", "x"}, {8, 128}, DType::float64), noise({"time"}, {8}, DType::float64)));
}

/// An input whose dimensions stand in the other order.
void transposed(benchmark::State& state) {
  run(state, add(noise({"y", "x"}, {32, 32}, DType::float64),
                 noise({"x", "y"}, {32, 32}, DType::float64)));
}

void register_all() {
  for (const char* name : {"add", "add literal", "divide", "sin", "log", "where", "isfinite",
                           "less", "power", "cf_decode"}) {
    for (const DType dtype : {DType::float64, DType::float32}) {
      benchmark::RegisterBenchmark(
          (std::string(name) + " " + std::string(to_string(dtype))).c_str(), operation, name,
          dtype);
    }
  }
}

BENCHMARK(overhead)->DenseRange(0, 4);
BENCHMARK(broadcast_rows);
BENCHMARK(transposed);

}  // namespace
}  // namespace rastream

int main(int argc, char** argv) {
  rastream::register_all();
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
}
