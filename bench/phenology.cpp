// SPDX-License-Identifier: Apache-2.0
// Time per cell-day of the spring index's two kernels on one thread, over tiles that fit the second
// cache. Smooth: neighbours have alike weather, as on a 1 km grid. Wild: every cell has its own.
// `run` is the number of cells that share a day length; 1 means that each has its own.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include "rastream/ops/phenology/gdh_kernel.h"
#include "rastream/ops/phenology/onset_kernel.h"

namespace rastream {
namespace {

constexpr std::int64_t kCells = 4096;
constexpr std::int64_t kDays = 300;

struct Tile {
  std::vector<float> tmin, tmax, dayl;
};

/// Every day length of a row recurs in the next rows of 512 cells, as latitudes do.
Tile make_tile(bool is_smooth, std::int64_t run, std::int64_t day) {
  std::mt19937 rng(static_cast<unsigned>(day));
  std::uniform_real_distribution<float> unit(0, 1);
  const float season = 12.0F - 18.0F * std::cos(static_cast<float>(day) / 58.0F);
  Tile t;
  for (std::int64_t i = 0; i < kCells; ++i) {
    const auto x = static_cast<float>(i);
    const float local =
        is_smooth ? 3 * std::sin(x / 60) + 0.3F * unit(rng) : 20 * (unit(rng) - 0.5F);
    const float range = is_smooth ? 6 + 2 * std::sin(x / 25) : 2 + 8 * unit(rng);
    t.tmin.push_back(season + local - range);
    t.tmax.push_back(season + local + range);
    const auto step = static_cast<float>(i % 512 / run);
    const float length = run == 1 ? x : 40 * step;
    t.dayl.push_back(40000.0F + 30.0F * static_cast<float>(day) + 0.5F * length);
  }
  return t;
}

std::vector<Tile> year_of_tiles(bool is_smooth, std::int64_t run) {
  std::vector<Tile> days;
  for (std::int64_t day = 0; day < kDays; day += 10) days.push_back(make_tile(is_smooth, run, day));
  return days;
}

template <typename T>
void degree_hours(benchmark::State& state, bool is_smooth) {
  const auto days = year_of_tiles(is_smooth, state.range(0));
  std::vector<T> out(kCells);
  for (auto _ : state) {
    for (const Tile& tile : days) {
      GdhCells cells;
      cells.n = kCells;
      cells.tmin = tile.tmin.data();
      cells.tmax = tile.tmax.data();
      cells.dayl_s = tile.dayl.data();
      if constexpr (sizeof(T) == sizeof(double)) {
        gdh_exact(cells, out.data());
      } else {
        gdh_fast(cells, out.data());
      }
      benchmark::ClobberMemory();
    }
  }
  const double cell_days =
      static_cast<double>(state.iterations()) * kCells * static_cast<double>(days.size());
  state.counters["ns/cell-day"] = benchmark::Counter(
      cell_days * 1e-9, benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

const std::vector<OnsetPlant> kPlants{{{3.306, 13.878, 0.201, 0.153}, 0, {-23.934, 0.116}},
                                      {{4.266, 20.899, 0.000, 0.248}, 1, {-24.825, 0.127}},
                                      {{2.802, 21.433, 0.266, 0.000}, 0, {-11.368, 0.096}}};

/// State of kOnsetCells cells, dense.
constexpr std::int64_t kOnsetCells = 512;
template <typename T>
struct StateMemory {
  std::vector<T> recent = std::vector<T>(kOnsetMemory * kOnsetCells);
  std::vector<float> synop = std::vector<float>(kOnsetCells);
  std::vector<float> leaf = std::vector<float>(3 * kOnsetCells);
  std::vector<float> bloom = leaf;
  std::vector<double> accumulated = std::vector<double>(3 * kOnsetCells);
  void start() {
    std::fill(synop.begin(), synop.end(), 0.0F);
    std::fill(leaf.begin(), leaf.end(), NAN);
    std::fill(bloom.begin(), bloom.end(), NAN);
    std::fill(accumulated.begin(), accumulated.end(), 0.0);
  }
  template <typename U>
  static OnsetColumn column(std::vector<U>& v) {
    return {reinterpret_cast<std::byte*>(v.data()),
            kOnsetCells * static_cast<std::int64_t>(sizeof(U)), sizeof(U)};
  }
  OnsetState columns() {
    return {column(recent), column(synop), column(leaf), column(bloom), column(accumulated)};
  }
};

/// `steps` days a push; `warmth` 0 gives cells that never leaf, so that every day is scored.
template <typename T>
void onset(benchmark::State& state, bool is_warm) {
  const std::int64_t steps = state.range(0);
  std::mt19937 rng(1);
  std::uniform_real_distribution<double> unit(0, 1);
  std::vector<T> gdh(kDays * kOnsetCells);
  for (std::int64_t i = 0; i < kDays; ++i) {
    for (std::int64_t c = 0; c < kOnsetCells; ++c) {
      const double season = 1 / (1 + std::exp(-(static_cast<double>(i) - 110 -
                                                20 * std::sin(static_cast<double>(c) / 80)) /
                                              25));
      gdh[static_cast<std::size_t>(i * kOnsetCells + c)] =
          static_cast<T>(is_warm ? 600 * season + 40 * unit(rng) : 10 * unit(rng));
    }
  }
  StateMemory<T> memory;
  const OnsetState columns = memory.columns();
  for (auto _ : state) {
    memory.start();
    for (std::int64_t at = 0; at < kDays; at += steps) {
      const OnsetColumn from{reinterpret_cast<std::byte*>(gdh.data() + at * kOnsetCells),
                             kOnsetCells * static_cast<std::int64_t>(sizeof(T)), sizeof(T)};
      push_onset(kPlants, at, std::min(steps, kDays - at), kOnsetCells, sizeof(T) == sizeof(double),
                 from, columns);
    }
    benchmark::ClobberMemory();
  }
  const double cell_days = static_cast<double>(state.iterations()) * kOnsetCells * kDays;
  state.counters["ns/cell-day"] = benchmark::Counter(
      cell_days * 1e-9, benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

void register_all() {
  const auto runs = [](benchmark::internal::Benchmark* b) {
    b->ArgName("run")->Arg(512)->Arg(50)->Arg(8)->Arg(1);
  };
  const auto steps = [](benchmark::internal::Benchmark* b) {
    b->ArgName("steps")->Arg(300)->Arg(32)->Arg(8)->Arg(1);
  };
  runs(benchmark::RegisterBenchmark("gdh/fast/smooth", degree_hours<float>, true));
  runs(benchmark::RegisterBenchmark("gdh/fast/wild", degree_hours<float>, false));
  runs(benchmark::RegisterBenchmark("gdh/exact/smooth", degree_hours<double>, true));
  runs(benchmark::RegisterBenchmark("gdh/exact/wild", degree_hours<double>, false));
  steps(benchmark::RegisterBenchmark("onset/float32/warm", onset<float>, true));
  steps(benchmark::RegisterBenchmark("onset/float32/never", onset<float>, false));
  steps(benchmark::RegisterBenchmark("onset/float64/warm", onset<double>, true));
  steps(benchmark::RegisterBenchmark("onset/float64/never", onset<double>, false));
}

}  // namespace
}  // namespace rastream

int main(int argc, char** argv) {
  rastream::register_all();
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
}
