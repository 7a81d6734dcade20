// SPDX-License-Identifier: Apache-2.0
// What every executor in the table promises, chunks made of columns, and writing that goes on after
// a stop.
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <sstream>

#include "rastream/exec/chunk_assembler.h"
#include "rastream/exec/write_dataset.h"
#include "rastream/ops/elementwise/constant.h"
#include "rastream/ops/open_dataset.h"
#include "tests/suites/engine_runs.h"
#include "tests/suites/random_graphs.h"

namespace rastream {
namespace {

const graphs::Pool& pool() {
  static const graphs::Pool made;
  return made;
}

Array anomaly() {
  const Array late = pool().read("late");
  return subtract(late, mean(late, {"time"}));
}

Plan plan_of(const std::vector<Array>& arrays, std::int64_t n_threads) {
  PlanOptions options;
  options.n_threads = n_threads;
  options.slab = 2;
  return make_plan(runs::targets_of(arrays), options);
}

TEST(Executors, AllMakeTheSameCells) {
  const std::vector<Array> arrays = {anomaly()};
  const auto expected = runs::evaluated(arrays);
  for (const ExecutorInfo& info : executors()) {
    for (const std::int64_t n_threads : {1, 2, 4}) {
      EXPECT_TRUE(runs::makes(plan_of(arrays, n_threads), arrays, expected, info.name))
          << info.name;
    }
  }
}

TEST(Executors, CellsThatAStopLeftOutAreAnError) {
  std::stop_source stop;
  stop.request_stop();
  RunOptions options;
  options.stop = stop.get_token();
  EXPECT_THROW(compute(anomaly(), options), Error);
}

class FailingSink final : public CellSink {
 public:
  void write(std::size_t, const Block&) override {
    throw Error(Errc::unavailable, "the disk is full");
  }
};

TEST(Executors, AnErrorInATaskReachesTheCallerWithTheTask) {
  const Plan plan = plan_of({anomaly()}, 2);
  const Program program(plan);
  for (const ExecutorInfo& info : executors()) {
    FailingSink sink;
    Observer observer;
    try {
      info.make(2)->run(program, runs::all_tasks(plan), sink, observer, {});
      FAIL() << info.name;
    } catch (const Error& e) {
      EXPECT_EQ(e.code(), Errc::unavailable);
      EXPECT_EQ(e.context().size(), 1u);
      EXPECT_NE(std::string(e.what()).find("task "), std::string::npos) << e.what();
    }
  }
}

TEST(Executors, AStopEndsTheRunUnfinished) {
  const std::vector<Array> arrays = {anomaly()};
  const Plan plan = plan_of(arrays, 2);
  const Program program(plan);
  for (const ExecutorInfo& info : executors()) {
    std::stop_source stop;
    stop.request_stop();
    runs::GatheringSink sink(arrays);
    Observer observer;
    EXPECT_FALSE(
        info.make(2)->run(program, runs::all_tasks(plan), sink, observer, stop.get_token()));
  }
}

TEST(Executors, AnUnknownNameIsAWrongArgumentAndNamesThoseThatExist) {
  try {
    make_executor("abacus", 1);
    FAIL();
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), Errc::invalid_argument);
    EXPECT_NE(e.message().find("serial"), std::string::npos);
  }
}

std::vector<std::int64_t> random_edges(graphs::Random& random, std::int64_t size) {
  std::vector<std::int64_t> edges = {0};
  while (edges.back() < size) edges.push_back(graphs::between(random, edges.back() + 1, size));
  return edges;
}

ChunkGrid random_grid(graphs::Random& random, const Extents& shape) {
  std::vector<Cuts> cuts;
  for (const std::int64_t size : shape)
    cuts.push_back(Cuts::explicit_edges(random_edges(random, size)));
  return ChunkGrid(std::move(cuts));
}

