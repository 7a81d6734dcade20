// SPDX-License-Identifier: Apache-2.0
#include "rastream/format/ordered_work.h"

#include <gtest/gtest.h>

#include <stdexcept>

namespace rastream {
namespace {

TEST(OrderedWork, ResultsAreTakenInOrderWhateverTheNumberOfThreads) {
  for (const int n_threads : {1, 2, 5}) {
    std::vector<std::int64_t> taken;
    run_ordered(
        n_threads, 100, [](std::int64_t k) { return k * k; },
        [&](std::int64_t k, std::int64_t square) {
          EXPECT_EQ(square, k * k);
          taken.push_back(k);
        });
    ASSERT_EQ(taken.size(), 100U);
    for (std::int64_t k = 0; k < 100; ++k) EXPECT_EQ(taken[static_cast<std::size_t>(k)], k);
  }
}

TEST(OrderedWork, AnExceptionOfEitherStepEndsTheWorkAndIsThrownAgain) {
  for (const bool in_prepare : {true, false}) {
    std::int64_t n_taken = 0;
    const auto run = [&] {
      run_ordered(
          3, 1000,
          [&](std::int64_t k) {
            if (in_prepare && k == 40) throw std::runtime_error("40");
            return k;
          },
          [&](std::int64_t k, std::int64_t) {
            if (!in_prepare && k == 40) throw std::runtime_error("40");
            ++n_taken;
          });
    };
    EXPECT_THROW(run(), std::runtime_error);
    EXPECT_LE(n_taken, 40);
  }
}

}  // namespace
}  // namespace rastream
