// SPDX-License-Identifier: Apache-2.0
#include "rastream/store/write_behind.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <thread>
#include <vector>

#include "tests/suites/byte_text.h"
#include "tests/suites/errors.h"
#include "tests/suites/scratch_folder.h"

namespace rastream {
namespace {

namespace fs = std::filesystem;

class WriteBehindTest : public testing::Test {
 protected:
  void put(int i, const Bytes& value) {
    behind.add(write_file_unsynced(folder / std::to_string(i), value), [this, i] {
      const std::lock_guard lock(mutex);
      durable.push_back(i);
    });
  }

  ScratchFolder scratch;
  fs::path folder = scratch.path();
  WriteBehind behind;
  std::mutex mutex;
  std::vector<int> durable;
};

TEST_F(WriteBehindTest, AFileIsUnderItsNameAtOnceAndDurableByTheFlush) {
  put(7, bytes_of("cells"));
  EXPECT_EQ(read_file(folder / "7"), bytes_of("cells"));
  EXPECT_TRUE(durable.empty());
  behind.flush();
  EXPECT_EQ(durable, std::vector<int>{7});
  behind.flush();
  EXPECT_EQ(durable, std::vector<int>{7});
}

TEST_F(WriteBehindTest, TheOldestBecomeDurableWhenManyAreOnTheirWay) {
  const int n = WriteBehind::kMostFiles + 3;
  for (int i = 0; i < n; ++i) put(i, bytes_of("x"));
  EXPECT_EQ(durable, (std::vector<int>{0, 1, 2}));
}

TEST_F(WriteBehindTest, AFileLargerThanTheLimitIsDurableWhenItsPutReturns) {
  put(0, Bytes(WriteBehind::kMostBytes + 1));
  EXPECT_EQ(durable, std::vector<int>{0});
}

TEST_F(WriteBehindTest, ManyThreadsLoseNoFile) {
  constexpr int kEach = 200;
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t)
      threads.emplace_back([this, t] {
        for (int i = 0; i < kEach; ++i) put(t * kEach + i, bytes_of(std::to_string(i)));
      });
  }
  behind.flush();
  std::sort(durable.begin(), durable.end());
  ASSERT_EQ(durable.size(), 4U * kEach);
  for (int i = 0; i < 4 * kEach; ++i) EXPECT_EQ(durable[static_cast<std::size_t>(i)], i);
}

TEST(WriteFileUnsynced, AFailureLeavesNothing) {
  EXPECT_EQ(code_of([] { write_file_unsynced("/none/x", bytes_of("x")); }), Errc::not_found);
}

}  // namespace
}  // namespace rastream