TEST(ChunkAssembler, HandsOnEachChunkOnceAndWholeHoweverTheCellsCome) {
  graphs::Random random(1);
  const Extents shape = {5, 7, 6};
  OwnedBlock cells(Region::whole(shape), DType::int32);
  for (std::int64_t i = 0; i < product(shape); ++i)
    cells.view().as<std::int32_t>()[i] = static_cast<std::int32_t>(i);
  for (int round = 0; round < 50; ++round) {
    const ChunkGrid stored = random_grid(random, shape);
    const ChunkGrid pieces = random_grid(random, shape);
    std::map<std::int64_t, int> seen;
    ChunkAssembler assembler(
        {stored},
        [&](std::size_t, const Block& chunk) {
          const std::int64_t number =
              stored.chunk_number(stored.chunks_touching(chunk.region).begin);
          EXPECT_EQ(chunk.region, stored.chunk_region(number));
          EXPECT_TRUE(runs::equal_cells(chunk, cells.view().sub(chunk.region)));
          ++seen[number];
        },
        [](std::size_t, std::int64_t chunk) { return chunk == 0; });
    std::vector<std::int64_t> order(static_cast<std::size_t>(pieces.n_chunks()));
    std::iota(order.begin(), order.end(), 0);
    std::shuffle(order.begin(), order.end(), random);
    for (const std::int64_t piece : order)
      assembler.write(0, cells.view().sub(pieces.chunk_region(piece)));
    EXPECT_EQ(assembler.n_waiting(), 0u);
    EXPECT_EQ(static_cast<std::int64_t>(seen.size()), stored.n_chunks() - 1);
    for (const auto& [chunk, times] : seen) EXPECT_EQ(times, 1) << chunk;
  }
}

/// Some of the edges of `cuts`, so that boxes of whole chunks are left.
Cuts coarser(graphs::Random& random, const Cuts& cuts) {
  std::vector<std::int64_t> edges = {0};
  for (std::int64_t c = 0; c < cuts.n_chunks(); ++c) {
    if (c + 1 == cuts.n_chunks() || random() % 2 == 0) edges.push_back(cuts.end_of(c));
  }
  return Cuts::explicit_edges(std::move(edges));
}

TEST(ChunkAssembler, PutsWhatDoesNotFitIntoTheWaitingRoomInScratchAndHandsOnTheSameChunks) {
  graphs::Random random(2);
  const Extents shape = {6, 8, 5};
  OwnedBlock cells(Region::whole(shape), DType::int16);
  for (std::int64_t i = 0; i < product(shape); ++i)
    cells.view().as<std::int16_t>()[i] = static_cast<std::int16_t>(i);
  bool used_scratch = false;
  for (int round = 0; round < 60; ++round) {
    const ChunkGrid stored = random_grid(random, shape);
    std::vector<Cuts> together;
    for (const Cuts& cuts : stored.all_cuts()) together.push_back(coarser(random, cuts));
    const std::int64_t most_bytes[] = {0, 100, 1 << 20};
    std::mutex mutex;
    std::map<std::int64_t, int> seen;
    ChunkAssembler assembler(
        {stored},
        [&](std::size_t, const Block& chunk) {
          const std::lock_guard lock(mutex);
          const std::int64_t number =
              stored.chunk_number(stored.chunks_touching(chunk.region).begin);
          EXPECT_EQ(chunk.region, stored.chunk_region(number));
          EXPECT_TRUE(runs::equal_cells(chunk, cells.view().sub(chunk.region)));
          ++seen[number];
        },
        [](std::size_t, std::int64_t chunk) { return chunk % 5 == 1; },
        {{ChunkGrid(together)}, most_bytes[round % 3], 1});
    const ChunkGrid pieces = random_grid(random, shape);
    for (std::int64_t piece = 0; piece < pieces.n_chunks(); ++piece)
      assembler.write(0, cells.view().sub(pieces.chunk_region(piece)));
    assembler.finish(3);
    EXPECT_EQ(assembler.n_waiting(), 0u);
    for (std::int64_t c = 0; c < stored.n_chunks(); ++c) EXPECT_EQ(seen[c], c % 5 == 1 ? 0 : 1);
    used_scratch = used_scratch || assembler.scratch_bytes() > 0;
    if (round % 3 == 2) {
      EXPECT_EQ(assembler.scratch_bytes(), 0);
    }
  }
  EXPECT_TRUE(used_scratch);
}

