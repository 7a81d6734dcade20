// SPDX-License-Identifier: Apache-2.0
// Nanoseconds a cell of the hot folds and windows, called as the evaluator calls them: one step of
// 1024 cells a call.
#include "rastream/ops/folds/folds.h"

#include <benchmark/benchmark.h>

#include <memory>

#include "rastream/ops/sources/sources.h"
#include "rastream/ops/views/views.h"
#include "rastream/ops/windows/windows.h"

namespace rastream {
namespace {

constexpr std::int64_t kCells = 1024;
constexpr std::int64_t kSteps = 16;

Array source(DType dtype) { return full({"time", "x"}, {kSteps, kCells}, 0, dtype); }

void report(benchmark::State& state) {
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()) * kCells);
  state.counters["ns_per_cell"] = benchmark::Counter(
      static_cast<double>(kCells) * 1e-9,
      benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}

Region step_region(std::int64_t step) { return {{step, 0}, {step + 1, kCells}}; }

void push_steps(benchmark::State& state, const Array& array, DType dtype) {
  const auto& fold = dynamic_cast<const Fold&>(*array.node().op);
  const OwnedState states(fold, Region::whole({kCells}));
  fold.start(states.blocks());
  const OwnedBlock in(Region::whole({kSteps, kCells}), dtype);
  fill_cells(in.view(), 0);
  const OwnedBlock out(Region::whole({kSteps, kCells}), array.schema().dtype);
  std::int64_t step = 0;
  for (auto _ : state) {
    const Block piece = in.view().sub(step_region(step));
    const Block result = out.view().sub(step_region(step));
    fold.push({&piece, 1}, states.blocks(), fold.keeps_dim() ? &result : nullptr);
    benchmark::DoNotOptimize(states.blocks()[0].data);
    benchmark::ClobberMemory();
    step = (step + 1) % kSteps;
  }
  report(state);
}

void compute_steps(benchmark::State& state, const Array& array, DType dtype) {
  const Operator& op = *array.node().op;
  const OwnedBlock in(Region::whole({kSteps, kCells}), dtype);
  fill_cells(in.view(), 1);
  OwnedBlock out(step_region(kSteps - 1), array.schema().dtype);
  for (auto _ : state) {
    op.compute({&in.view(), 1}, out.view());
    benchmark::DoNotOptimize(out.view().data);
    benchmark::ClobberMemory();
  }
  report(state);
}

void sum_f64(benchmark::State& s) {
  push_steps(s, sum(source(DType::float64), {"time"}, false), DType::float64);
}
void sum_f64_skipna(benchmark::State& s) {
  push_steps(s, sum(source(DType::float64), {"time"}), DType::float64);
}
void sum_f32_skipna(benchmark::State& s) {
  push_steps(s, sum(source(DType::float32), {"time"}), DType::float32);
}
void sum_bool(benchmark::State& s) {
  push_steps(s, sum(source(DType::bool_), {"time"}), DType::bool_);
}
void mean_f32_skipna(benchmark::State& s) {
  push_steps(s, mean(source(DType::float32), {"time"}), DType::float32);
}
void max_f64_skipna(benchmark::State& s) {
  push_steps(s, max(source(DType::float64), {"time"}), DType::float64);
}
void any_bool(benchmark::State& s) {
  push_steps(s, any(source(DType::bool_), {"time"}), DType::bool_);
}
void argmax_bool(benchmark::State& s) {
  push_steps(s, argmax(source(DType::bool_), "time"), DType::bool_);
}
void argmax_f64(benchmark::State& s) {
  push_steps(s, argmax(source(DType::float64), "time"), DType::float64);
}
void cumsum_f64(benchmark::State& s) {
  push_steps(s, cumsum(source(DType::float64), "time"), DType::float64);
}
void cumsum_bool(benchmark::State& s) {
  push_steps(s, cumsum(source(DType::bool_), "time"), DType::bool_);
}
void squeeze_f64(benchmark::State& s) {
  push_steps(s, squeeze(isel(source(DType::float64), "time", {0, 1, 1}), "time"), DType::float64);
}
void rolling_sum_8_f64(benchmark::State& s) {
  compute_steps(s, rolling_sum(source(DType::float64), "time", 8), DType::float64);
}
void rolling_sum_3_f64(benchmark::State& s) {
  compute_steps(s, rolling_sum(source(DType::float64), "time", 3), DType::float64);
}
void rolling_sum_8_f32_min_periods(benchmark::State& s) {
  compute_steps(s, rolling_sum(source(DType::float32), "time", 8, 1), DType::float32);
}
void pad_edge_f64(benchmark::State& s) {
  compute_steps(s, pad(source(DType::float64), "time", 1, 0, PadMode::edge), DType::float64);
}

BENCHMARK(sum_f64);
BENCHMARK(sum_f64_skipna);
BENCHMARK(sum_f32_skipna);
BENCHMARK(sum_bool);
BENCHMARK(mean_f32_skipna);
BENCHMARK(max_f64_skipna);
BENCHMARK(any_bool);
BENCHMARK(argmax_bool);
BENCHMARK(argmax_f64);
BENCHMARK(cumsum_f64);
BENCHMARK(cumsum_bool);
BENCHMARK(squeeze_f64);
BENCHMARK(rolling_sum_8_f64);
BENCHMARK(rolling_sum_3_f64);
BENCHMARK(rolling_sum_8_f32_min_periods);
BENCHMARK(pad_edge_f64);

}  // namespace
}  // namespace rastream

BENCHMARK_MAIN();
