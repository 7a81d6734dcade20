// SPDX-License-Identifier: Apache-2.0
#include "rastream/base/parallel_work.h"

#include <gtest/gtest.h>

#include <stdexcept>

namespace rastream {
namespace {

TEST(ParallelWork, EachPieceIsDoneOnce) {
  for (const int n_threads : {1, 4, 600}) {
    std::vector<int> counts(500);
    EXPECT_TRUE(run_parallel(n_threads, 500,
                             [&](std::int64_t k) { ++counts[static_cast<std::size_t>(k)]; }));
    EXPECT_EQ(counts, std::vector<int>(500, 1));
  }
}

TEST(ParallelWork, AnExceptionEndsTheWorkOfAllThreadsAndIsThrownAgain) {
  std::atomic<std::int64_t> n_begun = 0;
  const auto run = [&] {
    run_parallel(2, 1'000'000'000'000, [&](std::int64_t k) {
      ++n_begun;
      if (k == 40) throw std::runtime_error("40");
    });
  };
  EXPECT_THROW(run(), std::runtime_error);
  EXPECT_GT(n_begun, 40);
}

TEST(ParallelWork, NothingBeginsAfterAStop) {
  std::stop_source stop;
  std::int64_t n_begun = 0;
  const auto piece = [&](std::int64_t k) {
    ++n_begun;
    if (k == 6) stop.request_stop();
  };
  EXPECT_FALSE(run_parallel(1, 1'000'000'000'000, piece, stop.get_token()));
  EXPECT_EQ(n_begun, 7);
}

TEST(ParallelWork, AStopAfterTheLastPieceHasBegunIsNone) {
  std::stop_source stop;
  EXPECT_TRUE(run_parallel(
      1, 3, [&](std::int64_t k) { k == 2 ? (void)stop.request_stop() : (void)0; },
      stop.get_token()));
}

}  // namespace
}  // namespace rastream