Dataset dataset_of(const Array& array) {
  DataArray a;
  a.name = "anomaly";
  a.array = array;
  return make_dataset({a});
}

/// Every file below `folder` with its bytes; the journal and the manifest belong to a run, not to
/// the data.
std::map<std::string, std::string> data_files(const std::string& folder) {
  std::map<std::string, std::string> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    const std::string name = std::filesystem::relative(entry.path(), folder).native();
    if (!entry.is_regular_file() || name.find("anomaly/") != 0) continue;
    std::ostringstream text;
    text << std::ifstream(entry.path(), std::ios::binary).rdbuf();
    files[name] = text.str();
  }
  return files;
}

TEST(WriteDataset, AStoppedRunGoesOnWithTheSameBytes) {
  const ScratchFolder folder;
  WriteOptions options;
  options.run.executor = "serial";
  options.run.plan.slab = 2;
  const Dataset dataset = dataset_of(anomaly());
  ASSERT_TRUE(write_dataset(dataset, folder / "whole.zarr", options).is_complete);
  std::stop_source stop;
  stop.request_stop();
  WriteOptions stopped = options;
  stopped.run.stop = stop.get_token();
  EXPECT_FALSE(write_dataset(dataset, folder / "resumed.zarr", stopped).is_complete);
  EXPECT_FALSE(std::filesystem::exists(folder / "resumed.zarr"));
  ASSERT_TRUE(write_dataset(dataset, folder / "resumed.zarr", options).is_complete);
  const auto whole = data_files(folder / "whole.zarr");
  EXPECT_FALSE(whole.empty());
  EXPECT_EQ(data_files(folder / "resumed.zarr"), whole);
}

TEST(WriteDataset, AnAuxiliaryCoordinateComesBackAsOne) {
  const ScratchFolder folder;
  DataArray a;
  a.name = "cells";
  a.array = values({1, 2, 3}, "x");
  Coordinate x;
  x.dims = {"x"};
  x.cells = values({10, 20, 30}, "x");
  set_coordinate(a.coords, "x", x);
  set_coordinate(a.coords, "longitude", x);
  Coordinate y;
  y.cells = constant(5.5, DType::float64);
  set_coordinate(a.coords, "y", y);
  ASSERT_TRUE(write_dataset(make_dataset({a}), folder / "aux.zarr", {}).is_complete);
  const Dataset back = open_dataset(folder / "aux.zarr");
  ASSERT_EQ(back.variables.size(), 1u);
  for (const char* name : {"x", "longitude", "y"}) EXPECT_NE(back["cells"].coord(name), nullptr);
  EXPECT_EQ(coordinate_values(*back["cells"].coord("y")), std::vector<double>{5.5});
}

TEST(WriteDataset, OverlappingDemandStoresEachCellOnce) {
  // The first output needs neighbours of the second one's cells.
  const ScratchFolder folder;
  const Array scaled = multiply(pool().read("holes"), 2.0);
  DataArray inner, outer;
  inner.name = "inner";
  inner.array = scaled;
  outer.name = "outer";
  outer.array = rolling_sum(scaled, "x", 3, 1);
  WriteOptions options;
  options.chunks = {{"x", 2}, {"y", 2}};
  ASSERT_TRUE(
      write_dataset(make_dataset({outer, inner}), folder / "two.zarr", options).is_complete);
  for (const DataArray& a : {outer, inner}) {
    const Array back = stores::read_of(folder / "two.zarr", a.name);
    const auto cells = runs::evaluated({back, a.array});
    EXPECT_TRUE(runs::equal_cells(cells[0].view(), cells[1].view())) << a.name;
  }
}

}  // namespace
}  // namespace rastream
